/** What a gate says, decided without the server: the same rules as checkin/rules.py, tried with the same cases.
 *
 *  `data` is the snapshot: event, gates, sessions, people inside. A badge has its state and its passages as
 *  [area, time, direction, device]; the log has what this device has seen since. Times are milliseconds. */

const SOON = 1800000; // ms before a session from which a gate of its room asks for its sign-up
const days = new Map(); // a formatter of each zone

export function dayOf(at, zone) {
  if (!days.has(zone)) {
    const shape = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" };
    days.set(zone, new Intl.DateTimeFormat("en-CA", shape));
  }
  return days.get(zone).format(at);
}

const time = (moment) => (moment === null || moment === undefined ? null : Date.parse(moment));

/** The passages of this device since the snapshot, and how they change the number of people inside. */
export class Log {
  constructor() {
    this.passages = new Map();
    this.moved = new Map();
  }

  of(area, registration) {
    return this.passages.get(`${area}/${registration}`) || [];
  }

  /** `known`: the person's passages there on that day before this one. The latest passage says who is inside. */
  add({ area, registration, day, at, direction, device }, known) {
    const latest = latestOf(known, Infinity);
    const key = `${area}/${registration}`;
    this.passages.set(key, [...this.of(area, registration), { at, direction, device }]);
    if (latest && latest.at > at) return;
    const change = (direction === "in") - (latest?.direction === "in");
    const place = `${area}/${day}`;
    this.moved.set(place, (this.moved.get(place) || 0) + change);
  }

  inside(data, area, day) {
    const known = data.inside.find((item) => item.area === area && item.day === day);
    return (known?.count || 0) + (this.moved.get(`${area}/${day}`) || 0);
  }
}

/** The latest passage not after `until`; of two at the same time the later one in the list. */
function latestOf(passages, until) {
  let found = null;
  for (const passage of passages) if (passage.at <= until && (!found || passage.at >= found.at)) found = passage;
  return found;
}

function gateOf(data, code, at) {
  const ended = time(data.event.ended_at);
  const gate = data.gates.find((item) => item.code === code);
  const off = time(gate?.inactive_since);
  return gate && (ended === null || at < ended) && (off === null || at < off) ? gate : null;
}

/** The session whose sign-up a gate asks for now: its own, or what is on in its room, or begins there soon. */
function guarded(data, gate, at) {
  if (gate.session) return gate.sign_up ? gate.session : null;
  if (!gate.room) return null;
  const on = data.sessions
    .filter((item) => item.room === gate.room && time(item.starts_at) - SOON <= at && time(item.ends_at) > at)
    .sort((a, b) => (time(b.starts_at) <= at) - (time(a.starts_at) <= at) || time(a.starts_at) - time(b.starts_at));
  return on[0]?.sign_up ? on[0].code : null;
}

/** Why this person may not come in here: the group, the sign-up, or another room at this hour. */
function barred(data, gate, badge, at) {
  if (gate.categories.length && !gate.categories.includes(badge.category)) return "wrong_category";
  const asked = guarded(data, gate, at);
  if (asked === null || badge.sessions.includes(asked)) return null;
  const hall = gate.room || data.sessions.find((item) => item.code === gate.session)?.room;
  const elsewhere = data.sessions.some(
    (item) =>
      hall &&
      item.room &&
      item.room !== hall &&
      badge.sessions.includes(item.code) &&
      time(item.starts_at) - SOON <= at &&
      time(item.ends_at) > at,
  );
  return elsewhere ? "wrong_room" : "not_signed_up";
}

/** Why this badge may not pass this gate at this time, whoever else is there. */
function refusal(data, gate, badge, scan) {
  if (!gate) return "wrong_gate";
  if (scan.uid === null) return scan.mistyped ? "keyboard" : "malformed";
  if (scan.genuine === false) return scan.mistyped ? "keyboard" : "forged";
  if (scan.event !== data.event.id) return "wrong_event";
  if (!badge) return scan.expires_at <= scan.at ? "too_late" : null;
  if (badge.state === "revoked") return "revoked";
  if (badge.state === "not_confirmed") return "not_confirmed";
  return null;
}

function closed(data, gate, badge, scan) {
  if (scan.direction === "out") return gate.ways === "in" ? "wrong_way" : null;
  if (gate.opens_at && scan.at < time(gate.opens_at)) return "too_early";
  if (gate.closes_at && scan.at >= time(gate.closes_at)) return "too_late";
  return badge ? barred(data, gate, badge, scan.at) : null;
}

const answer = (outcome, reason = null, first_at = null, conflict = false, unsure = null) => ({
  outcome,
  reason,
  first_at,
  conflict,
  unsure,
});

/** The first admission that makes another one `already`: of the day, with the rule `once` of the whole event. */
function firstOf(gate, passages, day, zone) {
  return passages.find(
    (passage) => passage.direction === "in" && (gate.rule === "once" || dayOf(passage.at, zone) === day),
  );
}

function passagesOf(badge, log, area, registration) {
  const before = (badge?.passages || [])
    .filter(([place]) => place === area)
    .map(([, at, direction, device]) => ({ at: time(at), direction, device }));
  return [...before, ...log.of(area, registration)];
}

/** Write a passage into the log that was decided elsewhere, or before the page was opened. */
export function remember(data, badge, log, passage) {
  const zone = data.event.timezone;
  const day = dayOf(passage.at, zone);
  const all = passagesOf(badge, log, passage.area, passage.registration);
  log.add(
    { ...passage, day },
    all.filter((known) => dayOf(known.at, zone) === day),
  );
}

/** The verdict; whoever is admitted is written into the log. `badge` null: the snapshot has no such badge. What a
 *  device cannot know is said by `unsure`: it lets people in, and the server finds the conflict later. */
export function judge(data, badge, log, scan) {
  const gate = gateOf(data, scan.gate, scan.at);
  let reason = refusal(data, gate, badge, scan);
  if (!reason && scan.genuine !== true) return answer("unsure", null, null, false, "unverified");
  reason = reason || closed(data, gate, badge, scan) || (scan.told === "refused" ? scan.told_reason : null);
  if (reason) return answer("refused", reason, null, scan.told === "admitted");
  const { area } = gate;
  const registration = badge ? badge.registration : scan.uid;
  const zone = data.event.timezone;
  const day = dayOf(scan.at, zone);
  const all = passagesOf(badge, log, area, registration);
  const today = all.filter((passage) => dayOf(passage.at, zone) === day);
  const passage = { area, registration, day, at: scan.at, direction: scan.direction, device: scan.device };
  const unsure = badge ? null : "new";
  const last = latestOf(today, scan.at);
  const isInside = last?.direction === "in";
  if (scan.direction === "out" || (gate.rule === "many" && isInside)) {
    log.add(passage, today);
    return answer("admitted", null, null, false, unsure);
  }
  const first = firstOf(gate, all, day, zone);
  if (first && (!last || isInside || gate.rule === "once") && gate.rule !== "many") {
    const elsewhere = scan.offline && !scan.told && first.device !== scan.device;
    return answer("already", null, first.at, elsewhere || scan.told === "admitted");
  }
  if (gate.capacity !== null && log.inside(data, area, day) >= gate.capacity)
    return answer("refused", "full", null, scan.told === "admitted");
  log.add(passage, today);
  return answer("admitted", null, null, false, unsure);
}
