// Sealed files, through the library that age's own author keeps. spec/sealed-file.md is the authority.
// It needs neither a secure context nor crypto.subtle, so that it runs over plain http, from a file, and on old telephones.
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { bech32 } from "@scure/base";

const identityOf = (seed) => bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed, false).toUpperCase();
export const recipientOf = (seed) => identityToRecipient(identityOf(seed));

export async function seal(plain, recipients) {
  const e = new Encrypter();
  for (const r of recipients) e.addRecipient(r);
  return e.encrypt(plain);
}

export async function open(file, identities, passphrases = []) {
  const d = new Decrypter();
  for (const i of identities) d.addIdentity(i);
  for (const p of passphrases) d.addPassphrase(p);
  return d.decrypt(file);
}

export const openWith = (file, seed) => open(file, [identityOf(seed)]);
