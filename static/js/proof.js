/**
 * A proof of work beside a form that was sent too often: a worker finds the number while the person types. Sent before it
 * is found, the form goes as soon as it is.
 */

export function enhance(part) {
  part.dataset.ready = "";
  const form = part.closest("form");
  const field = part.querySelector("input");
  const words = part.querySelector("[role=status]");
  const worker = new Worker(document.body.dataset.proofWorker);
  let waiting = null;
  words.hidden = false;
  part.querySelector("[data-without-script]").hidden = true;
  form.addEventListener("submit", (event) => {
    if (field.value) return;
    event.preventDefault();
    waiting = { submitter: event.submitter };
    words.setAttribute("aria-busy", "true");
  });
  worker.addEventListener("message", ({ data }) => {
    field.value = data;
    words.textContent = part.dataset.readyWords;
    words.removeAttribute("aria-busy");
    worker.terminate();
    if (waiting) form.requestSubmit(waiting.submitter);
  });
  worker.addEventListener("error", () => {
    field.value = "none"; // the server then asks to wait
    if (waiting) form.requestSubmit(waiting.submitter);
  });
  worker.postMessage(part.dataset.proof);
}
