/** Names for looking people up without a network, at gates whose form allows it. On the disk they are sealed with a key made from
 *  this scanner's token; opened, they are in the memory of the page alone. */

const FIRST = 30000; // ms for a page of a thousand people
const MOST = 10; // people shown
const PAGES = 60; // pages of changes after which everything is fetched anew
const INFO = new TextEncoder().encode("fairs/names/1");

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const split = (keys) => (keys ? keys.split("|") : []);

/** The key of this scanner's names. It never leaves the browser's keeping and is not stored. */
export async function keyOf(token) {
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(token), "HKDF", false, ["deriveKey"]);
  const way = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: INFO };
  return crypto.subtle.deriveKey(way, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
}

/** The people of a sealed page, with who is gone. */
export async function opened(sealed, key, gate) {
  const box = bytes(sealed);
  const lock = { name: "AES-GCM", iv: box.slice(0, 12), additionalData: new TextEncoder().encode(gate) };
  const plain = JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(lock, key, box.slice(12))));
  const known = plain.organisations.map(([name, keys]) => ({ name, keys: split(keys) }));
  const people = plain.people.map(([id, number, name, native, category, at, uid, begins, within]) => ({
    id,
    number,
    name,
    name_native: native,
    category,
    organisation: known[at].name,
    uid,
    keys: [split(begins), split(within), [...known[at].keys, ...spelt(number)]],
  }));
  return { people, gone: plain.gone };
}

/** How a number may be typed: whole, its last digits, these without zeros. */
function spelt(number) {
  const [digits = ""] = number.match(/\d+$/) || [];
  const whole = number.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
  return [...new Set([whole, digits, digits.replace(/^0+/, "")])].filter(Boolean);
}

export class Names {
  /** `call` asks the server; `search` is name-search.js. */
  constructor({ event, gate, store, search, call }) {
    Object.assign(this, { event, gate, store, search, call });
    this.all = `${event}/names/`;
    this.place = `${this.all}${encodeURIComponent(gate)}/`;
    this.forget();
  }

  /** Whether people can be looked up here alone. */
  get isReady() {
    return this.head !== null && this.head.next_since !== "";
  }

  get size() {
    return this.people.size;
  }

  forget() {
    this.head = null;
    this.people = new Map();
    this.folding = new this.search.Folding({});
  }

  /** What is on the disk; names sealed for a former token are dropped. */
  async load() {
    const head = await this.store.known(this.place).catch(() => null);
    if (!head) return;
    try {
      const key = await keyOf(this.store.token());
      for (let at = 0; at < head.pages; at += 1)
        this.take(await opened(await this.store.known(`${this.place}${at}`), key, this.gate));
      this.folding = new this.search.Folding(head.letters);
      this.head = head;
    } catch {
      await this.wipe();
    }
  }

  take({ people, gone }, into = this.people) {
    for (const person of people) into.set(person.id, person);
    for (const id of gone) into.delete(id);
  }

  async wipe() {
    this.forget();
    await this.drop((key) => key.startsWith(this.place));
  }

  /** Delete records of names. */
  async drop(isGone) {
    const keys = (await this.store.knownKeys(this.all).catch(() => [])).filter(isGone);
    if (keys.length) await this.store.dropKnown(keys).catch(() => {});
  }

  /** `gates`: those that give names to their scanners now. Fetch what has changed; the names of all other gates are deleted. */
  async sync(gates) {
    const places = gates.map((code) => `${this.all}${encodeURIComponent(code)}/`);
    await this.drop((key) => !places.some((place) => key.startsWith(place)));
    if (!gates.includes(this.gate)) return this.forget();
    if (this.isBusy || !crypto.subtle) return undefined;
    this.isBusy = true;
    try {
      return await this.fetchAll();
    } catch (error) {
      return error.status === 404 ? await this.wipe() : undefined; // the line broke: the next time
    } finally {
      this.isBusy = false;
    }
  }

  async fetchAll() {
    const token = this.store.token();
    const key = await keyOf(token);
    const isWhole = !this.isReady || this.head.pages > PAGES;
    const since = isWhole ? "" : this.head.next_since;
    const people = isWhole ? new Map() : this.people;
    const before = this.head?.pages || 0;
    let [pages, letters] = isWhole ? [0, null] : [before, this.head.letters];
    let first = "";
    let page = { next_after: 0 };
    do {
      const path = `gates/${encodeURIComponent(this.gate)}/names?after=${page.next_after}&since=${encodeURIComponent(since)}`;
      page = await this.call(path, null, FIRST);
      if (this.store.token() !== token) return; // switched off meanwhile
      letters = page.letters || letters;
      first = first || page.next_since;
      const found = await opened(page.sealed, key, this.gate);
      if (!found.people.length && !found.gone.length && !isWhole) continue;
      this.take(found, people);
      await this.store.setKnown(`${this.place}${pages}`, page.sealed);
      pages += 1;
      if (!isWhole) await this.store.setKnown(this.place, { ...this.head, pages });
    } while (page.next_after !== null);
    // A person who was erased leaves no change behind: the numbers differ. Another rule of the gate
    // changes its people without changing them. Then everything is fetched once more.
    const isWrong = !isWhole && (people.size !== page.people || this.head.of !== page.of);
    this.head = { pages, letters, of: page.of, next_since: isWrong ? "" : first };
    await this.store.setKnown(this.place, this.head);
    for (let at = pages; at < before; at += 1) await this.store.dropKnown([`${this.place}${at}`]);
    this.people = people;
    this.folding = new this.search.Folding(letters);
    if (isWrong) await this.fetchAll();
  }

  /** People whom the typed text means, best first; null when this device cannot say. Each look-up is counted. */
  find(typed) {
    if (!this.isReady) return null;
    this.counted();
    return this.search.find([...this.people.values()], typed, this.folding, MOST);
  }

  /** The person of a number that was chosen. */
  of(number) {
    for (const person of this.people.values()) if (person.number === number) return person;
    return null;
  }

  async counted() {
    const place = `${this.event}/looked`;
    const known = (await this.store.known(place).catch(() => 0)) || 0;
    await this.store.setKnown(place, known + 1).catch(() => {});
  }
}
