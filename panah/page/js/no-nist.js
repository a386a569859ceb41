// The NIST curves serve hardware tags, which this page never seals to. Leaving them out saves every phone 4 kB;
// what the libraries do with them when they are loaded works, and any use of them throws.
const never = () => { throw new Error("not in this page"); };
const curve = { lengths: { seed: 48, secretKey: 32, publicKey: 33, publicKeyUncompressed: 65 }, Point: { Fn: {} }, keygen: never, getPublicKey: never, getSharedSecret: never };
export { curve as p256, curve as p384, curve as p521 };
