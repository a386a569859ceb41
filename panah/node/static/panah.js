// Small conveniences. Every page works without this file; nothing here holds a key or keeps anything.
"use strict";
// Keyboard: / searches, g and a letter goes, Ctrl+Shift+L locks at once. Listening begins before the page is there:
// the panic key must not have to wait for anything, nor for a page that is just being fetched.
let going = false;
function lock() {
  document.documentElement.hidden = true;
  window.stop();
  const away = () => location.replace("/unlock");
  fetch("/lock", { method: "POST", keepalive: true, credentials: "same-origin" }).then(away, away);
}
addEventListener("keydown", (e) => {
  if (e.ctrlKey && e.shiftKey && e.code === "KeyL") { e.preventDefault(); lock(); return; }
  if (e.ctrlKey || e.altKey || e.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
  if (e.key === "/") { e.preventDefault(); document.getElementById("q")?.focus(); return; }
  if (e.key === "?") { e.preventDefault(); location.assign("/help/keys"); return; }
  if (going) { going = false; document.querySelector(`.rail [data-key="${CSS.escape(e.key)}"]`)?.click(); return; }
  if (e.key === "g") { going = true; setTimeout(() => { going = false; }, 1500); }
});

addEventListener("DOMContentLoaded", () => {
  const body = document.body, token = body.dataset.formToken || "";
  const post = (address, data) => fetch(address, { method: "POST", body: data, headers: { "X-Form-Token": token }, credentials: "same-origin" });

  // Lock by itself when nobody has touched the page for the idle time.
  const idle = Number(body.dataset.autoLock || 0) * 1000;
  if (idle) {
    let last = Date.now();
    for (const what of ["keydown", "pointerdown", "scroll"]) addEventListener(what, () => { last = Date.now(); }, { passive: true });
    setInterval(() => { if (Date.now() - last > idle) lock(); }, 5000);
  }

  // Keep what is being typed, in the encrypted vault, every few seconds.
  const words = { en: ["kept", "seconds ago"], fa: ["نگه داشته شد،", "ثانیه پیش"], ckb: ["پارێزرا،", "چرکە لەمەوپێش"] }[document.documentElement.lang] || ["kept", "seconds ago"];
  for (const form of document.querySelectorAll("form[data-draft]")) {
    let changed = false, kept = 0;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    setInterval(async () => {
      if (changed) {
        changed = false;
        const data = new FormData(form);
        data.append("draft_key", form.dataset.draft);
        const plain = new URLSearchParams();
        for (const [name, value] of data) if (typeof value === "string") plain.append(name, value);
        try { const answer = await post("/draft", plain); if (answer.status === 401) location.assign("/unlock"); if (answer.ok) kept = Date.now(); else changed = true; } catch { changed = true; }
      }
      const shown = form.querySelector(".kept-at");
      if (shown && kept) shown.textContent = `${words[0]} ${Math.round((Date.now() - kept) / 1000).toLocaleString(document.documentElement.lang === "en" ? "en" : "fa")} ${words[1]}`;
    }, 4000);
  }

  // Search as you type: the words travel in the body of a post.
  for (const form of document.querySelectorAll("form[data-live]")) {
    const into = document.querySelector(form.dataset.live);
    let timer, turn = 0;
    const ask = async () => {
      const mine = ++turn, field = form.querySelector("input[type=search]");
      if (form.classList.contains("search") && !field.value.trim()) { into.replaceChildren(); return; }
      const answer = await post(form.action, new URLSearchParams(new FormData(form)));
      if (answer.status === 401) { location.assign("/unlock"); return; }
      if (mine !== turn || !answer.ok) return;
      const page = new DOMParser().parseFromString(trusted(await answer.text()), "text/html");
      into.replaceChildren(...page.body.childNodes);
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  }
  // The policy demands that markup passes through one named place; it comes from our own server only.
  const policy = window.trustedTypes?.createPolicy("panah", { createHTML: (text) => text });
  function trusted(text) { return policy ? policy.createHTML(text) : text; }

  // One more line in a list field.
  for (const rows of document.querySelectorAll("[data-rows]")) {
    const add = rows.querySelector(".add"), name = rows.dataset.rows;
    add.hidden = false;
    add.addEventListener("click", () => {
      const all = rows.querySelectorAll(".row"), n = all.length, fresh = all[n - 1].cloneNode(true);
      for (const e of fresh.querySelectorAll("[name], [id], [for]")) {
        for (const a of ["name", "id", "for", "aria-describedby", "aria-labelledby"]) {
          const v = e.getAttribute(a);
          if (v) e.setAttribute(a, v.replace(`${name}.${n - 1}.`, `${name}.${n}.`).replace(`${name}-${n - 1}-`, `${name}-${n}-`));
        }
        if ("value" in e && !/checkbox|radio/.test(e.type) && e.tagName !== "OPTION") e.value = "";
        if ("checked" in e) e.checked = false;
      }
      add.before(fresh);
      fresh.querySelector("input, select, textarea")?.focus();
    });
  }
  document.querySelector(".error-summary")?.focus();
});
