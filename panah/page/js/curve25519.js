// Stands in the place of @noble/curves/ed25519.js in this bundle, for us and for the age library: the same author's small Ed25519, and
// X25519 out of his own curve maker. A curve for everybody weighs 5 kB more on every telephone.
import { montgomery } from "@noble/curves/abstract/montgomery.js";
import { pow } from "@noble/curves/abstract/modular.js";
import * as small from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";

small.hashes.sha512 = sha512;
export const ed25519 = { getPublicKey: small.getPublicKey, verify: small.verify };

const P = 2n ** 255n - 19n;
export const x25519 = montgomery({
  P, type: "x25519", powPminus2: (x) => pow(x, P - 2n, P),
  adjustScalarBytes(bytes) { // RFC 7748, section 5
    bytes[0] &= 248;
    bytes[31] = bytes[31] & 127 | 64;
    return bytes;
  },
});
