// Small conveniences. Every page works without this file; nothing here holds a key or keeps anything.
"use strict";
// Keyboard. Listening begins before the page is there: the panic key must not have to wait for anything, nor for a page that is just being fetched.
let going = false;
function lock(how = "") {
  document.documentElement.hidden = true;
  window.stop();
  const away = () => location.replace("/unlock");
  fetch("/lock" + how, { method: "POST", keepalive: true, credentials: "same-origin" }).then(away, away);
}

// The Latin letter that a key stands for. Where the layout writes another script, the place of the key counts.
function letter(e) {
  if (/^[a-z?/]$/i.test(e.key)) return e.key.toLowerCase();
  if (e.key === "؟") return "?";
  if (e.code === "Slash" && (e.key > "~" || e.key === ".")) return e.shiftKey ? "?" : "/";
  return e.key > "~" && /^Key[A-Z]$/.test(e.code) ? e.code[3].toLowerCase() : "";
}

// The links that one walks with j and k: the first of every row on the page.
function rows() {
  const all = document.querySelectorAll("main tbody tr, main .day > li, main .hits > li, main .parts > li li, main .more > li");
  return [...all].map((row) => row.querySelector("a[href]")).filter((a) => a && a.getClientRects().length);
}
function walk(step) {
  const all = rows(), here = all.findIndex((a) => a.closest("tr, li").contains(document.activeElement));
  const next = all[here < 0 ? (step > 0 ? 0 : all.length - 1) : here + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// Send a form as its own first button would: a page that has other buttons is not guessed at.
function send(form) {
  form?.requestSubmit(form.querySelector("button:not([type=button])"));
}

// What the search found: arrows walk it, Escape closes it.
function inSearch(e) {
  const found = document.getElementById("found"), links = [...(found?.querySelectorAll("a") || [])];
  if (!links.length || !e.target.closest?.(".search")) return false;
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    const n = links.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
    (links[n] || document.getElementById("q")).focus();
  } else if (e.key === "Escape") {
    found.replaceChildren();
    document.getElementById("q").focus();
  } else return false;
  e.preventDefault();
  return true;
}

addEventListener("keydown", (e) => {
  if (e.ctrlKey && e.shiftKey && e.code === "KeyL") { e.preventDefault(); lock(); return; }
  const ctrl = (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey;
  if (ctrl && e.key === "Enter" && e.target.closest?.("form[data-draft], form.both, .search")) { e.preventDefault(); send(e.target.form); return; }
  if (ctrl && e.code === "KeyS") {
    const form = e.target.closest?.("form[data-draft]") || document.querySelector("form.record[data-draft]");
    if (form) { e.preventDefault(); send(form); }
    return;
  }
  if (e.ctrlKey || e.altKey || e.metaKey || inSearch(e)) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) return;
  const pressed = letter(e);
  if (going) { going = false; document.querySelector(`.rail [data-key="${CSS.escape(pressed)}"]`)?.click(); return; }
  if (pressed === "/") { e.preventDefault(); document.getElementById("q")?.focus(); }
  else if (pressed === "?") { e.preventDefault(); location.assign("/help/keys"); }
  else if (pressed === "g") { going = true; setTimeout(() => { going = false; }, 1500); }
  else if (pressed === "j" || pressed === "k") walk(pressed === "j" ? 1 : -1);
  else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && rows().includes(document.activeElement)) { e.preventDefault(); walk(e.key === "ArrowDown" ? 1 : -1); }
});

addEventListener("DOMContentLoaded", () => {
  const body = document.body, token = body.dataset.formToken || "", zero = (body.dataset.zero || "0").codePointAt(0);
  const post = (address, data) => fetch(address, { method: "POST", body: data, headers: { "X-Form-Token": token }, credentials: "same-origin" });
  // A sentence of the page with its numbers, in the reader's digits.
  const say = (words, numbers) => words.replace(/{(\w+)}/g, (_, name) => String(numbers[name]).replace(/\d/g, (d) => String.fromCodePoint(zero + Number(d))));

  // Lock by itself when nobody has touched the page for the idle time.
  const idle = Number(body.dataset.autoLock || 0) * 1000;
  if (idle) {
    let last = Date.now();
    for (const what of ["keydown", "pointerdown", "scroll"]) addEventListener(what, () => { last = Date.now(); }, { passive: true });
    setInterval(() => { if (Date.now() - last > idle) lock("?idle=1"); }, 5000);
  }

  // A page of something that goes on looks again by itself; the node does not take that for somebody's hand.
  if (body.dataset.again) setTimeout(() => location.replace("?again=1"), Number(body.dataset.again) * 1000);

  // Keep what is being typed, in the encrypted vault, every few seconds.
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const shown = form.querySelector(".kept-at");
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
      if (!shown) return;
      if (changed && shown.dataset.unkept) shown.textContent = shown.dataset.unkept;
      else if (kept) shown.textContent = say(shown.dataset.kept, { n: Math.round((Date.now() - kept) / 1000) });
    }, 4000);
  }

  // How much of a form is answered; an answer takes the place of the mark that there is none.
  for (const form of document.querySelectorAll("form.record")) {
    const count = form.querySelector("[data-answered]"), fields = [...form.querySelectorAll(".field")];
    const answers = (field) => [...field.querySelectorAll("input, textarea, select")].filter((e) => e.type !== "hidden" && !e.name.endsWith(".no"));
    const given = (field) => answers(field).some((e) => (/checkbox|radio/.test(e.type) ? e.checked : e.value.trim()));
    const marked = (field) => field.querySelector("[name$='.no'][value=declined]:checked, [name$='.no'][value=unknown]:checked");
    form.addEventListener("input", (e) => {
      const field = e.target.closest(".field"), none = field?.querySelector("[name$='.no'][value=not_asked]:checked");
      if (none && answers(field).includes(e.target) && given(field)) none.checked = false;
      if (count) count.textContent = say(count.dataset.answered, { n: fields.filter((f) => given(f) || marked(f) || f.querySelector(".kept, .restricted")).length, all: fields.length });
    });
  }

  // A file that is too large is said so before it is sent.
  for (const input of document.querySelectorAll("input[type=file][data-most]")) {
    input.addEventListener("change", () => {
      const wrong = [...input.files].some((f) => f.size > Number(input.dataset.most));
      input.setCustomValidity(wrong ? input.dataset.tooLarge : "");
      if (wrong) input.reportValidity();
    });
  }

  // What takes its time says so, and is not begun twice.
  for (const form of document.querySelectorAll("form[data-busy]")) {
    const button = form.querySelector("button:not([type=button])"), words = button.textContent, status = document.createElement("p");
    status.className = "busy-says";
    status.setAttribute("role", "status");
    form.append(status);
    const rest = (said = "") => { delete form.dataset.sent; button.disabled = false; button.removeAttribute("aria-busy"); button.textContent = words; status.textContent = said; };
    form.addEventListener("submit", async (e) => {
      if (form.dataset.sent) { e.preventDefault(); return; }
      form.dataset.sent = "1";
      // After this turn: a button that is disabled now would not be sent with its form.
      setTimeout(() => { button.disabled = true; button.setAttribute("aria-busy", "true"); button.textContent = form.dataset.busy; status.textContent = form.dataset.says || form.dataset.busy; });
      if (!form.dataset.file) return;
      // A file does not lead to another page, so the end of its making has to be waited for here.
      e.preventDefault();
      try {
        const answer = await post(form.action, new URLSearchParams(new FormData(form)));
        if (answer.status === 401) { location.assign("/unlock"); return; }
        if (answer.redirected) { location.assign(answer.url); return; }  // it takes longer: there is a page for that
        if (!answer.ok) { form.submit(); return; }
        const a = document.createElement("a");
        a.href = URL.createObjectURL(await answer.blob());
        a.download = form.dataset.file;
        a.click();
        setTimeout(() => URL.revokeObjectURL(a.href), 60000);
        setTimeout(() => rest(form.dataset.done));
      } catch { rest(); form.submit(); }
    });
    addEventListener("pageshow", (e) => { if (e.persisted) rest(); });
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
  // A link to a part of a form opens it, if it is folded.
  const unfold = () => { const part = location.hash && document.getElementById(location.hash.slice(1)); const folded = part?.closest?.("details"); if (folded) { folded.open = true; part.scrollIntoView(); } };
  addEventListener("hashchange", unfold);
  unfold();
  document.querySelector(".error-summary")?.focus();
});
