// The live preview of a face: redrawn by the server a moment after the last change.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-preview]");
  const target = document.querySelector("[data-preview-target]");
  if (!form || !target) return;
  // On a phone the form comes first; the preview is a bar that opens.
  const fold = document.querySelector("[data-preview-fold]");
  if (fold && matchMedia("(max-width: 61.99rem)").matches) fold.open = false;
  const status = document.querySelector("[data-preview-status]");
  const face = target.firstElementChild;
  let timer = 0;
  let running = null;

  async function draw() {
    if (running) running.abort();
    const mine = (running = new AbortController());
    target.dataset.busy = "";
    try {
      const data = new URLSearchParams(new FormData(form));
      const headers = { "X-CSRF-Token": data.get("csrf") };
      data.delete("csrf");
      const response = await fetch(form.dataset.preview, { method: "POST", body: data, headers, signal: mine.signal });
      if (!response.ok) throw new Error(String(response.status));
      const drawn = new DOMParser().parseFromString(await response.text(), "image/svg+xml").documentElement;
      if (drawn.nodeName !== "svg") throw new Error("not a picture");
      face.replaceChildren(document.importNode(drawn, true));
      status.textContent = status.dataset.done;
    } catch (error) {
      if (error.name === "AbortError") return;
      status.textContent = status.dataset.failed;
    }
    delete target.dataset.busy;
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, 350);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
});
