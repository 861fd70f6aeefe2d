/** Service worker of a person's own itinerary: the page opens without a network. self.VERSION and self.FILES are put before this text
 *  by the server. Its scope is the page of one tour, and it keeps that page alone. */

const PREFIX = "fairs-tour-";
const CACHE = PREFIX + self.VERSION;
const PATIENCE = 2500; // ms for the page from the network
const HERE = new URL(self.registration.scope).pathname;

async function keep(page) {
  const cache = await caches.open(CACHE);
  if (page.ok && !page.redirected) await cache.put(HERE, page);
  else if (page.status < 500) await cache.delete(HERE);
}

/** The page as its person gets it now; one that is gone, or another's, is dropped. */
async function refresh() {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(self.FILES[0]))) await cache.addAll(self.FILES).catch(() => {}); // dropped when somebody signed out
  const page = await fetch(HERE, { credentials: "same-origin" }).catch(() => null);
  if (page) await keep(page);
}

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.FILES);
  const kept = await caches.match(HERE);
  if (kept) await cache.put(HERE, kept);
}

/** Caches of former releases are shared with other tours of this phone: each takes its page along first. */
async function tidy() {
  const cache = await caches.open(CACHE);
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === CACHE) continue;
    const old = await caches.open(name);
    for (const page of await old.keys()) {
      if (new URL(page.url).pathname.startsWith("/static/") || (await cache.match(page))) continue;
      await cache.put(page, await old.match(page));
    }
    await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(refresh().then(() => event.source?.postMessage("kept")));
});

/** From the network; without one, or while the server fails, the page that is kept. */
async function answerPage(request) {
  const kept = await caches.match(HERE);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, kept ? { signal: stop.signal } : {});
    if (answer.status >= 500 && kept) return kept;
    if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 404) {
      await (await caches.open(CACHE)).delete(HERE);
    } else await keep(answer.clone());
    return answer;
  } catch {
    return kept || Response.error();
  } finally {
    clearTimeout(timer);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && pathname === HERE) event.respondWith(answerPage(request));
  else if (pathname.startsWith("/static/"))
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});
