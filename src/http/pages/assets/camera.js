// The camera and picture file of a page. Where the browser has no detector of its own, or one that fails, the service reads
// the frames.
"use strict";

/** `root()` is the part of the page that has the camera, `found` is called with the text of a code that `fits`. */
window.yinzhengCamera = (root, found, fits = () => true) => {
  const inside = (selector) => root().querySelector(selector);
  let stream = null;

  /** Says a sentence of the page; where it has none for that, the one for what is out of reach. */
  const status = (name) => {
    const line = inside("[data-camera-status]");
    line.textContent = line.dataset[name] ?? line.dataset.offline;
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
    const response = await fetch(root().dataset.decode, {
      method: "POST",
      body: blob,
      headers: { "Content-Type": blob.type, "X-CSRF-Token": root().dataset.csrf },
      signal: AbortSignal.timeout(8000),
    });
    if (response.status === 401) location.assign("/sign-in?next=" + encodeURIComponent(location.pathname));
    if (!response.ok) throw new Refused(response.status);
    return (await response.json()).text;
  }

  async function readPicture(file) {
    try {
      const detector = await nativeDetector();
      const own = detector && (await createImageBitmap(file).then((bitmap) => detector.detect(bitmap)).catch(() => []));
      const text = own?.[0]?.rawValue || (await decode(file));
      if (text) found(text);
      else status("none");
    } catch (error) {
      status(trouble(error));
    }
  }

  function stop() {
    if (!stream) return;
    stream.getTracks().forEach((track) => track.stop());
    stream = null;
    if (!root()) return;
    inside("[data-viewfinder]").hidden = true;
    const button = inside("[data-camera]");
    button.querySelector("span").textContent = button.dataset.start;
  }

  /** The camera does not give what it promised: closed, and why. */
  function lost(opened, name) {
    if (stream !== opened) return;
    stop();
    if (root()) status(name);
  }

  async function start() {
    const button = inside("[data-camera]");
    if (!navigator.mediaDevices?.getUserMedia) return status("missing");
    const ideal = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video: ideal });
    } catch (error) {
      return status({ NotAllowedError: "denied", NotReadableError: "busy", AbortError: "busy" }[error.name] || "missing");
    }
    stream = opened;
    // Another program may take a camera that is open already, or its plug be pulled.
    for (const track of opened.getVideoTracks()) track.addEventListener("ended", () => lost(opened, "busy"));
    const video = inside("video");
    inside("[data-viewfinder]").hidden = false;
    button.querySelector("span").textContent = button.dataset.stop;
    status("looking");
    video.srcObject = opened;
    try {
      await video.play();
    } catch (error) {
      return lost(opened, error.name === "NotAllowedError" ? "denied" : "busy");
    }
    let detector = await nativeDetector();
    const canvas = document.createElement("canvas");
    while (stream === opened) {
      try {
        const text = detector ? (await detector.detect(video))[0]?.rawValue : await decodeFrame(video, canvas);
        if (text && fits(text) && stream === opened) {
          stop();
          return found(text);
        }
      } catch (error) {
        // A detector that cannot do what it says: from here on the service reads.
        if (detector) detector = null;
        else if (stream === opened) status(trouble(error));
      }
      await new Promise((resume) => setTimeout(resume, detector ? 80 : 120));
    }
  }

  /** A frame as it is, up to 1280 wide: what is made smaller loses the modules of a paper code. */
  async function decodeFrame(video, canvas) {
    const scale = Math.min(1, 1280 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    return decode(blob);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-camera]")) stream ? stop() : start();
  });
  document.addEventListener("change", (event) => {
    if (event.target.id === "picture" && event.target.files[0]) readPicture(event.target.files[0]);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-picture]")) return;
    event.preventDefault();
    const file = inside("#picture").files[0];
    if (file) readPicture(file);
  });
  window.addEventListener("pagehide", stop);
  return { stop };
};
