/** A camera in a page with fields for codes: what it reads goes into the first empty field, and the last one sends the form.
 *  A badge that was sent stays unread on the next page while it is still held before the camera. */

const box = document.querySelector("[data-badge-reader]");
const fields = [...document.querySelectorAll("[data-code]")];
const HELD = 4000; // ms after which a badge that was sent may be read again
const SENT = "badge-reader"; // in the storage of this tab: the codes sent last

const refused = (field) => field.getAttribute("aria-invalid") === "true";
const isFree = (field) => !field.value || refused(field);
let sent = JSON.parse(sessionStorage.getItem(SENT) || "[]");
let lastHeld = Date.now();

/** Whether this is still the badge that the page before has sent. */
function isHeld(code) {
  if (Date.now() - lastHeld > HELD) sent = [];
  if (!sent.includes(code)) return false;
  lastHeld = Date.now();
  return true;
}

function take(text) {
  const code = text.trim();
  if (!code || isHeld(code) || fields.some((field) => field.value === code && !refused(field))) return;
  const field = fields.find(isFree);
  if (!field) return;
  field.value = code;
  field.removeAttribute("aria-invalid");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  navigator.vibrate?.(40);
  const next = fields.find(isFree);
  if (next) return next.focus();
  hint("read");
  field.form.requestSubmit();
}

function hint(key) {
  const line = box.querySelector("[data-hint]");
  line.textContent = line.dataset[key];
}

async function look() {
  try {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    if (!devices.some((device) => device.kind === "videoinput")) throw new Error("no camera"); // the decoder stays unloaded
    const { Camera } = await import(box.dataset.camera);
    const files = ["worker", "zxing", "wasm"].map((name) => [name, new URL(box.dataset[name], location.href).href]);
    const camera = new Camera(box.querySelector("video"), { ...Object.fromEntries(files), onText: take });
    await camera.start();
    lastHeld = Date.now();
    box.dataset.state = "on";
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) camera.stop();
      else camera.start().catch(() => {});
    });
  } catch {
    box.dataset.state = "none";
    hint("none");
  }
}

if (box) {
  box.hidden = false;
  if (!fields.some(refused)) fields[0]?.focus({ preventScroll: true });
  fields[0]?.form.addEventListener("submit", () => {
    sessionStorage.setItem(SENT, JSON.stringify(fields.map((field) => field.value.trim())));
  });
  look();
}
