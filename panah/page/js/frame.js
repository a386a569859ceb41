// What travels inside the seals: requests out, replies in. spec/request.md is the authority.
import { sha256 } from "@noble/hashes/sha2.js";
import * as age from "./age.js";
import { base64, hex, join, random, text8, unbase64, unhex, utf8, wrong } from "./bytes.js";
import { publicOf, verify } from "./curve.js";
import { derive } from "./receipt.js";

export const FRAME_SIZES = [4096, 16384], FILE_SIZES = [65536, 262144, 1048576, 4194304];
const REPLY_SIZES = [4096];

// -- who writes: everything follows from the receipt ---------------------------------------------------------------------
export async function person(secret) {
  const seed = derive(secret, "panah/1/reply");
  return { seed, name: hex(derive(secret, "panah/1/thread").slice(0, 16)), recipient: await age.recipientOf(seed) };
}

export function mailbox(secret, relay) {
  const cap = publicOf(derive(secret, "panah/1/mailbox/" + relay));
  return { cap, box: sha256(cap) };
}

// -- padding -----------------------------------------------------------------------------------------------------------
export function pad(bytes, sizes) {
  const size = sizes.find((n) => bytes.length < n);
  if (!size) throw wrong("text_long");
  return join(bytes, Uint8Array.of(0x80), new Uint8Array(size - bytes.length - 1));
}

export function unpad(bytes, sizes) {
  const size = sizes.indexOf(bytes.length);
  let end = bytes.length - 1;
  while (end > 0 && !bytes[end]) end--;
  if (size < 0 || bytes[end] !== 0x80 || end < sizes[size - 1]) throw wrong("padding_wrong");
  return bytes.subarray(0, end);
}

// -- out ---------------------------------------------------------------------------------------------------------------
// A broken keyboard leaves half letters, which no JSON may hold: they must not cost a person their message.
const whole = (text) => text.replace(/\p{Cs}/gu, "\ufffd");

// {who, box, n, lang, text, answers (in a first message only), files} -> a frame, not yet padded.
export function request({ who, box, n, lang, text, answers, files }) {
  const said = { v: 1, kind: answers ? "request" : "message", lang, thread: who.name, reply: who.recipient, box: hex(box), n, text: whole(text) };
  if (answers) said.answers = JSON.parse(JSON.stringify(answers), (_, v) => typeof v === "string" ? whole(v) : v);
  return utf8(JSON.stringify(Object.assign(said, { files })));
}

// The wish that the team deletes this conversation as well.
export const sealDeletion = async (config, who, lang) => age.seal(pad(utf8(JSON.stringify({ v: 1, kind: "delete", lang, thread: who.name, reply: who.recipient })), FRAME_SIZES), config.intake.recipients);

export const sealRequest = async (config, said) => age.seal(pad(request(said), FRAME_SIZES), config.intake.recipients);

// A picture: its own key, its own mailbox, padded to one of four sizes. `named` is what the request says of it.
export async function sealFile({ bytes, media }) {
  const seed = random(32), cap = random(32), box = sha256(cap);
  const blob = await age.seal(pad(bytes, FILE_SIZES), [await age.recipientOf(seed)]);
  return { box, blob, named: { box: hex(box), cap: hex(cap), key: base64(seed), bytes: bytes.length, media } };
}

// -- in ----------------------------------------------------------------------------------------------------------------
const stands = (signature, label, data, key) => verify(signature, join(utf8(label), data), key);

// The answer, if the team wrote it for this conversation; an error otherwise. The chain: root -> certificate -> this answer.
export function readReply(config, who, body, today) {
  const cut = body.indexOf(10);
  let tail;
  try { tail = unbase64(text8(body.subarray(cut + 1))); } catch { throw wrong("reply_malformed"); }
  if (cut < 0 || tail.length !== 164) throw wrong("reply_malformed");
  const said = body.subarray(0, cut), key = tail.slice(0, 32), until = new DataView(tail.buffer).getUint32(32);
  if (!stands(tail.slice(36, 100), "panah/1/reply-key\n", tail.slice(0, 36), unhex(config.root))) throw wrong("signature_wrong");
  if (!stands(tail.slice(100), "panah/1/reply\n", said, key)) throw wrong("signature_wrong");
  if (until < today) throw wrong("reply_key_expired");
  const reply = strict(said);
  if (reply.thread !== who.name) throw wrong("reply_other_thread");
  return reply;
}

export const openReply = async (config, who, blob, today) => readReply(config, who, unpad(await age.openWith(blob, who.seed), REPLY_SIZES), today);

const REPLY = {
  v: (x) => x === 1, thread: (x) => /^[0-9a-f]{32}$/.test(x), n: (x) => Number.isInteger(x) && x > 0 && x < 10000, text: (x) => typeof x === "string",
  lang: (x) => /^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(x), date: (x) => /^\d{4}-\d\d-\d\d$/.test(x) && isDay(x),
};
const isDay = (x) => { const d = new Date(x + "T00:00:00Z"); return !isNaN(d) && d.toISOString().slice(0, 10) === x; };

// JSON that two readers cannot read differently.
function strict(bytes) {
  let text, value;
  try { text = text8(bytes); value = JSON.parse(text); } catch { throw wrong("frame_not_json"); }
  if (text[0] !== "{" || text[text.length - 1] !== "}") throw wrong("frame_not_json");
  if (twice(text)) throw wrong("frame_duplicate_key");
  if (Number.isInteger(value.v) && value.v > 1) throw wrong("frame_future_version");
  const names = Object.keys(REPLY);
  if (Object.keys(value).length !== names.length || !names.every((k) => k in value && REPLY[k](value[k])) || /\p{Cs}/u.test(value.text)) throw wrong("frame_malformed");
  return value;
}

// Whether an object of this JSON names something twice, which JSON.parse does not tell.
function twice(text) {
  const seen = [];
  for (const found of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (found[0] === "{") seen.push(new Set());
    else if (found[0] === "}") seen.pop();
    else if (found[1]) {
      const name = JSON.parse(found[0].slice(0, -found[1].length)), names = seen[seen.length - 1];
      if (names.has(name)) return true;
      names.add(name);
    }
  }
  return false;
}

// The page's own keys must be signed by the root: a relay cannot put another's key in their place without changing the root as well.
export function trusted(config) {
  const { box, day, recipients } = config.intake;
  return stands(unhex(config.intake.sig), "panah/1/intake\n", utf8(JSON.stringify({ box, day, recipients })), unhex(config.root));
}
