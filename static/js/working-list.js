/** The working list: ticks that stay from page to page, keys, and the sheet at the side. */

const list = () => document.querySelector("[data-working-list]");
const boxes = () => [...document.querySelectorAll("[data-working-list] [data-bulk]")];
const place = () => `ticked:${list()?.dataset.scope}`;

function ticked() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(place()) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(chosen) {
  sessionStorage.setItem(place(), JSON.stringify([...chosen]));
}

/** The bar says how many are ticked on all pages, and the form sends those of other pages too. */
function show(chosen = ticked()) {
  const form = list()?.querySelector("form[data-total]");
  if (!form) return;
  const all = form.querySelector("[data-all-matching]");
  const bar = form.querySelector("[data-bulk-bar]");
  form.elements.picked.value = [...chosen].join(",");
  bar.querySelector("[data-bulk-count]").textContent = all?.checked ? form.dataset.total : String(chosen.size);
  bar.hidden = chosen.size === 0 && !all?.checked;
  bar.querySelector("[data-untick]").hidden = false;
}

function start() {
  const chosen = ticked();
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show(chosen);
}

document.addEventListener("change", ({ target }) => {
  if (!list()?.contains(target)) return;
  if (target.matches("[data-bulk], [data-bulk-all]")) {
    const chosen = ticked();
    for (const box of boxes()) {
      if (box.checked) chosen.add(box.value);
      else chosen.delete(box.value);
    }
    keep(chosen);
    show(chosen);
  } else if (target.matches("[data-all-matching]")) show();
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-untick]")) return;
  keep(new Set());
  const all = list().querySelector("[data-all-matching]");
  if (all) all.checked = false;
  start();
});

const sheet = () => document.getElementById("sheet");
let opener;

function closeSheet() {
  if (!sheet()?.open) return false;
  sheet().close();
  opener?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && closeSheet()) return;
  const row = event.target.closest?.("[data-working-list] [data-row]");
  if (!row) return;
  if (event.key === "Enter" && event.target.matches("[data-bulk]")) {
    event.preventDefault();
    row.querySelector("[data-open]").click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    document.body.dispatchEvent(
      new KeyboardEvent("keydown", { key: event.key === "ArrowDown" ? "j" : "k", bubbles: true }),
    );
  }
});

document.addEventListener("click", ({ target }) => {
  opener = target.closest("[data-open]") ?? opener;
});

document.addEventListener("htmx:after:swap", () => {
  if (sheet()?.querySelector("#person") && !sheet().open) sheet().show();
  start();
});

for (const done of document.querySelectorAll("[data-unticks]"))
  sessionStorage.removeItem(`ticked:${done.dataset.unticks}`);
window.addEventListener("pageshow", start);
start();
