// Writing: what to know before, the receipt, the words, the questions. Each on a screen of its own; "back" keeps what was written.
import { random, utf8 } from "./bytes.js";
import { busy, button, byId, drawn, el, fail, field, hint, noHelp, p, page, problem, valueOf } from "./dom.js";
import { trusted } from "./frame.js";
import { config, here, number, t } from "./here.js";
import * as receipt from "./receipt.js";
import { ready } from "./send.js";
import { theReceipt } from "./show.js";

const MOST_BYTES = 13000; // what is left of 16 KiB for the words, beside keys and answers
const back = (act) => button("back", "back", act, "back", true);

// Two words say whether this page and its keys are still the team's own. A look that takes a second on a slow telephone.
export const checked = (then) => async () => {
  const wait = busy("checking");
  await new Promise((go) => setTimeout(go, 30));
  const ours = trusted(config);
  wait.end();
  if (ours) then(); else fail("page_wrong");
};

export function safety(home) {
  page("before", drawn("look", "safety1"), drawn("people", "safety2"), drawn("phone", "safety3"), problem(), button("next", "understood", checked(show), "next"), back(home));
}

function show() {
  here.secret = here.secret || receipt.draw();
  page("receipt", p("receipt_text"), theReceipt(), button("next", "receipt_kept", check, "next"));
}

function check() {
  // Drawn once: whoever looks at the words again is asked for the same two.
  here.asked = here.asked || [...random(2)].map((b, i) => 1 + 5 * i + b % 5);
  const [one, other] = here.asked, word = (id, n) => field(id, "word_number", noHelp, n);
  page("check", p("check_text"), word("check1", one), word("check2", other), problem(), button("next", "next", () => {
    const words = receipt.words(here.secret, here.lang);
    if (receipt.same(valueOf("check1"), words[one - 1]) && receipt.same(valueOf("check2"), words[other - 1])) write(); else fail("check_wrong");
  }, "next"), button("words", "words_again", show, "paper", true));
}

// -- the words ---------------------------------------------------------------------------------------------------------
export function write() {
  const kept = () => { here.typed.text = valueOf("text"); };
  page("write", el("p", { className: "hint", id: "text-hint" }, t("text_hint")),
    el("textarea", { id: "text", dir: "auto", maxLength: 12000, autocomplete: "off", value: here.typed.text || "", oninput: kept, "aria-labelledby": "title", "aria-describedby": "text-hint" }), problem(),
    button("next", "next", () => {
      kept();
      if (!here.typed.text.trim()) fail("text_empty");
      else if (utf8(JSON.stringify(here.typed.text)).length > MOST_BYTES) fail("text_long");
      else if (here.again) ready(write); else question(0);
    }, "next"), back(() => { kept(); (here.from || check)(); }));
}

// -- the questions: each can be passed over --------------------------------------------------------------------------------
const QUESTIONS = [
  ["safe", ["yes", "no", "later"]], reach, ["danger", ["emergency_24h", "urgent_72h", "routine_2w"]], people,
  ["device", ["own_private", "shared", "controlled_by_others", "watched", "borrowed"]], ["who", ["self", "relative", "friend", "helper"]],
];

function question(at) {
  const next = () => (at + 1 < QUESTIONS.length ? question(at + 1) : ready(() => question(at))), asked = QUESTIONS[at];
  const ways = [button("skip", "skip", next, "next", true), at ? null : button("skip-all", "skip_all", () => ready(() => question(0)), "next", true), back(at ? () => question(at - 1) : write)];
  if (typeof asked === "function") { asked(next, ways); return; }
  const [id, options] = asked;
  page(id, at ? null : hint("optional"), el("div", { id, role: "group", "aria-labelledby": "title" }, ...options.map((value) => {
    const b = el("button", { type: "button", className: "choice", onclick: () => { here.typed[id] = value; next(); } }, t(value));
    b.dataset.value = value;
    b.setAttribute("aria-pressed", String(here.typed[id] === value));
    return b;
  })), ways);
}

const keep = (...ids) => ids.forEach((id) => { here.typed[id] = byId(id).value.trim(); });

function reach(next, ways) {
  page("reach", hint("reach_text"), field("means", "means", { maxLength: 200 }), field("when", "when", { maxLength: 200 }), button("next", "next", () => { keep("means", "when"); next(); }, "next"), ways);
}

function people(next, ways) {
  const count = { inputMode: "numeric", maxLength: 5 };
  page("people_title", field("people", "people", count), field("children", "children", count), button("next", "next", () => { keep("people", "children"); next(); }, "next"), ways);
}

// The answers by the names of the record they end in; what was passed over is not in it.
export function answers() {
  const { safe, danger, device, who, means, when, people: all, children } = here.typed, out = {};
  if (safe) out.safe_to_reply = safe;
  if (means || when) out.safe_contact = [Object.fromEntries(Object.entries({ means, when }).filter(([, v]) => v))];
  if (danger) out.danger_now = danger;
  if (device) out.device_risk = [device];
  if (who) out.who_writes = who;
  for (const [name, said] of [["people", all], ["children", children]]) {
    const n = number(said || "");
    if (n >= 0 && n < 10000) out[name] = n;
  }
  return out;
}
