// Speak to the relays of the configuration. They see sealed bytes, and answer the same whatever there is.
import { join, random, wrong } from "./bytes.js";
import { solve, voucher } from "./puzzle.js";

const PART = 16384, SLOT = 6144;

// The one this page came from first: it is the one that can be reached.
export const inOrder = (relays) => [...relays].sort((a, b) => (b === location.origin) - (a === location.origin));

// A relay that says nothing is given up after forty seconds and the time that a line of 250 bytes a second needs; then the next one is tried.
async function post(relay, path, body, tell) {
  const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 40000 + 4 * body.length);
  try {
    const answer = await fetch(relay + path, {
      method: "POST", body, headers: { "content-type": "application/octet-stream" }, credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store",
      redirect: "error", signal: stop.signal,
    });
    if (answer.status === 507) throw wrong("full");
    if (answer.status === 429 && path === "/deposit") {
      const solved = await solve(new Uint8Array(await answer.arrayBuffer()), tell);
      if (solved) return await post(relay, "/solve", join(solved, body));
    }
    if (!answer.ok) throw wrong("not_sent");
    return new Uint8Array(await answer.arrayBuffer());
  } finally { clearTimeout(timer); }
}

// A parcel goes in parts that are numbered by the relay. Each has its name before it is sent, so that a part which is sent again after
// a broken connection is kept once, and what has arrived is not sent again.
export function parcel(box, blob) {
  const parts = [];
  for (let at = 0; at < blob.length; at += PART) parts.push(join(box, random(32), blob.subarray(at, at + PART)));
  return { blob, parts, sent: 0 };
}

// A voucher is for when there is no other way: where there is no room for strangers.
let ticket = voucher(location.hash);
async function bring(relay, body, working) {
  try { return await post(relay, "/deposit", body, working); } catch (e) {
    if (e.code !== "full" || !ticket) throw e;
    await post(relay, "/vouch", join(ticket, body));
    ticket = null;
  }
}

export async function deliver(relay, parcel, tell, working) {
  while (parcel.sent < parcel.parts.length) {
    await bring(relay, parcel.parts[parcel.sent], working);
    tell(parcel.parts[parcel.sent++].length);
  }
}

function* slots(block) {
  const view = new DataView(block.buffer);
  for (let at = 0; at < 2 * SLOT && block.length === 2 * SLOT; at += SLOT) {
    const n = view.getBigUint64(at), size = view.getUint16(at + 8);
    if (n && size <= SLOT - 10) yield { n, blob: block.slice(at + 10, at + 10 + size) };
  }
}

const asking = (cap, n) => { const body = join(cap, new Uint8Array(8)); new DataView(body.buffer).setBigUint64(32, n); return body; };

// Everything that waits in a mailbox, two at a time: each answer of the relay is as long as any other.
export async function visit(relay, cap) {
  const blobs = [];
  for (let after = 0n, turn = 0; turn < 20; turn++) {
    const found = [...slots(await post(relay, "/visit", asking(cap, after)))];
    for (const { n, blob } of found) {
      blobs.push(blob);
      if (n > after) after = n;
    }
    if (found.length < 2) break;
  }
  return blobs;
}

export const erase = (relay, cap) => post(relay, "/delete", asking(cap, (1n << 63n) - 1n));
