/** Registering people at a desk whose network comes and goes: each entry is on this computer before it is sent, and is sent until the
 *  server has it. Sent twice it is stored once: the key goes along. */

const root = document.getElementById("kept");
const $ = (id) => document.getElementById(id);
const form = $("enter");
const { event, send, here } = root.dataset;
const store = await import(root.dataset.store);
const words = Object.fromEntries(
  [...$("kept-words").content.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node.textContent]),
);
const text = (key, values = {}) =>
  Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), words[key]);

const PATIENCE = 8000; // ms for an answer
const LEFT = 60000; // ms after which nobody waits for an answer any more
const AGAIN = 15000; // ms between two tries
const DONE = 86400000; // ms for which a line about somebody who is registered stays
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // none that is taken for another
let notice = "";
let isOnline = navigator.onLine;
let running = false;

const TOKEN = "input[name=_csrf_token]";
let token = document.querySelector(TOKEN)?.value || "";

/** A code that is short enough to be written on a badge by hand. */
function newSlip() {
  const drawn = crypto.getRandomValues(new Uint8Array(5));
  return `W-${[...drawn].map((byte) => LETTERS[byte % 32]).join("")}`;
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A page that was kept, or was opened before the last sign-in, has an old token: the server gives the present one. */
async function renew() {
  const page = await fetch(root.dataset.page, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
  if (!page.ok) return false;
  const shown = new DOMParser().parseFromString(await page.text(), "text/html");
  token = shown.querySelector(TOKEN)?.value || token;
  for (const field of document.querySelectorAll(TOKEN)) field.value = token;
  return true;
}

function post({ key, slip, at, seen, same }, fields) {
  return fetch(send, {
    method: "POST",
    redirect: "manual",
    body: JSON.stringify({ slip, at, seen, same, fields }),
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      "idempotency-key": key,
      "x-csrftoken": token,
    },
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/** The server's answer; null when there is none. A status alone: signed out, or something that is not for scripts. */
async function ask(entry, fields) {
  try {
    let answer = await post(entry, fields);
    if ([401, 403].includes(answer.status) && (await renew())) answer = await post(entry, fields);
    if (answer.status >= 500) return null;
    return answer.ok ? await answer.json() : { status: answer.status };
  } catch {
    return null;
  }
}

function typedNow() {
  const data = new FormData(form);
  const several = new Set(["sessions", "days"]);
  const names = [...new Set(data.keys())].filter((name) => !["_csrf_token", "seen"].includes(name));
  const fields = Object.fromEntries(
    names.map((name) => [name, several.has(name) ? data.getAll(name) : data.get(name)]),
  );
  return { fields, seen: data.get("seen") || "" };
}

/** A person is entered: kept first, then sent; whatever the server wants to say is said by its own page. */
async function enter(submitted) {
  submitted.preventDefault();
  if (running === "form") return;
  const { fields, seen } = typedNow();
  if (!fields.name_native?.trim() && !fields.name_passport?.trim()) {
    if (isOnline) return form.submit();
    form.elements.name_native.focus();
    return tell(text("no_name"));
  }
  running = "form";
  const entry = {
    key: newKey(),
    slip: newSlip(),
    event,
    at: new Date().toISOString(),
    state: "waiting",
    seen,
    same: "",
  };
  const isKept = await store.keep(entry, fields).then(
    () => true,
    () => false,
  );
  const answer = await ask(entry, fields);
  running = false;
  if (answer) {
    await store.drop(entry.key).catch(() => {});
    if (answer.outcome === "registered") location.href = `${here}?made=${encodeURIComponent(answer.number)}`;
    else form.submit();
    return;
  }
  isOnline = false;
  if (!isKept) return tell(text("not_kept"));
  await store.keep({ ...entry, state: "waiting" }, fields);
  form.kept = null;
  form.reset();
  form.querySelector("[name=seen]")?.remove();
  form.elements.name_native.focus();
  await tell(text("kept", { slip: entry.slip }));
}

async function settle(entry, answer) {
  if (answer.outcome === "registered") {
    const { number, url, waiting } = answer;
    return store.change(entry, { state: "done", number, url, waiting, ended: Date.now() });
  }
  return store.change(entry, { state: answer.outcome || "refused", answer });
}

/** Send what waits, in its order, until the line breaks. */
async function run() {
  if (running) return;
  running = "queue";
  try {
    for (const entry of await store.entries(event)) {
      if (entry.state === "done" && Date.now() - entry.ended > DONE) await store.drop(entry.key);
      const isLeft = entry.state === "sending" && Date.now() - entry.began > LEFT; // its page was closed before the answer
      if (entry.state !== "waiting" && !isLeft) continue;
      const fields = await store.typed(entry);
      const answer = await ask(entry, fields || {});
      isOnline = answer !== null;
      if (!answer) break;
      if (answer.status !== undefined && answer.status !== 404 && answer.status !== 422) {
        notice = text("signed_out");
        break;
      }
      if (notice === text("signed_out")) notice = "";
      await settle(entry, answer);
    }
  } finally {
    running = false;
  }
  await draw();
}

/* What is shown */

async function tell(what) {
  notice = what;
  await draw();
}

function element(tag, content, className = "") {
  const made = document.createElement(tag);
  made.textContent = content;
  if (className) made.className = className;
  return made;
}

function link(label, url) {
  const made = element("a", label, "button button--secondary button--small");
  made.href = url;
  return made;
}

function button(label, act, kind = "secondary") {
  const made = element("button", label, `button button--${kind} button--small`);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

const moment = (at) =>
  new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "zh-CN", {
    dateStyle: "short",
    timeStyle: "short",
    timeZone: root.dataset.zone,
  }).format(new Date(at));

const nameOf = (fields) => fields?.name_native || fields?.name_passport || "";

function showSlip(entry, fields) {
  $("slip-code").textContent = entry.slip;
  $("slip-name").textContent = fields?.badge_name || nameOf(fields);
  $("slip-at").textContent = moment(entry.at);
  $("slip").showModal();
}

async function again(entry, changed) {
  await store.change(entry, { state: "waiting", answer: undefined, ...changed });
  await run();
}

/** What was typed goes back into the form; the entry is not sent before it is entered again, with its key and its slip. */
async function correct(entry, fields) {
  for (const [name, value] of Object.entries(fields || {})) {
    const field = form.elements[name];
    if (typeof value === "string" && field && "value" in field) field.value = value;
  }
  await store.change(entry, { state: "draft", answer: undefined });
  form.kept = { key: entry.key, slip: entry.slip, event, at: entry.at };
  form.elements.name_native.focus();
  await draw();
}

function remove(entry) {
  if (confirm(text("sure"))) store.drop(entry.key).then(draw);
}

function state(entry) {
  const { answer = {}, number } = entry;
  if (entry.state === "done") return text(entry.waiting ? "waitlisted" : "registered", { number });
  if (entry.state === "draft") return text("draft");
  if (entry.state === "known") return text(answer.seen ? "known" : "certain");
  if (entry.state === "refused") return [text("refused"), ...(answer.messages || [])].join(": ");
  return text("waiting");
}

function acts(entry, fields) {
  const { answer = {} } = entry;
  if (entry.state === "done")
    return [link(text("badge"), entry.url), button(text("done"), () => store.drop(entry.key).then(draw), "quiet")];
  const others = [
    button(text("slip"), () => showSlip(entry, fields)),
    ...(fields && form ? [button(text("correct"), () => correct(entry, fields), "quiet")] : []),
    button(text("delete"), () => remove(entry), "quiet"),
  ];
  if (entry.state !== "known") return others;
  const other = answer.seen ? [button(text("other"), () => again(entry, { seen: answer.seen }))] : [];
  return [...other, ...others];
}

function people(entry) {
  const list = document.createElement("ul");
  for (const person of entry.answer.people) {
    const item = document.createElement("li");
    const about = element("a", `${person.number} ${person.name}`);
    about.href = person.url;
    const same = button(text("same", { number: person.number }), () => again(entry, { same: person.number }));
    item.append(about, ` ${person.about} `, same);
    list.append(item);
  }
  return list;
}

async function lineOf(entry) {
  const fields = await store.typed(entry);
  const item = document.createElement("li");
  item.dataset.state = entry.state;
  const head = document.createElement("p");
  head.append(element("span", entry.slip, "kept__code"), " ", element("b", nameOf(fields)), ` ${moment(entry.at)}`);
  const row = element("p", "", "cluster");
  row.append(...acts(entry, fields));
  item.append(head, element("p", state(entry)), ...(entry.state === "known" ? [people(entry)] : []), row);
  return item;
}

/** The counter, and a line for each entry. The section is there when there is something to say. */
async function draw() {
  const all = (await store.entries(event).catch(() => [])).filter((entry) => entry.state !== "sending");
  const waiting = all.filter((entry) => entry.state === "waiting").length;
  const open = all.filter((entry) => ["known", "refused", "draft"].includes(entry.state)).length;
  const counted = [waiting ? text("counted", { count: waiting }) : "", open ? text("settled", { count: open }) : ""];
  if (all.length && !waiting && !open) counted.push(text("all_sent"));
  root.hidden = isOnline && !all.length && !notice;
  root.dataset.waiting = waiting;
  $("kept-state").textContent = [notice, isOnline ? "" : text("offline"), ...counted].filter(Boolean).join(" ");
  $("kept-list").replaceChildren(...(await Promise.all(all.map(lineOf))));
}

/** The page that opens without a network, with all files that this one has loaded. */
async function install() {
  if (!navigator.serviceWorker) return;
  const { worker, scope } = root.dataset;
  await navigator.serviceWorker.register(worker, { scope, updateViaCache: "none" });
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  active.postMessage({ files: files.filter((name) => new URL(name).pathname.startsWith("/static/")) });
}

form?.addEventListener("submit", enter);
$("slip-print").addEventListener("click", () => print());
addEventListener("online", () => {
  isOnline = true;
  run();
});
addEventListener("offline", () => {
  isOnline = false;
  draw();
});
setInterval(() => document.visibilityState === "visible" && run(), AGAIN);
if (isOnline) install().catch(() => {});
await run();
root.dataset.ready = "yes";
