// Choosing what to show: another purpose ticks what it needs, and nothing else.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-choose]");
  if (!form) return;
  form.addEventListener("change", (event) => {
    if (event.target.name !== "purpose") return;
    const code = event.target.dataset.code;
    for (const box of form.querySelectorAll("input[data-needed]")) {
      box.checked = box.dataset.needed.split(" ").includes(code);
    }
  });
});
