// The clerk's desk: what scanners type, in which order codes are sent, and the outcome. Everything ends in the one form.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const desk = () => document.querySelector("[data-desk]");
  const inside = (selector) => desk().querySelector(selector);
  if (!desk()) return;
  const SCANNED = 16; // digits at a scanner's pace are a code
  const PACE = 100; // milliseconds between a scanner's keys at most
  const IDLE = 60; // seconds after which what is shown goes away
  const PATIENCE = 8000; // milliseconds that the service may take
  const waiting = []; // codes scanned while another is under way
  let sending = false;
  let burst = { digits: "", pure: true, at: -Infinity };
  let strayed = null; // the other field that a code goes into, and what stood there before it
  let idle = 0;

  const { plain, isWhole, tell } = yinzhengOffline;
  const isOurs = (text) => ["rolling", "paper", "phone"].includes(tell(text));
  const camera = yinzhengCamera(desk, (text) => take(text));

  /** The session is over: sign in, and come back. */
  const signIn = () => location.assign("/sign-in?next=" + encodeURIComponent(location.pathname));

  // ---- Outcomes

  /** Puts an outcome in the place of the one before. */
  function put(outcome) {
    inside("[data-place]").replaceChildren(outcome);
    yinzheng.focus(inside("[data-place]"));
    scrollTo(0, 0);
    idle = 0;
    sound(inside("[data-place] [data-state]")?.dataset.state);
  }

  /** Nothing of the last visitor stays on the screen; the next code may come. */
  function clear() {
    inside("[data-place]").replaceChildren(inside("[data-idle-again]").content.cloneNode(true));
    inside("#code").value = "";
    inside("#code").focus();
  }

  /** What the page of an answer says. */
  async function answered(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = page.getElementById("main");
    if (!main) throw new Error("not a page");
    const outcome = main.querySelector("[data-outcome]") || document.createElement("div");
    if (!outcome.matches("[data-outcome]")) {
      outcome.dataset.refused = response.status;
      outcome.append(...main.childNodes);
      const title = outcome.querySelector("h1");
      if (title) {
        title.tabIndex = -1;
        title.dataset.focus = "";
      }
    }
    document.title = page.title;
    return document.importNode(outcome, true);
  }

  async function outcomeOf(code, body) {
    try {
      if (!navigator.onLine || "shell" in desk().dataset) throw new Error("no network");
      const response = await fetch("/desk", {
        method: "POST",
        body,
        // A refusal comes as a page, too, in its own words.
        headers: { "X-CSRF-Token": desk().dataset.csrf, Accept: "text/html" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (response.status === 401) return signIn();
      // A proxy that answers for a service that is gone.
      if ([502, 503, 504].includes(response.status)) throw new Error("no service");
      const outcome = await answered(response);
      yinzhengDesk.tellUntold();
      return outcome;
    } catch {
      return yinzhengDesk.check(code, body.get("matter"));
    }
  }

  async function send(code) {
    if (sending) return waiting.push(code);
    sending = true;
    camera.stop();
    const form = new URLSearchParams(new FormData(inside("[data-scan]")));
    form.set("code", code);
    const outcome = await outcomeOf(code, form);
    // An outcome takes the focus: not from under a scanner that is in the middle of the next code.
    while (burst.digits && performance.now() - burst.at < PACE) await new Promise((done) => setTimeout(done, PACE / 4));
    sending = false;
    if (outcome) put(outcome);
    if (waiting.length) send(waiting.shift());
  }

  /** A field before a code goes into it: what stands on both sides of the cursor. */
  function before(field) {
    const text = field.value;
    const [from, to] = [field.selectionStart ?? text.length, field.selectionEnd ?? text.length];
    return { field, text, head: text.slice(0, from), tail: text.slice(to) };
  }

  /** Takes a code out of the other field that it went into, all or in part. */
  function bringBack(code) {
    if (!strayed) return;
    const { field, text, head, tail } = strayed;
    if (!field.value.startsWith(head) || !field.value.endsWith(tail)) return;
    const stray = field.value.slice(head.length, field.value.length - tail.length);
    if (stray && code.includes(stray)) field.value = text;
    // What was typed by hand before the code came stays.
    else if (stray.endsWith(code)) field.value = head + stray.slice(0, -code.length) + tail;
  }

  /** Takes a code as it was scanned, typed or photographed. */
  function take(text) {
    const matter = inside("#matter");
    const digits = plain(text);
    const code = /^\d+$/.test(digits) ? digits : text.trim();
    if (!code) return inside("#code").focus();
    if (!matter.value.trim()) {
      inside("#code").value = code;
      matter.focus();
      matter.reportValidity();
      return;
    }
    inside("#code").value = "";
    send(code);
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-scan]")) return;
    event.preventDefault();
    take(inside("#code").value);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-done]")) clear();
    const report = event.target.closest("[data-report]");
    if (report) {
      const said = `${inside("[data-place] [data-reason]").textContent} · ${new Date().toISOString()}`;
      navigator.clipboard?.writeText(said).then(() => {
        report.textContent = report.dataset.copied;
      }, () => {});
    }
  });

  // ---- Keys. A scanner types fast wherever the focus is, also while an input method composes or Caps Lock is on:
  // digits are caught here by their key, before the page or the input method sees them.

  document.addEventListener("keydown", (event) => {
    if (!desk() || event.ctrlKey || event.metaKey || event.altKey) return;
    idle = 0;
    const code = inside("#code");
    const active = document.activeElement;
    const elsewhere = active !== code;
    const typing = elsewhere && active.matches("input:not([type=checkbox], [type=file]), textarea, select");
    const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    const composing = event.isComposing || event.keyCode === 229;
    // The key's own time: what waited behind a busy page still came at a scanner's pace.
    const paced = event.timeStamp - burst.at < PACE;
    if (digit && !event.shiftKey) {
      if (!paced && active !== strayed?.field) strayed = typing && !composing ? before(active) : null;
      burst = { digits: (paced ? burst.digits : "") + digit, pure: paced ? burst.pure : true, at: event.timeStamp };
      if (composing || (elsewhere && !typing)) {
        event.preventDefault();
        if (elsewhere) code.focus();
        code.value += digit;
      }
    } else if (event.code === "Enter" || event.code === "NumpadEnter") {
      const quick = burst.pure && burst.digits.length >= SCANNED && event.timeStamp - burst.at < 3 * PACE;
      const heard = quick ? burst.digits : "";
      burst = { digits: "", pure: true, at: -Infinity };
      // A busy machine or a bad radio tears a code apart: then the field has all of it. Where something stood in the field
      // before, what was heard is the code.
      const written = typing ? /\d*$/.exec(active.value)[0] : plain(code.value);
      // Misread in another field: what has a code's form there is one, however slowly it came.
      const whole = [written, heard].find(isWhole) || (typing ? [written].find(isOurs) || heard : "");
      if (whole) {
        event.preventDefault();
        bringBack(whole);
        take(whole);
      } else if (!elsewhere) {
        event.preventDefault();
        take(code.value);
      } else if (active.matches("h1")) {
        clear();
      }
      strayed = null;
    } else if (event.code === "Escape") {
      if (inside("[data-place] [data-outcome], [data-place] [data-refused]")) clear();
    } else if (!event.shiftKey || event.key.length === 1) {
      // Letters of an address, typed by a scanner while the verdict has the focus.
      if (event.key.length === 1) burst = { digits: "", pure: false, at: event.timeStamp };
      if (event.key.length === 1 || event.key === "Backspace") strayed = null;
      if (event.key.length === 1 && event.key !== " " && elsewhere && !typing) code.focus();
    }
  }, true);
  for (const kind of ["pointerdown", "pointermove", "wheel", "touchstart"]) {
    document.addEventListener(kind, () => { idle = 0; }, { passive: true });
  }

  // What an input method composed in the code field becomes digits once it is done.
  document.addEventListener("compositionend", (event) => {
    if (event.target.id === "code") {
      const field = event.target;
      setTimeout(() => { field.value = plain(field.value); }, 0);
    }
  });

  // ---- Settings of this desk, kept by its browser

  const setting = (name) => inside(`[data-setting="${name}"]`);
  for (const name of ["clear", "sound"]) {
    const kept = localStorage.getItem(`yinzheng-desk-${name}`);
    if (kept !== null) setting(name).checked = kept === "1";
  }
  /** The clerk's tick is kept with the use, where the service knows of one. */
  async function keepCompared(box) {
    const line = inside("[data-compared-line]");
    const { use } = box.dataset;
    if (!box.checked || line.dataset.state === "kept") return;
    if (!use) {
      const kept = yinzhengDesk.compared(box.dataset.kept);
      line.textContent = kept ? line.dataset.offline : line.dataset.lost;
      return;
    }
    const headers = { "X-CSRF-Token": desk().dataset.csrf };
    const body = new URLSearchParams({ use });
    const answer = await fetch("/desk/compared", { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
    line.textContent = answer?.status === 204 ? line.dataset.kept : line.dataset.lost;
    line.dataset.state = answer?.status === 204 ? "kept" : "lost";
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-compared]")) keepCompared(event.target);
    const { setting: name } = event.target.dataset;
    if (!name) return;
    localStorage.setItem(`yinzheng-desk-${name}`, event.target.checked ? "1" : "0");
    if (name === "sound") sound("valid");
  });

  /** After a while in which nobody touched anything, what is shown goes; ten seconds before, it says so. */
  setInterval(() => {
    const line = desk() && inside("[data-place] [data-clearing]");
    if (!line) return;
    idle += 1;
    if (!setting("clear").checked || sending) idle = 0;
    const left = IDLE - idle;
    line.textContent = left <= 10 ? yinzhengDesk.word("clearing", { seconds: left }) : "";
    if (left <= 0) clear();
  }, 1000);

  // Tones per state: rising is good, level is a question, falling is bad. [hertz, seconds]
  const TONES = {
    valid: [[660, 0.09], [880, 0.14]], check: [[660, 0.12], [660, 0.12]], "cannot-confirm": [[440, 0.25]],
    "out-of-time": [[440, 0.12], [330, 0.2]], stale: [[440, 0.12], [330, 0.2]], revoked: [[330, 0.2], [220, 0.4]],
    forged: [[330, 0.2], [220, 0.2], [220, 0.3]], "not-ours": [[440, 0.12]],
  };
  let audio = null;
  function sound(state) {
    if (!setting("sound").checked || !TONES[state]) return;
    audio ||= new AudioContext();
    let at = audio.currentTime + 0.01;
    for (const [hertz, seconds] of TONES[state]) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.frequency.value = hertz;
      level.gain.setValueAtTime(0.15, at);
      level.gain.exponentialRampToValueAtTime(0.001, at + seconds);
      tone.connect(level).connect(audio.destination);
      tone.start(at);
      tone.stop(at + seconds);
      at += seconds + 0.03;
    }
    document.documentElement.dataset.sounded = state;
  }

  // ---- Ready or not

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

  // The kept page gives way to the real one as soon as the service is back and nobody is being served.
  if ("shell" in desk().dataset) {
    setInterval(async () => {
      if (inside("[data-place] [data-outcome]")) return;
      const answer = await fetch("/readyz", { signal: AbortSignal.timeout(4000) }).catch(() => null);
      if (answer?.ok) location.reload();
    }, 15000);
  }

  yinzhengDesk.start();
  if (!document.querySelector("[data-outcome]")) inside("#code").focus();
  watchFocus();
});
