// Requests: the asker's page waits for an answer; the holder's page reads the code with the camera.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const open = document.querySelector("[data-ask-open]");
  if (open) wait(open);
  const answer = document.querySelector("[data-answer]");
  if (answer) scan(answer);
});

/** Asks every second and a half what became of the request; whatever ends it has a page of its own. */
function wait(open) {
  const line = open.querySelector("[data-left-text]");
  const ends = performance.now() + Number(open.dataset.left) * 1000;
  let busy = false;
  async function ask() {
    if (busy) return;
    busy = true;
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    line.textContent = open.dataset.textLeft.replace("%", String(left));
    try {
      const response = await fetch(open.dataset.state, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
      if (response.status === 401) return location.assign("/sign-in?next=" + encodeURIComponent("/desk/ask"));
      if (!response.ok) throw new Error(String(response.status));
      if ((await response.json()).state !== "open") return location.replace(open.dataset.then);
    } catch {
      line.textContent = open.dataset.textLost;
    }
    busy = false;
  }
  setInterval(ask, 1500);
}

/** The camera. Only a request's code ends the look: other codes may lie about on a counter. */
function scan(root) {
  const form = root.querySelector("form");
  const open = (text) => {
    form.querySelector("#code").value = text.trim();
    form.requestSubmit();
  };
  yinzhengCamera(() => root, open, (text) => /^51\d{25}$/.test(text.trim()));
}
