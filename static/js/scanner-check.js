/** The start check: what could go wrong later is said before the first scan, a line each. */

const LITTLE = 50_000_000; // bytes left, below which a day of scans may not fit beside everything else
const $ = (id) => document.getElementById(id);

/** `good`, `fair` or `bad`, and what it means. */
export function line(name, state, words) {
  const item = $(`check-${name}`);
  item.dataset.state = state;
  item.querySelector("span").textContent = words;
  const states = ["good", "fair", "bad"].filter((kind) => document.querySelector(`#check [data-state="${kind}"]`));
  $("check").dataset.state = states.at(-1) || "wait";
}

export function hide() {
  $("check").hidden = true;
}

/** What is to be said of the storage: `left` bytes; `lasting`: the browser has promised not to clear it; `onHome`: false where
 *  the page was opened in Safari on an iPhone or iPad, true from its home screen, undefined elsewhere. */
export function storageState({ keeps, left, lasting, onHome }) {
  if (!keeps) return ["bad", "not_kept_do"];
  if (left < LITTLE) return ["fair", "storage_little"];
  if (onHome === false) return ["fair", "storage_safari"];
  return lasting ? ["good", "storage_good"] : ["fair", "storage_fair"];
}

/** Storage: whether scans can be kept, whether the browser may clear them, and how much is left. Lasting storage is asked for. */
export async function storage(text, keeps) {
  const room = (keeps && (await navigator.storage?.estimate?.().catch(() => null))) || {};
  const left = room.quota === undefined ? Infinity : room.quota - room.usage;
  const lasting = keeps && (await navigator.storage?.persist?.().catch(() => false));
  const [state, words] = storageState({ keeps, left, lasting: Boolean(lasting), onHome: navigator.standalone });
  return line("storage", state, text(words, { size: Math.round(left / 1e6) }));
}

/** The clock: by how much it differs from the server's; what is more than two seconds is corrected. */
export function clock(text, skew, measured) {
  if (!measured) return line("clock", "fair", text("clock_unknown"));
  if (!skew) return line("clock", "good", text("clock_good"));
  const minutes = Math.round(Math.abs(skew) / 60000);
  return line("clock", "fair", minutes ? text("clock_minutes", { minutes }) : text("clock_seconds"));
}

export function network(text, isOnline, ready) {
  if (isOnline) return line("network", "good", text("online"));
  return line("network", ready ? "fair" : "bad", text(ready ? "network_gone" : "network_needed"));
}

export function sound(text, muted, running) {
  if (muted) return line("sound", "fair", text("sound_off"));
  return line("sound", running ? "good" : "fair", text(running ? "sound_good" : "sound_touch"));
}

/** What is known here for the time without a network. */
export function data(text, count, time, way, names = "") {
  if (!time) return line("data", "bad", text("data_none"));
  if (way === "none") return line("data", "fair", text("data_unverified", { count, time }));
  return line("data", "good", [text("data_good", { count, time }), names].filter(Boolean).join(" · "));
}
