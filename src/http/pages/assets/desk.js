// The clerk's desk: scanners that type, the camera, a picture file. Everything ends in the one form.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const desk = () => document.querySelector("[data-desk]");
  const inside = (selector) => desk().querySelector(selector);
  if (!desk()) return;
  let sending = false;
  let stream = null;
  let heard = "";
  let heardAt = 0;

  // Full-width digits, spaces and hyphens are how input methods and people write a code.
  const digitsOf = (text) =>
    text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[\s-]/g, "");

  /** The session is over: sign in, and come back. */
  const signIn = () => location.assign("/sign-in?next=" + encodeURIComponent(location.pathname));

  /** Puts an outcome in the place of the one before; the form stays. */
  function above(outcome) {
    const form = inside("[data-scan]").closest(".split");
    while (form.previousSibling) form.previousSibling.remove();
    form.before(outcome);
    yinzheng.focus(desk());
  }

  /** What the page of a refusal says. */
  async function refusal(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = page.getElementById("main");
    if (!main) throw new Error("not a page");
    const outcome = document.createElement("div");
    outcome.dataset.refused = response.status;
    outcome.append(...Array.from(main.childNodes, (node) => document.importNode(node, true)));
    const title = outcome.querySelector("h1");
    if (title) {
      title.tabIndex = -1;
      title.dataset.focus = "";
    }
    return outcome;
  }

  async function send(form, body) {
    if (sending) return;
    sending = true;
    stopCamera();
    const matter = inside("#matter").value;
    try {
      const response = await fetch(form.action, {
        method: "POST",
        body,
        // A refusal comes as a page, too, in its own words.
        headers: { "X-CSRF-Token": desk().dataset.csrf, Accept: "text/html" },
        signal: AbortSignal.timeout(15000),
      });
      if (response.status === 401) return signIn();
      if (response.ok) await yinzheng.replaceMain(response);
      else above(await refusal(response));
    } catch {
      above(inside("[data-network-down]").content.cloneNode(true));
    }
    sending = false;
    if (desk()) {
      if (!inside("#matter").value) inside("#matter").value = matter;
      inside("#code").value = "";
    }
  }

  function submitCode() {
    const form = inside("[data-scan]");
    const code = inside("#code");
    const matter = inside("#matter");
    code.value = digitsOf(code.value);
    if (!code.value) return code.focus();
    if (!matter.value.trim()) {
      matter.focus();
      matter.reportValidity();
      return;
    }
    send(form, new URLSearchParams(new FormData(form)));
  }

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-scan]")) {
      event.preventDefault();
      submitCode();
    } else if (event.target.matches("[data-picture]")) {
      event.preventDefault();
      const file = inside("#picture").files[0];
      if (file) readPicture(file);
    }
  });

  // A scanner types fast wherever the focus is, also while an input method composes: digits are caught here by
  // their key, before the page or the input method sees them.
  document.addEventListener("keydown", (event) => {
    if (!desk() || event.ctrlKey || event.metaKey || event.altKey) return;
    const code = inside("#code");
    const elsewhere = document.activeElement !== code;
    const typing = elsewhere && document.activeElement.matches("input, textarea, select");
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    const now = performance.now();
    if (digit && !event.shiftKey) {
      heard = now - heardAt < 100 ? heard + digit : digit;
      heardAt = now;
      if (event.isComposing || event.keyCode === 229 || (elsewhere && !typing)) {
        event.preventDefault();
        if (elsewhere) code.focus();
        code.value = digitsOf(code.value) + digit;
      }
    } else if (event.code === "Enter" || event.code === "NumpadEnter") {
      const scanned = heard.length >= 20 && now - heardAt < 300;
      if (scanned && document.activeElement !== code) {
        // The whole code went into another field: take it out there again.
        event.preventDefault();
        if (typing && document.activeElement.value.endsWith(heard)) {
          document.activeElement.value = document.activeElement.value.slice(0, -heard.length);
        }
        code.value = heard;
        submitCode();
      } else if (document.activeElement === code) {
        event.preventDefault();
        if (scanned && event.isComposing) code.value = heard;
        submitCode();
      }
      heard = "";
    }
  }, true);

  // What an input method composed in the code field becomes digits once it is done.
  document.addEventListener("compositionend", (event) => {
    if (event.target.id === "code") {
      const field = event.target;
      setTimeout(() => { field.value = digitsOf(field.value); }, 0);
    }
  });

  function watchFocus() {
    const ready = inside("[data-ready]");
    const has = document.hasFocus();
    ready.dataset.state = has ? "ready" : "lost";
    const words = has ? ready.dataset.readyText : ready.dataset.lostText;
    const label = ready.querySelector("[data-ready-label]");
    if (label.textContent !== words) label.textContent = words;
  }
  window.addEventListener("focus", () => desk() && watchFocus());
  window.addEventListener("blur", () => desk() && watchFocus());

  // Camera and pictures
  const status = (name) => {
    const line = inside("[data-camera-status]");
    line.textContent = line.dataset[name];
  };

  async function nativeDetector() {
    if (!("BarcodeDetector" in window)) return null;
    try {
      const formats = await BarcodeDetector.getSupportedFormats();
      return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
    } catch {
      return null;
    }
  }

  class Refused extends Error {
    constructor(code) {
      super(String(code));
      this.word = { 413: "tooLarge", 422: "unreadable" }[code] || "refused";
    }
  }
  /** Which line tells what went wrong: the server's "no", or no server. */
  const trouble = (error) => (error instanceof Refused ? error.word : "offline");

  /** Asks the server what code a picture holds; null if none. */
  async function decode(blob) {
    const response = await fetch(desk().dataset.decode, {
      method: "POST",
      body: blob,
      headers: { "Content-Type": blob.type, "X-CSRF-Token": desk().dataset.csrf },
      signal: AbortSignal.timeout(8000),
    });
    if (response.status === 401) signIn();
    if (!response.ok) throw new Refused(response.status);
    return (await response.json()).text;
  }

  function found(text) {
    inside("#code").value = digitsOf(text).slice(0, 120);
    submitCode();
  }

  async function readPicture(file) {
    try {
      const text = await decode(file);
      if (text) found(text);
      else status("none");
    } catch (error) {
      status(trouble(error));
    }
  }

  function stopCamera() {
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    if (!desk()) return;
    inside("[data-viewfinder]").hidden = true;
    const button = inside("[data-camera]");
    button.querySelector("span").textContent = button.dataset.start;
  }

  async function startCamera() {
    const button = inside("[data-camera]");
    if (!navigator.mediaDevices?.getUserMedia) return status("missing");
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (error) {
      return status(error.name === "NotAllowedError" ? "denied" : "missing");
    }
    stream = opened;
    const video = inside("video");
    inside("[data-viewfinder]").hidden = false;
    button.querySelector("span").textContent = button.dataset.stop;
    status("looking");
    video.srcObject = opened;
    await video.play();
    const detector = await nativeDetector();
    const canvas = document.createElement("canvas");
    while (stream === opened) {
      try {
        const text = detector ? (await detector.detect(video))[0]?.rawValue : await decodeFrame(video, canvas);
        if (text && stream === opened) {
          stopCamera();
          return found(text);
        }
      } catch (error) {
        if (stream === opened) status(trouble(error));
      }
      await new Promise((resume) => setTimeout(resume, detector ? 80 : 150));
    }
  }

  async function decodeFrame(video, canvas) {
    const scale = Math.min(1, 960 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return decode(blob);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) stream ? stopCamera() : startCamera();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "picture" && event.target.files[0]) readPicture(event.target.files[0]);
  });
  if (!document.querySelector("[data-verdict]")) inside("#code").focus();
  watchFocus();
});
