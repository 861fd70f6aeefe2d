"""What a gate needs to know: the state behind scans, snapshots for devices, counters, the devices themselves."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from fairs.accounts.actor import Actor, Device
from fairs.badges import tokens
from fairs.checkin.rules import Found, GateRules, Passage, Person, Result, Scan
from fairs.core import db
from fairs.core.errors import NotFound

# One row a scan, in the order sent. Every look-up is a LATERAL of one row and `+ 0` keeps the planner off the index of
# a whole gate: it plans while scans and admissions are empty, and a fair fills them within minutes. So the plan has no
# choice but one index look-up a scan. The last two run only where they can matter.
_STATE = """
WITH sent AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::boolean[])
        WITH ORDINALITY AS t (uuid, gate, uid, token, at, offline, n)
)
SELECT i.n, z.id IS NOT NULL AS known, g.id AS gate, g.opens_at, g.closes_at, v.capacity, v.session,
    b.id AS badge, b.revoked_at IS NOT NULL AS revoked, right(b.code, length(i.token)) = i.token AS same,
    r.id AS registration, r.event = $1 AS here, r.state = 'confirmed' AS confirmed,
    v.session IS NULL OR NOT v.sign_up OR signed.id IS NOT NULL AS signed_up,
    r.name_passport, r.name_native, r.category, coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation,
    d.day, a.first_scanned_at AS first_at, first_pass.device_id AS first_device,
    last_pass.scanned_at AS last_at, last_pass.direction AS last_direction
FROM sent i
JOIN event e ON e.id = $1
CROSS JOIN LATERAL (SELECT (i.at AT TIME ZONE e.timezone)::date AS day) d
LEFT JOIN LATERAL (SELECT id FROM scan WHERE uuid = i.uuid LIMIT 1) z ON true
LEFT JOIN LATERAL (SELECT * FROM gate WHERE event = $1 AND code = i.gate LIMIT 1) g ON true
LEFT JOIN LATERAL (
    SELECT s.id AS session, s.capacity, s.sign_up FROM event_session s WHERE s.id = g.session LIMIT 1
) v ON true
LEFT JOIN LATERAL (SELECT * FROM badge WHERE uid = i.uid LIMIT 1) b ON true
LEFT JOIN LATERAL (SELECT * FROM registration WHERE id = b.registration LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT name_zh FROM organisation WHERE id = r.organisation LIMIT 1) o ON true
LEFT JOIN LATERAL (
    SELECT id FROM registration_session WHERE registration = r.id AND session = v.session AND v.sign_up LIMIT 1
) signed ON true
LEFT JOIN LATERAL (
    SELECT q.* FROM admission q WHERE q.gate = g.id AND q.registration = r.id AND q.day = d.day LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT p.device_id FROM scan p
    WHERE a.id IS NOT NULL AND i.offline AND p.registration = a.registration AND p.gate + 0 = a.gate
        AND p.outcome = 'admitted' AND p.direction = 'in' AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at, p.id LIMIT 1
) first_pass ON true
LEFT JOIN LATERAL (
    SELECT p.scanned_at, p.direction FROM scan p
    WHERE a.id IS NOT NULL AND p.registration = a.registration AND p.gate + 0 = a.gate AND p.outcome = 'admitted'
        AND p.scanned_at <= i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
) last_pass ON true
ORDER BY i.n
"""
_REPLAYS = """
SELECT s.uuid, t.event_id = $2 AS ours, s.outcome, s.reason, s.conflict, s.first_scanned_at, r.event = $2 AS here,
    r.name_passport, r.name_native, r.category, coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation
FROM scan s
LEFT JOIN access_token t ON t.id = s.device_id
LEFT JOIN registration r ON r.id = s.registration
LEFT JOIN organisation o ON o.id = r.organisation
WHERE s.uuid = ANY($1::uuid[])
"""
_INSIDE = """
SELECT gate, day, count(*) FILTER (WHERE direction = 'in') AS inside FROM (
    SELECT DISTINCT ON (s.gate, w.day, s.registration) s.gate, w.day, s.direction
    FROM unnest($2::bigint[], $3::date[]) AS w (gate, day)
    JOIN event e ON e.id = $1
    JOIN scan s ON s.gate = w.gate AND s.outcome = 'admitted' AND (s.scanned_at AT TIME ZONE e.timezone)::date = w.day
    ORDER BY s.gate, w.day, s.registration, s.scanned_at DESC, s.id DESC
) latest GROUP BY gate, day
"""


def person_of(row: asyncpg.Record) -> Person | None:
    """The person, unless the badge is of another event: a device learns nothing about strangers."""
    if not row["here"]:
        return None
    return Person(row["name_passport"], row["name_native"], row["category"], row["organisation"])


def _found(row: asyncpg.Record) -> Found:
    gate = row["gate"]
    return Found(
        gate=None if gate is None else GateRules(gate, row["opens_at"], row["closes_at"], row["capacity"]),
        genuine=True if row["same"] else None,
        badge=row["badge"],
        revoked=row["revoked"],
        registration=row["registration"],
        here=bool(row["here"]),
        confirmed=bool(row["confirmed"]),
        signed_up=row["signed_up"],
        person=person_of(row),
        day=row["day"],
        first_at=row["first_at"],
        first_device=row["first_device"],
        known=row["known"],
        last=None if row["last_at"] is None else Passage(row["last_at"], row["last_direction"]),
    )


async def state_of(event_id: int, scans: Sequence[Scan]) -> list[Found]:
    """What is known about each scan, in order."""
    rows = await db.fetch(
        _STATE,
        event_id,
        [scan.uuid for scan in scans],
        [scan.gate for scan in scans],
        [scan.uid for scan in scans],
        [scan.token for scan in scans],
        [scan.scanned_at for scan in scans],
        [scan.offline for scan in scans],
    )
    return [_found(row) for row in rows]


async def stored_answers(event_id: int, scans: Sequence[Scan]) -> dict[UUID, Result]:
    """The first answers to scans that are stored already. One of another event is refused without a word about it."""
    rows = await db.fetch(_REPLAYS, [scan.uuid for scan in scans], event_id)
    return {row["uuid"]: _stored(row) for row in rows}


def _stored(row: asyncpg.Record) -> Result:
    if not row["ours"]:
        return Result(None, "refused", "malformed")
    return Result(None, row["outcome"], row["reason"], person_of(row), row["first_scanned_at"], row["conflict"])


async def people_inside(event_id: int, places: Sequence[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """How many came in and did not leave, by gate and day."""
    rows = await db.fetch(_INSIDE, event_id, [gate for gate, _ in places], [day for _, day in places])
    return {(row["gate"], row["day"]): row["inside"] for row in rows}


async def badges_by_number(event_id: int, numbers: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """uid and token of the latest badge of registrations given by their number."""
    rows = await db.fetch(
        "SELECT DISTINCT ON (r.id) r.number, b.uid, right(b.code, $3) AS token FROM registration r"
        " JOIN badge b ON b.registration = r.id WHERE r.event = $1 AND r.number = ANY($2::text[])"
        " ORDER BY r.id, b.revoked_at IS NOT NULL, b.id DESC",
        event_id,
        list(numbers),
        tokens.LENGTH,
    )
    return {row["number"]: (row["uid"], row["token"]) for row in rows}


async def public_keys() -> dict[int, bytes]:
    """Ed25519 public keys by the number that tokens carry; retired ones too: their badges stay genuine."""
    return {row["number"]: row["public_key"] for row in await db.fetch("SELECT number, public_key FROM badge_key")}


async def device_event(device: Device) -> asyncpg.Record:
    """The event of a scanner. Raises NotFound when it is gone."""
    row = await db.fetchrow(
        "SELECT id, slug, title_zh, title_en, timezone, starts_at, ends_at FROM event WHERE id = $1", device.event_id
    )
    if row is None:
        raise NotFound
    return row


async def gates_of(event_id: int) -> list[asyncpg.Record]:
    """Gates of an event with the session they guard."""
    return await db.fetch(
        "SELECT g.id, g.code, g.kind, g.name_zh, g.name_en, g.opens_at, g.closes_at, s.id AS session_id, s.code AS session,"
        " s.capacity, coalesce(s.sign_up, false) AS sign_up FROM gate g LEFT JOIN event_session s ON s.id = g.session"
        " WHERE g.event = $1 ORDER BY g.kind <> 'entry', g.code",
        event_id,
    )


async def gate_of(event_id: int, code: str) -> asyncpg.Record:
    """One gate of an event by its code. Raises NotFound."""
    for gate in await gates_of(event_id):
        if gate["code"] == code:
            return gate
    raise NotFound


async def require_gate(slug: str, code: str) -> None:
    """Raises NotFound for a mistyped address."""
    sql = "SELECT true FROM gate g JOIN event e ON e.id = g.event WHERE e.slug = $1 AND g.code = $2"
    if "\0" in slug + code or not await db.fetchval(sql, slug, code):
        raise NotFound


async def event_for(actor: Actor, slug: str) -> asyncpg.Record:
    """An event whose scanners the actor may manage (organisers) or use (its staff). Raises NotFound for strangers."""
    row = await db.fetchrow("SELECT id, slug, title_zh, title_en, timezone, state FROM event WHERE slug = $1", slug)
    if row is None or not (actor.sees_everything or row["id"] in actor.event_ids):
        raise NotFound
    return row


async def events_to_scan(actor: Actor) -> list[asyncpg.Record]:
    """Events with gates where this account may scan, the present and next ones first."""
    return await db.fetch(
        "SELECT e.id, e.slug, e.title_zh, e.title_en, e.starts_at, e.ends_at FROM event e"
        " WHERE ($1 OR e.id = ANY($2::bigint[])) AND e.state <> 'closed'"
        " AND EXISTS (SELECT 1 FROM gate g WHERE g.event = e.id) ORDER BY e.starts_at DESC, e.id LIMIT 20",
        actor.sees_everything,
        actor.event_ids,
    )


async def devices_of(event_id: int) -> list[asyncpg.Record]:
    """Scanners of an event that may still scan, then those switched off."""
    return await db.fetch(
        "SELECT t.id, t.name, t.created_at, t.last_used_at, t.expires_at, t.revoked_at, a.name AS account"
        " FROM access_token t LEFT JOIN account a ON a.id = t.account WHERE t.kind = 'device' AND t.event_id = $1"
        " ORDER BY t.revoked_at IS NOT NULL, t.id DESC LIMIT 500",
        event_id,
    )


async def conflicts_of(event_id: int) -> list[asyncpg.Record]:
    """The ledger of conflicts: offline scans of people whom another device had admitted already."""
    return await db.fetch(
        "SELECT s.scanned_at, s.first_scanned_at, g.name_zh, g.name_en, t.name AS device, r.number, r.name_passport,"
        " r.name_native FROM scan s JOIN gate g ON g.id = s.gate JOIN registration r ON r.id = s.registration"
        " LEFT JOIN access_token t ON t.id = s.device_id WHERE g.event = $1 AND s.conflict"
        " ORDER BY s.received_at DESC, s.id DESC LIMIT 200",
        event_id,
    )


# Badges that a device must know about: with `since` only those that changed after it.
_SNAPSHOT = """
SELECT b.id, b.uid, b.revoked_at IS NOT NULL AS revoked, r.state = 'confirmed' AS confirmed, r.name_passport,
    r.name_native, r.category, coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation,
    $4::bigint IS NULL OR signed.id IS NOT NULL AS signed_up, a.first_scanned_at
FROM badge b
JOIN registration r ON r.id = b.registration
LEFT JOIN organisation o ON o.id = r.organisation
LEFT JOIN registration_session signed ON signed.registration = r.id AND signed.session = $4
LEFT JOIN admission a ON a.gate = $3 AND a.registration = r.id AND a.day = $5
WHERE r.event = $1 AND b.id > $2 AND ($6::timestamptz IS NULL OR b.issued_at > $6 OR b.revoked_at > $6
    OR r.updated_at > $6 OR EXISTS (SELECT 1 FROM scan s WHERE s.registration = r.id AND s.received_at > $6))
ORDER BY b.id LIMIT $7
"""


async def snapshot_badges(
    event_id: int, *, after: int, gate: int | None, session: int | None, day: date, since: datetime | None, limit: int
) -> list[asyncpg.Record]:
    """A page of badges, by id."""
    return await db.fetch(_SNAPSHOT, event_id, after, gate, session, day, since, limit)
