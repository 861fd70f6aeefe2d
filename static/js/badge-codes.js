/** Codes of badges on the device: parsed as by badges/tokens.py, verified with the public keys, and the key to the record.
 *
 *  A person's record in the snapshot is sealed with a key made from the whole code: whoever has the phone but not the
 *  badge cannot open it. A record that opens also proves that the code is the issued one, letter for letter. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LENGTH = 128; // characters
const BODY = 16; // bytes before the signature
const LONGEST = 400; // characters of an address with a code
const LONG = 100; // characters: a shorter text is another code, not a misread one of ours
const ADDRESS = /^https?:\/\/[^/\s]+(?:\/[^/\s]+)*\/b\/([a-z2-7]+)\/?$/i;
const INFO = new TextEncoder().encode("fairs/person/1");

function bytes(token) {
  const out = new Uint8Array((token.length * 5) / 8);
  let bits = 0,
    value = 0,
    at = 0;
  for (const letter of token) {
    value = ((value << 5) | LETTERS.indexOf(letter)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (value >> bits) & 255;
    }
  }
  return out;
}

const number = (raw) => raw.reduce((sum, byte) => sum * 256 + byte, 0);

/** What a code claims, unverified; null for another text. */
export function claim(text) {
  if (text.length > LONGEST) return null;
  const plain = text.trim();
  const token = (ADDRESS.exec(plain)?.[1] || plain).toUpperCase();
  if (!/^[A-Z2-7]{128}$/.test(token)) return null;
  const raw = bytes(token);
  if (raw[0] !== 1) return null;
  return {
    token,
    raw,
    key: raw[1],
    event: number(raw.slice(2, 5)),
    uid: Array.from(raw.slice(5, 13), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    expires_at: number(raw.slice(13, BODY)) * 3600000,
  };
}

/* A hand scanner types as a US keyboard: under another layout its letters come out different. As in badges/codes.py. */

const LAYOUTS = [
  ["", ""],
  ["yz", "zy"],
  ["qawz,?é\"'(-§è", "aqzwmm2345667"],
  ["qawz;:@#$%^&", "aqzwmm234567"],
  ["йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm"],
].map(([came, meant]) => {
  const table = new Map([...came].map((letter, at) => [letter, meant[at]]));
  [...came].forEach((letter, at) => {
    const upper = letter.toUpperCase();
    if (upper.length === 1 && !table.has(upper)) table.set(upper, meant[at]);
  });
  return table;
});

/** Every possible reading of a text as one of our codes, the likeliest first. */
export function readings(text) {
  const plain = text
    .slice(0, LONGEST)
    .normalize("NFKC")
    .replace(/[\p{C}\p{Z}]/gu, "")
    .replace(/^\][A-Za-z][0-9a-zA-Z]/, "");
  const found = new Map();
  for (const table of LAYOUTS) {
    const line = [...plain].map((letter) => table.get(letter) ?? letter).join("");
    const token = /([A-Z2-7]{128})\/?$/.exec(line.toUpperCase())?.[1];
    const known = token && claim(token);
    if (known && !found.has(token)) found.set(token, known);
  }
  return [...found.values()];
}

const decode = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Verifies with the browser's own Ed25519, else with the small implementation at `fallback`. */
export class Verifier {
  constructor(fallback) {
    this.fallback = fallback;
    this.way = null; // "browser", "script" or "none"
  }

  async start() {
    try {
      await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
      this.way = "browser";
    } catch {
      await this.startScript();
    }
    return this.way;
  }

  async startScript() {
    try {
      this.script = await import(this.fallback);
      this.way = crypto.subtle ? "script" : "none";
    } catch {
      this.way = "none";
    }
    return this.way;
  }

  /** Whether a code is signed with one of the keys; null when that cannot be said here. */
  async isGenuine(claimed, keys) {
    if (this.way === null) await this.start();
    if (this.way === "none") return null;
    const known = keys.find((item) => item.number === claimed.key);
    if (!known) return false;
    const [signature, body, key] = [claimed.raw.slice(BODY), claimed.raw.slice(0, BODY), decode(known.public_key)];
    try {
      if (this.way === "script") return await this.script.verifyAsync(signature, body, key, { zip215: false });
      const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", imported, signature, body);
    } catch {
      return false;
    }
  }

  /** The reading of a text with our signature; null when there is none. */
  async genuineReading(text, keys) {
    if (text.length < LONG) return null;
    for (const reading of readings(text)) if (await this.isGenuine(reading, keys)) return reading;
    return null;
  }
}

export const looksMistyped = (text) => text.length >= LONG && readings(text).length > 0;

/** The person of a sealed record, opened with the code; null when the code does not open it. */
export async function open(sealed, { token, raw }) {
  try {
    const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(token), "HKDF", false, ["deriveKey"]);
    const way = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: INFO };
    const key = await crypto.subtle.deriveKey(way, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const box = decode(sealed);
    const lock = { name: "AES-GCM", iv: box.slice(0, 12), additionalData: raw.slice(5, 13) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(lock, key, box.slice(12))));
  } catch {
    return null;
  }
}

export { LENGTH };
