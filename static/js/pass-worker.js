/** Service worker of a person's own badge: the page opens without a network. self.VERSION and self.FILES are put before this text by
 *  the server. It answers for the page of one badge only, and keeps that page alone. */

const PREFIX = "fairs-pass-";
const CACHE = PREFIX + self.VERSION;
const PATIENCE = 2500; // ms for the page from the network
const HERE = new URL(self.registration.scope).pathname; // the badge's page
const PASS = `${HERE}/pass`;

/** The page as its person gets it now; one that is gone, or another's, is dropped. */
async function refresh() {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(self.FILES[0]))) await cache.addAll(self.FILES).catch(() => {}); // dropped when somebody signed out
  const page = await fetch(PASS, { credentials: "same-origin" }).catch(() => null);
  if (page) await keep(cache, page.clone());
  return page;
}

async function keep(cache, page) {
  if (page.ok && !page.redirected) await cache.put(PASS, page);
  else if (page.status < 500) await cache.delete(PASS);
}

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.FILES);
  const kept = await caches.match(PASS);
  if (kept && !(await refresh())) await cache.put(PASS, kept);
}

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

/** Caches of former releases are shared with other badges of this phone: each takes its page along first. */
async function tidy() {
  const cache = await caches.open(CACHE);
  for (const name of await caches.keys()) {
    if (!name.startsWith(PREFIX) || name === CACHE) continue;
    const old = await caches.open(name);
    for (const page of await old.keys()) {
      if (!new URL(page.url).pathname.endsWith("/pass") || (await cache.match(page))) continue;
      await cache.put(page, await old.match(page));
    }
    await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(refresh().then(() => event.source?.postMessage("kept")));
});

/** From the network; without one, or while the server fails, the page that is kept. */
async function answerPage(request) {
  const kept = await caches.match(PASS);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, kept ? { signal: stop.signal } : {});
    if (answer.status >= 500 && kept) return kept;
    if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 404) {
      await (await caches.open(CACHE)).delete(PASS);
    } else if (new URL(request.url).pathname === PASS) {
      await keep(await caches.open(CACHE), answer.clone());
    }
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
  if (request.mode === "navigate" && (pathname === HERE || pathname === PASS)) event.respondWith(answerPage(request));
  else if (pathname.startsWith("/static/"))
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});
