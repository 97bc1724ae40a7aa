// The wallet without a network: one page with the codes that this phone kept. Nothing personal is put by here.
"use strict";

const NAME = "wallet-/*mark*/";
const SHELL = "/wallet/offline";
const FILES = [/*files*/];

const fill = async () => (await caches.open(NAME)).addAll([SHELL, ...FILES]);

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("wallet-") && name !== NAME).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(old());
});
// Language and type size may have changed since.
self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(fill());
});
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => caches.match(SHELL)));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
