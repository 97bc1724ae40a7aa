// On every page: the outcome takes focus; a form marked data-once is sent once; whoever leaves takes along what this phone
// kept for where there is no network.
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

/** Empties the phone's own codes (device.js); the key stays, since it says nothing of anybody. Never longer than a second. */
function forgetPhoneCodes() {
  const emptied = new Promise((done) => {
    if (!window.indexedDB) return done();
    const request = indexedDB.open("yinzheng-device");
    request.onerror = request.onblocked = done;
    // There was none, and none is made.
    request.onupgradeneeded = () => request.transaction.abort();
    request.onsuccess = () => {
      const database = request.result;
      try {
        const emptying = database.transaction("codes", "readwrite");
        emptying.objectStore("codes").clear();
        emptying.oncomplete = emptying.onabort = done;
      } catch {
        done();
      }
    };
  });
  return Promise.race([emptied, new Promise((late) => setTimeout(late, 1000))]);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Codes kept for a bad network (kept.js, phone.js) are of whoever was signed in: nobody after them finds any here. The
  // service withdraws the former as it signs out.
  if (["/sign-out", "/sign-in"].includes(form.getAttribute("action")) && !form.dataset.left) {
    event.preventDefault();
    form.dataset.left = "1";
    localStorage.removeItem("kept-codes");
    forgetPhoneCodes().then(() => {
      form.requestSubmit();
      // The page may come back out of the browser's memory, and be left once more.
      delete form.dataset.left;
    });
    return;
  }
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
