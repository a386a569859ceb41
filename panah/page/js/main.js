// What a person sees, one thing at a time. Everything is in the memory of this one page and goes with it.
import * as receipt from "./receipt.js";
import * as seal from "./seal.js";
import { strip } from "./strip.js";

const config = JSON.parse(document.getElementById("config").textContent);
const given = JSON.parse(document.getElementById("texts").textContent);
receipt.setup(given.receipt);

const screen = document.getElementById("screen"), leave = document.getElementById("leave");
const chosen = () => (navigator.languages || []).map((l) => l.split("-")[0]).find((l) => given.texts[l]) || "en";
let lang = chosen(), state = {}, show = welcome;

const t = (key) => given.texts[lang][key] || given.texts.en[key] || key;
const local = (s) => (given.texts[lang].digits ? String(s).replace(/[0-9]/g, (d) => [...given.texts[lang].digits][d]) : String(s));
const today = () => Math.floor(Date.now() / 86400000);

// -- leaving: blank at once, nothing behind ---------------------------------------------------------------------------
function go(e) {
  if (e) e.preventDefault();
  state = {};
  document.documentElement.replaceChildren();
  location.replace("about:blank");
}
leave.addEventListener("click", go);
let shifts = 0, shiftAt = 0;
addEventListener("keydown", (e) => {
  if (e.key === "Escape") go(e);
  else if (e.key === "Shift") { const now = Date.now(); shifts = now - shiftAt < 1500 ? shifts + 1 : 1; shiftAt = now; if (shifts >= 3) go(e); }
  else shifts = 0;
});
addEventListener("pagehide", () => { state = {}; screen.replaceChildren(); });
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

// -- small building blocks --------------------------------------------------------------------------------------------
function el(name, props = {}, ...inside) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(props)) k in e && k !== "list" ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...inside.filter((x) => x !== null && x !== undefined));
  return e;
}
const button = (id, key, act, plain) => el("button", { id, type: "button", className: plain ? "plain" : "", onclick: act }, t(key));
const p = (key) => el("p", {}, t(key));
const problem = () => el("p", { id: "problem", role: "alert" });
function fail(key, more = "") { const box = document.getElementById("problem"); if (box) { box.textContent = t(key) + more; box.scrollIntoView({ block: "center" }); } }

function page(title, ...inside) {
  document.documentElement.lang = lang;
  document.documentElement.dir = given.texts[lang].dir;
  leave.replaceChildren("\u2715 ", t("leave"));
  const h = el("h1", { tabIndex: -1 }, t(title));
  screen.replaceChildren(h, ...inside);
  scrollTo(0, 0);
  h.focus();
}

function choice(id, key, options) {
  return [el("label", { htmlFor: id }, t(key)), el("select", { id }, el("option", { value: "" }, ""), ...options.map((o) => el("option", { value: o }, t(o))))];
}

// -- screens ------------------------------------------------------------------------------------------------------------
function welcome() {
  show = welcome;
  const langs = el("div", { className: "langs", role: "group", "aria-label": "language" },
    ...Object.keys(given.texts).map((code) => { const b = el("button", { type: "button", className: "plain", lang: code, onclick: () => { lang = code; welcome(); } }, given.texts[code].name); b.dataset.lang = code; b.setAttribute("aria-pressed", String(code === lang)); return b; }));
  page("welcome", langs, p("welcome_text"), button("ask", "ask", safety), button("read", "read", enter, true));
}

function safety() {
  show = safety;
  page("before", p("safety1"), p("safety2"), p("safety3"), button("next", "understood", makeReceipt));
}

function receiptBlock(secret) {
  return [
    el("ol", { id: "receipt-words" }, ...receipt.words(secret, lang).map((w) => el("li", {}, w))),
    el("p", { className: "hint" }, t("or_digits")),
    el("p", { id: "receipt-digits" }, local(receipt.digits(secret).match(/.{1,4}/g).join(" "))),
  ];
}

function makeReceipt() {
  show = makeReceipt;
  state.secret = state.secret || receipt.draw();
  const words = receipt.words(state.secret, lang), [a, b] = state.check || (state.check = [1 + crypto.getRandomValues(new Uint8Array(1))[0] % 5, 6 + crypto.getRandomValues(new Uint8Array(1))[0] % 5]);
  const one = (id, n) => [el("label", { htmlFor: id }, t("word_number").replace("{n}", local(n))), el("input", { id, autocomplete: "off", autocapitalize: "off", spellcheck: false, dir: "auto" })];
  page("receipt", p("receipt_text"), ...receiptBlock(state.secret), p("receipt_check"), ...one("check1", a), ...one("check2", b), problem(),
    button("next", "next", () => {
      const said = (id) => document.getElementById(id).value;
      if (receipt.same(said("check1"), words[a - 1]) && receipt.same(said("check2"), words[b - 1])) form(); else fail("check_wrong");
    }));
}

function form() {
  show = form;
  const kept = state.typed || {};
  const text = el("textarea", { id: "text", dir: "auto", maxLength: 12000, autocomplete: "off", value: kept.text || "" });
  const photo = el("input", { id: "photo", type: "file", accept: "image/jpeg,image/png" });
  const seen = el("p", { className: "hint", id: "photo-note", role: "status" });
  photo.addEventListener("change", async () => {
    state.photo = null; seen.textContent = "";
    if (!photo.files[0]) return;
    try {
      if (photo.files[0].size > 4000000) throw { code: "picture_large" };
      const before = new Uint8Array(await photo.files[0].arrayBuffer());
      state.photo = strip(before);
      seen.textContent = t("picture_clean").replace("{n}", local(Math.ceil((before.length - state.photo.bytes.length) / 1024)));
    } catch (e) { photo.value = ""; fail(e.code || "picture_broken"); }
  });
  page("write", el("label", { htmlFor: "text" }, t("text")), el("p", { className: "hint" }, t("text_hint")), text,
    ...(state.again ? [] : [
      ...choice("safe", "safe", ["yes", "no", "later"]), ...choice("danger", "danger", ["emergency_24h", "urgent_72h", "routine_2w"]),
      ...choice("device", "device", ["own_private", "shared", "controlled_by_others", "watched", "borrowed"]),
      el("label", { htmlFor: "people" }, t("people")), el("input", { id: "people", inputMode: "numeric", autocomplete: "off" }),
      ...choice("who", "who", ["self", "relative", "friend", "helper"]),
    ]),
    el("label", { htmlFor: "photo" }, t("photo")), el("p", { className: "hint" }, t("photo_hint")), photo, seen, problem(),
    button("send", "send", () => send(false)), button("save-file", "save_file", () => send(true), true));
}

function answers() {
  const value = (id) => (document.getElementById(id) || {}).value || "", out = {};
  if (value("safe")) out.safe_to_reply = value("safe");
  if (value("danger")) out.danger_now = value("danger");
  if (value("device")) out.device_risk = [value("device")];
  if (value("who")) out.who_writes = value("who");
  const n = parseInt(value("people").replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (d) => d.charCodeAt(0) & 15), 10);
  if (n > 0 && n < 10000) out.people = n;
  return out;
}

async function send(asFile) {
  const words = document.getElementById("text").value.trim();
  if (!words) { fail("text_empty"); return; }
  const buttons = screen.querySelectorAll("button");
  buttons.forEach((b) => { b.disabled = true; });
  const bar = el("progress", { max: 4, value: 1, ariaLabel: t("sealing") });
  document.getElementById("problem").after(bar);
  await new Promise((r) => setTimeout(r, 30)); // let the bar be drawn before the sealing takes the phone's only core
  try {
    if (!seal.trusted(config)) throw { code: "page_wrong" };
    const relay = config.relays[0], mine = state.mine || (state.mine = await seal.thread(state.secret, relay));
    const kind = state.again ? "message" : "request", n = state.again ? (state.n = (state.n || 999 + crypto.getRandomValues(new Uint16Array(1))[0] % 9000) + 1) : 1;
    if (!state.sealed || state.sealed.words !== words || state.sealed.photo !== state.photo) {
      // Sealed once for these words: a second try after a failure sends the same bytes, which the relay keeps once.
      const picture = state.photo && !asFile ? await seal.file(state.photo.bytes, state.photo.media) : null;
      const blob = await seal.frame(config, mine, kind, n, lang, words, answers(), picture ? [picture.named] : []);
      state.sealed = { words, photo: state.photo, body: seal.deposit(seal.unhex(config.intake.box), blob), blob, picture: picture && seal.deposit(picture.box, picture.blob) };
    }
    bar.value = 2;
    if (asFile) { download(state.sealed.blob); bar.remove(); buttons.forEach((b) => { b.disabled = false; }); return; }
    await post("/deposit", state.sealed.body);
    bar.value = 3;
    if (state.sealed.picture) await post("/deposit", state.sealed.picture);
    sent();
  } catch (e) {
    bar.remove();
    buttons.forEach((b) => { b.disabled = false; });
    fail(e.code && given.texts.en[e.code] ? e.code : e.code === "too_large" ? "text_long" : "not_sent");
  }
}

async function post(path, body) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 180000);
  try {
    const answer = await fetch(config.relays[0] + path, { method: "POST", body, mode: "cors", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: stop.signal });
    if (answer.status === 507) throw { code: "full" };
    if (!answer.ok) throw { code: "not_sent" };
    return new Uint8Array(await answer.arrayBuffer());
  } finally { clearTimeout(timer); }
}

function download(blob) {
  const link = el("a", { href: URL.createObjectURL(new Blob([blob])), download: "note.age" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function sent() {
  show = sent;
  const secret = state.secret, mine = state.mine;
  state = { secret, mine };
  page("sent", el("div", { id: "sent" }, p("sent_text")), ...receiptBlock(secret), button("again", "done", () => { state = {}; welcome(); }, true));
}

function enter() {
  show = enter;
  page("enter", p("enter_text"), el("label", { htmlFor: "receipt-in" }, t("receipt")), el("textarea", { id: "receipt-in", dir: "auto", autocomplete: "off", autocapitalize: "off", spellcheck: false }), problem(),
    button("next", "read", visit));
}

async function visit() {
  let secret;
  try { secret = receipt.read(document.getElementById("receipt-in").value); }
  catch (e) { fail(e.code || "receipt_checksum", e.at ? " " + local(e.at) : ""); return; }
  const next = document.getElementById("next");
  next.disabled = true;
  const bar = el("progress", { ariaLabel: t("sealing") });
  next.before(bar);
  await new Promise((r) => setTimeout(r, 30));
  try {
    const mine = await seal.thread(secret, config.relays[0]);
    state = { secret, mine, again: true, after: 0n, replies: [], refused: 0 };
    await look();
    conversation();
  } catch (e) { bar.remove(); next.disabled = false; fail(e.code === "full" ? "full" : "not_sent"); }
}

async function look() {
  for (let turn = 0; turn < 20; turn++) {
    const ask = new Uint8Array(40);
    ask.set(state.mine.cap);
    new DataView(ask.buffer).setBigUint64(32, state.after);
    const block = await post("/visit", ask), view = new DataView(block.buffer);
    let found = 0;
    for (let slot = 0; slot < 2 && block.length === 12288; slot++) {
      const at = slot * 6144, n = view.getBigUint64(at), size = view.getUint16(at + 8);
      if (n === 0n || size > 6134) continue;
      found++;
      if (n > state.after) state.after = n;
      try { state.replies.push(await seal.open(config, state.mine, block.slice(at + 10, at + 10 + size), today())); } catch { state.refused++; }
    }
    if (found < 2) return;
  }
}

function conversation() {
  show = conversation;
  const seen = new Set(), replies = state.replies.filter((r) => !seen.has(r.n) && seen.add(r.n)).sort((a, b) => a.n - b.n);
  page("answers", replies.length ? el("ul", { id: "replies" }, ...replies.map((r) => el("li", { className: "reply", lang: r.lang, dir: "auto" }, el("small", {}, local(r.date)), r.text))) : el("p", { id: "none" }, t("no_answer")),
    state.refused ? el("p", { id: "refused", role: "alert" }, t("forged")) : null, p("own_not_kept"), problem(),
    button("write", "write_again", form), button("delete", "delete", erase, true), button("again", "done", () => { state = {}; welcome(); }, true));
}

async function erase() {
  if (!state.sure) { state.sure = true; fail("delete_sure"); return; }
  const ask = new Uint8Array(40);
  ask.set(state.mine.cap);
  new DataView(ask.buffer).setBigUint64(32, (1n << 63n) - 1n);
  try { await post("/delete", ask); state = {}; page("deleted", p("deleted_text"), button("again", "done", welcome, true)); }
  catch { fail("not_sent"); }
}

// The vectors of spec/ run in this very bundle.
globalThis.page = Object.freeze({ receipt, seal, strip });
show();
