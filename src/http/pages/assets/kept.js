// Codes kept for a bad network: put by while there is one, shown one at a time when there is none. Which of them still
// open is the server's to say; this phone's clock decides nothing.
"use strict";

const keptCodes = {
  name: "kept-codes",
  read() {
    try {
      return JSON.parse(localStorage.getItem(this.name));
    } catch {
      return null;
    }
  },
  write(kept) {
    localStorage.setItem(this.name, JSON.stringify(kept));
  },
  clear() {
    localStorage.removeItem(this.name);
  },
  /** Codes that nobody was shown yet. */
  left() {
    const kept = this.read();
    return kept ? kept.codes.length - kept.used : 0;
  },
  /** This phone was without a network since it kept them: when one is back, they are not needed any more. */
  wasAway() {
    const kept = this.read();
    if (kept && !kept.away) this.write({ ...kept, away: true });
  },
  /** What forms repeat: this page's, or, on the page that names nobody, asked for. */
  async csrf() {
    const here = document.querySelector("form[action='/sign-out'] input[name=csrf]");
    if (here) return here.value;
    const answer = await fetch("/wallet", { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(8000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("form[action='/sign-out'] input[name=csrf]")?.value ?? null;
  },
  /** Withdraws what is left, on the server and here; false where there is no server, or nobody signed in. */
  async drop() {
    try {
      const csrf = await this.csrf();
      if (!csrf) return false;
      const headers = { "X-CSRF-Token": csrf };
      const answer = await fetch("/wallet/kept/drop", { method: "POST", headers, signal: AbortSignal.timeout(8000) });
      if (answer.status !== 204) return false;
      this.clear();
      return true;
    } catch {
      return false;
    }
  },
  /** Puts a picture that the server drew into the page. */
  draw(target, svg) {
    const drawn = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    if (drawn.nodeName === "svg") target.replaceChildren(document.importNode(drawn, true));
  },
  /** Lets the page that needs no network be there when it is needed. */
  async prepare() {
    if (!navigator.serviceWorker) return;
    const worker = await navigator.serviceWorker.register("/wallet/worker.js", { scope: "/wallet" });
    const active = worker.active || (await navigator.serviceWorker.ready).active;
    active.postMessage("refresh");
  },
};

// Codes are dropped when the phone is back: at once on a page of the wallet, and half a minute later where one of them is on
// the screen, since somebody may be about to scan it. A phone that never was away keeps them: the wallet says so.
document.addEventListener("DOMContentLoaded", () => {
  const note = document.querySelector("[data-kept-note]");
  if (!note) return;
  const PATIENCE = 30_000; // milliseconds that a code on the screen stays good after the network is back
  const words = note.querySelector("p");
  const button = note.querySelector("button");
  let timer = 0;

  function say(name) {
    const kept = keptCodes.read();
    words.textContent = note.dataset[name].replace("%", String(keptCodes.left())).replace("@", kept?.until_words ?? "");
    button.hidden = name !== "have";
    note.hidden = false;
  }

  async function drop() {
    if (keptCodes.read() && (await keptCodes.drop())) say("dropped");
    document.dispatchEvent(new Event("kept-codes"));
  }

  /** There is a network, or the browser thinks so. */
  function back() {
    const kept = keptCodes.read();
    clearTimeout(timer);
    if (!kept) return;
    if (document.querySelector("[data-kept] [data-some]:not([hidden])")) {
      say("soon");
      timer = setTimeout(drop, PATIENCE);
    } else if (kept.away) {
      drop();
    } else if (keptCodes.left() > 0) {
      say("have");
    }
  }

  button.addEventListener("click", drop);
  window.addEventListener("offline", () => {
    clearTimeout(timer);
    keptCodes.wasAway();
    if (!button.hidden || document.querySelector("[data-kept]")) note.hidden = true;
  });
  window.addEventListener("online", back);
  // The kept page stands in for another one where there is no network.
  const stoodIn = document.querySelector("[data-kept]") && location.pathname !== "/wallet/offline";
  if (stoodIn || !navigator.onLine) keptCodes.wasAway();
  else if (!document.querySelector("[data-kept]")) back();
});

// The sheet of kept codes.
document.addEventListener("DOMContentLoaded", () => {
  const sheet = document.querySelector("[data-kept]");
  if (!sheet) return;
  const part = (name) => sheet.querySelector(`[data-${name}]`);

  function show() {
    const kept = keptCodes.read();
    const any = keptCodes.left() > 0;
    part("none").hidden = any;
    part("some").hidden = !any;
    if (!any) return;
    const code = kept.codes[kept.used];
    keptCodes.draw(part("qr"), code.qr);
    part("digits").textContent = code.digits;
    part("count").textContent = sheet.dataset.textLeft.replace("%", String(keptCodes.left()));
    part("until").textContent = sheet.dataset.textUntil.replace("%", kept.until_words);
    part("purpose").textContent = kept.purpose;
    part("what").replaceChildren(...kept.what.map(([kind, fields]) => {
      const line = document.createElement("li");
      line.textContent = `${kind} · ${fields}`;
      return line;
    }));
  }

  part("next").addEventListener("click", () => {
    const kept = keptCodes.read();
    if (kept) keptCodes.write({ ...kept, used: kept.used + 1 });
    show();
    sheet.querySelector("h2").focus();
  });
  document.addEventListener("kept-codes", show);
  show();
});
