// The phone's own key, and codes that it signs without a network (docs/offline-codes.md). The key is made here, cannot be
// taken out, and lies in this browser's storage with the codes that were fetched for it.
"use strict";

const yinzhengDevice = (() => {
  const NAME = "yinzheng-device";
  const CURVE = { name: "ECDSA", namedCurve: "P-256" };
  const SIGNING = { name: "ECDSA", hash: "SHA-256" };
  const PROTECTED = [0xa1, 0x01, 0x26]; // {1: -7}
  const WIDTH = [0, 3, 5, 8, 10, 13, 15, 17, 20, 22, 25, 27, 29]; // digits of so many bytes
  const MOST_DIGITS = 1212;

  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const bytes64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const utf8 = (text) => new TextEncoder().encode(text);

  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("device");
        request.result.createObjectStore("codes");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  async function store(name, mode, act) {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(name, mode);
        const request = act(transaction.objectStore(name));
        transaction.oncomplete = () => resolve(request.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  async function call(method, address, csrf, body) {
    const headers = { Accept: "application/json", "X-CSRF-Token": csrf };
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(address, { method, headers, body: body && JSON.stringify(body) });
    const said = response.status === 204 ? null : await response.json();
    if (!response.ok) throw Object.assign(new Error(said?.detail ?? String(response.status)), { code: said?.code });
    return said;
  }

  /** This phone as it was enrolled: { id, label, key }; nothing where it was not. */
  const current = () => store("device", "readonly", (kept) => kept.get("this"));

  /** Makes a key and enrols it under a label. */
  async function enrol(label, csrf) {
    const pair = await crypto.subtle.generateKey(CURVE, false, ["sign"]);
    const spki = base64(await crypto.subtle.exportKey("spki", pair.publicKey));
    const { challenge } = await call("POST", "/v1/devices:challenge", csrf, {});
    const signature = base64(await crypto.subtle.sign(SIGNING, pair.privateKey, utf8(challenge)));
    const device = await call("POST", "/v1/devices", csrf, { label, spki, challenge, signature });
    await store("device", "readwrite", (kept) => kept.put({ id: device.id, label, key: pair.privateKey }, "this"));
    return device;
  }

  /** Fetches a code of a license for this phone and keeps it, also for when there is no network. */
  async function fetchCode(license, fields, csrf, title = license) {
    const device = await current();
    if (!device) throw new Error("no key");
    const address = `/v1/licenses/${encodeURIComponent(license)}/phone-codes`;
    const made = await call("POST", address, csrf, { device: device.id, fields });
    const code = { bytes: bytes64(made.code), purposeBytes: made.purpose_bytes, expiresAt: made.expires_at, title };
    await store("codes", "readwrite", (kept) => kept.put(code, license));
    return code;
  }

  /** The code that is kept of a license: { bytes, purposeBytes, expiresAt }. */
  const codeOf = (license) => store("codes", "readonly", (kept) => kept.get(license));

  /** Every code that is kept: { license, title, bytes, purposeBytes, expiresAt }. */
  async function codes() {
    const [licenses, all] = [
      await store("codes", "readonly", (kept) => kept.getAllKeys()),
      await store("codes", "readonly", (kept) => kept.getAll()),
    ];
    return all.map((code, at) => ({ license: licenses[at], ...code }));
  }

  /** Forgets key and codes. */
  async function forget() {
    await store("codes", "readwrite", (kept) => kept.clear());
    await store("device", "readwrite", (kept) => kept.clear());
  }

  // CBOR (RFC 8949) as far as a proof needs it: a head in its shortest form, then what follows.
  function head(major, number) {
    const kind = major << 5;
    if (number < 24) return [kind | number];
    if (number < 0x100) return [kind | 24, number];
    if (number < 0x10000) return [kind | 25, number >> 8, number & 255];
    return [kind | 26, (number >>> 24) & 255, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
  }
  const string = (bytes) => [...head(2, bytes.length), ...bytes];
  const text = (value) => [...head(3, utf8(value).length), ...utf8(value)];

  /** A COSE_Sign1 of this phone's key over a code, with the time and what it is shown for. */
  async function prove(code, seconds, purpose, key) {
    // {6: time, -66504: purpose}
    const payload = [...head(5, 2), ...head(0, 6), ...head(0, seconds), ...head(1, 66503), ...text(purpose)];
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", code));
    const signed = [...head(4, 4), ...text("Signature1"), ...string(PROTECTED), ...string(digest), ...string(payload)];
    const signature = new Uint8Array(await crypto.subtle.sign(SIGNING, key, new Uint8Array(signed)));
    return [...head(6, 18), ...head(4, 4), ...string(PROTECTED), ...head(5, 0), ...string(payload), ...string(signature)];
  }

  /** Bytes as digits, with prefix and check digits (ISO/IEC 7064 MOD 97-10). */
  function digitsOf(prefix, bytes) {
    let body = prefix;
    for (let at = 0; at < bytes.length; at += 12) {
      const group = bytes.slice(at, at + 12);
      const number = group.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      body += number.toString().padStart(WIDTH[group.length], "0");
    }
    const rest = [...body].reduce((sum, digit) => (sum * 10 + Number(digit)) % 97, 0);
    return body + String(98 - ((rest * 100) % 97)).padStart(2, "0");
  }

  /** The digits to show now for a license: good for 90 seconds. `now` is only for tests. */
  async function show(license, purpose, now = Date.now()) {
    const [device, code] = [await current(), await codeOf(license)];
    if (!device) throw new Error("no key");
    if (!code || now > Date.parse(code.expiresAt)) throw new Error("no code");
    if (utf8(purpose).length > code.purposeBytes) throw new Error("purpose");
    const proof = await prove(code.bytes, Math.floor(now / 1000), purpose, device.key);
    const digits = digitsOf("91", [...code.bytes, ...proof]);
    if (digits.length > MOST_DIGITS) throw new Error("purpose");
    return digits;
  }

  /** Lets the holder put codes into this phone. */
  async function offerCodes(section, csrf) {
    if (!section) return;
    section.hidden = false;
    const told = (form, code) => {
      const day = new Date(code.expiresAt).toLocaleDateString(document.documentElement.lang);
      form.querySelector("[data-fetched]").textContent = section.dataset.textFetched.replace("%", day);
    };
    const kept = await codes();
    for (const form of section.querySelectorAll("form")) {
      const license = form.dataset.license;
      const mine = kept.find((code) => code.license === license);
      if (mine) told(form, mine);
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const button = form.querySelector("button");
        button.disabled = true;
        try {
          const fields = new FormData(form).getAll("field");
          told(form, await fetchCode(license, fields, csrf, form.dataset.title));
          await keptCodes.prepare();
        } catch (error) {
          form.querySelector("[data-fetched]").textContent = error.message;
        }
        button.disabled = false;
      });
    }
  }

  return { current, offerCodes, enrol, fetchCode, codeOf, codes, show, forget, digitsOf, prove };
})();

// The page that lists a holder's phones: enrols this one, marks it, and puts codes of licenses into it.
document.addEventListener("DOMContentLoaded", async () => {
  const place = document.querySelector("[data-enrol]");
  if (!place || !window.indexedDB || !window.crypto?.subtle) return;
  const said = place.querySelector("[data-said]");
  const device = await yinzhengDevice.current();
  const row = device && document.querySelector(`[data-device="${device.id}"]`);
  if (row) {
    row.querySelector("[data-this]").hidden = false;
    yinzhengDevice.offerCodes(document.querySelector("[data-fetch]"), place.elements.csrf.value);
    return;
  }
  place.hidden = false;
  place.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = place.querySelector("button");
    button.disabled = true;
    try {
      await yinzhengDevice.enrol(place.elements.label.value.trim(), place.elements.csrf.value);
      location.assign("/wallet/codes?done=enrolled");
    } catch (error) {
      said.textContent = error.message;
      button.disabled = false;
    }
  });
});
