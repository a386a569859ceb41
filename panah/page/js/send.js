// The last step: a picture, sealing, sending, and what to do when it does not get through.
import { random, unhex, wrong } from "./bytes.js";
import { asCodes, asText } from "./courier.js";
import { busy, button, byId, drawing, el, fail, p, page, problem } from "./dom.js";
import * as frame from "./frame.js";
import { config, go, here, t } from "./here.js";
import * as relay from "./relay.js";
import { theReceipt } from "./show.js";
import { strip } from "./strip.js";
import { answers, write } from "./write.js";

const MOST_PICTURE = 4194303;

export function ready(before) {
  const again = () => ready(before);
  const said = el("div", { className: "hint", id: "photo-note", role: "status" });
  const photo = el("input", { id: "photo", type: "file", accept: "image/jpeg,image/png", onchange: () => choose(photo, said), "aria-describedby": "photo-hint" });
  // The browser's own control speaks the language of the telephone's owner; its label stands in for it.
  page("ready", p("ready_text"), photo, el("label", { htmlFor: "photo" }, drawing("picture"), t("photo")), el("p", { className: "hint", id: "photo-hint" }, t("photo_hint")), said, problem(),
    button("send", "send", send, "send"), button("save-file", "save_file", save, "keep", true),
    button("as-text", "as_text", carried((blob) => asText(blob, again)), "paper", true), button("as-codes", "as_codes", carried((blob) => asCodes(blob, again)), "code", true), button("back", "back", before, "back", true));
  chosen(said);
}

function chosen(said) {
  const drop = () => {
    const input = byId("photo");
    here.photo = input.value = null; // or the same picture could not be chosen again
    chosen(said);
    input.focus();
  };
  said.replaceChildren(...(here.photo ? [t("picture_clean", here.photo.less), button("drop", "without_picture", drop, "drop", true)] : []));
}

async function choose(input, said) {
  here.photo = null;
  chosen(said);
  byId("problem").replaceChildren();
  const file = input.files[0];
  if (!file) return;
  try {
    if (file.size > MOST_PICTURE) throw wrong("picture_large");
    const before = new Uint8Array(await file.arrayBuffer());
    here.photo = strip(before);
    here.photo.less = Math.ceil((before.length - here.photo.bytes.length) / 1024);
    chosen(said);
  } catch (e) {
    input.value = "";
    fail(e.code || "picture_broken");
  }
}

// 1 is the request. Later numbers go on from it while this page is open; a page that was opened again begins somewhere high, since
// nothing tells it how many there were. Two messages with the same number and other words are both kept (spec/request.md).
export const firstOfAVisit = () => 1000 + new DataView(random(2).buffer).getUint16(0) % 8001;

// The sealed request for one relay. Sealed once for the same words: a second try sends the same bytes, which the relay keeps once.
async function sealed(at, files) {
  const said = { who: here.who, box: frame.mailbox(here.secret, at).box, n: here.n || 1, lang: here.lang, text: here.typed.text.trim(), answers: here.again ? null : answers(), files };
  const key = JSON.stringify([at, said.n, said.lang, said.text, said.answers, files]);
  here.sealed = here.sealed || {};
  return here.sealed[key] || (here.sealed[key] = relay.parcel(unhex(config.intake.box), await frame.sealRequest(config, said)));
}

const pause = (ms) => new Promise((then) => setTimeout(then, ms));

async function begin() {
  await pause(30); // the bar is drawn before the sealing takes the telephone's only core
  here.who = here.who || await frame.person(here.secret);
}

async function send() {
  const wait = busy("sealing");
  let why = "not_sent";
  try {
    await begin();
    if (here.photo) here.photo.sealed = here.photo.sealed || await frame.sealFile(here.photo);
    for (const at of here.arrived ? [here.arrived] : relay.inOrder(config.relays)) {
      try { await through(at, wait); sent(); return; } catch (e) { if (e.code === "full") why = "full"; }
      if (here.arrived) { half(); return; }
    }
  } catch (e) { why = e.code || why; }
  wait.end();
  fail(why);
}

// First the message, which is complete without its picture; then the picture, from where it broke off.
async function through(at, wait) {
  const photo = here.photo && here.photo.sealed, parcels = here.arrived ? [] : [await sealed(at, photo ? [photo.named] : [])];
  if (photo) parcels.push(photo[at] = photo[at] || relay.parcel(photo.box, photo.blob));
  const parts = parcels.flatMap((one) => one.parts), all = parts.reduce((n, part) => n + part.length, 0);
  let gone = parcels.reduce((n, one) => n + one.parts.slice(0, one.sent).reduce((m, part) => m + part.length, 0), 0);
  wait.say("sending", gone / all);
  for (const parcel of parcels) {
    // The picture sets off some moments later, so that the relay sees two deposits and not one pair.
    if (here.arrived) await pause(8 * random(1)[0]);
    await relay.deliver(at, parcel, (bytes) => wait.say("sending", (gone += bytes) / all), (share) => wait.say("checking", share));
    here.arrived = at;
  }
}

// The message is there, its picture is not.
function half() {
  page("half", p("half_text"), problem(), button("send", "send_again", send, "send"), button("without", "without_picture", sent, "done", true));
}

// A courier carries the message without its picture: the sealed bytes, for the mailbox at the first of the relays.
const carried = (then) => async () => {
  const wait = busy("sealing");
  try {
    await begin();
    const { blob } = await sealed(relay.inOrder(config.relays)[0], []);
    wait.end();
    then(blob);
  } catch (e) { wait.end(); fail(e.code || "not_sent"); }
};

const save = carried((blob) => {
  const link = el("a", { href: URL.createObjectURL(new Blob([blob])), download: "document.age" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  fail(here.photo ? "saved_without_picture" : "saved");
});

function sent() {
  for (const name of ["photo", "sealed", "arrived", "asked"]) delete here[name];
  Object.assign(here, { typed: {}, again: true, n: (here.n || 1) + 1 });
  thanks();
}

function thanks() {
  here.from = thanks;
  page("sent", el("div", { id: "sent" }, p("sent_text")), theReceipt(), button("write", "write_again", write, "write", true), button("again", "done", go.home, "done"));
}
