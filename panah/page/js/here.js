// What this one page knows while it is open: the configuration, the texts, and what a person wrote. All of it is memory and goes with the page.
const block = (id) => JSON.parse(document.getElementById(id).textContent);
export const config = block("config");
export const given = block("texts");

// `lang`: the language; `secret`: the receipt; `typed`: what was written so far.
export const here = { lang: "", secret: null, typed: {} };

// Screens that others lead back to.
export const go = {};

export function forget() {
  if (here.secret) here.secret.fill(0);
  for (const name of Object.keys(here)) if (name !== "lang") delete here[name];
  here.typed = {};
}

// -- texts -------------------------------------------------------------------------------------------------------------
const place = Object.fromEntries(given.keys.map((key, i) => [key, i]));
export const languages = Object.keys(given.languages);
export const text = (key, lang = here.lang) => given.languages[lang][place[key]];
// Browsers say "ku" of Kurmanji and "prs" of the Persian of Afghanistan.
const NAMES = { ku: "kmr", prs: "fa" };
here.lang = (navigator.languages || []).map((l) => l.split("-")[0]).map((l) => NAMES[l] || l).find((l) => given.languages[l]) || languages[0];

// A sentence; {n} is replaced, in the digits of the language.
export const t = (key, n = "") => text(key).replace("{n}", local(n));
export const local = (s) => String(s).replace(/[0-9]/g, (d) => [...text("digits")][d]);
export const number = (s) => parseInt(s.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (d) => d.charCodeAt(0) & 15), 10);
