/** Conveniences of every page. Nothing here is needed to read a page or to send a form. */

const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const YEAR = 31536000;

function setCookie(name, value, age = YEAR) {
  document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${age}; samesite=lax`;
}

function cookie(name) {
  const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/* The viewer's time zone, for the server and beside the event's own time. */

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && cookie("tz") !== zone) setCookie("tz", zone);

function wallClock(instant, timeZone) {
  return instant.toLocaleString("sv", timeZone ? { timeZone } : {});
}

function showViewerTimes(root) {
  const lang = document.documentElement.lang === "en" ? "en-GB" : "zh-CN";
  const day = new Intl.DateTimeFormat(lang, {
    weekday: "short",
    month: lang === "en-GB" ? "short" : "long",
    day: "numeric",
  });
  const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const zoneOf = (instant) =>
    new Intl.DateTimeFormat(lang, { timeZoneName: "short" })
      .formatToParts(instant)
      .find((part) => part.type === "timeZoneName").value;
  for (const place of $$("[data-viewer-time]", root)) {
    const start = new Date(place.dataset.viewerTime);
    const end = new Date(place.dataset.viewerEnd ?? "");
    const eventZone = place.dataset.eventZone ?? "Asia/Shanghai";
    const ends = [start, end].filter((moment) => !Number.isNaN(moment.getTime()));
    if (Number.isNaN(start.getTime()) || ends.every((moment) => wallClock(moment) === wallClock(moment, eventZone)))
      continue;
    const changes = ends.length > 1 && zoneOf(start) !== zoneOf(end); // the viewer's clock changes in between
    const later = ends.length > 1 && day.format(end) !== day.format(start) ? `${day.format(end)} ` : "";
    const until = ends.length < 2 ? "" : `${changes || later ? " – " : "–"}${later}${hour.format(end)}`;
    const words = `${day.format(start)} ${hour.format(start)}${changes ? ` (${zoneOf(start)})` : ""}${until} (${zoneOf(changes ? end : start)})`;
    place.textContent = place.dataset.words.replace("{time}", words);
    place.hidden = false;
  }
}

/* Light or dark, kept in a cookie so that the server can write it into the page. */

function setTheme(theme) {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of $$("[data-theme-switch] button"))
    button.setAttribute("aria-pressed", String(button.value === (theme || "auto")));
}

function startThemeSwitch() {
  setTheme(cookie("theme") || document.documentElement.dataset.theme);
  for (const part of $$("[data-theme-switch]")) {
    part.hidden = false;
    part.addEventListener("click", (event) => {
      const choice = event.target.closest("button")?.value;
      if (!choice) return;
      setCookie("theme", choice === "auto" ? "" : choice, choice === "auto" ? 0 : YEAR);
      setTheme(choice === "auto" ? "" : choice);
    });
  }
}

/* The current entry of a strip that scrolls sideways is in sight. */

function showCurrent() {
  for (const link of $$(".site-nav a[aria-current], .tabs a[aria-current]")) {
    const strip = link.closest("ul");
    const room = strip.clientWidth - link.offsetWidth;
    strip.scrollLeft += link.getBoundingClientRect().left - strip.getBoundingClientRect().left - Math.max(0, room / 2);
  }
}

/* Menus made of <details> close on Escape and on a click elsewhere. */

function closeMenus(except) {
  for (const menu of $$("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

/* What a phone folds is always there on a wider screen. */

const narrow = matchMedia("(max-width: 40rem)");

function foldParts() {
  for (const fold of $$("details[data-fold]")) fold.open = !narrow.matches;
}

/* Errors: the summary takes the focus, its links take it to the control. */

function focusControl(event) {
  const link = event.target.closest("[data-error-summary] a");
  const part = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!part) return;
  event.preventDefault();
  const control = part.matches("fieldset") ? (part.querySelector("input") ?? part) : part;
  part.closest(".field")?.scrollIntoView({ block: "start" });
  control.focus({ preventScroll: true });
}

/* Dialogs and questions before a deed. */

function openDialog(dialog) {
  dialog.showModal();
  (dialog.querySelector("[data-autofocus], [autofocus]") ?? dialog.querySelector("input, button"))?.focus();
}

function ask(question) {
  const dialog = document.getElementById("confirm");
  if (!dialog?.showModal) return Promise.resolve(window.confirm(question));
  dialog.querySelector("h2").textContent = question;
  dialog.returnValue = "no";
  openDialog(dialog);
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }),
  );
}

const agreed = new WeakSet();

function confirmFirst(event) {
  const form = event.target;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || agreed.has(form)) {
    agreed.delete(form);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const { submitter } = event;
  ask(question).then((yes) => {
    if (!yes) return submitter?.focus();
    agreed.add(form);
    form.requestSubmit(submitter);
  });
}

/** A second click on the same button within a moment would send the form twice. */
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]"))
    return;
  if (Date.now() - Number(form.dataset.sentAt ?? 0) < 5000) event.preventDefault();
  else form.dataset.sentAt = String(Date.now());
}

/* Lists: / goes to the search box, j and k walk the rows, Enter opens, ? helps. */

const rows = () => $$("[data-row]").filter((row) => row.offsetParent !== null);

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a, button, input")?.focus({ preventScroll: true });
}

const keys = {
  "/": () => document.querySelector("[data-search-box]")?.focus(),
  j: () => walk(1),
  k: () => walk(-1),
  "?": () => document.getElementById("keys")?.showModal?.(),
};

/** A key that belongs to an input method: Enter that ends pinyin, an arrow that picks a character. */
const composes = (event) => event.isComposing || event.keyCode === 229;

function onKey(event) {
  if (composes(event)) return;
  if (event.key === "Escape") closeMenus();
  const typing = event.target.closest(
    "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog",
  );
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
}

/* Rows ticked for one deed on all of them. */

function countBulk(root = document) {
  for (const bar of $$("[data-bulk-bar]", root)) {
    const scope = bar.closest("form") ?? document;
    const count = $$("[data-bulk]:checked", scope).length;
    bar.querySelector("[data-bulk-count]").textContent = String(count);
    bar.hidden = count === 0;
  }
}

function onChange(event) {
  const { target } = event;
  if (target.matches("[data-bulk-all]")) {
    for (const box of $$("[data-bulk]", target.closest("form") ?? document)) box.checked = target.checked;
  }
  if (target.matches("[data-bulk], [data-bulk-all]")) countBulk();
  if (target.matches("[data-submit-on-change]")) target.form?.requestSubmit();
}

/** `data-copy="id"`: the text of that element goes to the clipboard; `data-copied` says so. */
async function copyText(button) {
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  button.textContent = button.dataset.copied;
}

function onClick(event) {
  const { target } = event;
  closeMenus(target.closest("details[data-menu]"));
  focusControl(event);
  target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
  target.closest("[data-dialog-close]")?.closest("dialog").close();
  if (target.closest("[data-print]")) window.print();
  copyText(target.closest("[data-copy]"));
  const dialog = document.getElementById(target.closest("[data-dialog]")?.dataset.dialog ?? "");
  if (dialog?.showModal) {
    event.preventDefault();
    openDialog(dialog);
  }
}

/** How much may still be typed, said only when little is left. */
function countLetters(root) {
  for (const area of $$("textarea[maxlength][data-count]:not([data-counted])", root)) {
    area.dataset.counted = "";
    const note = document.createElement("p");
    note.className = "field__count";
    area.after(note);
    const update = () => {
      const left = area.maxLength - area.value.length;
      note.textContent = left <= area.maxLength / 4 ? area.dataset.count.replace("{left}", String(left)) : "";
    };
    area.addEventListener("input", update);
    update();
  }
}

/** A form that is shown again with what had been typed is in sight, also where it lay folded away. */
function showKeptForm() {
  const form = document.querySelector("form[data-kept]");
  for (let part = form?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  form?.closest("dialog")?.showModal();
  form?.scrollIntoView({ block: "center" });
}

/** Parts that need more script than most pages do are fetched when they are there. */
function enhance(root = document) {
  showViewerTimes(root);
  countBulk(root);
  countLetters(root);
  for (const button of $$("[data-toast-close], [data-print], [data-copy]", root)) button.hidden = false;
  const load = (selector, source) => {
    const found = $$(selector, root);
    if (found.length && source) import(source).then((module) => found.forEach(module.enhance));
  };
  load("select[data-search-select]:not([data-ready])", document.body.dataset.searchSelectSrc);
  load("[data-live]:not([data-ready])", document.body.dataset.liveSrc);
  load("[data-proof]:not([data-ready])", document.body.dataset.proofSrc);
  load("[data-passkey]:not([data-ready])", document.body.dataset.passkeySrc);
}

/* Live search waits for the end of a composition, and one search leaves one entry in the history. */

let composing = false;
const inSearch = (target) => target.closest?.("form[role=search][hx-get]");

function startLiveSearch() {
  document.addEventListener(
    "compositionstart",
    (event) => {
      composing = Boolean(inSearch(event.target));
    },
    true,
  );
  document.addEventListener(
    "compositionend",
    (event) => {
      composing = false;
      if (inSearch(event.target)) setTimeout(() => event.target.dispatchEvent(new Event("input", { bubbles: true })));
    },
    true,
  );
  document.addEventListener(
    "input",
    (event) => {
      if ((composing || event.isComposing) && inSearch(event.target)) event.stopImmediatePropagation();
    },
    true,
  );
  document.addEventListener("focusout", (event) => {
    delete inSearch(event.target)?.dataset.searched;
  });
  document.addEventListener("htmx:before:history:update", remember);
}

/** The first answer to a search adds an entry to the history; those to further letters take its place, until the box is left. */
function remember({ detail }) {
  const form = inSearch(detail.sourceElement);
  if (!form) return;
  if (form.dataset.searched !== undefined || detail.history.path === location.pathname + location.search)
    detail.history.type = "replace";
  if (document.activeElement?.matches("[data-search-box]")) form.dataset.searched = "";
}

/** Badges and itineraries that were kept for a place without a network go with the account: when it signs out, and where nobody is signed in. */
async function forgetBadges() {
  if (!window.caches) return;
  for (const name of await caches.keys()) if (/^fairs-(pass|desk|tour)-/.test(name)) await caches.delete(name);
}

document.addEventListener("submit", ({ target }) => target.dataset.signOut !== undefined && forgetBadges());
if (document.body.dataset.stranger !== undefined) forgetBadges();
document.addEventListener("submit", confirmFirst, true);
document.addEventListener("submit", sendOnce);
document.addEventListener("click", onClick);
document.addEventListener("change", onChange);
document.addEventListener("keydown", onKey);
window.addEventListener("pageshow", () => $$("form[data-sent-at]").forEach((form) => delete form.dataset.sentAt));
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector("input[name=_csrf_token]")?.value;
  if (token) event.detail.ctx.request.headers["X-CSRFToken"] ??= token;
});
document.addEventListener("htmx:after:swap", () => enhance());

narrow.addEventListener("change", foldParts);
foldParts();
startLiveSearch();
startThemeSwitch();
showCurrent();
enhance();
document.querySelector("[data-error-summary]")?.focus();
showKeptForm();
