// Seal a request to the team, open and check what comes back. spec/request.md is the authority. No key leaves this file; nothing is kept.
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { derive } from "./receipt.js";

const utf8 = new TextEncoder(), text8 = new TextDecoder("utf-8", { fatal: true });
export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
export const unhex = (s) => Uint8Array.from(s.match(/../g) || [], (b) => parseInt(b, 16));
const random = (n) => crypto.getRandomValues(new Uint8Array(n));
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const join = (...parts) => { const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0)); let at = 0; for (const p of parts) { out.set(p, at); at += p.length; } return out; };

const identity = (seed) => bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed, false).toUpperCase();

export async function thread(secret, relay) {
  const key = identity(derive(secret, "panah/1/reply"));
  const cap = ed25519.getPublicKey(derive(secret, "panah/1/mailbox/" + relay));
  return { key, cap, box: hex(sha256(cap)), name: hex(derive(secret, "panah/1/thread").slice(0, 16)), recipient: await identityToRecipient(key) };
}

export function pad(bytes, sizes) {
  const size = sizes.find((n) => bytes.length + 1 <= n);
  if (!size) throw Object.assign(new Error("too large"), { code: "too_large" });
  const out = new Uint8Array(size);
  out.set(bytes);
  out[bytes.length] = 0x80;
  return out;
}

export function unpad(bytes) {
  let at = bytes.length - 1;
  while (at >= 0 && bytes[at] === 0) at--;
  if (at < 0 || bytes[at] !== 0x80) throw new Error("padding");
  return bytes.slice(0, at);
}

async function to(recipients, plain) {
  const e = new Encrypter();
  for (const r of recipients) e.addRecipient(r);
  return e.encrypt(plain);
}

// A photo: its own key, its own mailbox, padded to one of four sizes.
export async function file(bytes, media) {
  const seed = random(32), cap = random(32), key = identity(seed);
  const blob = await to([await identityToRecipient(key)], pad(bytes, [65536, 262144, 1048576, 4194304]));
  return { box: sha256(cap), blob, named: { box: hex(sha256(cap)), cap: hex(cap), key: base64(seed), bytes: bytes.length, media } };
}

export async function frame(config, mine, kind, n, lang, words, answers, files) {
  const said = { v: 1, kind, lang, thread: mine.name, reply: mine.recipient, box: mine.box, n, text: words.toWellFormed ? words.toWellFormed() : words };
  if (kind === "request") said.answers = answers;
  said.files = files;
  return to(config.intake.recipients, pad(utf8.encode(JSON.stringify(said)), [4096, 16384]));
}

// A deposit: mailbox, a random name, the sealed bytes.
export const deposit = (box, blob) => join(box, random(32), blob);

// The answer, if the team wrote it for this conversation; an error otherwise. The chain: root -> certificate -> this answer.
export async function open(config, mine, blob, today) {
  const d = new Decrypter();
  d.addIdentity(mine.key);
  const body = unpad(await d.decrypt(blob));
  const cut = body.indexOf(10);
  if (cut < 0) throw new Error("reply_malformed");
  const said = body.slice(0, cut), line = text8.decode(body.slice(cut + 1));
  const tail = Uint8Array.from(atob(line), (c) => c.charCodeAt(0));
  if (tail.length !== 164 || base64(tail) !== line) throw new Error("reply_malformed");
  const key = tail.slice(0, 32), until = tail.slice(32, 36), verify = (sig, msg, pub) => ed25519.verify(sig, msg, pub, { zip215: false });
  if (!verify(tail.slice(36, 100), join(utf8.encode("panah/1/reply-key\n"), key, until), unhex(config.root))) throw new Error("signature_wrong");
  if (!verify(tail.slice(100), join(utf8.encode("panah/1/reply\n"), said), key)) throw new Error("signature_wrong");
  if (new DataView(until.buffer).getUint32(0) < today) throw new Error("reply_key_expired");
  const reply = JSON.parse(text8.decode(said));
  if (reply.v !== 1 || Object.keys(reply).sort().join() !== "date,lang,n,text,thread,v" || typeof reply.text !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(reply.date)) throw new Error("frame_malformed");
  if (reply.thread !== mine.name) throw new Error("reply_other_thread");
  return reply;
}

// The page's own keys must be signed by the root: a relay cannot put another's key in their place without changing the root as well.
export function trusted(config) {
  const { box, day, recipients } = config.intake;
  const said = utf8.encode("panah/1/intake\n" + JSON.stringify({ box, day, recipients }));
  return ed25519.verify(unhex(config.intake.sig), said, unhex(config.root), { zip215: false });
}

// For the public test vectors, which run in this very bundle.
export async function opened(identities, passphrases, file) {
  const d = new Decrypter();
  for (const i of identities) d.addIdentity(i);
  for (const p of passphrases) d.addPassphrase(p);
  return hex(sha256(await d.decrypt(file)));
}
