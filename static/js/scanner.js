/** The scanner: a code comes in, the whole screen answers, and it is ready for the next without a touch.
 *  A scan is kept on the device before it is sent and dropped only when the server has answered. */

const app = document.getElementById("scanner");
const $ = (id) => document.getElementById(id);
const { event, gate } = app.dataset;
const [store, feedback, { Camera }, { Keys }] = await Promise.all(
  [app.dataset.store, app.dataset.feedback, app.dataset.camera, app.dataset.keys].map((path) => import(path)),
);
const words = Object.fromEntries(
  [...$("words").content.querySelectorAll("[data-key]")].map((node) => [node.dataset.key, node]),
);
const text = (key, values = {}) =>
  Object.entries(values).reduce(
    (line, [name, value]) => line.replace(`{${name}}`, value),
    words[key]?.textContent || key,
  );

const SHOWN = 600; // ms that an answer fills the screen
const ENGINE = 2000; // ms in which the same code again is the scan engine repeating itself, not a person
const PATIENCE = 3000; // ms for the network before a scan is kept for later
const KINDS = { ok: "#s-check", already: "#s-triangle", refused: "#s-cross", wait: "#s-half" };
const token = store.token();
let zone = "Asia/Shanghai";
let gateKind = "";
let direction = "in";
let skew = 0; // ms that the server's clock is ahead of this device's, when it matters
let hiding,
  counting,
  sending = false,
  delivered = 0,
  refusedLater = 0;
const recent = new Map();

/* The answer */

function show(kind, headline, { sub = "", detail = "", action = "", photo = "" } = {}, hold = SHOWN) {
  const box = $(`answer-${kind}`);
  Object.keys(KINDS).forEach((other) => {
    $(`answer-${other}`).hidden = other !== kind;
  });
  const lines = { headline, sub, detail, action };
  Object.entries(lines).forEach(([name, line]) => {
    box.querySelector(`.answer__${name}`).textContent = line;
  });
  box.querySelector(".answer__headline").classList.toggle("is-long", headline.length > 18);
  feedback.face(box, photo);
  $("answers").hidden = false;
  app.dataset.state = kind;
  $("last").textContent = [headline, sub, detail, action].filter(Boolean).join(" · ");
  $("last").className = `scanner__last scanner__last--${kind}`;
  feedback.give(kind);
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    $("answers").hidden = true;
    $("last").hidden = false;
    app.dataset.state = "ready";
  }, hold);
}

function clock(moment) {
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(new Date(moment));
}

function tell(result) {
  const person = result.person;
  const name = person ? person.name_native || person.name : "";
  const sub = person && person.name_native && person.name_native !== person.name ? person.name : "";
  const photo = person?.photo_url ?? "";
  const detail = person
    ? [words[person.category] ? text(person.category) : "", person.organisation].filter(Boolean).join(" · ")
    : "";
  if (result.outcome === "admitted") {
    return show("ok", name, { sub, detail, photo, action: direction === "out" ? text("left") : "" });
  }
  if (result.outcome === "already") {
    const time = clock(result.first_scanned_at);
    const action = result.conflict ? text("conflict", { time }) : $("gate-name").textContent;
    return show("already", text(gateKind === "pickup" ? "handed_out" : "already", { time }), {
      sub: name,
      photo,
      action,
    });
  }
  const why = words[result.reason] || words.refused;
  return show("refused", why.dataset.word, { sub: name, photo, action: why.textContent });
}

/* Sending */

async function call(path, body, patience = PATIENCE) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const answer = await fetch(`/api/v1/checkin/${path}`, {
      method: body ? "POST" : "GET",
      body: body ? JSON.stringify(body) : undefined,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      signal: stop.signal,
    });
    const ahead =
      new Date(answer.headers.get("x-server-time") || answer.headers.get("date") || Date.now()) - Date.now();
    skew = Math.abs(ahead) > 120000 ? ahead : 0;
    if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
    return await answer.json();
  } finally {
    clearTimeout(timer);
  }
}

/** The person before is gone from the screen: until the answer nobody can be taken for the next one. */
function clear() {
  clearTimeout(hiding);
  $("answers").hidden = true;
  $("last").hidden = true;
  app.dataset.state = "busy";
}

async function scan(code, by = "code") {
  clear();
  const sent = {
    id: crypto.randomUUID?.() || randomId(),
    gate,
    code,
    by,
    direction,
    offline: false,
    scanned_at: new Date(Date.now() + skew).toISOString(),
  };
  const keeping = store.keep(event, sent).catch(() => null); // null: this device keeps nothing
  const slow = setTimeout(() => show("wait", text("checking"), {}, PATIENCE), 400);
  try {
    const { results } = await call("scans", { scans: [sent] });
    clearTimeout(slow);
    tell(results[0]);
    online(true);
    clearTimeout(counting);
    counting = setTimeout(count, 1000);
    const serial = await keeping;
    if (serial !== null) await store.drop([serial]).catch(() => {}); // sent again, it gets the same answer
  } catch (error) {
    clearTimeout(slow);
    failed(error, (await keeping) !== null);
  }
  network();
}

function failed(error, isKept) {
  if (!isKept) return show("refused", text("not_kept"), { action: text("not_kept_do") }, 6000);
  if (error.status === 401 || error.status === 403)
    return show("refused", text("offline"), { action: text("revoked_token") }, 4000);
  online(false);
  return show("wait", text("kept"), { action: text(error.status ? "server" : "kept_do") });
}

function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes]
    .map((byte, index) => ([4, 6, 8, 10].includes(index) ? "-" : "") + byte.toString(16).padStart(2, "0"))
    .join("");
}

/** Send what is kept, oldest first; an answer, whatever it says, means that the server has the scan. */
async function deliver() {
  if (sending || !token) return;
  sending = true;
  try {
    for (let items = await store.kept(event); items.length; items = await store.kept(event)) {
      const { results } = await call("scans", { scans: items.map((item) => ({ ...item.scan, offline: true })) }, 20000);
      await store.drop(items.map((item) => item.serial));
      delivered += items.length;
      refusedLater += results.filter((result) => result.outcome === "refused" || result.conflict).length;
      online(true);
    }
  } catch (error) {
    if (!error.status) online(false);
  } finally {
    sending = false;
    network();
  }
}

/* The head: network, waiting scans, people */

let isOnline = navigator.onLine;
function online(yes) {
  isOnline = yes;
}

async function network() {
  const waiting = await store.count(event).catch(() => 0);
  const late = delivered ? text("delivered", { count: delivered, refused: refusedLater }) : "";
  const line = [text(isOnline ? "online" : "offline"), waiting ? text("waiting", { count: waiting }) : late];
  $("net-text").textContent = line.filter(Boolean).join(" · ");
  $("net").dataset.net = isOnline ? (waiting ? "waiting" : "online") : "offline";
  app.dataset.waiting = waiting;
}

async function count() {
  try {
    const numbers = await call(`gates/${encodeURIComponent(gate)}/counters`);
    $("count-present").textContent = numbers.present.toLocaleString();
    $("count-admitted").textContent = numbers.admitted.toLocaleString();
    online(true);
  } catch (error) {
    if (!error.status) online(false);
  }
}

/* Codes come from the camera, from a hand scanner that types, or by hand */

function take(code, by) {
  const now = performance.now();
  for (const [known, at] of recent) if (now - at > ENGINE) recent.delete(known);
  const repeated = recent.has(code);
  recent.set(code, now); // a badge held before the camera keeps counting as the same one
  if (!repeated) scan(code, by);
}

new Keys({ onCode: (code) => take(code), field: () => ($("hand-dialog").open ? $("hand-text") : null) });
addEventListener("keydown", () => feedback.wake());
addEventListener("pointerdown", () => feedback.wake());

function openHand() {
  $("people").replaceChildren();
  $("hand-text").value = "";
  $("hand-dialog").showModal();
  $("hand-text").focus();
}

/** A field's text in pieces, what was typed among them as <mark>. */
function marked(person, field) {
  const letters = [...(person[field] ?? "")];
  const [start, end] = person.marks?.[field] ?? [0, 0];
  if (!end) return letters.length ? [letters.join("")] : [];
  const mark = document.createElement("mark");
  mark.textContent = letters.slice(start, end).join("");
  return [letters.slice(0, start).join(""), mark, letters.slice(end).join("")];
}

const between = (fields, sign) =>
  fields.filter((pieces) => pieces.length).flatMap((pieces, at) => (at ? [sign, ...pieces] : pieces));

function choice(person) {
  const button = document.createElement("button");
  button.type = "button";
  const name = document.createElement("b");
  name.append(...between([marked(person, "name_native"), marked(person, "name")], " "));
  const rest = document.createElement("span");
  const phone = person.phone_tail ? [`…${person.phone_tail}`] : [];
  rest.append(...between([marked(person, "number"), marked(person, "organisation"), phone], " · "));
  button.append(name, rest);
  button.addEventListener("click", () => {
    $("hand-dialog").close();
    scan(person.number, "hand");
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function further(page) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "scanner__more";
  button.textContent = text("more");
  button.addEventListener("click", () => lookUp(page));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

async function lookUp(page = 1) {
  const line = $("hand-text").value.trim();
  if (line.length > 100) {
    $("hand-dialog").close();
    return take(line);
  }
  try {
    const { people, more } = await call(`people?q=${encodeURIComponent(line)}&page=${page}`);
    $("people").replaceChildren(...people.map(choice), ...(more ? [further(page + 1)] : []));
    if (page > 1) $("people").children[(page - 1) * 10]?.querySelector("button").focus();
    if (!people.length) $("people").textContent = text("nobody");
  } catch {
    $("people").textContent = text("kept_do");
  }
  return undefined;
}

/* Start */

function buttons(camera) {
  $("hand").addEventListener("click", openHand);
  $("hand-close").addEventListener("click", () => $("hand-dialog").close());
  $("hand-form").addEventListener("submit", (submit) => {
    submit.preventDefault();
    lookUp();
  });
  $("way").addEventListener("click", () => {
    direction = direction === "in" ? "out" : "in";
    $("way").setAttribute("aria-pressed", String(direction === "out"));
    app.dataset.direction = direction;
  });
  const sound = () => $("sound").setAttribute("aria-pressed", String(!feedback.muted()));
  $("sound").addEventListener("click", () => {
    feedback.mute(!feedback.muted());
    sound();
  });
  sound();
  $("torch").addEventListener("click", async () => {
    const on = $("torch").getAttribute("aria-pressed") !== "true";
    await camera.torch(on);
    $("torch").setAttribute("aria-pressed", String(on));
  });
  $("flip").addEventListener("click", () => camera.flip());
}

async function look(camera) {
  try {
    await camera.start();
    $("torch").hidden = !camera.hasTorch;
    $("flip").hidden = (await camera.cameras()) < 2;
    app.dataset.camera = "on";
  } catch {
    if (app.dataset.keeps !== "no") $("hint").textContent = text("no_camera");
    app.dataset.camera = "none";
  }
}

const awake = () => navigator.wakeLock?.request("screen").catch(() => {});

/** Locking the phone ends the camera's stream and the lock that keeps the screen on: both are asked for again. */
function comeBack(camera) {
  awake();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    awake();
    if (app.dataset.camera === "on" && !camera.isLive) look(camera);
    deliver();
  });
  camera.onEnded = () => {
    if (document.visibilityState === "visible") look(camera);
  };
}

/** A trial before the first scan: a device that cannot keep a scan says so while nobody is waiting. */
async function tryStore() {
  try {
    await store.drop([await store.keep("trial", {})]);
    app.dataset.keeps = "yes";
  } catch {
    app.dataset.keeps = "no";
    $("hint").textContent = text("not_kept_do");
    $("hint").classList.add("is-wrong");
  }
}

async function know() {
  try {
    const known = await call("gates");
    const here = known.gates.find((item) => item.code === gate);
    zone = known.event.timezone;
    if (here) {
      gateKind = here.kind;
      $("gate-name").textContent = (document.documentElement.lang === "en" ? here.name_en : here.name_zh) || here.code;
      $("way").hidden = here.ways === "in";
    } else $("hint").textContent = text("no_gate");
  } catch (error) {
    if (error.status === 401) $("hint").textContent = text("revoked_token");
    else if (!error.status) online(false);
  }
}

const camera = new Camera($("video"), {
  ...Object.fromEntries(
    ["worker", "zxing", "wasm"].map((name) => [name, new URL(app.dataset[name], location.href).href]),
  ),
  onText: take,
});
buttons(camera);
app.camera = camera;
if (token) {
  await Promise.all([look(camera), know(), tryStore()]);
  navigator.storage?.persist?.();
  comeBack(camera);
  addEventListener("online", deliver);
  addEventListener("offline", () => {
    online(false);
    network();
  });
  await deliver();
  await count();
  setInterval(() => deliver(), 5000);
  setInterval(count, 15000);
} else {
  $("hint").textContent = text("no_token");
}
app.dataset.state = "ready";
network();
