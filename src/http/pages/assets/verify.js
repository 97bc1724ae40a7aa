// The verify page: a file may be dropped anywhere on the page.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-verify]");
  if (!form) return;
  const drop = form.querySelector("[data-drop]");
  const input = form.querySelector('input[type="file"]');
  const status = form.querySelector("[data-status]");

  async function check(file) {
    status.textContent = form.dataset.busyText;
    const body = new FormData();
    body.append("file", file, file.name);
    try {
      const headers = form.dataset.csrf ? { "X-CSRF-Token": form.dataset.csrf } : {};
      await yinzheng.replaceMain(await fetch(form.action, { method: "POST", body, headers }));
      window.scrollTo(0, 0);
    } catch {
      status.textContent = form.dataset.failedText;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files[0]) check(input.files[0]);
    else input.focus();
  });
  input.addEventListener("change", () => { if (input.files[0]) check(input.files[0]); });
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.dataset.over = "";
    });
  }
  for (const name of ["dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      if (name === "drop" || !event.relatedTarget) delete drop.dataset.over;
    });
  }
  document.addEventListener("drop", (event) => {
    const file = event.dataTransfer?.files[0];
    if (file) check(file);
  });
});
