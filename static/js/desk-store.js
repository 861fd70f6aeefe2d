/** What a desk's browser keeps of people entered without a network: sealed with a key that never leaves this browser, where it can. */

let opened;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = window.indexedDB.open("fairs-desk", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "key" });
      request.result.createObjectStore("keys");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

async function write(name, act) {
  const transaction = (await database()).transaction([name], "readwrite", { durability: "strict" });
  const asked = act(transaction.objectStore(name));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

async function read(name, act) {
  return done(act((await database()).transaction([name], "readonly").objectStore(name)));
}

/** The key of this browser; null where it has no cryptography (a page without HTTPS). Of two tabs the first one's counts. */
async function secret() {
  if (!crypto.subtle) return null;
  const known = await read("keys", (store) => store.get("entries"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await write("keys", (store) => store.add(made, "entries")).catch(() => {});
  return read("keys", (store) => store.get("entries"));
}

/** Keep an entry; `fields` are what was typed. Resolves once it is on the disk. */
export async function keep(entry, fields) {
  const key = await secret();
  if (!key) return write("entries", (store) => store.put({ ...entry, fields }));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv },
    key,
    new TextEncoder().encode(JSON.stringify(fields)),
  );
  return write("entries", (store) => store.put({ ...entry, iv, box }));
}

/** What was typed in an entry; null when it is done, or cannot be opened any more. */
export async function typed({ fields, iv, box }) {
  if (fields || !box) return fields || null;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await secret(), box);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return null;
  }
}

/** Another state of an entry; what was typed goes when it is done. */
export async function change(entry, changed) {
  const { fields, iv, box, ...rest } = entry;
  const kept = changed.state === "done" ? {} : { fields, iv, box };
  return write("entries", (store) => store.put({ ...rest, ...kept, ...changed }));
}

export const drop = (key) => write("entries", (store) => store.delete(key));

/** Entries of an event, oldest first. */
export async function entries(event) {
  const all = await read("entries", (store) => store.getAll());
  return all.filter((entry) => entry.event === event).sort((a, b) => (a.at < b.at ? -1 : 1));
}
