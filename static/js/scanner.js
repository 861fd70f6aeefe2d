/** The scanner: a code comes in, the whole screen answers, and it is ready for the next without a touch.
 *  A scan is kept on the device before it is sent and dropped only when the server has answered. */

const app = document.getElementById("scanner");
const $ = (id) => document.getElementById(id);
const { event, gate } = app.dataset;
const parts = "install call store feedback camera keys hand data queue check rules codes names search".split(" ");
const loaded = await Promise.all(parts.map((name) => import(app.dataset[name])));
const [
  { install, busy },
  { Line },
  store,
  feedback,
  { Camera },
  { Keys },
  { Hand },
  { Knowledge },
  { Queue },
  check,
  rules,
  codes,
  { Names },
  search,
] = loaded;
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
const QUICK = 1200; // ms for the network when this device can decide alone
const KINDS = { ok: "#s-check", already: "#s-triangle", refused: "#s-cross", wait: "#s-half" };
const token = store.token();
let zone = "Asia/Shanghai";
let gateKind = "";
let direction = "in";
let hiding, counting;
let isOnline = navigator.onLine;
const recent = new Map();
const wire = new Line(store);
const call = wire.call.bind(wire);
const now = wire.now.bind(wire);
const knowledge = new Knowledge({ event, store, rules, codes, call, clock: now, noble: app.dataset.noble });
const names = new Names({ event, gate, store, search, call });
const queue = new Queue({ event, store, call, onAnswers, onState });

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
  if (!moment) return "–";
  return new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(new Date(moment));
}

const lines = (...all) => all.filter(Boolean).join(" · ");

/** What the person of an answer is called, and a line about them. */
function named(person) {
  if (!person) return { name: "", sub: "", photo: "", detail: "" };
  const name = person.name_native || person.name;
  const sub = person.name_native && person.name_native !== person.name ? person.name : "";
  const group = words[person.category] ? text(person.category) : "";
  const detail = [group, person.organisation].filter(Boolean).join(" · ");
  return { name, sub, photo: person.photo_url ?? "", detail };
}

/** `age`: how old the data are with which this device has decided alone; nothing for the server's answer. */
function tell(result, by, age = "") {
  app.dataset.by = age ? "device" : "server";
  const faceless = age && result.hasPhoto && knowledge.gate(gate)?.show_photo ? text("no_photo") : "";
  const without = lines(by === "hand" ? text("by_name") : "", faceless, age);
  const { name, sub, photo, detail } = named(result.person);
  if (result.outcome === "unsure")
    return show("wait", text("unverified"), { action: lines(text("unverified_do"), without) });
  if (result.outcome === "admitted") {
    const more = result.unsure ? text("new_badge") : "";
    const action = lines(direction === "out" ? text("left") : "", more, without);
    return show("ok", name || text("signed"), { sub, detail, photo, action });
  }
  if (result.outcome === "already") {
    const time = clock(result.first_scanned_at);
    const action = result.conflict ? text("conflict", { time }) : $("gate-name").textContent;
    return show("already", text(gateKind === "pickup" ? "handed_out" : "already", { time }), {
      sub: name,
      photo,
      action: lines(action, without),
    });
  }
  const why = words[result.reason] || words.refused;
  return show("refused", why.dataset.word, { sub: name, photo, action: lines(why.textContent, without) });
}

/** The person before is gone from the screen: until the answer nobody can be taken for the next one. */
function clear() {
  clearTimeout(hiding);
  $("answers").hidden = true;
  $("last").hidden = true;
  app.dataset.state = "busy";
  app.dispatchEvent(new CustomEvent("fairs:scanning"));
  busy();
  check.hide();
}

async function scan(code, by = "code") {
  clear();
  const sent = {
    id: store.newId(),
    gate,
    code,
    by,
    direction,
    offline: false,
    scanned_at: new Date(now()).toISOString(),
  };
  const keeping = store.keep(event, sent).catch(() => null); // null: this device keeps nothing
  const whom = by === "hand" ? names.of(code) : null;
  const alone = knowledge.isReady && (by !== "hand" || whom !== null);
  if (alone && !isOnline) return void (await decide(sent, await keeping, {}, whom));
  const slow = setTimeout(() => show("wait", text("checking"), {}, PATIENCE), 400);
  const serial = await keeping;
  queue.open.add(serial);
  try {
    const { results } = await call("scans", { scans: [sent] }, alone ? QUICK : PATIENCE);
    clearTimeout(slow);
    tell(results[0], by);
    app.dispatchEvent(new CustomEvent("fairs:answered", { detail: results[0] }));
    online(true);
    clearTimeout(counting);
    counting = setTimeout(count, 1000);
    if (serial !== null) await store.drop([serial]).catch(() => {}); // sent again, it gets the same answer
    queue.open.delete(serial);
    await knowledge.note(sent, results[0], whom).catch(() => {});
  } catch (error) {
    clearTimeout(slow);
    queue.open.delete(serial);
    await decide(sent, serial, error, whom);
  }
  network();
  return undefined;
}

/** The server did not answer: this device decides if it can, and the scan is kept with what was said. */
async function decide(sent, serial, error, whom) {
  const isOff = error.status === 401 || error.status === 403;
  const says = serial === null || isOff ? null : await knowledge.verdict(sent, whom).catch(() => null);
  if (!says) failed(error, serial !== null);
  else {
    if (!error.status) online(false);
    const told = says.outcome === "unsure" ? {} : { told: says.outcome, reason: says.reason || "" };
    const kept = await store.keep(event, { ...sent, offline: true, ...told }, serial).catch(() => null);
    if (kept === null) failed(error, false);
    else tell(says, sent.by, text("no_network", { time: clock(knowledge.asOf) }));
  }
  if (isOff) await switchedOff(error);
  await network();
}

function failed(error, isKept) {
  if (!isKept) return show("refused", text("not_kept"), { action: text("not_kept_do") }, 6000);
  if (error.status === 401 || error.status === 403)
    return show("refused", text("offline"), { action: text("revoked_token") }, 4000);
  online(false);
  return show("wait", text("kept"), { action: text(error.status ? "server" : "kept_do") });
}

/** The token works no more: this device forgets what it knows. Scans that the server does not have stay, for a file. */
async function switchedOff(error) {
  $("hint").textContent = text("revoked_token");
  $("hint").hidden = false;
  if (error.status !== 401) return;
  store.forgetToken();
  names.forget();
  await knowledge.wipe();
  await tellData();
}

/* What is kept is sent by itself */

async function onAnswers(sent) {
  online(true);
  await knowledge.settle(sent.map(({ id }) => id)).catch(() => {});
}

async function onState(error) {
  if (error && !error.status) online(false);
  if (error?.status === 401) await switchedOff(error);
  network();
}

/* The head: network, waiting scans, people */

function online(yes) {
  isOnline = yes;
}

async function network() {
  const waiting = await queue.pending();
  const { sent, refused } = queue.totals;
  const late = sent ? text("delivered", { count: sent, refused }) : "";
  const old = !isOnline && knowledge.isReady ? text("data_of", { time: clock(knowledge.asOf) }) : "";
  const said = [text(isOnline ? "online" : "offline"), waiting ? text("waiting", { count: waiting }) : late, old];
  $("net-text").textContent = said.filter(Boolean).join(" · ");
  $("net").dataset.net = isOnline ? (waiting ? "waiting" : "online") : "offline";
  $("kept-numbers").textContent = text("kept_numbers", { waiting, sent, refused });
  $("save").disabled = !waiting;
  app.dataset.waiting = waiting;
  app.dataset.ready = knowledge.isReady ? "yes" : "no";
  check.network(text, isOnline, knowledge.isReady);
}

async function count() {
  try {
    const numbers = await call(`gates/${encodeURIComponent(gate)}/counters`);
    $("count-present").textContent = numbers.present.toLocaleString();
    $("count-admitted").textContent = numbers.admitted.toLocaleString();
    online(true);
  } catch (error) {
    if (error.status === 401 && store.token()) await switchedOff(error);
    if (!error.status) online(false);
  }
}

/* Codes come from the camera, from a hand scanner that types, or by hand */

function take(code, by) {
  const moment = performance.now();
  for (const [known, at] of recent) if (moment - at > ENGINE) recent.delete(known);
  const repeated = recent.has(code);
  recent.set(code, moment); // a badge held before the camera keeps counting as the same one
  if (!repeated) scan(code, by);
}

new Keys({ onCode: (code) => take(code), field: () => ($("hand-dialog").open ? $("hand-text") : null) });
new Hand({ call, text, names, isOnline: () => isOnline, onPerson: (number) => scan(number, "hand"), onCode: take });
for (const touch of ["keydown", "pointerdown"]) addEventListener(touch, wake);

function wake() {
  feedback.wake();
  check.sound(text, feedback.muted(), feedback.sounds());
}

/* Start */
function buttons(camera) {
  $("net").addEventListener("click", () => $("kept-dialog").showModal());
  $("kept-close").addEventListener("click", () => $("kept-dialog").close());
  $("save").addEventListener("click", () => queue.save(app.dataset.device || "", `${event}-${gate}`));
  $("check-done").addEventListener("click", check.hide);
  $("way").addEventListener("click", () => {
    direction = direction === "in" ? "out" : "in";
    $("way").setAttribute("aria-pressed", String(direction === "out"));
    app.dataset.direction = direction;
  });
  const sound = () => {
    $("sound").setAttribute("aria-pressed", String(!feedback.muted()));
    check.sound(text, feedback.muted(), feedback.sounds());
  };
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
    check.line("camera", "good", text("camera_good"));
  } catch {
    if (app.dataset.keeps !== "no") $("hint").textContent = text("no_camera");
    app.dataset.camera = "none";
    check.line("camera", "fair", text("no_camera"));
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
    queue.run();
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
  await check.storage(text, app.dataset.keeps === "yes");
}

/** How much is known here for the time without a network, and of when; then the names, where this gate has them. */
async function tellData() {
  await tellCount();
  if (store.token() && knowledge.isReady) {
    await names.sync(knowledge.data.gates.filter((item) => item.offline_names).map((item) => item.code));
    await tellCount();
  }
  await network();
}

async function tellCount() {
  app.dataset.names = names.isReady ? "yes" : "no";
  const more = names.isReady ? text("names_good", { count: names.size }) : "";
  check.data(text, await knowledge.count(), knowledge.isReady && clock(knowledge.asOf), knowledge.verifier.way, more);
}

/** The gate's name, hours and directions: from the server, else from what is kept here. */
async function know() {
  let known = knowledge.data;
  try {
    known = await call("gates");
    app.dataset.device = known.device;
  } catch (error) {
    if (error.status === 401) return void (await switchedOff(error));
    if (!error.status) online(false);
  }
  check.clock(text, wire.skew, wire.measured);
  if (!known) return;
  const all = known.gates.map((item) => item.code);
  install(app.dataset, event, all, app.dataset.lang).catch(() => {});
  const here = known.gates.find((item) => item.code === gate);
  zone = known.event.timezone;
  if (here) {
    gateKind = here.kind;
    app.dataset.force = here.may_force ? "yes" : "no";
    $("gate-name").textContent = (document.documentElement.lang === "en" ? here.name_en : here.name_zh) || here.code;
    $("way").hidden = here.ways === "in";
  } else $("hint").textContent = text("no_gate");
}

/** Ready for the first code, unless the camera has seen one already. */
function begun() {
  if (app.dataset.state === "starting") app.dataset.state = "ready";
}

const camera = new Camera($("video"), {
  ...Object.fromEntries(
    ["worker", "zxing", "wasm"].map((name) => [name, new URL(app.dataset[name], location.href).href]),
  ),
  onText: take,
});
buttons(camera);
app.camera = camera;
await queue.load();
if (token) {
  await knowledge.load();
  if (knowledge.isReady) await names.load();
  await Promise.all([look(camera), know(), tryStore()]);
  begun();
  comeBack(camera);
  addEventListener("online", () => queue.run());
  addEventListener("offline", () => {
    online(false);
    network();
  });
  await queue.run();
  await count();
  setInterval(count, 15000);
  if (store.token()) knowledge.keepUp(tellData);
  await tellData();
} else {
  $("hint").textContent = text("no_token");
  check.hide();
}
begun();
network();
