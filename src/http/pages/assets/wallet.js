// The rolling show code: redrawn before it runs low, and told when somebody has looked.
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
    const drawn = new DOMParser().parseFromString(code.qr, "image/svg+xml").documentElement;
    part("qr").replaceChildren(document.importNode(drawn, true));
    part("digits").textContent = code.digits;
    before = { showing: text.showing, until: performance.now() + (RENEW_AT + GRACE) * 1000 };
    text.showing = code.showing;
    part("showing-input").value = code.showing;
    life = code.seconds;
    ends = performance.now() + life * 1000;
    part("status").textContent = text.textNew;
  }

  async function ask() {
    let answer = await call(`/wallet/showings/${encodeURIComponent(text.showing)}`);
    if (answer.state !== "looked" && before && performance.now() < before.until) {
      answer = await call(`/wallet/showings/${encodeURIComponent(before.showing)}`);
    }
    if (answer.state !== "looked") return;
    text.state = "looked";
    part("live").hidden = true;
    part("looked").hidden = false;
    part("looked-title").textContent = text.textLooked;
    part("looked-text").textContent = answer.words;
    part("looked-title").focus();
  }

  async function tick() {
    if (text.state !== "live") return;
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    // What is counted down is the time to the next code, not the life of this one.
    const next = Math.max(0, left - RENEW_AT);
    part("run").setAttribute("stroke-dashoffset", String(100 - (100 * next) / Math.max(1, life - RENEW_AT)));
    part("left-text").textContent = text.textLeft.replace("%", String(next));
    if (busy || document.hidden) return;
    busy = true;
    try {
      if (left <= RENEW_AT) {
        await ask();
        if (text.state === "live") await renew();
      } else if (++ticks % ASK_EVERY === 0) {
        await ask();
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
});
