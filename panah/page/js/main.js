// The help page. What a person sees, one thing at a time; everything is in the memory of this one page and goes with it.
import * as age from "./age.js";
import { enter } from "./answer.js";
import * as bytes from "./bytes.js";
import { card, cardWords } from "./card.js";
import * as courier from "./courier.js";
import { button, el, nameOf, p, page } from "./dom.js";
import * as frame from "./frame.js";
import { forget, given, go, here, languages, t } from "./here.js";
import "./leave.js";
import * as puzzle from "./puzzle.js";
import * as receipt from "./receipt.js";
import { strip } from "./strip.js";
import { safety } from "./write.js";

receipt.setup(given.receipt);

go.home = () => {
  forget();
  if (card === "wrong") { page("welcome", el("p", { id: "card-wrong", className: "warn", role: "alert" }, t("card_wrong"))); return; }
  const langs = el("div", { className: "langs", role: "group", "aria-label": "Languages" }, ...languages.map((lang) => {
    const b = el("button", { type: "button", className: "plain", lang, onclick: () => { here.lang = lang; go.home(); } }, nameOf(lang));
    b.dataset.lang = lang;
    b.setAttribute("aria-pressed", String(lang === here.lang));
    return b;
  }));
  // A browser that draws pages on its maker's computers would show them every word.
  const ways = globalThis.operamini || /Opera Mini|Puffin/.test(navigator.userAgent) ? [p("proxy")] : [button("ask", "ask", () => safety(go.home), "write"), button("read", "read", enter, "read", true)];
  const ours = card ? [p("card_words"), el("p", { id: "card-words" }, el("b", null, cardWords(here.lang).join(" ")))] : [];
  page("welcome", langs, p("welcome_text"), p("welcome_more"), ours, ways);
};

// The vectors of spec/ run in this very bundle.
globalThis.page = Object.freeze({ age, bytes, courier, frame, puzzle, receipt, strip });
go.home();
