// The rolling show code: redrawn before it runs low, and told when somebody has looked. What counts is how long ago the
// server drew it, by a clock that only runs forward; the time of day on this phone is never asked.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const sheet = document.querySelector("[data-code]");
  if (!sheet) return;
  const part = (name) => sheet.querySelector(`[data-${name}]`);
  const text = sheet.dataset;
  const RENEW_AT = 15; // seconds left: whoever sees a code always has this long
  const GRACE = 20; // seconds that a look under way may take after the code's end
  const ASK_EVERY = 2; // seconds between looks at what became of the code
  let life = Number(text.life);
  let ends = performance.now() + Number(text.left) * 1000;
  let busy = false;
  let before = null; // the code before this one, and until when it may still be looked at
  let ticks = 0;
  let after = 0; // asks since somebody looked: a second one may come

  const fields = () => {
    const data = new URLSearchParams(new FormData(document.querySelector("[data-redraw]")));
    data.delete("csrf");
    return data;
  };

  async function call(url, data) {
    const options = data
      ? { method: "POST", body: data, headers: { "X-CSRF-Token": text.csrf } }
      : { headers: { Accept: "application/json" } };
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(8000) });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  }

  async function renew() {
    const code = await call(text.draw, fields());
    keptCodes.draw(part("qr"), code.qr);
    keptCodes.draw(part("bars"), code.bars);
    part("digits").textContent = code.digits;
    before = { showing: text.showing, until: performance.now() + (RENEW_AT + GRACE) * 1000 };
    text.showing = code.showing;
    part("showing-input").value = code.showing;
    life = code.seconds;
    ends = performance.now() + life * 1000;
    part("left-text").textContent = text.textRolls;
    part("status").textContent = text.textNew;
  }

  const became = (showing) => call(`/wallet/showings/${encodeURIComponent(showing)}`);

  function tellAgain(answer) {
    if (!answer.again || part("again").textContent === answer.again) return;
    part("again").textContent = answer.again;
    part("again").hidden = false;
  }

  async function ask() {
    let answer = await became(text.showing);
    if (answer.state !== "looked" && before && performance.now() < before.until) {
      answer = await became(before.showing);
      if (answer.state === "looked") text.showing = before.showing;
    }
    if (answer.state !== "looked") return;
    text.state = "looked";
    part("live").hidden = true;
    part("looked").hidden = false;
    part("looked-title").textContent = text.textLooked;
    part("looked-text").textContent = answer.words;
    part("looked-title").focus();
    tellAgain(answer);
  }

  async function tick() {
    if (busy || document.hidden) return;
    busy = true;
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    try {
      if (text.state === "looked") {
        // For some minutes: whoever comes second with this code is told of.
        if (++ticks % ASK_EVERY === 0 && after++ < 150) tellAgain(await became(text.showing));
      } else if (text.state === "live") {
        const next = Math.max(0, left - RENEW_AT);
        part("run").setAttribute("stroke-dashoffset", String(100 - (100 * next) / Math.max(1, life - RENEW_AT)));
        if (left <= RENEW_AT) {
          await ask();
          if (text.state === "live") await renew();
        } else if (++ticks % ASK_EVERY === 0) {
          await ask();
        }
      }
    } catch {
      // Old digits stay until their time is over; the next tick tries again.
      if (left === 0) part("left-text").textContent = text.textLost;
    }
    busy = false;
  }

  setInterval(tick, 1000);
  document.addEventListener("visibilitychange", tick);
  if (navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});

  // Bars for scanners that read lines only.
  const toggle = part("toggle-bars");
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    const bars = part("bars").hidden;
    part("bars").hidden = !bars;
    part("qr").hidden = bars;
    toggle.textContent = bars ? text.textQr : text.textBars;
  });

  // Digits one after the other, in the page's language.
  if ("speechSynthesis" in window) {
    const button = part("read-aloud");
    button.hidden = false;
    button.addEventListener("click", () => {
      speechSynthesis.cancel();
      const groups = part("digits").textContent.trim().split(/\s+/);
      const spoken = new SpeechSynthesisUtterance(groups.map((group) => [...group].join(" ")).join("， "));
      spoken.lang = document.documentElement.lang;
      spoken.rate = 0.8;
      speechSynthesis.speak(spoken);
    });
  }

  // A code drawn means that there is a network: what was kept before is withdrawn by now.
  keptCodes.clear();
  const keep = document.querySelector("[data-keep]");
  if (!keep || !navigator.serviceWorker) return;
  keep.hidden = false;
  keep.querySelector("[data-keep-button]").addEventListener("click", async () => {
    const status = keep.querySelector("[data-keep-status]");
    try {
      const kept = await call(keep.dataset.keep, fields());
      await keptCodes.prepare();
      keptCodes.write({ ...kept, used: 0 });
      // The next code drawn would withdraw them, so this page rests.
      text.state = "kept";
      part("live").hidden = true;
      keep.querySelector("[data-keep-link]").hidden = false;
      keep.querySelector("[data-keep-button]").hidden = true;
      status.textContent = keep.dataset.textDone.replace("%", String(kept.codes.length)).replace("@", kept.until_words);
    } catch {
      status.textContent = keep.dataset.textFailed;
    }
  });
});
