// A document to be sealed: only the chosen kind of place is shown, and a point can be pointed at on a sheet of A4.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-document]");
  if (!form) return;
  const how = () => form.querySelector('input[name="how"]:checked').value;
  const show = () => {
    for (const part of form.querySelectorAll("[data-how]")) part.hidden = part.dataset.how !== how();
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "how") show();
  });
  show();

  const sheet = form.querySelector("[data-sheet]");
  const seal = sheet.querySelector("[data-sheet-seal]");
  const [x, y] = ["x", "y"].map((name) => form.querySelector(`#field-${name}`));
  const [width, height] = [210, 297];
  sheet.hidden = false;
  const draw = () => {
    const [left, top] = [Number(x.value), Number(y.value)];
    seal.hidden = x.value === "" || y.value === "" || !(left >= 0 && left <= width && top >= 0 && top <= height);
    seal.style.left = `${(left / width) * 100}%`;
    seal.style.top = `${(top / height) * 100}%`;
  };
  sheet.addEventListener("click", (event) => {
    const box = sheet.getBoundingClientRect();
    x.value = (((event.clientX - box.left) / box.width) * width).toFixed(1);
    y.value = (((event.clientY - box.top) / box.height) * height).toFixed(1);
    draw();
  });
  form.addEventListener("input", draw);
  draw();
});
