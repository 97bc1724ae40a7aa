// What the desk keeps for the time without a network, and what it says then. The check itself is offline.js.
"use strict";

window.yinzhengDesk = (() => {
  const CACHE = "yinzheng-desk";
  const BUNDLE = "/v1/verifier-bundle";
  const KEY = "/v1/verifier-bundle/key";
  const REFRESH = 15 * 60; // seconds, give or take a fifth: desks of one hall do not ask all at once
  const REMEMBER = 10 * 60; // seconds that a phone's showing is remembered; it is stale after 90
  const SEEN = "yinzheng-desk-seen";
  const UNTOLD = "yinzheng-desk-untold";
  const MOST_UNTOLD = 500; // checks of a day without a network
  const OLD = 2 * 3600; // seconds after which lists should have been made anew long ago
  const ENDING = 2 * 3600; // seconds before their end in which that is said first
  const TELLABLE = 7 * 24 * 3600; // seconds after which the service takes none any more
  let bundle = null;
  const now = () => Math.floor(Date.now() / 1000);
  const desk = () => document.querySelector("[data-desk]");
  const word = (name, values = {}) => {
    const holder = desk().querySelector("[data-words]").content.querySelector(`[data-word="${name}"]`);
    // A number has a space before it, but for where a full-width sign has room of its own.
    return holder.textContent.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all).replace(/([（，；：]) /g, "$1");
  };
  const clock = (seconds) => {
    // China's time, as the service says it, wherever the browser thinks it is.
    const china = (ms) => new Date(ms + 8 * 3600_000).toISOString();
    const [day, time] = [china(seconds * 1000).slice(0, 10), china(seconds * 1000).slice(11, 16)];
    return day === china(Date.now()).slice(0, 10) ? time : `${day} ${time}`;
  };
  function ageInWords(seconds) {
    const minutes = Math.floor(Math.max(0, seconds) / 60);
    if (minutes < 60) return word("minutes", { minutes });
    if (minutes < 48 * 60) return word("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
    return word("days", { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24 });
  }

  // ---- Keeping

  const canKeep = () => "caches" in window && window.isSecureContext;

  /** Reads a bundle, and as of when and until when its lists can be relied on. */
  async function read(token, spki) {
    const found = await yinzhengOffline.readBundle(token, spki);
    return { ...found, ages: await yinzhengOffline.agesOf(found) };
  }

  /** Takes the bundle up from what was kept. */
  async function open() {
    if (!canKeep()) return;
    try {
      const cache = await caches.open(CACHE);
      const [token, key] = await Promise.all([cache.match(BUNDLE), cache.match(KEY)]);
      if (!token || !key) return;
      const spki = Uint8Array.from(atob((await key.json()).spki), (c) => c.charCodeAt(0));
      bundle = await read(await token.text(), spki);
    } catch {
      // What cannot be read is as good as none; the next refresh brings another.
      bundle = null;
    }
    showAge();
  }

  /** Asks for a new bundle. It is put by only once its signature is right and it is not older than the one at hand. */
  async function refresh() {
    if (!canKeep()) return;
    try {
      const [token, key] = await Promise.all([BUNDLE, KEY].map((url) => fetch(url, { signal: AbortSignal.timeout(20000) })));
      if (!token.ok || !key.ok) return;
      const spki = Uint8Array.from(atob((await key.clone().json()).spki), (c) => c.charCodeAt(0));
      const fresh = await read(await token.clone().text(), spki);
      if (bundle && fresh.iat < bundle.iat) return;
      const cache = await caches.open(CACHE);
      await Promise.all([cache.put(BUNDLE, token), cache.put(KEY, key)]);
      bundle = fresh;
    } catch {
      // No network: the age tells.
    }
    showAge();
  }

  /** Keeps the page and what belongs to it, and drops what belonged to an older one. */
  async function keepShell() {
    if (!canKeep() || !("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk", updateViaCache: "none" });
      const cache = await caches.open(CACHE);
      const wanted = ["/desk/shell", ...desk().dataset.scripts.split(" ")];
      await cache.addAll(wanted);
      for (const request of await cache.keys()) {
        const { pathname } = new URL(request.url);
        if (pathname.startsWith("/assets/") && !wanted.includes(pathname)) await cache.delete(request);
      }
      desk().dataset.kept = "yes";
    } catch {
      // Storage may be off limits; the desk works online as before.
    }
  }

  /** How the lists are: a bundle is signed anew whatever their age, so it is the oldest of them that counts. */
  function ageState({ asOf, until }) {
    if (asOf === null) return "none";
    if (now() > until) return "old";
    return now() - asOf > OLD || until - now() < ENDING ? "ageing" : "ready";
  }

  function showAge() {
    const line = desk()?.querySelector("[data-bundle]");
    if (!line) return;
    const { asOf, until } = bundle?.ages ?? { asOf: null, until: 0 };
    const state = ageState({ asOf, until });
    line.dataset.state = state;
    line.dataset.made = bundle?.iat ?? "";
    const name = { none: "bundle_none", old: "bundle_old", ageing: "bundle_ageing", ready: "bundle_age" }[state];
    const values = { age: ageInWords(now() - asOf), left: ageInWords(until - now()) };
    line.querySelector("[data-bundle-age]").textContent = word(name, values);
  }

  // ---- Seen before

  /** When a phone's showing was seen at this desk before; else it is remembered. */
  function seenBefore(shown) {
    let seen = {};
    try {
      seen = JSON.parse(localStorage.getItem(SEEN) || "{}");
    } catch {
      seen = {};
    }
    for (const [id, at] of Object.entries(seen)) if (now() - at > REMEMBER) delete seen[id];
    const before = seen[shown];
    if (before === undefined) seen[shown] = now();
    try {
      localStorage.setItem(SEEN, JSON.stringify(seen));
    } catch {
      // Storage is full or off: this showing is then only stale after its 90 seconds.
    }
    return before;
  }

  // ---- Checks that the holders have not been told of yet

  function untold() {
    try {
      return JSON.parse(localStorage.getItem(UNTOLD) || "[]").filter((entry) => now() - entry.at < TELLABLE);
    } catch {
      return [];
    }
  }

  function putUntold(entries) {
    try {
      localStorage.setItem(UNTOLD, JSON.stringify(entries.slice(-MOST_UNTOLD)));
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps a check until the network is back; its name. */
  function keepCheck(code, matter, at) {
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    putUntold([...untold(), { id, code, matter, at, compared: false }]);
    return id;
  }

  /** Notes with a kept check that the person was compared; false if it is not kept any more. */
  function compared(id) {
    const entries = untold();
    const entry = entries.find((kept) => kept.id === id);
    if (entry) entry.compared = true;
    return Boolean(entry) && putUntold(entries);
  }

  /** What was checked without a network, is told and still on the screen: it can have its receipt now, and the tick is kept. */
  function offerReceipt(id, compared, { receipt }) {
    const outcome = desk()?.querySelector(`[data-outcome][data-kept="${id}"]`);
    const form = outcome?.querySelector("[data-receipt]");
    if (!form || !receipt) return;
    const box = outcome.querySelector("[data-compared]");
    if (box) box.dataset.use = receipt;
    if (compared) {
      const line = outcome.querySelector("[data-compared-line]");
      line.textContent = line.dataset.kept;
      line.dataset.state = "kept";
    }
    form.action = `/desk/uses/${receipt}/receipt`;
    form.elements.csrf.value = desk().dataset.csrf;
    form.hidden = false;
    outcome.querySelector("[data-receipt-wait]").hidden = true;
  }

  let telling = false;
  /** Tells the service of the kept checks, so that the holders read of them. */
  async function tellUntold() {
    if (telling || !desk() || "shell" in desk().dataset || !navigator.onLine) return;
    telling = true;
    for (const { id, code, matter, at, compared } of untold()) {
      const body = new URLSearchParams({ id, code, matter, compared, seconds_ago: Math.max(0, now() - at) });
      const headers = { "X-CSRF-Token": desk().dataset.csrf };
      const answer = await fetch("/desk/kept", { method: "POST", body, headers, signal: AbortSignal.timeout(20000) }).catch(() => null);
      // What is refused for what it says will not be taken later either; all else may be tried again.
      if (!answer || answer.status >= 500 || [401, 403, 429].includes(answer.status)) break;
      putUntold(untold().filter((entry) => entry.id !== id));
      if (answer.ok) offerReceipt(id, compared, await answer.json().catch(() => ({})));
    }
    telling = false;
  }

  // ---- Saying

  /** The outcome for a reason, with room for what is to be said. */
  function blank(reason) {
    const outcome = desk().querySelector(`[data-blank="${reason}"]`).content.cloneNode(true);
    const shown = outcome.querySelector("[data-shown]");
    if (!["V01", "V02"].includes(reason)) shown?.remove();
    const slot = (name) => outcome.querySelector(`[data-slot="${name}"]`);
    const say = (name, text) => {
      slot(name).textContent = text;
      slot(name).hidden = !text;
    };
    const fact = (list, name, value) => {
      const [row, dt, dd] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
      dt.textContent = name;
      dd.textContent = value;
      row.append(dt, dd);
      slot(list).append(row);
    };
    return { outcome, say, fact };
  }

  /** The words of a finding, as the bundle has them. */
  function finding(result) {
    const texts = bundle?.texts?.[result.finding]?.[desk().dataset.lang];
    const values = { ...result, made: bundle ? clock(bundle.iat) : "", minutes: Math.floor((result.age || 0) / 60), as_of: result.asOf ? clock(result.asOf) : "" };
    return texts ? texts.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? "…") : result.finding;
  }

  /** Checks a scan without the service; the outcome as elements. */
  async function check(text, matter) {
    const offered = { payment: "V15", address: "V16", other: "V17", incomplete: "V11", rolling: "V14", "other-version": "V18" };
    const looks = yinzhengOffline.tell(text);
    const at = now();
    let result = { reason: offered[looks] };
    if (!result.reason) result = await yinzhengOffline.check(text, bundle, at);
    const before = result.shown && seenBefore(result.shown);
    if (before) result = { reason: "V07", finding: "", seenAt: before };
    const { outcome, say, fact } = blank(result.reason);
    say("as-of", word("as_of_plain", { time: clock(at) }));
    if (result.seenAt) say("sentence", word("seen", { time: clock(result.seenAt) }));
    if (result.asOf) {
      const values = { at: clock(result.asOf), age: ageInWords(result.age), time: clock(at) };
      say("as-of", word(result.aged ? "as_of_aged" : "as_of_offline", values));
    }
    if (result.finding) fact("evidence", word("finding"), finding(result));
    if (result.code) {
      const lang = desk().dataset.lang;
      const { code, key, kind } = result;
      const id = typeof code.license === "string" ? code.license : "";
      const serial = id.split(".").at(-3) || "";
      const whose = [code.fields.get("name"), kind.title[lang], serial && word("tail", { tail: serial.slice(-4) })];
      say("whose", whose.filter(Boolean).join(" · "));
      say("issuer", word("issuer", { issuer: key.name[lang] }));
      const alone = code.recipient ? word("recipient", { recipient: code.recipient }) : "";
      say("why", `${word("why", { purpose: result.purpose })} ${alone}`.trim());
      for (const [name, value] of code.fields) fact("facts", kind.fields?.[name]?.[lang] || name, value);
      fact("evidence", word("key"), `${result.kid} · ES256`);
      fact("evidence", word("list"), `${code.status.uri} · ${code.status.index} · ${clock(result.asOf)}`);
      const kept = keepCheck(text, matter, at);
      outcome.querySelector("[data-outcome]").dataset.kept = kept;
      const box = outcome.querySelector("[data-compared]");
      if (box) box.dataset.kept = kept;
    }
    return outcome;
  }

  // ---- Running

  function start() {
    if (!desk()) return;
    keepShell();
    open().then(refresh).then(tellUntold);
    const again = () => setTimeout(() => refresh().then(tellUntold).then(again), REFRESH * 1000 * (0.8 + Math.random() * 0.4));
    again();
    setInterval(() => desk() && showAge(), 20000);
    window.addEventListener("online", () => refresh().then(tellUntold));
  }

  return { start, check, compared, tellUntold, refresh, open, showAge, word };
})();
