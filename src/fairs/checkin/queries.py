"""Data that gates need: the state behind scans, snapshots for devices, counters, the devices themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from fairs.accounts.actor import Actor, Device
from fairs.badges import tokens
from fairs.checkin import tallies
from fairs.checkin.rows import (
    DeviceEvent,
    DeviceRow,
    EventToScan,
    GateState,
    ManagedEvent,
    ScannedEvent,
    SnapshotBadge,
)
from fairs.checkin.rules import GateRules, Passage, Person, Result, Scan, ScanContext
from fairs.checkin.tables import Outcome, Reason
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value_or_none
from fairs.events.queries import RUN_BY_UNIT

# Both are database functions (scan_state in migrations/fairs_2026_11_28t23_00 and, for undone scans, fairs_2026_11_29t01_01; scan_store in migrations/baseline/12_checkin.sql): their planner settings must apply in one statement
# without a transaction, and their plans must be cached behind a pooler too.
_STATE = "SELECT * FROM scan_state($1, $2, $3, $4, $5, $6, $7)"
_STORE = """
SELECT scan_store($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
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
_INSIDE = f"""
SELECT area, day, count(*) FILTER (WHERE direction = 'in') AS inside FROM (
    SELECT DISTINCT ON (w.area, w.day, s.registration) w.area, w.day, s.direction
    FROM unnest($2::bigint[], $3::bigint[], $4::date[]) AS w (area, gate, day)
    JOIN event e ON e.id = $1
    JOIN scan s ON s.gate = w.gate AND s.outcome = 'admitted' AND (s.scanned_at AT TIME ZONE e.timezone)::date = w.day
        AND {tallies.STANDING}
    ORDER BY w.area, w.day, s.registration, s.scanned_at DESC, s.id DESC
) latest GROUP BY area, day
"""  # noqa: S608 - constants of the code


def person_of(row: asyncpg.Record) -> Person | None:
    """The person, unless the badge is of another event: a device gets no data about strangers."""
    if not row["here"]:
        return None
    return Person(row["name_passport"], row["name_native"], row["category"], row["organisation"])


def _found(rows: Sequence[asyncpg.Record]) -> list[ScanContext]:
    """In the order of scan_state's columns: a call may have a thousand, and access by name costs one look-up each."""
    gates: dict[int, GateRules] = {}
    found = []
    for (
        _, known, gate, opens_at, closes_at, capacity, _, badge, revoked, same, registration, here, confirmed, barred,
        name, name_native, category, organisation, day, first_at, first_device, last_at, last_direction, rule, ways,
        zone, later_at, later_direction,
    ) in rows:  # fmt: skip
        if gate is not None and gate not in gates:
            gates[gate] = GateRules(gate, opens_at, closes_at, capacity, rule, ways, tuple(zone or ()))
        found.append(
            ScanContext(
                None if gate is None else gates[gate],
                True if same else None,
                badge,
                revoked,
                registration,
                bool(here),
                bool(confirmed),
                barred,
                Person(name, name_native, category, organisation) if here else None,
                day,
                first_at,
                first_device,
                known,
                None if last_at is None else Passage(last_at, last_direction),
                None if later_at is None else Passage(later_at, later_direction),
            )
        )
    return found


async def state_of(event_id: int, scans: Sequence[Scan]) -> tuple[int, list[ScanContext]]:
    """The event's turn, and the context of each scan, in order: as of one moment."""
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
    return rows[0]["turn"] if rows else 0, _found(rows)


async def store(event_id: int, turn: int, *values: Any) -> bool:
    """Store a batch completely or not at all. False: the event's turn has changed, so others have stored since.

    Safe to retry after a lost connection, like a read: the second attempt to store the same batch is refused.
    """
    stored: bool = await db.fetchval(_STORE, event_id, turn, *values)
    return stored


async def stored_answers(event_id: int, scans: Sequence[Scan]) -> dict[UUID, Result]:
    """First answers of scans already stored. A scan id of another event is refused without details."""
    rows = await db.fetch(_REPLAYS, [scan.uuid for scan in scans], event_id)
    return {row["uuid"]: _stored(row) for row in rows}


def _stored(row: asyncpg.Record) -> Result:
    if not row["ours"]:
        return Result(None, Outcome.REFUSED, Reason.MALFORMED)
    return Result(None, row["outcome"], row["reason"], person_of(row), row["first_scanned_at"], row["conflict"])


async def people_inside(
    event_id: int, places: Iterable[tuple[int, date]], zones: Mapping[int, Sequence[int]]
) -> dict[tuple[int, date], int]:
    """Number of people inside (entered and not left), by area and day. `zones`: the gates of each area."""
    wanted = [(area, gate, day) for area, day in places for gate in zones.get(area) or (area,)]
    areas, gates, days = zip(*wanted, strict=True) if wanted else ((), (), ())
    rows = await db.fetch(_INSIDE, event_id, areas, gates, days)
    return {(row["area"], row["day"]): row["inside"] for row in rows}


async def badges_by_number(event_id: int, numbers: Sequence[str]) -> dict[str, tuple[bytes, str]]:
    """uid and token of the latest badge for each registration number."""
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
    """Ed25519 public keys by the number in tokens; retired ones too: their badges stay valid."""
    return {row["number"]: row["public_key"] for row in await db.fetch("SELECT number, public_key FROM badge_key")}


async def device_event(device: Device) -> DeviceEvent:
    """The event of a scanner. Raises NotFound when it is deleted."""
    row = await fetch_one_as(
        DeviceEvent,
        "SELECT id, slug, title_zh, title_en, timezone, starts_at, ends_at, ended_at FROM event WHERE id = :id",
        id=device.event_id,
    )
    if row is None:
        raise NotFound
    return row


async def gates_of(device: Device) -> list[GateState]:
    """Gates in use where a scanner may be used, with the session or room they guard."""
    return await fetch_as(
        GateState,
        "SELECT g.id, g.code, g.kind, g.name_zh, g.name_en, g.opens_at, g.closes_at, s.id AS session_id, s.code AS session,"
        " coalesce(g.capacity, s.capacity, r.capacity) AS capacity, coalesce(s.sign_up, false) AS sign_up, r.code AS room,"
        " g.categories, g.rule, g.ways, g.may_force, g.offline_names, g.show_photo FROM gate g LEFT JOIN event_session s ON s.id = g.session"
        " LEFT JOIN room r ON r.id = g.room"
        " WHERE g.event = :event AND g.inactive_since IS NULL AND (:gates::bigint[] IS NULL OR g.id = ANY(:gates))"
        " ORDER BY g.kind <> 'entry', g.code",
        event=device.event_id,
        gates=None if device.gate_ids is None else sorted(device.gate_ids),
    )


async def gate_of(device: Device, code: str) -> GateState:
    """One gate of a scanner by its code. Raises NotFound."""
    for gate in await gates_of(device):
        if gate.code == code:
            return gate
    raise NotFound


async def require_gate(slug: str, code: str) -> None:
    """Raises NotFound when the address names no gate."""
    sql = "SELECT true FROM gate g JOIN event e ON e.id = g.event WHERE e.slug = :slug AND g.code = :code"
    if "\0" in slug + code or not await fetch_value_or_none(bool, sql, slug=slug, code=code):
        raise NotFound


async def event_by_id(event_id: int) -> ScannedEvent:
    """The event of a scanner's link. Raises NotFound when it is deleted."""
    row = await fetch_one_as(
        ScannedEvent, "SELECT id, slug, title_zh, title_en, timezone FROM event WHERE id = :id", id=event_id
    )
    if row is None:
        raise NotFound
    return row


async def event_for(actor: Actor, slug: str) -> ManagedEvent:
    """An event whose scanners the actor may manage (who runs it) or use (its staff too). Raises NotFound for strangers."""
    row = await fetch_one_as(
        ManagedEvent,
        f"SELECT e.id, e.slug, e.title_zh, e.title_en, e.timezone, e.unit, e.kind, {RUN_BY_UNIT} FROM event e WHERE e.slug = :slug",  # noqa: S608 - constants of the code; values are named arguments
        slug=slug,
    )
    if row is None or not (actor.runs(row) or row.id in actor.event_ids):
        raise NotFound
    return row


async def events_to_scan(actor: Actor) -> list[EventToScan]:
    """Events with gates where this account may scan, the current and next ones first."""
    return await fetch_as(
        EventToScan,
        "SELECT e.id, e.slug, e.state, e.title_zh, e.title_en, e.starts_at, e.ends_at FROM event e"  # noqa: S608 - constants of the code; values are named arguments
        f" CROSS JOIN LATERAL (SELECT {RUN_BY_UNIT}) own"
        " WHERE (:sees_everything OR e.id = ANY(:events::bigint[]) OR (own.run_by_unit AND e.unit = ANY(:units::bigint[])))"
        " AND e.state IN ('draft', 'published', 'closed')"
        " AND EXISTS (SELECT 1 FROM gate g WHERE g.event = e.id AND g.inactive_since IS NULL) ORDER BY e.starts_at DESC, e.id LIMIT 20",
        sees_everything=actor.sees_everything,
        events=actor.event_ids,
        units=actor.unit_ids,
    )


async def devices_of(event_id: int) -> list[DeviceRow]:
    """Scanners of an event: active ones, then those switched off."""
    return await fetch_as(
        DeviceRow,
        "SELECT t.id, t.name, t.created_at, t.last_used_at, t.expires_at, t.revoked_at, a.name AS account, t.limited,"
        " (SELECT count(*) FROM device_gate d WHERE d.token = t.id) AS gates"
        " FROM access_token t LEFT JOIN account a ON a.id = t.account WHERE t.kind = 'device' AND t.event_id = :event AND NOT 'print' = ANY(t.scopes)"
        " ORDER BY t.revoked_at IS NOT NULL, t.id DESC LIMIT 500",
        event=event_id,
    )


# Badges in a device's snapshot: with `since` only those changed after it.
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
    OR r.updated_at > $6 OR EXISTS (SELECT 1 FROM scan s WHERE s.registration = r.id AND s.received_at > $6)
    OR EXISTS (SELECT 1 FROM scan s JOIN scan_correction c ON c.scan = s.id WHERE s.registration = r.id AND c.at > $6))
ORDER BY b.id LIMIT $7
"""


async def snapshot_badges(
    event_id: int, *, after: int, gate: int | None, session: int | None, day: date, since: datetime | None, limit: int
) -> list[SnapshotBadge]:
    """A page of badges, by id. Thousands at once: structs built in column order, without validation."""
    rows = await db.fetch(_SNAPSHOT, event_id, after, gate, session, day, since, limit)
    return [SnapshotBadge(*row) for row in rows]
