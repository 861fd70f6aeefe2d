/** Service worker of the scanner's pages: they open without a network. self.VERSION and self.FILES are put before this text by the
 *  server. It keeps files and empty pages only; what the scanner knows and has not sent is in its own database. */

const CACHE = `fairs-scanner-${self.VERSION}`;
const READER = "/scan/decode.js"; // below the pages, or it would not be asked for here
const PATIENCE = 2500; // ms for a page from the network

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(self.FILES);
  for (const name of await caches.keys()) {
    if (name === CACHE || !name.startsWith("fairs-scanner-")) continue;
    const old = await caches.open(name);
    const pages = (await old.keys())
      .map((page) => new URL(page.url).pathname)
      .filter((path) => path.startsWith("/scan"));
    const lang = (await (await old.match("/lang"))?.text()) || "";
    await keepPages(pages, lang);
  }
}

/** Pages as a stranger gets them, in one language: no account, no token of a form. */
async function keepPages(paths, lang) {
  const cache = await caches.open(CACHE);
  if (lang) await cache.put("/lang", new Response(lang));
  await Promise.all(
    paths.map(async (path) => {
      const page = await fetch(`${path}?lang=${lang}`, { credentials: "omit" }).catch(() => null);
      if (page?.ok && !page.redirected) await cache.put(path, page);
    }),
  );
}

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

async function tidy() {
  for (const name of await caches.keys())
    if (name.startsWith("fairs-scanner-") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

self.addEventListener("message", (event) => {
  if (event.data?.pages) event.waitUntil(keepPages(event.data.pages, event.data.lang));
});

async function answerPage(request) {
  const { pathname } = new URL(request.url);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  const kept = await caches.match(pathname);
  try {
    const answer = await fetch(request, kept ? { signal: stop.signal } : {});
    return answer.status >= 500 && kept ? kept : answer;
  } catch {
    return kept || Response.error();
  } finally {
    clearTimeout(timer);
  }
}

/** Modules of others import each other without the version in the address; the folder has it. */
async function answerFile(request) {
  const ignoreSearch = request.url.includes("/vendor/");
  return (
    (await caches.match(request)) || (ignoreSearch && (await caches.match(request, { ignoreSearch }))) || fetch(request)
  );
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (request.mode === "navigate" && pathname.startsWith("/scan")) event.respondWith(answerPage(request));
  else if (pathname.startsWith("/static/") || pathname === READER) event.respondWith(answerFile(request));
});
