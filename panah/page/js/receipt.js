// The receipt: 100 secret bits as ten words in the person's letters, or as 34 digits. spec/receipt.md is the authority.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { join, random, utf8, wrong } from "./bytes.js";

const SYLLABLE = "(?:kh|sh|[bdfhjklmnqrstz])[aiu]", CONSONANT = /kh|sh|[bdfhjklmnqrstz]/g;
let letters, list, index, read1;

// The letters of each language and the combinations that are no word come with the page.
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
  read1 = readings(consonants);
}

export function draw() {
  const secret = random(13);
  secret[0] &= 15;
  return secret;
}

const big = (bytes) => bytes.reduce((n, b) => n * 256n + BigInt(b), 0n);
const checksum = (secret) => { const h = sha256(join(utf8("panah/1/receipt"), secret)); return BigInt(h[0] << 2 | h[1] >> 6); };
const number = (secret) => big(secret) * 1024n + checksum(secret);

export function words(secret, language) {
  const n = number(secret), out = [];
  for (let i = 9n; i >= 0n; i--) out.push(spell(list[Number(n >> i * 11n & 2047n)], language));
  return out;
}

// The first 44 bits of some hash, said in four words.
export function four(hash, language) {
  const n = big(hash.subarray(0, 6)) >> 4n;
  return [3n, 2n, 1n, 0n].map((i) => spell(list[Number(n >> i * 11n & 2047n)], language));
}

export const digits = (secret) => number(secret).toString().padStart(34, "0");

// A word in the letters of a language.
export function spell(word, language) {
  const [consonants, vowels] = letters[language] || letters.en, [c, v] = letters.en;
  return word.replace(/(kh|sh|[bdfhjklmnqrstz])([aiu])/g, (_, a, b) => consonants[c.indexOf(a)] + vowels[v.indexOf(b)]);
}

// -- reading what a person wrote from paper or from memory ----------------------------------------------------------------
const ALSO = { a: "اأإآٱâàá", i: "یيىېێئîıíê", u: "وۆؤûüú", h: "ھەہةۀح", r: "ڕ", l: "ڵ", t: "ط", s: "ثص", z: "ذضظ", j: "چç", q: "غ", b: "پ" };

function readings(sounds) {
  const read = {};
  for (const [consonants] of Object.values(letters)) consonants.forEach((letter, i) => { if ([...letter].length === 1) read[letter] = sounds[i]; });
  for (const [sound, others] of Object.entries(ALSO)) for (const letter of others) read[letter] = sound;
  for (let d = 0; d < 10; d++) for (const zero of [0x660, 0x6f0]) read[String.fromCharCode(zero + d)] = String(d);
  return read;
}

function plain(text) {
  let out = "";
  // What the table does not know may be one of our letters under an accent, from a French or a Turkish keyboard.
  const known = [...text.normalize("NFKC").toLowerCase()].map((c) => read1[c] || c).join("");
  for (const c of known.normalize("NFKD")) {
    if (!/[\p{M}\p{Cf}\u0640]/u.test(c)) out += /[\p{L}\p{N}]/u.test(c) ? c : " ";
  }
  // As a French ear writes it down. None of our words has an "o", or two consonants in a row.
  return out.replace(/ou/g, "u").replace(/jh/g, "sh").replace(/([aiu])\1+/g, "$1").replace(/ +/g, " ").trim();
}

// The words as they were separated; or, where that does not give ten, as their sounds divide them.
function groups(said) {
  const apart = said.split(" ").filter(Boolean), whole = apart.join("");
  if (apart.length === 10 || !new RegExp(`^(${SYLLABLE})+$`).test(whole)) return apart;
  return whole.match(new RegExp(`${SYLLABLE}(${SYLLABLE})?`, "g"));
}

export function read(text) {
  if ([...text].length > 1000) throw wrong("receipt_too_long");
  const said = plain(text);
  if (/[0-9]/.test(said)) {
    const d = said.replace(/ /g, "");
    if (!/^[0-9]+$/.test(d)) throw wrong("receipt_mixed");
    if (d.length !== 34) throw wrong("receipt_digit_count");
    return checked(BigInt(d));
  }
  const found = groups(said);
  if (found.length !== 10) throw wrong("receipt_word_count");
  found.forEach((word, i) => { if (!index.has(word)) throw wrong("receipt_word_unknown", { at: i + 1 }); });
  return checked(joined(found));
}

const joined = (found) => found.reduce((n, word) => n << 11n | BigInt(index.get(word)), 0n);

function secretOf(n) {
  const secret = new Uint8Array(13);
  for (let rest = n >> 10n, i = 12; i >= 0; i--, rest >>= 8n) secret[i] = Number(rest & 255n);
  return secret;
}

const fits = (n) => checksum(secretOf(n)) === (n & 1023n);

function checked(n) {
  if (n >> 110n || !fits(n)) throw wrong("receipt_checksum");
  return secretOf(n);
}

// -- one wrong word: which, and what it could be -------------------------------------------------------------------------
// Where one is none of ours, every word that fits is likely (two on average). Where all ten are ours, only those that differ in
// one sound are offered: among all, twenty would fit by chance. Pairs of position and word, the likeliest first.
export function corrections(text) {
  const found = [...text].length > 1000 ? [] : groups(plain(text)), wrongs = [];
  found.forEach((word, i) => { if (!index.has(word)) wrongs.push(i); });
  if (found.length !== 10 || wrongs.length > 1) return [];
  const out = [];
  for (const at of wrongs.length ? wrongs : found.keys()) {
    for (const word of wrongs.length ? list : near(found[at])) {
      if (fits(joined(found.map((w, i) => i === at ? word : w)))) out.push({ at: at + 1, word, far: distance(found[at], word) });
    }
  }
  out.sort((a, b) => a.far - b.far || a.at - b.at || (a.word < b.word ? -1 : 1));
  return out.map(({ at, word }) => [at, word]);
}

// The ten words with one of them replaced.
export const mended = (text, at, word) => groups(plain(text)).map((w, i) => i === at - 1 ? word : w).join(" ");

function near(word) {
  const [consonants, vowels] = letters.en, sounds = word.match(/kh|sh|./g), out = [];
  sounds.forEach((sound, i) => {
    for (const other of sound.match(CONSONANT) ? consonants : vowels) {
      const tried = sounds.map((s, k) => k === i ? other : s).join("");
      if (other !== sound && index.has(tried)) out.push(tried);
    }
  });
  return out;
}

// How many letters to change, add or drop.
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length];
}

export const same = (one, other) => plain(one).replace(/ /g, "") === plain(other).replace(/ /g, "");
export const derive = (secret, info) => hkdf(sha256, secret, new Uint8Array(), utf8(info), 32);
