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

/** The camera, with the browser's own reader or, where it has none, the server's. */
function scan(root) {
  const part = (name) => root.querySelector(`[data-${name}]`);
  const button = part("camera");
  const form = root.querySelector("form");
  let stream = null;

  const say = (name) => { part("camera-status").textContent = part("camera-status").dataset[name] || ""; };

  function stop() {
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    part("viewfinder").hidden = true;
    button.querySelector("span").textContent = button.dataset.start;
  }

  async function reader() {
    try {
      const formats = await BarcodeDetector.getSupportedFormats();
      return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
    } catch {
      return null;
    }
  }

  async function decode(video, canvas) {
    const scale = Math.min(1, 960 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const response = await fetch(root.dataset.decode, {
      method: "POST",
      body: blob,
      headers: { "Content-Type": blob.type, "X-CSRF-Token": root.dataset.csrf },
      signal: AbortSignal.timeout(8000),
    });
    if (!response.ok) throw new Error(String(response.status));
    return (await response.json()).text;
  }

  async function start() {
    if (!navigator.mediaDevices?.getUserMedia) return say("missing");
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    } catch (error) {
      return say(error.name === "NotAllowedError" ? "denied" : "missing");
    }
    stream = opened;
    const video = root.querySelector("video");
    part("viewfinder").hidden = false;
    button.querySelector("span").textContent = button.dataset.stop;
    say("looking");
    video.srcObject = opened;
    await video.play();
    const detector = await reader();
    const canvas = document.createElement("canvas");
    while (stream === opened) {
      try {
        const text = detector ? (await detector.detect(video))[0]?.rawValue : await decode(video, canvas);
        // Only a request's code ends the look: other codes may lie about on a counter.
        if (text && /^51\d{25}$/.test(text.trim()) && stream === opened) {
          stop();
          form.querySelector("#code").value = text.trim();
          return form.requestSubmit();
        }
      } catch {
        if (stream === opened) say("offline");
      }
      await new Promise((resume) => setTimeout(resume, detector ? 80 : 150));
    }
  }

  button.addEventListener("click", () => (stream ? stop() : start()));
  window.addEventListener("pagehide", stop);
}
