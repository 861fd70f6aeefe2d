/** What this scanner keeps: its token, scans until the server has said that it has them, and what it needs to decide alone. */

const TOKEN = "fairs.scanner.token";
const SKEW = "fairs.scanner.skew";
const PATIENCE = 2000; // ms for the device's disk
const VERSION = 2;
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
  held = "";
  localStorage.removeItem(TOKEN);
}

/** ms that the server's clock is ahead of this device's, as last measured. */
export function skew(measured) {
  try {
    if (measured !== undefined) localStorage.setItem(SKEW, String(measured));
    return Number(localStorage.getItem(SKEW)) || 0;
  } catch {
    return measured || 0;
  }
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Version 1 had the scans alone, without an index: they stay. */
function build({ result: base, transaction }) {
  const names = base.objectStoreNames;
  const scans = names.contains("scans")
    ? transaction.objectStore("scans")
    : base.createObjectStore("scans", { keyPath: "serial", autoIncrement: true });
  if (!scans.indexNames.contains("event")) scans.createIndex("event", "event");
  if (!names.contains("badges")) base.createObjectStore("badges", { keyPath: ["event", "uid"] });
  if (!names.contains("known")) base.createObjectStore("known", { keyPath: "key" });
  if (!names.contains("passages"))
    base.createObjectStore("passages", { keyPath: "serial", autoIncrement: true }).createIndex("event", "event");
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = window.indexedDB.open("fairs-scanner", VERSION);
    request.onupgradeneeded = () => build(request);
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        request.result.close(); // another page brings a newer form
        opened = undefined;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
  opened.catch(() => {
    opened = undefined;
  }); // tried again with the next scan
  return opened;
}

async function stores(names, mode, durability = "strict") {
  const transaction = (await database()).transaction(names, mode, { durability });
  return [transaction, ...names.map((name) => transaction.objectStore(name))];
}

function committed(transaction, result) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(result?.());
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the disk does not answer")), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function put(name, item) {
  const [transaction, store] = await stores([name], "readwrite");
  const putting = store.put(item);
  return committed(transaction, () => putting.result);
}

/* Scans */

/** An id of a scan. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes]
    .map((byte, index) => ([4, 6, 8, 10].includes(index) ? "-" : "") + byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Keep a scan; resolves with its serial once it is on the device's disk.
 *  Rejects where nothing can be kept: storage full, a private window, a browser without a database. */
export function keep(event, scan, serial) {
  return inTime(put("scans", serial === undefined ? { event, scan } : { event, scan, serial }));
}

export async function drop(serials) {
  const [transaction, scans] = await stores(["scans"], "readwrite");
  for (const serial of serials) scans.delete(serial);
  await committed(transaction);
}

/** Kept scans of an event, oldest first; without a limit all of them. */
export async function kept(event, limit) {
  const [, scans] = await stores(["scans"], "readonly");
  return done(scans.index("event").getAll(IDBKeyRange.only(event), limit));
}

export async function count(event) {
  const [, scans] = await stores(["scans"], "readonly");
  return done(scans.index("event").count(IDBKeyRange.only(event)));
}

/* What the server has told: one record of an event, its badges, and the passages since */

export async function known(key) {
  const [, store] = await stores(["known"], "readonly");
  return (await done(store.get(key)))?.value;
}

export const setKnown = (key, value) => put("known", { key, value });

/** Keys of records that begin so. */
export async function knownKeys(prefix) {
  const [, store] = await stores(["known"], "readonly");
  return done(store.getAllKeys(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
}

export async function dropKnown(keys) {
  const [transaction, store] = await stores(["known"], "readwrite");
  for (const key of keys) store.delete(key);
  await committed(transaction);
}

export async function putBadges(event, badges) {
  const [transaction, store] = await stores(["badges"], "readwrite", "relaxed");
  for (const item of badges) store.put({ event, ...item });
  await committed(transaction);
}

export async function badge(event, uid) {
  const [, store] = await stores(["badges"], "readonly");
  return (await done(store.get([event, uid]))) || null;
}

const ofEvent = (event) => IDBKeyRange.bound([event], [event, []]);

export async function countBadges(event) {
  const [, store] = await stores(["badges"], "readonly");
  return done(store.count(ofEvent(event)));
}

export const addPassage = (event, passage) => put("passages", { event, ...passage });

/** Passages since the snapshot, oldest first, each with its badge. */
export async function passages(event) {
  const [, store, badges] = await stores(["passages", "badges"], "readonly");
  const found = await done(store.index("event").getAll(IDBKeyRange.only(event)));
  const own = await Promise.all(found.map((item) => (item.uid ? done(badges.get([event, item.uid])) : null)));
  return found.map((item, at) => ({ ...item, badge: own[at] || null }));
}

export async function dropPassages(serials) {
  const [transaction, store] = await stores(["passages"], "readwrite");
  for (const serial of serials) store.delete(serial);
  await committed(transaction);
}

/** All that the server has told of people and gates. Scans that it does not have yet stay. */
export async function wipe() {
  const [transaction, ...all] = await stores(["badges", "known", "passages"], "readwrite");
  for (const store of all) store.clear();
  await committed(transaction);
}
