/** What this scanner knows of its event, kept up to date while there is a network, and its verdict when there is none. */

const EVERY = 60000; // ms between two looks for changes
const FIRST = 30000; // ms for a page of the snapshot: thousands of badges

export class Knowledge {
  /** `call` asks the server; `clock` gives its time as far as known. */
  constructor({ event, store, rules, codes, call, clock, noble }) {
    Object.assign(this, { event, store, rules, codes, call, clock });
    this.verifier = new codes.Verifier(noble);
    this.data = null;
    this.log = new rules.Log();
  }

  /** Whether a verdict without the server is possible. */
  get isReady() {
    return Boolean(this.data);
  }

  /** The moment of which the data are, by the server's clock. */
  get asOf() {
    return this.data?.generated_at;
  }

  /** A gate by its code, as last heard. */
  gate(code) {
    return this.data?.gates.find((item) => item.code === code);
  }

  /** What is on the disk. After its time the data are forgotten, also without any contact. */
  async load() {
    try {
      const data = await this.store.known(this.event);
      await this.verifier.start();
      if (data && Date.parse(data.device.keep_until) < this.clock()) return void (await this.store.wipe());
      this.data = data || null;
      if (data) await this.replay();
    } catch {
      this.data = null;
    }
  }

  async replay() {
    this.log = new this.rules.Log();
    for (const passage of await this.store.passages(this.event))
      this.rules.remember(this.data, passage.badge, this.log, passage);
  }

  async wipe() {
    this.isOver = true;
    this.data = null;
    this.log = new this.rules.Log();
    await this.store.wipe().catch(() => {});
  }

  /** Fetch what has changed; the first time everything, page by page, going on where it broke off. */
  async sync() {
    if (this.syncing || this.isOver) return;
    this.syncing = true;
    try {
      await this.fetchAll();
    } finally {
      this.syncing = false;
    }
  }

  async fetchAll() {
    const settled = (await this.store.passages(this.event)).filter((item) => item.settled).map((item) => item.serial);
    const broken = await this.store.known(`${this.event}/part`);
    const since = this.data?.next_since || "";
    let part = broken && broken.since === since ? broken : { since, after: 0, first: null };
    do {
      const path = `snapshot?sealed=true&after=${part.after}&since=${encodeURIComponent(part.since)}`;
      const { badges, ...page } = await this.call(path, null, FIRST);
      if (this.isOver) return;
      await this.store.putBadges(this.event, badges);
      part = { since: part.since, after: page.next_after, first: part.first || page.next_since, page };
      await this.store.setKnown(`${this.event}/part`, part);
    } while (part.after !== null);
    const { areas, gates, ...page } = part.page;
    const data = { ...page, next_since: part.first, gates: gates.map((gate) => ({ ...gate, area: areas[gate.code] })) };
    await this.store.setKnown(this.event, data);
    await this.store.setKnown(`${this.event}/part`, null);
    await this.store.dropPassages(settled);
    this.data = data;
    await this.replay();
  }

  /** Look for changes now and then. A failure is for the next time. */
  keepUp(onEnd) {
    const look = async () => {
      await this.sync().catch(() => {});
      onEnd();
      setTimeout(look, EVERY * (0.75 + Math.random() / 2)); // not all devices at once
    };
    return look();
  }

  async count() {
    return this.isReady ? this.store.countBadges(this.event).catch(() => 0) : 0;
  }

  /** The badge of a person whom staff chose by name: what counts there is the registration, not a code. */
  async chosen(person) {
    const badge = person.uid ? await this.store.badge(this.event, person.uid) : null;
    const claimed = person.uid && { uid: person.uid, event: this.data.event.id, expires_at: Infinity };
    return { claimed: claimed || null, badge, person, genuine: true };
  }

  /** Whose code it is: the claim, the badge, the person, and whether it is ours. */
  async read(code) {
    let claimed = this.codes.claim(code);
    let badge = claimed && (await this.store.badge(this.event, claimed.uid));
    let person = badge && (await this.codes.open(badge.sealed, claimed));
    let genuine = person ? true : claimed && (await this.verifier.isGenuine(claimed, this.data.keys));
    if (!claimed || genuine === false) {
      const right = await this.verifier.genuineReading(code, this.data.keys);
      if (right) {
        [claimed, genuine] = [right, true];
        badge = await this.store.badge(this.event, right.uid);
        person = badge && (await this.codes.open(badge.sealed, right));
      }
    }
    const mistyped = claimed
      ? genuine === false && (await this.otherwise(code, claimed))
      : this.codes.looksMistyped(code);
    return { claimed, badge: badge || null, person: person || null, genuine, mistyped };
  }

  /** Whether a code that we did not sign names a badge of this event when another keyboard layout is undone. */
  async otherwise(code, claimed) {
    const others = this.codes.readings(code).filter((reading) => reading.uid !== claimed.uid);
    const badges = await Promise.all(others.map((reading) => this.store.badge(this.event, reading.uid)));
    return badges.some(Boolean);
  }

  /** The answer as the server would give it, as far as it can be known here; null when nothing can be said. `named`: the person
   *  whom staff chose, of the names of this gate. */
  async verdict(scan, named = null) {
    if (!this.isReady || (scan.by === "hand" && !named)) return null;
    const { claimed, badge, person, genuine, mistyped } = await (named ? this.chosen(named) : this.read(scan.code));
    if (named && !claimed) return { outcome: "refused", reason: "unknown", person };
    const at = Date.parse(scan.scanned_at);
    const { device, event } = this.data;
    const seen = { gate: scan.gate, direction: scan.direction, at, offline: false, device: device.id };
    const of = claimed || { uid: null, event: event.id, expires_at: Infinity };
    const says = this.rules.judge(this.data, badge, this.log, { ...seen, ...of, genuine, mistyped });
    if (says.outcome === "admitted") await this.write(scan, badge, claimed, false);
    const shown = says.reason === "forged" || says.reason === "wrong_event" ? null : person;
    return { ...says, person: shown, first_scanned_at: says.first_at, hasPhoto: Boolean(shown && badge?.photo) };
  }

  /** A passage that the server has answered: the next person's verdict may be this device's own. */
  async note(scan, result, named = null) {
    if (!this.isReady || result.outcome !== "admitted" || (scan.by === "hand" && !named)) return;
    const { claimed, badge } = await (named ? this.chosen(named) : this.read(scan.code));
    if (!claimed) return;
    const gate = this.gate(scan.gate);
    if (!gate) return;
    this.rules.remember(this.data, badge, this.log, this.passage(scan, badge, claimed, gate));
    await this.write(scan, badge, claimed, true);
  }

  passage(scan, badge, claimed, gate) {
    const registration = badge ? badge.registration : claimed.uid;
    const { direction } = scan;
    return { area: gate.area, registration, at: Date.parse(scan.scanned_at), direction, device: this.data.device.id };
  }

  async write(scan, badge, claimed, settled) {
    const gate = this.gate(scan.gate);
    const passage = { ...this.passage(scan, badge, claimed, gate), uid: claimed.uid, id: scan.id, settled };
    await this.store.addPassage(this.event, passage).catch(() => {});
  }

  /** Scans that the server has by now: their passages come with its next snapshot. */
  async settle(ids) {
    if (!this.isReady) return;
    const sent = new Set(ids);
    const own = (await this.store.passages(this.event)).filter((item) => sent.has(item.id));
    for (const { badge: _, ...item } of own) await this.store.addPassage(this.event, { ...item, settled: true });
  }
}
