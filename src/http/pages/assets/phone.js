// Codes that this phone signs itself, on the page that needs no network: which license, what for, and a code that is signed
// anew every minute, since it is stale after ninety seconds. Nothing of this leaves the phone but by the picture.
"use strict";

document.addEventListener("DOMContentLoaded", async () => {
  const place = document.querySelector("[data-phone]");
  if (!place || !window.indexedDB || !window.crypto?.subtle) return;
  const part = (name) => place.querySelector(`[data-${name}]`);
  const form = part("choose");
  const SVG = "http://www.w3.org/2000/svg";
  const EVERY = 60_000;
  const QUIET = 4; // modules of white around a code (ISO/IEC 18004)
  let timer = 0;

  function element(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  /** The digits as a picture: numeric, error correction M, the smallest version that holds them. */
  function draw(digits) {
    const code = qrcode(0, "M");
    code.addData(digits, "Numeric");
    code.make();
    const side = code.getModuleCount();
    let dark = "";
    for (let row = 0; row < side; row += 1) {
      for (let at = 0; at < side; at += 1) {
        if (!code.isDark(row, at)) continue;
        let end = at + 1;
        while (end < side && code.isDark(row, end)) end += 1;
        dark += `M${at + QUIET} ${row + QUIET}h${end - at}v1h${at - end}z`;
        at = end;
      }
    }
    const whole = side + 2 * QUIET;
    const svg = element("svg", { viewBox: `0 0 ${whole} ${whole}`, "shape-rendering": "crispEdges" });
    svg.append(element("rect", { width: whole, height: whole, fill: "#fff" }), element("path", { d: dark, fill: "#000" }));
    part("phone-qr").replaceChildren(svg);
  }

  async function sign(license, purpose) {
    const digits = await yinzhengDevice.show(license, purpose);
    draw(digits);
    part("phone-digits").textContent = digits.replace(/(.{4})/g, "$1 ").trim();
    const at = new Date();
    part("signed-at").textContent = place.dataset.textAt.replace("%", at.toLocaleTimeString(document.documentElement.lang, { hour12: false }));
  }

  function stop() {
    clearInterval(timer);
    part("shown").hidden = true;
    form.hidden = false;
  }

  const said = (why) => ({ purpose: place.dataset.textPurpose, "no code": place.dataset.textOver })[why] ?? place.dataset.textFailed;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const license = new FormData(form).get("license");
    const purpose = form.elements.purpose.value.trim();
    part("said").textContent = "";
    try {
      await sign(license, purpose);
    } catch (error) {
      part("said").textContent = said(error.message);
      return;
    }
    part("shown-what").textContent = `${form.querySelector("input[name=license]:checked").dataset.title} · ${purpose}`;
    form.hidden = true;
    part("shown").hidden = false;
    part("shown").querySelector("h3").focus();
    timer = setInterval(() => sign(license, purpose).catch(stop), EVERY);
  });
  part("stop").addEventListener("click", stop);

  const codes = (await yinzhengDevice.current()) ? await yinzhengDevice.codes() : [];
  const good = codes.filter((code) => Date.parse(code.expiresAt) > Date.now());
  if (good.length === 0) return;
  part("licenses").replaceChildren(...good.map((code, at) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const words = document.createElement("span");
    label.className = "choice";
    Object.assign(input, { type: "radio", name: "license", value: code.license, checked: at === 0, required: true });
    input.dataset.title = code.title;
    const until = new Date(code.expiresAt).toLocaleDateString(document.documentElement.lang);
    words.textContent = `${code.title} · ${place.dataset.textUntil.replace("%", until)}`;
    label.append(input, words);
    return label;
  }));
  place.hidden = false;
  // Above the phone's own codes there is no card that says there are no others.
  const tidy = () => {
    const kept = document.querySelector("[data-kept]");
    if (kept) kept.hidden = keptCodes.left() === 0;
  };
  document.addEventListener("kept-codes", tidy);
  document.querySelector("[data-kept] [data-next]")?.addEventListener("click", tidy);
  tidy();
});
