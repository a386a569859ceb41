// Building blocks of a screen. Texts go in as texts: nothing here can turn a string into markup.
import { given, here, t, text } from "./here.js";

const screen = document.getElementById("screen");
export const byId = (id) => document.getElementById(id);
export const valueOf = (id) => (byId(id) || { value: "" }).value;

export function el(name, props, ...inside) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(props || {})) k in e && k !== "list" ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...inside.filter((x) => x !== null && x !== undefined));
  return e;
}

// Small drawings beside the words, for those who read little; they are part of the page and no images.
const DRAWN = {
  write: "M4 20l4-1L20 7l-3-3L5 16zM14 7l3 3", read: "M3 6h18v12H3zM3 7l9 7 9-7", look: "M2 12s4-6 10-6 10 6 10 6-4 6-10 6S2 12 2 12zM12 10a2 2 0 100 4 2 2 0 000-4",
  people: "M8 11a3 3 0 100-6 3 3 0 000 6zM2 20c0-8 12-8 12 0M16 11a2.500 2.500 0 100-5M17 14c3 0 5 2 5 5", phone: "M7 2h10v20H7zM11 19h2", paper: "M6 2h9l4 4v16H6zM9 10h6M9 14h6M9 18h4",
  send: "M3 12l18-8-6 17-4-7zM11 14l10-10", keep: "M12 3v12M7 10l5 5 5-5M4 20h16", done: "M4 13l5 5L20 6", drop: "M5 7h14M9 7V4h6v3M7 7l1 14h8l1-14",
  code: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v6h-4", picture: "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M16 9h.1",
  next: "M9 5l7 7-7 7", back: "M15 5l-7 7 7 7",
};
const NS = "http://www.w3.org/2000/svg";

export function drawing(name) {
  const svg = document.createElementNS(NS, "svg"), path = document.createElementNS(NS, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  if (name === "next" || name === "back") svg.setAttribute("class", "turns");
  path.setAttribute("d", DRAWN[name]);
  svg.append(path);
  return svg;
}

export const p = (key, n) => el("p", null, t(key, n));
export const drawn = (name, key) => el("p", { className: "drawn" }, drawing(name), el("span", null, t(key)));
export const hint = (key) => el("p", { className: "hint" }, t(key));
export const button = (id, key, act, icon, plain) => el("button", { id, type: "button", className: plain ? "plain" : "", onclick: act }, icon ? drawing(icon) : null, el("span", null, t(key)));
export const field = (id, key, props, n) => [el("label", { htmlFor: id }, t(key, n)), el("input", { id, autocomplete: "off", dir: "auto", value: here.typed[id] || "", ...props })];
export const noHelp = { autocapitalize: "off", autocorrect: "off", spellcheck: false };

// -- what went wrong, and what is going on --------------------------------------------------------------------------------
export const problem = () => el("div", { id: "problem", role: "alert" });

export function fail(key, n, ...more) {
  const box = byId("problem");
  if (!box) return;
  box.replaceChildren(t(key, n), ...more);
  box.scrollIntoView({ block: "center" });
}

export function busy(key) {
  const buttons = screen.querySelectorAll("button"), bar = el("progress", { max: 1, ariaLabel: t(key) }), said = el("p", { role: "status", id: "busy" }, t(key));
  const box = el("div", null, said, bar);
  buttons.forEach((b) => { b.disabled = true; });
  byId("problem").replaceChildren();
  byId("problem").before(box);
  box.scrollIntoView({ block: "center" });
  return {
    say(next, share) { said.textContent = t(next); bar.value = share; },
    end() { box.remove(); buttons.forEach((b) => { b.disabled = false; }); },
  };
}

// -- one screen --------------------------------------------------------------------------------------------------------
// The heading takes the focus, so that a screen reader begins there and the keyboard goes on from there.
export function page(title, ...inside) {
  const root = document.documentElement;
  root.lang = here.lang;
  root.dir = text("dir");
  document.title = t("title");
  byId("leave").replaceChildren(el("b", { ariaHidden: "true" }, "\u2715"), " " + t("leave"));
  const h = el("h1", { id: "title", tabIndex: -1 }, t(title));
  screen.replaceChildren(h, ...inside.flat().filter((x) => x));
  scrollTo(0, 0);
  h.focus();
}

export const nameOf = (lang) => given.languages[lang][given.keys.indexOf("name")];
