// The card of the team: its code leads here with the first half of the hash of the root key. A page with another key is refused whole.
import { hex, sha256, unhex } from "./bytes.js";
import { config, go } from "./here.js";
import * as receipt from "./receipt.js";

// "" without a card, "right", or "wrong": that does not become right again while this page is open.
export let card = "";
const root = sha256(unhex(config.root)).subarray(0, 16);

function read() {
  if (!location.hash.startsWith("#k=")) return;
  card = card !== "wrong" && location.hash === "#k=" + hex(root) ? "right" : "wrong";
  history.replaceState(null, "", location.pathname); // what is on the card does not stay in the line of the address
}

// The first 44 bits as four words of the receipt's list: what a person compares with their card.
export const cardWords = (lang) => receipt.four(root, lang);

read();
addEventListener("hashchange", () => { if (location.hash.startsWith("#k=")) { read(); go.home(); } });
