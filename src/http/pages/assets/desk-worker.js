// Answers for the desk where there is no network: its page and what belongs to it, as desk-offline.js put them by.
"use strict";

const WAIT = 4000; // milliseconds that a page may take before the kept one is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const kept = (what) => caches.match(what, { ignoreVary: true });

async function page(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(WAIT) });
    // A proxy that answers for a service that is gone.
    if (![502, 503, 504].includes(answer.status)) return answer;
  } catch {
    // No network, or none that answers in time.
  }
  return (await kept("/desk/shell")) || Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/desk") {
    event.respondWith(page(request));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(kept(request).then((hit) => hit || fetch(request)));
  }
});
