// The receipt, where it is shown.
import { el } from "./dom.js";
import { here, local, t } from "./here.js";
import * as receipt from "./receipt.js";

export const theReceipt = () => [
  el("ol", { id: "receipt-words" }, ...receipt.words(here.secret, here.lang).map((w) => el("li", null, w))),
  el("p", { className: "hint" }, t("or_digits")),
  el("p", { id: "receipt-digits" }, local(receipt.digits(here.secret).match(/.{1,4}/g).join(" "))),
];
