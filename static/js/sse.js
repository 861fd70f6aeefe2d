/**
 * Live numbers. An element with data-live="/url" listens to that stream of server-sent events; each event's data is a JSON
 * mapping, and the element inside with data-live-key="name" shows mapping.name. Numbers of the hall screen
 * (data-live-count) count up softly; a <progress> moves. `over` in the data says that the page has something new to show:
 * it is loaded again. When the line is cut the browser is left to reconnect, and after it gave up we do;
 * data-live-state says "open" or "lost".
 */

const RETRY = 5000;
const SOFT = 800;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

const group = new Intl.NumberFormat(document.documentElement.lang);

function countUp(place, to) {
  const from = Number(place.dataset.value ?? place.textContent.replace(/[^\d.-]/g, ""));
  place.dataset.value = String(to);
  if (still.matches || !Number.isFinite(from) || from === to) {
    place.textContent = group.format(to);
    return;
  }
  const start = performance.now();
  const frame = (now) => {
    if (Number(place.dataset.value) !== to) return;
    const share = Math.min((now - start) / SOFT, 1);
    place.textContent = group.format(Math.round(from + (to - from) * (1 - (1 - share) ** 3)));
    if (share < 1) requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

function show(root, values) {
  for (const place of root.querySelectorAll("[data-live-key]")) {
    const value = values[place.dataset.liveKey];
    if (value === undefined || value === null) continue;
    if (place.localName === "progress") {
      place.value = value;
      continue;
    }
    if (place.dataset.liveCount !== undefined && typeof value === "number") countUp(place, value);
    else {
      const text = typeof value === "number" ? group.format(value) : String(value);
      if (place.textContent === text) continue;
      place.textContent = text;
      place.classList.add("is-new");
      setTimeout(() => place.classList.remove("is-new"), 1500);
    }
  }
}

function listen(root) {
  const source = new EventSource(root.dataset.live);
  source.addEventListener("open", () => (root.dataset.liveState = "open"));
  source.addEventListener("message", (event) => receive(root, event));
  source.addEventListener("numbers", (event) => receive(root, event));
  source.addEventListener("error", () => {
    root.dataset.liveState = "lost";
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(root), RETRY);
  });
  window.addEventListener("pagehide", () => source.close(), { once: true });
  window.addEventListener("pageshow", (event) => event.persisted && listen(root), { once: true });
}

function receive(root, event) {
  let values;
  try {
    values = JSON.parse(event.data);
  } catch {
    return;
  }
  if (values?.over) location.reload();
  else if (values && typeof values === "object") {
    show(root, values);
    root.dispatchEvent(new CustomEvent("fairs:live", { detail: values, bubbles: true }));
  }
}

export function enhance(root) {
  if (root.dataset.ready !== undefined) return;
  root.dataset.ready = "";
  listen(root);
}
