/** The scanner's pages open without a network: their worker is set up, and told which pages this scanner may need. */

const IDLE = 60000; // ms without a scan after which a new release takes over
let touched = 0;

/** Somebody is being served: a reload waits. */
export function busy() {
  touched = Date.now();
}

function reloadWhenIdle() {
  const look = () => {
    if (Date.now() - touched > IDLE && !document.querySelector("dialog[open]")) location.reload();
    else setTimeout(look, IDLE / 4);
  };
  look();
}

/** `root` has the addresses: the worker's, and the page with the list of gates. */
export async function install({ sw, path }, event, gates, lang) {
  if (!navigator.serviceWorker) return;
  const before = navigator.serviceWorker.controller;
  busy();
  if (before) navigator.serviceWorker.addEventListener("controllerchange", reloadWhenIdle, { once: true });
  await navigator.serviceWorker.register(sw, { scope: path, updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const pages = gates.map((code) => `${path}/${encodeURIComponent(event)}/${encodeURIComponent(code)}`);
  active.postMessage({ pages: [path, ...pages], lang });
}
