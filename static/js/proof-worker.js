/**
 * Finds a number such that SHA-256("challenge~number") begins with the bits that the challenge asks for (FIPS 180-4).
 * Written out because crypto.subtle, a promise for each hash, is twenty times slower.
 */

const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
const W = new Int32Array(64);

/** One block of 64 bytes at `at` into the state. */
function absorb(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4)
    W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15];
    const y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0],
    b = state[1],
    c = state[2],
    d = state[3],
    e = state[4],
    f = state[5],
    g = state[6],
    h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** The whole blocks of the challenge are taken in once; each number costs the rest. */
function find(challenge) {
  const bits = Number(atob(challenge.split(".")[0].replace(/-/g, "+").replace(/_/g, "/")).split("|")[0]);
  const text = new TextEncoder().encode(`${challenge}~`);
  const middle = START.slice();
  const whole = text.length - (text.length % 64);
  for (let at = 0; at < whole; at += 64) absorb(middle, text, at);
  const rest = text.subarray(whole);
  const state = new Int32Array(8);
  const block = new Uint8Array(128);
  block.set(rest);
  for (let number = 0; ; number++) {
    let used = rest.length;
    for (const digit of String(number)) block[used++] = digit.charCodeAt(0);
    const size = used + 9 > 64 ? 128 : 64;
    block.fill(0, used);
    block[used] = 0x80;
    const length = (whole + used) * 8;
    block[size - 2] = length >> 8;
    block[size - 1] = length;
    state.set(middle);
    for (let at = 0; at < size; at += 64) absorb(state, block, at);
    if (Math.clz32(state[0]) >= Math.min(bits, 32)) return `${challenge}~${number}`;
  }
}

self.addEventListener("message", ({ data }) => self.postMessage(find(data)));
