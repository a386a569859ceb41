// Bytes and their spellings. Everything strict: what is not canonical is refused.
export { sha256 } from "@noble/hashes/sha2.js";
export const utf8 = (text) => new TextEncoder().encode(text);
export const text8 = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
export const ascii = (bytes) => String.fromCharCode(...bytes);
export const random = (n) => crypto.getRandomValues(new Uint8Array(n));
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (b) => parseInt(b, 16));
export const base64 = (bytes) => btoa(ascii(bytes));

export function join(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// Base64 has several spellings of the same bytes, with blanks and loose last bits; only the canonical one is taken.
export function unbase64(text) {
  let bytes;
  try { bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); } catch { throw wrong("base64"); }
  if (base64(bytes) !== text) throw wrong("base64");
  return bytes;
}

// An error that a screen can name: `code` is a key of the texts where a person can do something about it.
export const wrong = (code, more) => Object.assign(new Error(code), { code, ...more });
