/** Service worker of a person's own page, a badge or an itinerary: it opens without a network. The server puts before this text
 *  self.VERSION, self.FILES, self.PREFIX of the names of caches, and self.KEPT, what follows the scope in the address of the page that
 *  is kept. The worker answers for that one page only. */

const CACHE = self.PREFIX + self.VERSION;
const PATIENCE = 2500; // ms for the page from the network
const HERE = new URL(self.registration.scope).pathname;
const PAGE = HERE + self.KEPT;

/** The page as its person gets it now; one that is gone, or another's, is dropped. */
async function refresh() {
  const cache = await caches.open(CACHE);
  if (!(await cache.match(self.FILES[0]))) await cache.addAll(self.FILES).catch(() => {}); // dropped when somebody signed out
  const page = await fetch(PAGE, { credentials: "same-origin" }).catch(() => null);
  if (page) await keep(cache, page.clone());
  return page;
}

async function keep(cache, page) {
  if (page.ok && !page.redirected) await cache.put(PAGE, page);
  else if (page.status < 500) await cache.delete(PAGE);
}

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.FILES);
  const kept = await caches.match(PAGE);
  if (kept && !(await refresh())) await cache.put(PAGE, kept);
}

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

/** Caches of former releases are shared with other such pages of this phone: each takes its page along first. */
async function tidy() {
  const cache = await caches.open(CACHE);
  for (const name of await caches.keys()) {
    if (!name.startsWith(self.PREFIX) || name === CACHE) continue;
    const old = await caches.open(name);
    for (const page of await old.keys()) {
      const { pathname } = new URL(page.url);
      if (pathname.startsWith("/static/") || !pathname.endsWith(self.KEPT) || (await cache.match(page))) continue;
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
  const kept = await caches.match(PAGE);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, kept ? { signal: stop.signal } : {});
    if (answer.status >= 500 && kept) return kept;
    if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 404) {
      await (await caches.open(CACHE)).delete(PAGE);
    } else if (new URL(request.url).pathname === PAGE) {
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
  if (request.mode === "navigate" && (pathname === HERE || pathname === PAGE)) event.respondWith(answerPage(request));
  else if (pathname.startsWith("/static/"))
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});
