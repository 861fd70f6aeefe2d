/** A scanner that stands at one table: the meeting there now, who is seen, and until when is waited. */

const root = document.getElementById("at-table");
const app = document.getElementById("scanner");
const store = await import(app.dataset.store);
const EVERY = 15000;
const words = Object.fromEntries(
  [...document.getElementById("table-words").content.querySelectorAll("[data-key]")].map((node) => [
    node.dataset.key,
    node.textContent,
  ]),
);
const text = (key, values) =>
  Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), words[key]);
let timer;
let isOf = true;

function clock(moment, timeZone) {
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
  return new Intl.DateTimeFormat(document.documentElement.lang, shape).format(new Date(moment));
}

function lineOf(meeting, zone) {
  const employer = document.documentElement.lang === "en" ? meeting.employer_en : meeting.employer_zh;
  const { candidate } = meeting;
  const who = `${clock(meeting.starts_at, zone)} · ${candidate} · ${employer}`;
  if (meeting.state === "held") return `${who}: ${text("held", {})}`;
  const name = meeting.missing === "talent" ? candidate : employer;
  if (meeting.until) return `${who}: ${text("waits", { name, time: clock(meeting.until, zone) })}`;
  return meeting.missing ? `${who}: ${text("absent", { name })}` : `${who}: ${text("nobody", {})}`;
}

function show({ table, now, next }, zone) {
  isOf = table !== null;
  root.hidden = !isOf;
  if (!isOf) return;
  const meetings = now.length ? now.map((meeting) => lineOf(meeting, zone)) : [text("none", {})];
  const coming = next ? [text("next", { line: lineOf(next, zone).split(": ")[0] })] : [];
  root.replaceChildren(
    ...[text("table", { number: table }), ...meetings, ...coming].map((said) => {
      const line = document.createElement("span");
      line.textContent = said;
      return line;
    }),
  );
}

async function look() {
  clearTimeout(timer);
  const data = await store.known(app.dataset.event).catch(() => null);
  const gate = data?.gates.find(({ code }) => code === app.dataset.gate);
  if (!store.token() || (gate && gate.kind !== "table")) return;
  const asked = `/api/v1/checkin/gates/${encodeURIComponent(app.dataset.gate)}/table`;
  const headers = { authorization: `Bearer ${store.token()}` };
  const answer = await fetch(asked, { headers, signal: AbortSignal.timeout(5000) }).catch(() => null);
  if (answer?.ok) show(await answer.json(), data?.event.timezone || "Asia/Shanghai");
  else if (answer) isOf = false;
  if (isOf) timer = setTimeout(look, EVERY);
}

app.addEventListener("fairs:answered", () => isOf && setTimeout(look, 300)); // once the server has stored the scan
await look();
