// Questions of a form: one with a condition is shown at once when an earlier answer meets it, a category shows its own questions,
// and what is typed is kept. Without this script every question stands there with its condition, and the server reads by it.

const KEEP_AFTER = 3000; // milliseconds without a key

function answers(form, name) {
  const found = [];
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (field.closest("[data-show-if][hidden]")) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) found.push(field.value === "true" ? "yes" : field.value);
    } else if (field.multiple) {
      for (const option of field.selectedOptions) found.push(option.value);
    } else if (field.type !== "file" && field.value.trim()) {
      found.push(field.value.trim());
    }
  }
  return found.map((value) => value.toLowerCase());
}

function show(form) {
  for (const one of form.querySelectorAll("[data-show-if]")) {
    const wanted = one.dataset.showValues ? one.dataset.showValues.toLowerCase().split("|") : [];
    const given = answers(form, one.dataset.showIf);
    one.hidden = !(wanted.length ? given.some((value) => wanted.includes(value)) : given.length);
  }
}

function keep(form) {
  const status = form.querySelector("[data-draft-status]");
  let waiting = 0;
  let leaving = false;
  const send = async () => {
    const body = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) body.delete(input.name);
    for (const input of form.querySelectorAll("[data-upload-token]"))
      if (input.value) body.set(input.name, input.value);
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body,
        headers: { accept: "application/json" },
      });
      if (!answer.ok || leaving) return;
      const told = await answer.json();
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      if (told.kept && status) status.textContent = form.dataset.draftKept.replace("{time}", time);
    } catch {
      // the network is gone: the next key tries again
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(send, KEEP_AFTER);
  });
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(waiting);
  });
}

function byCategory(form) {
  const box = form.querySelector("[data-category-questions]");
  if (!box) return;
  box.hidden = true;
  form.elements.category?.addEventListener("change", () => form.requestSubmit(box.querySelector("button")));
}

for (const form of document.querySelectorAll("form[data-asked]")) {
  for (const words of form.querySelectorAll("[data-show-when]")) words.hidden = true;
  show(form);
  form.addEventListener("input", () => show(form));
  form.addEventListener("change", () => show(form));
  if (form.dataset.draft) keep(form);
  byCategory(form);
}

for (const form of document.querySelectorAll("form[data-built]")) {
  const parts = form.querySelectorAll("[data-only-kinds]");
  const kind = form.elements.kind;
  const fit = () => {
    for (const part of parts) part.hidden = !part.dataset.onlyKinds.split(" ").includes(kind.value);
  };
  for (const words of form.querySelectorAll("[data-show-when]")) words.hidden = true;
  kind.addEventListener("change", fit);
  fit();
}
