/** A camera in a page with fields for codes: what it reads goes into the first empty field, and the last one sends the form. */

const box = document.querySelector("[data-badge-reader]");
const fields = [...document.querySelectorAll("[data-code]")];

function take(text) {
  const code = text.trim();
  if (!code || fields.some((field) => field.value === code)) return;
  const field = fields.find((one) => !one.value);
  if (!field) return;
  field.value = code;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  navigator.vibrate?.(40);
  const next = fields.find((one) => !one.value);
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
  if (!fields.some((field) => field.getAttribute("aria-invalid"))) fields[0]?.focus({ preventScroll: true });
  look();
}
