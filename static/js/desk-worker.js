/** Service worker of a desk: without a network its pages open as the form that keeps entries. self.VERSION is put before this text by
 *  the server. It keeps that one page, which has nobody's data, and its files. */

const PREFIX = "fairs-desk-";
const CACHE = PREFIX + self.VERSION;
const PATIENCE = 5000; // ms for a page from the network
const HERE = new URL(self.registration.scope).pathname.replace(/\/$/, "");
const FORM = `${HERE}/walk-ins/kept`;
const DESK = new RegExp(`^${HERE}/(walk-ins|walk-ins/kept|desk)$`);

async function keep(files) {
  const cache = await caches.open(CACHE);
  const page = await fetch(FORM, { credentials: "same-origin" }).catch(() => null);
  if (!page) return;
  if (!page.ok || page.redirected) return void (await cache.delete(FORM));
  await cache.put(FORM, page);
  const wanted = files.map((file) => new URL(file, location.href).href);
  for (const file of wanted) if (!(await cache.match(file))) await cache.add(file).catch(() => {});
  for (const old of await cache.keys())
    if (old.url.includes("/static/") && !wanted.includes(old.url)) await cache.delete(old);
}

/** The cache of a former release goes when the page has told its files again. */
async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  if (event.data?.files) event.waitUntil(keep(event.data.files).then(tidy));
});

async function answerPage(request) {
  const kept = await caches.match(FORM);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, kept ? { signal: stop.signal } : {});
    return answer.status >= 500 && kept ? kept : answer;
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
  if (request.mode === "navigate" && DESK.test(pathname)) event.respondWith(answerPage(request));
  else if (pathname.startsWith("/static/"))
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
});
