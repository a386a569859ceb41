// Coming back: the receipt, the answers whose signatures stand, writing again, deleting. Nothing that the person wrote is kept anywhere.
import { unhex } from "./bytes.js";
import { brought } from "./courier.js";
import { busy, button, byId, el, fail, noHelp, p, page, problem, valueOf } from "./dom.js";
import * as frame from "./frame.js";
import { config, forget, go, here, local, t } from "./here.js";
import * as receipt from "./receipt.js";
import * as relay from "./relay.js";
import { firstOfAVisit } from "./send.js";
import { checked, write } from "./write.js";

const MOST_OFFERS = 4;

export function enter() {
  page("enter", el("label", { htmlFor: "receipt-in" }, t("enter_text")), el("textarea", { id: "receipt-in", dir: "auto", autocomplete: "off", ...noHelp }), problem(),
    button("next", "read", visit, "read"), button("brought", "brought", hand, "paper", true), button("back", "back", go.home, "back", true));
}

// What is wrong with the receipt, and, where one word is, what it could have been.
function explain(e, said) {
  const offers = receipt.corrections(said).slice(0, MOST_OFFERS).map(([at, word]) => el("button", {
    type: "button", className: "plain", onclick: () => { byId("receipt-in").value = receipt.mended(said, at, word); visit(); },
  }, t("word_number", at) + ": ", el("bdi", null, receipt.spell(word, here.lang))));
  fail(e.code, e.at, ...(offers.length ? [p("meant"), ...offers] : []));
}

function visit() {
  const said = valueOf("receipt-in");
  try { here.secret = receipt.read(said); } catch (e) { explain(e, said); return; }
  checked(look)();
}

// An answer that a courier brought is judged like one from a relay. What it was has to be known first: only the receipt opens it.
function hand() {
  const said = valueOf("receipt-in");
  try { here.secret = receipt.read(said); } catch (e) { explain(e, said); return; }
  checked(async () => {
    await begin();
    brought(async (blob) => { await take(blob); conversation(false); }, () => { forget(); enter(); });
  })();
}

async function begin() {
  here.who = await frame.person(here.secret);
  Object.assign(here, { replies: new Map(), refused: 0, old: 0, again: true, n: firstOfAVisit(), typed: {} });
}

// Every relay of the configuration is asked: an answer may wait at any of them.
async function look() {
  const wait = busy("looking");
  await new Promise((then) => setTimeout(then, 30));
  await begin();
  let reached = 0;
  for (const at of relay.inOrder(config.relays)) {
    try {
      for (const blob of await relay.visit(at, frame.mailbox(here.secret, at).cap)) await take(blob);
      reached++;
    } catch { /* another one may be reached */ }
  }
  wait.end();
  if (reached) conversation(reached < config.relays.length); else fail("not_reached");
}

async function take(blob) {
  try {
    const reply = await frame.openReply(config, here.who, blob, Math.floor(Date.now() / 86400000));
    here.replies.set(reply.n + reply.text, reply); // at several relays the same answer may wait
  } catch (e) { here[e.code === "reply_key_expired" ? "old" : "refused"]++; }
}

// The day as it is said in the language, where the browser knows how; the same day for every language beside it.
function theDay(date) {
  const said = Intl.DateTimeFormat.supportedLocalesOf(here.lang)[0];
  return el("span", null, said ? new Date(date).toLocaleDateString(said, { dateStyle: "long", timeZone: "UTC" }) + " \u00b7 " : "", el("bdo", { dir: "ltr" }, local(date)));
}

function conversation(partly) {
  here.from = () => conversation(partly);
  const replies = [...here.replies.values()].sort((a, b) => a.n - b.n);
  page("answers",
    replies.length ? el("ul", { id: "replies" }, ...replies.map((r) => el("li", { className: "reply" }, el("small", null, theDay(r.date)), el("div", { lang: r.lang, dir: "auto" }, r.text)))) : el("p", { id: "none" }, t("no_answer")),
    here.refused ? el("p", { id: "refused", className: "warn", role: "alert" }, t("forged")) : null,
    here.old ? el("p", { id: "old", className: "warn", role: "alert" }, t("old_answer", new Date().toISOString().slice(0, 10))) : null,
    partly ? p("partly") : null, el("p", { id: "own", className: "hint" }, t("own_not_kept")), problem(),
    button("write", "write_again", write, "write"), button("delete", "delete", () => erase(), "drop", true), button("again", "done", go.home, "done", true));
}

async function erase() {
  if (!here.sure) {
    here.sure = true;
    fail("delete_sure");
    return;
  }
  const wait = busy("deleting");
  let gone = 0, asked = false;
  // Sealed once: pressed again, the same bytes go, which a relay keeps once.
  const wish = here.wish = here.wish || relay.parcel(unhex(config.intake.box), await frame.sealDeletion(config, here.who, here.lang));
  for (const at of relay.inOrder(config.relays)) {
    try {
      await relay.erase(at, frame.mailbox(here.secret, at).cap);
      gone++;
      if (!asked) await relay.deliver(at, wish, () => {});
      asked = true;
    } catch { /* said below */ }
  }
  wait.end();
  if (!asked || gone < config.relays.length) { fail("not_deleted"); return; }
  forget();
  page("deleted", p("deleted_text"), button("again", "done", go.home, "done"));
}
