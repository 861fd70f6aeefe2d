/** What this scanner keeps: its token, and scans until the server has said that it has them. Survives a reload. */

const TOKEN = "fairs.scanner.token";
let opened;

/** The token from the link (#token=…), which is taken out of the address at once, else the one kept here. */
export function token() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    localStorage.setItem(TOKEN, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return localStorage.getItem(TOKEN) || "";
}

export function forgetToken() { localStorage.removeItem(TOKEN); }

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("fairs-scanner", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("scans", { keyPath: "serial", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function store(mode) {
  return (await database()).transaction("scans", mode, { durability: "strict" }).objectStore("scans");
}

/** Keep a scan; resolves with its serial once it is on the device's disk. */
export async function keep(event, scan) {
  const scans = await store("readwrite");
  return new Promise((resolve, reject) => {
    const adding = scans.add({ event, scan });
    scans.transaction.oncomplete = () => resolve(adding.result);
    scans.transaction.onabort = () => reject(scans.transaction.error);
  });
}

export async function drop(serials) {
  const scans = await store("readwrite");
  await Promise.all(serials.map((serial) => done(scans.delete(serial))));
}

/** Kept scans of an event, oldest first. */
export async function kept(event, limit = 200) {
  const all = await done((await store("readonly")).getAll());
  return all.filter((item) => item.event === event).slice(0, limit);
}

export async function count(event) { return (await kept(event, Infinity)).length; }
