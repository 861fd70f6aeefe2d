/** A person's badge on the phone: kept for a place without a network, the screen stays on while it is shown. */

const { worker, scope } = document.querySelector("script[data-worker]").dataset;
const shown = document.querySelector("[data-awake]");

async function keep() {
  if (!navigator.serviceWorker) return;
  const made = await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
  const active = made.active ?? (await starting(made));
  navigator.serviceWorker.addEventListener("message", () => (document.documentElement.dataset.kept = "yes"));
  navigator.serviceWorker.startMessages();
  active.postMessage("keep");
}

/** Its worker once it is active. */
function starting(made) {
  const next = made.installing ?? made.waiting;
  return new Promise((go) => {
    const look = () => next.state === "activated" && go(next);
    next.addEventListener("statechange", look);
    look();
  });
}

const awake = () =>
  navigator.wakeLock?.request("screen").then(
    () => (document.documentElement.dataset.awake = "yes"),
    () => {},
  );

if (shown) {
  awake();
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && awake());
}
await keep().catch(() => {});
