// On every page: the outcome takes focus; a form marked data-once is sent once; whoever leaves takes the kept codes along.
"use strict";

window.yinzheng = {
  focus(root) {
    const target = root.querySelector("[data-focus]");
    if (target) target.focus();
  },
  /** Puts the main part of an answered page in place of ours. */
  async replaceMain(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) throw new Error("not a page");
    const main = document.getElementById("main");
    main.className = fresh.className;
    main.replaceChildren(...Array.from(fresh.childNodes, (node) => document.importNode(node, true)));
    document.title = page.title;
    yinzheng.focus(main);
  },
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Codes kept for a bad network (kept.js) are of whoever was signed in: nobody after them finds any here.
  if (["/sign-out", "/sign-in"].includes(form.getAttribute("action"))) localStorage.removeItem("kept-codes");
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = form.querySelector('button[type="submit"]');
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  if (form.dataset.busyText) button.textContent = form.dataset.busyText;
});

// Coming back by the browser's back button, the form may be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.addEventListener("DOMContentLoaded", () => yinzheng.focus(document));
