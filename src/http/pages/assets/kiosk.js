// The kiosk: waits for whoever is recognised and for the sheet, and makes room for the next one.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const kiosk = document.querySelector("[data-kiosk]");
  if (!kiosk) return;
  const step = kiosk.dataset.kiosk;
  if (step === "start") return;
  const line = kiosk.querySelector("[data-line]");

  /** Goes on as soon as the session is further than here. */
  function watch(here) {
    let busy = false;
    setInterval(async () => {
      if (busy) return;
      busy = true;
      try {
        const response = await fetch(kiosk.dataset.state, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
        if (!response.ok) throw new Error(String(response.status));
        if ((await response.json()).state !== here) location.replace(kiosk.dataset.then);
      } catch {
        line.textContent = kiosk.dataset.textLost;
      }
      busy = false;
    }, 1000);
  }

  if (step === "waiting") watch("waiting");
  const form = kiosk.querySelector("[data-print]");
  // The sheet opens beside this page, which then says that it is there.
  form?.addEventListener("submit", () => watch("recognised"), { once: true });

  // Nobody touches it: the session ends, and the first screen comes back. What was printed is taken along sooner.
  const idle = step === "printed" || step === "expired" ? 15 : 60;
  let last = performance.now();
  const touched = () => { last = performance.now(); };
  ["pointerdown", "keydown"].forEach((event) => document.addEventListener(event, touched));
  const timer = setInterval(() => {
    if (performance.now() - last < idle * 1000) return;
    clearInterval(timer);
    const end = kiosk.querySelector("[data-end]");
    if (end) end.submit();
    else location.replace("/kiosk");
  }, 1000);
});
