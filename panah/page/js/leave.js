// Leaving: blank at once, then another page in place of this one, so that going back does not lead here.
import { config, forget, here } from "./here.js";

const link = document.getElementById("leave");

function where() {
  // Opened from a file there is no other page that would be there without a network.
  const to = (config.leave || "/weather-{lang}.html").replace("{lang}", here.lang);
  return /^http/.test(location.protocol) || /^https?:/.test(to) ? to : "about:blank";
}

export function leave(e) {
  if (e) e.preventDefault();
  const to = where();
  forget();
  document.documentElement.replaceChildren();
  location.replace(to);
}

link.addEventListener("click", leave);
let shifts = 0, last = 0;
addEventListener("keydown", (e) => {
  if (e.key === "Escape") leave(e);
  else if (e.key !== "Shift") shifts = 0;
  else if (!e.repeat) { // a key held down is not a key pressed three times
    shifts = e.timeStamp - last < 1500 ? shifts + 1 : 1;
    last = e.timeStamp;
    if (shifts > 2) leave(e);
  }
}, true);
addEventListener("pagehide", () => { forget(); document.getElementById("screen").replaceChildren(); });
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });
