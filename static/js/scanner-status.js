/** Once a minute the scanner says how it stands: battery, queue, camera, clock. The organiser's page of the gates shows it. */

const app = document.getElementById("scanner");
const store = await import(app.dataset.store);
const MINUTE = 60000;

/** What cannot be known stays null: not every browser tells the battery. */
async function power() {
  try {
    const { level, charging } = await navigator.getBattery();
    return { battery: Math.round(level * 100), charging };
  } catch {
    return {};
  }
}

/** When the oldest scan that is not sent was made; kept scans come oldest first. */
async function oldest(queued) {
  if (!queued) return null;
  const [item] = await store.kept(app.dataset.event, 1).catch(() => []);
  return item?.scan.scanned_at ?? null;
}

async function report() {
  const token = store.token();
  if (!token) return;
  const queued = await store.count(app.dataset.event).catch(() => 0);
  const data = await store.known(app.dataset.event).catch(() => null);
  const place = `${app.dataset.event}/looked`;
  const looked = (await store.known(place).catch(() => 0)) || 0;
  const body = {
    gate: app.dataset.gate,
    ...(await power()),
    queued,
    oldest_queued_at: await oldest(queued),
    version: app.dataset.version,
    data_at: data?.generated_at ?? null,
    clock: new Date().toISOString(),
    looked_up: looked,
    camera: app.dataset.camera ? app.dataset.camera === "on" : null,
  };
  const answer = await fetch("/api/v1/checkin/status", {
    method: "POST",
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    signal: AbortSignal.timeout(10000),
  }).catch(() => null); // no network: the next minute
  if (!answer?.ok || !looked) return;
  const since = (await store.known(place).catch(() => 0)) || 0;
  await store.setKnown(place, Math.max(0, since - looked)).catch(() => {});
}

setTimeout(report, 3000); // once the camera has started
setInterval(report, MINUTE);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && report());
