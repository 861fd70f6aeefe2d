/** What this scanner keeps: its token, and scans until the server has said that it has them. Survives a reload. */

const TOKEN = "fairs.scanner.token";
const PATIENCE = 2000; // ms for the device's disk
let opened,
  held = "";

/** The token from the link (#token=…), which is taken out of the address at once, else the one kept here. */
export function token() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    try {
      localStorage.setItem(TOKEN, given);
    } catch {
      held = given;
    } // a full disk: until the page is closed
    history.replaceState(null, "", location.pathname + location.search);
  }
  try {
    return localStorage.getItem(TOKEN) || held;
  } catch {
    return held;
  }
}

export function forgetToken() {
  localStorage.removeItem(TOKEN);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = window.indexedDB.open("fairs-scanner", 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore("scans", { keyPath: "serial", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  opened.catch(() => {
    opened = undefined;
  }); // tried again with the next scan
  return opened;
}

async function store(mode) {
  return (await database()).transaction("scans", mode, { durability: "strict" }).objectStore("scans");
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the disk does not answer")), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function add(item) {
  const scans = await store("readwrite");
  return new Promise((resolve, reject) => {
    const adding = scans.add(item);
    scans.transaction.oncomplete = () => resolve(adding.result);
    scans.transaction.onabort = () => reject(scans.transaction.error);
    adding.onerror = () => reject(adding.error);
  });
}

/** Keep a scan; resolves with its serial once it is on the device's disk.
 *  Rejects where nothing can be kept: storage full, a private window, a browser without a database. */
export function keep(event, scan) {
  return inTime(add({ event, scan }));
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

export async function count(event) {
  return (await kept(event, Infinity)).length;
}
