// The receipt: 100 secret bits as ten words in the person's letters, or as 34 digits. spec/receipt.md is the authority.
import { sha256 } from "@noble/hashes/sha2.js";
import { hkdf } from "@noble/hashes/hkdf.js";

const utf8 = new TextEncoder();
let letters, list, index;

export function setup(tables) {
  letters = tables.letters;
  const [consonants, vowels] = letters.en, bits = atob(tables.excluded);
  list = [];
  let n = 0;
  for (const a of consonants) for (const b of vowels) for (const c of consonants) for (const d of vowels) {
    if (!(bits.charCodeAt(n >> 3) >> (7 - (n & 7)) & 1)) list.push(a + b + c + d);
    n++;
  }
  index = new Map(list.map((word, i) => [word, i]));
}

export function draw() {
  const secret = crypto.getRandomValues(new Uint8Array(13));
  secret[0] &= 15;
  return secret;
}

const big = (bytes) => bytes.reduce((n, b) => n * 256n + BigInt(b), 0n);
const checksum = (secret) => { const h = sha256(new Uint8Array([...utf8.encode("panah/1/receipt"), ...secret])); return BigInt(h[0] << 2 | h[1] >> 6); };
const number = (secret) => big(secret) * 1024n + checksum(secret);

export function words(secret, language) {
  const n = number(secret), out = [];
  for (let i = 9n; i >= 0n; i--) out.push(spell(list[Number(n >> i * 11n & 2047n)], language));
  return out;
}

export const digits = (secret) => number(secret).toString().padStart(34, "0");

function spell(word, language) {
  const [consonants, vowels] = letters[language] || letters.en, [c, v] = letters.en;
  return word.replace(/(kh|sh|[bdfhjklmnqrstz])([aiu])/g, (_, a, b) => consonants[c.indexOf(a)] + vowels[v.indexOf(b)]);
}

const ALSO = { a: "اأإآٱâàá", i: "یيىېێئîıí", u: "وۆؤûüú", h: "ھەہةۀح", r: "ڕ", l: "ڵ", t: "ط", s: "ثص", z: "ذضظ", j: "چ", q: "غ", b: "پ" };

function plain(text) {
  const read = {};
  for (const [consonants] of Object.values(letters)) consonants.forEach((letter, i) => { if ([...letter].length === 1) read[letter] = letters.en[0][i]; });
  for (const [sound, others] of Object.entries(ALSO)) for (const letter of others) read[letter] = sound;
  for (let d = 0; d < 10; d++) { read[String.fromCharCode(0x660 + d)] = read[String.fromCharCode(0x6f0 + d)] = String(d); }
  let out = "";
  for (const ch of text.normalize("NFKC").toLowerCase()) {
    if (read[ch]) out += read[ch];
    else if (/[\p{M}\p{Cf}\u0640]/u.test(ch)) continue;
    else out += /[\p{L}\p{N}]/u.test(ch) ? ch : " ";
  }
  return out.replace(/([aiu])\1+/g, "$1").replace(/ +/g, " ").trim();
}

class Refusal extends Error { constructor(code, at) { super(code); this.code = code; this.at = at; } }

export function read(text) {
  if ([...text].length > 1000) throw new Refusal("receipt_too_long");
  const said = plain(text);
  if (/[0-9]/.test(said)) {
    const d = said.replaceAll(" ", "");
    if (!/^[0-9]+$/.test(d)) throw new Refusal("receipt_mixed");
    if (d.length !== 34) throw new Refusal("receipt_digit_count");
    return checked(BigInt(d));
  }
  const found = groups(said);
  if (found.length !== 10) throw new Refusal("receipt_word_count");
  found.forEach((word, i) => { if (!index.has(word)) throw new Refusal("receipt_word_unknown", i + 1); });
  return checked(found.reduce((n, word) => n << 11n | BigInt(index.get(word)), 0n));
}

function groups(said) {
  const apart = said.split(" ").filter(Boolean);
  if (apart.length === 10) return apart;
  const joined = apart.join("");
  if (/^(?:(?:kh|sh|[bdfhjklmnqrstz])[aiu])+$/.test(joined)) {
    const syllables = joined.match(/(?:kh|sh|[bdfhjklmnqrstz])[aiu]/g), out = [];
    for (let i = 0; i < syllables.length; i += 2) out.push(syllables.slice(i, i + 2).join(""));
    return out;
  }
  return apart;
}

function checked(n) {
  if (n >> 110n) throw new Refusal("receipt_checksum");
  const secret = new Uint8Array(13);
  let rest = n >> 10n;
  for (let i = 12; i >= 0; i--) { secret[i] = Number(rest & 255n); rest >>= 8n; }
  if (checksum(secret) !== (n & 1023n)) throw new Refusal("receipt_checksum");
  return secret;
}

export const same = (one, other) => plain(one).replaceAll(" ", "") === plain(other).replaceAll(" ", "");
export const derive = (secret, info) => hkdf(sha256, secret, new Uint8Array(), utf8.encode(info), 32);
