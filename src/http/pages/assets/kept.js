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

// The sheet of kept codes.
document.addEventListener("DOMContentLoaded", () => {
  const sheet = document.querySelector("[data-kept]");
  if (!sheet) return;
  const part = (name) => sheet.querySelector(`[data-${name}]`);
  const kept = keptCodes.read();
  const left = () => kept.codes.length - kept.used;

  function show() {
    const any = Boolean(kept) && left() > 0;
    part("none").hidden = any;
    part("some").hidden = !any;
    if (!any) return;
    const code = kept.codes[kept.used];
    keptCodes.draw(part("qr"), code.qr);
    part("digits").textContent = code.digits;
    part("count").textContent = sheet.dataset.textLeft.replace("%", String(left()));
    part("until").textContent = sheet.dataset.textUntil.replace("%", kept.until_words);
    part("purpose").textContent = kept.purpose;
    part("what").replaceChildren(...kept.what.map(([kind, fields]) => {
      const line = document.createElement("li");
      line.textContent = `${kind} · ${fields}`;
      return line;
    }));
  }

  part("next").addEventListener("click", () => {
    kept.used += 1;
    keptCodes.write(kept);
    show();
    sheet.querySelector("h1").focus();
  });
  show();
});
