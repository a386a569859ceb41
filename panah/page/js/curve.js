// Ed25519: the mailbox's key, and the chain of signatures from the root to an answer.
import { ed25519 } from "@noble/curves/ed25519.js";

export const publicOf = (seed) => ed25519.getPublicKey(seed);

// Strict, as RFC 8032 says: the loose rules of ZIP 215 would take several spellings of one signature.
export function verify(signature, data, key) {
  try { return ed25519.verify(signature, data, key, { zip215: false }); } catch { return false; }
}
