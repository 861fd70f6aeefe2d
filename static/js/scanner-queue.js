/** Scans that the server does not have yet: sent in their order, in parts, again and again, and saved to a file at last. */

const PART = 500; // scans a call
const PATIENCE = 20000; // ms for a call
const [SOONEST, LATEST] = [1500, 30000]; // ms before the next try

export class Queue {
  /** `onAnswers(scans, results)` after each part; `onState(error)` after each round, null when it went well. */
  constructor({ event, store, call, onAnswers, onState }) {
    Object.assign(this, { event, store, call, onAnswers, onState });
    this.open = new Set(); // serials of scans whose own call is still out
    this.failed = 0;
    this.size = PART;
    this.totals = { sent: 0, refused: 0 };
  }

  async load() {
    this.totals = (await this.store.known(`${this.event}/totals`).catch(() => null)) || this.totals;
  }

  pending() {
    return this.store.count(this.event).catch(() => 0);
  }

  /** Try now, and from then on by itself for as long as anything is left. */
  async run() {
    clearTimeout(this.timer);
    if (this.sending) return;
    this.sending = true;
    let error = null;
    try {
      await this.send();
      this.failed = 0;
    } catch (caught) {
      error = caught;
      this.failed += 1;
    } finally {
      this.sending = false;
    }
    this.onState(error);
    if (error?.status === 401 || error?.status === 403) return;
    const wait = error ? Math.min(LATEST, SOONEST * 2 ** Math.min(this.failed, 6)) : 5000;
    this.timer = setTimeout(() => this.run(), wait * (0.5 + Math.random())); // not all devices at once
  }

  async send() {
    for (;;) {
      const found = await this.store.kept(this.event, this.size + this.open.size);
      const items = found.filter((item) => !this.open.has(item.serial)).slice(0, this.size);
      if (!items.length) return;
      const scans = items.map(({ scan }) => ({ ...scan, offline: true }));
      try {
        const { results } = await this.call("scans", { scans }, PATIENCE);
        await this.store.drop(items.map((item) => item.serial));
        this.size = Math.min(PART, this.size * 2);
        await this.tally(results);
        await this.onAnswers(scans, results);
      } catch (error) {
        this.shrink(error, items);
      }
    }
  }

  /** A line that breaks in the middle carries less at once; a scan that no call can hold stays here, behind the others. */
  shrink(error, items) {
    const tooMuch = error.status === 413 || error.status === 422;
    if (error.status && !tooMuch) throw error;
    if (tooMuch && items.length === 1) return void this.open.add(items[0].serial);
    this.size = Math.max(tooMuch ? 1 : 25, Math.floor(items.length / 2));
    if (!tooMuch) throw error;
  }

  async tally(results) {
    const refused = results.filter((result) => result.outcome === "refused" || result.conflict).length;
    this.totals = { sent: this.totals.sent + results.length, refused: this.totals.refused + refused };
    await this.store.setKnown(`${this.event}/totals`, this.totals).catch(() => {});
  }

  /** All that is kept, as a file that the organiser can read in: the last resort. */
  async save(device, name) {
    const items = await this.store.kept(this.event);
    const moment = new Date().toISOString();
    const body = { event: this.event, device, saved_at: moment, scans: items.map((item) => item.scan) };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(body, null, 1)], { type: "application/json" }));
    link.download = `scans-${name}-${moment.slice(0, 16).replaceAll(":", "")}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
}
