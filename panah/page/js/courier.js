// Ways without a line: the sealed message as a file, as text, as codes for a camera; and an answer that somebody brought.
import { armor } from "age-encryption";
import { base32 } from "@scure/base";
import { correction, generate } from "lean-qr/nano";
import { ascii, join, sha256, text8, utf8, wrong } from "./bytes.js";
import { button, el, fail, hint, noHelp, page, problem, valueOf } from "./dom.js";
import { t } from "./here.js";

// -- codes: spec/qr.md ---------------------------------------------------------------------------------------------------
const PIECE = 630, PART = /Q1\.A\.([1-9]\d?)\.([1-9]\d?)\.([A-Z2-7]{8})\.([A-Z2-7]{1,4000})\.([A-Z2-7]{4})/g;
const letters = (bytes) => base32.encode(bytes).replace(/=/g, "");
const named = (kind, bytes) => letters(sha256(join(utf8(kind), bytes)).slice(0, 5));
const check = (head) => letters(sha256(utf8(head))).slice(0, 4);

export function split(bytes, kind) {
  const all = letters(bytes), even = Math.ceil(all.length / Math.ceil(all.length / PIECE)), pieces = all.match(new RegExp(`.{1,${even}}`, "g"));
  return pieces.map((piece, i) => { const head = `Q1.${kind}.${i + 1}.${pieces.length}.${named(kind, bytes)}.${piece}`; return head + "." + check(head); });
}

// A sealed answer out of the parts in a pasted text: all of them, of one name, or nothing.
function joined(text) {
  const parts = [], found = [...text.replace(/\s+/g, "").toUpperCase().matchAll(PART)];
  for (const [whole, n, of, name, piece, sum] of found) {
    if (check(whole.slice(0, -5)) !== sum || of !== found[0][2] || name !== found[0][3] || +n > +of || (parts[n - 1] && parts[n - 1] !== piece)) throw wrong("brought_none");
    parts[n - 1] = piece;
  }
  if (!found.length || Object.keys(parts).length !== +found[0][2]) throw wrong("brought_none");
  const all = parts.join(""), bytes = base32.decode(all + "=".repeat(-all.length & 7));
  if (named("A", bytes) !== found[0][3]) throw wrong("brought_none");
  return bytes;
}

// Dark on light whatever the theme: a camera does not know themes.
export function drawnCode(text) {
  const map = generate(text, { minCorrectionLevel: correction.M }), ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), path = document.createElementNS(ns, "path");
  let d = "";
  for (let y = 0; y < map.size; y++) for (let x = 0; x < map.size; x++) if (map.get(x, y)) d += `M${x} ${y}h1v1h-1z`;
  svg.setAttribute("viewBox", `-4 -4 ${map.size + 8} ${map.size + 8}`);
  svg.setAttribute("class", "code");
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}

// -- out -----------------------------------------------------------------------------------------------------------------
export function asText(blob, back) {
  const text = el("textarea", { id: "sealed", readOnly: true, dir: "ltr", rows: 12, value: armor.encode(blob), onfocus: () => text.select(), "aria-labelledby": "title", "aria-describedby": "sealed-hint" });
  page("as_text", el("p", { className: "hint", id: "sealed-hint" }, t("as_text_hint")), text, button("back", "back", back, "back", true));
}

export function asCodes(blob, back) {
  const codes = split(blob, "R");
  const show = (at) => page("as_codes", hint("codes_hint"), el("p", { id: "code-n", role: "status" }, t("code_n", `${at + 1} / ${codes.length}`)), drawnCode(codes[at]),
    at + 1 < codes.length ? button("next", "next", () => show(at + 1), "next") : null, button("back", "back", at ? () => show(at - 1) : back, "back", true));
  show(0);
}

// -- in ------------------------------------------------------------------------------------------------------------------
const MOST = 65536;

// What a courier gave, as a file, as its text or as the text of its codes: the sealed bytes, whatever they are.
export function opened(bytes) {
  if (bytes.length > MOST) throw wrong("brought_none");
  if (ascii(bytes.subarray(0, 22)) === "age-encryption.org/v1\n") return bytes;
  let text;
  try { text = text8(bytes); } catch { throw wrong("brought_none"); }
  const armored = text.match(/-----BEGIN AGE ENCRYPTED FILE-----[^]*?-----END AGE ENCRYPTED FILE-----/);
  try { return armored ? armor.decode(armored[0]) : joined(text); } catch { throw wrong("brought_none"); }
}

export function brought(take, back) {
  const use = async (bytes) => { try { await take(opened(bytes)); } catch (e) { fail(e.code || "brought_none"); } };
  const file = el("input", { id: "photo", type: "file", onchange: async () => { if (file.files[0]) await use(new Uint8Array(await file.files[0].slice(0, MOST + 1).arrayBuffer())); } });
  page("brought", el("p", { className: "hint", id: "brought-hint" }, t("brought_hint")),
    el("textarea", { id: "brought-in", dir: "ltr", autocomplete: "off", ...noHelp, "aria-labelledby": "title", "aria-describedby": "brought-hint" }), problem(),
    button("next", "next", () => use(utf8(valueOf("brought-in"))), "next"), file, el("label", { htmlFor: "photo" }, t("brought_file")), button("back", "back", back, "back", true));
}
