"""A relay's own database: pages of the feed are written into the usual tables, with the server's ids.

Persons are empty in `registration`, and codes in `badge`; `relay_badge` has the sealed records instead. People are written inside
the event's turn, as scans are, so that no batch is decided on half a page.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import asyncpg
import msgspec

from fairs.accounts.tables import TokenKind
from fairs.badges.sealed import PURPOSE
from fairs.checkin import tallies
from fairs.checkin.relay.wire import Feed, FeedBadge, FeedDevice, Frame, People
from fairs.core import clock, crypto, db
from fairs.core.rows import Row, execute, fetch_one_as, fetch_value, fetch_values
from fairs.core.scopes import OF_DEVICES

T = TypeVar("T")


class State(Row, frozen=True):
    """How far the copy is. `slug`: of its event; None before the first page."""

    url: str
    event: int | None
    slug: str | None
    since: str
    part_since: str
    part_first: str
    part_after: int
    sent_through: int
    synced_at: datetime | None
    keep_until: datetime | None
    ahead_ms: int

    @property
    def is_whole(self) -> bool:
        """Whether all was fetched once."""
        return bool(self.since)


async def state() -> State:
    """The one row, made when it is not there."""
    await execute("INSERT INTO relay_state (id) VALUES (1) ON CONFLICT (id) DO NOTHING")
    row = await fetch_one_as(
        State,
        "SELECT s.url, s.event, e.slug, s.since, s.part_since, s.part_first, s.part_after, s.sent_through, s.synced_at,"
        " s.keep_until, s.ahead_ms FROM relay_state s LEFT JOIN event e ON e.id = s.event",
    )
    assert row is not None, "it was just made"
    return row


async def is_of_others() -> bool:
    """Whether the database is that of an installation: it has accounts, which a relay's never has."""
    return await fetch_value(bool, "SELECT EXISTS (SELECT 1 FROM account)")


def _upsert(table: str, columns: str, *, event: bool = True) -> str:
    """Rows of a table from JSON, by id. Table and columns are constants of this file."""
    named = [name.strip() for name in columns.split(",")]
    changed = ", ".join(f"{name} = excluded.{name}" for name in named if name != "id")
    head, value = ("event, ", ":event::bigint, ") if event else ("", "")
    return (
        f"INSERT INTO {table} ({head}{columns}) SELECT {value}{columns}"  # noqa: S608 - constants of this file
        f" FROM jsonb_populate_recordset(NULL::{table}, :rows::text::jsonb) ON CONFLICT (id) DO UPDATE SET {changed}"
    )


_EVENT = (
    "INSERT INTO event (id, slug, kind, state, unit, title_zh, title_en, timezone, starts_at, ends_at, ended_at)"
    " VALUES (:id, :slug, :kind, :state, coalesce((SELECT id FROM unit WHERE code = :unit), (SELECT min(id) FROM unit)),"
    " :title_zh, :title_en, :timezone, :starts_at, :ends_at, :ended_at)"
    " ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, state = excluded.state, title_zh = excluded.title_zh,"
    " title_en = excluded.title_en, timezone = excluded.timezone, starts_at = excluded.starts_at,"
    " ends_at = excluded.ends_at, ended_at = excluded.ended_at"
)
_ROOMS = _upsert("room", "id, code, name_zh, name_en, capacity")
_SESSIONS = _upsert(
    "event_session", "id, room, code, kind, title_zh, title_en, starts_at, ends_at, capacity, sign_up, cancelled_at"
)
_GATES = _upsert(
    "gate",
    "id, session, room, code, kind, name_zh, name_en, opens_at, closes_at, categories, capacity, rule, ways,"
    " inactive_since",
)
_KEY = (
    "INSERT INTO badge_key (id, number, public_key, private_key_sealed) VALUES (:id, :number, :public_key, :none)"
    " ON CONFLICT (id) DO NOTHING"
)
_DEVICE = (
    "INSERT INTO access_token (id, kind, name, token_hash, event_id, scopes, expires_at, limited)"
    " VALUES (:id, :kind, :name, :hash, :event, :scopes, :expires_at, :limited)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, token_hash = excluded.token_hash,"
    " expires_at = excluded.expires_at, limited = excluded.limited, revoked_at = NULL"
)
_TURN = "INSERT INTO scan_turn AS t (event, version) VALUES (:event, 1) ON CONFLICT (event) DO UPDATE SET version = t.version + 1"


def _json(rows: Sequence[object]) -> str:
    return msgspec.json.encode(rows).decode()


async def take(page: Feed, url: str) -> None:
    """Write a page of the feed, and how far the copy is now: both or neither."""
    event = page.frame.event.id
    before = await state()
    since, first = (before.part_since, before.part_first) if before.part_after else (before.since, page.next_since)
    async with db.transaction_or_join():
        await _take_frame(page.frame)
        await execute(_TURN, event=event)
        await _take_people(event, page.page)
        await execute(
            "UPDATE relay_state SET url = :url, event = :event, since = :since, part_since = :part, part_first = :first,"
            " part_after = :after, synced_at = :now, keep_until = :keep",
            url=url,
            event=event,
            since=first if page.next_after is None else before.since,
            part=since,
            first=first,
            after=page.next_after or 0,
            now=clock.now(),
            keep=page.keep_until,
        )


async def _take_frame(frame: Frame) -> None:
    told = {name: getattr(frame.event, name) for name in frame.event.__struct_fields__}
    await execute(_EVENT, **told)
    event = frame.event.id
    await execute(_ROOMS, event=event, rows=_json(frame.rooms))
    await execute(_SESSIONS, event=event, rows=_json(frame.sessions))
    await execute(_GATES, event=event, rows=_json(frame.gates))
    await execute(
        "UPDATE gate SET inactive_since = :now WHERE event = :event AND inactive_since IS NULL AND id <> ALL(:here::bigint[])",
        now=clock.now(),
        event=event,
        here=[gate.id for gate in frame.gates],
    )
    for key in frame.keys:
        none = crypto.encrypt(b"", PURPOSE)
        await execute(_KEY, id=key.id, number=key.number, public_key=key.public_key, none=none)
    await _take_devices(event, frame.devices)


async def _take_devices(event: int, devices: Sequence[FeedDevice]) -> None:
    """A scanner that is not told any more is switched off: its next call gets 401, and it deletes what it knows."""
    for device in devices:
        await execute(
            _DEVICE,
            id=device.id,
            kind=TokenKind.DEVICE.value,
            name=device.name,
            hash=device.token_hash,
            event=event,
            scopes=[scope.value for scope in OF_DEVICES],
            expires_at=device.expires_at,
            limited=device.gates is not None,
        )
    await execute(
        "UPDATE access_token SET revoked_at = :now WHERE revoked_at IS NULL AND id <> ALL(:here::bigint[])",
        now=clock.now(),
        here=[device.id for device in devices],
    )
    await execute("DELETE FROM device_gate")
    for device in devices:
        for gate in device.gates or ():
            await execute("INSERT INTO device_gate (token, gate_id) VALUES (:id, :gate)", id=device.id, gate=gate)


_PEOPLE = """
INSERT INTO registration (id, event, number, category, state, email, name_passport, updated_at)
SELECT p.id, :event::bigint, p.number, p.category, CASE WHEN p.confirmed THEN 'confirmed' ELSE 'cancelled' END, '', '', :now
FROM jsonb_to_recordset(:rows::text::jsonb) AS p (id bigint, number text, category text, confirmed boolean)
ON CONFLICT (id) DO UPDATE SET number = excluded.number, category = excluded.category, state = excluded.state,
    updated_at = excluded.updated_at
"""
_SIGN_UPS_GONE = "DELETE FROM registration_session WHERE registration = ANY(:people::bigint[])"
_SIGN_UPS = """
INSERT INTO registration_session (registration, session)
SELECT p.id, s.session FROM jsonb_to_recordset(:rows::text::jsonb) AS p (id bigint, sessions bigint[])
CROSS JOIN LATERAL unnest(p.sessions) AS s (session) WHERE EXISTS (SELECT 1 FROM event_session e WHERE e.id = s.session)
ON CONFLICT DO NOTHING
"""
_BADGES_GONE = (
    "UPDATE badge SET revoked_at = :now WHERE registration = ANY(:people::bigint[]) AND revoked_at IS NULL"
    " AND id <> ALL(:badges::bigint[])"
)
_BADGES = """
INSERT INTO badge (id, uid, registration, key, code, issued_at, revoked_at, until)
SELECT b.id, decode(b.uid, 'base64'), b.registration, b.key, '', b.issued_at, b.revoked_at, b.until
FROM jsonb_to_recordset(:rows::text::jsonb)
    AS b (id bigint, uid text, registration bigint, key bigint, issued_at timestamptz, revoked_at timestamptz, until timestamptz)
ORDER BY b.revoked_at IS NULL, b.id
ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at, until = excluded.until
"""
_RECORDS = """
INSERT INTO relay_badge (badge, sealed)
SELECT b.id, b.sealed FROM jsonb_to_recordset(:rows::text::jsonb) AS b (id bigint, sealed text)
ON CONFLICT (badge) DO UPDATE SET sealed = excluded.sealed
"""
_PASSAGES = """
WITH told AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset(:rows::text::jsonb)
        AS (uuid uuid, gate bigint, badge bigint, registration bigint, device bigint, direction text, scanned_at timestamptz,
            received_at timestamptz, offline boolean)) WITH ORDINALITY
        AS t (uuid, gate, badge, registration, device, direction, scanned_at, received_at, offline, n)
), fresh AS (
    INSERT INTO scan (uuid, gate, device_id, badge, registration, direction, outcome, scanned_at, received_at, offline, code_seen)
    SELECT t.uuid, t.gate, t.device, t.badge, t.registration, t.direction, 'admitted', t.scanned_at, t.received_at, t.offline, ''
    FROM told t WHERE NOT EXISTS (SELECT 1 FROM scan s WHERE s.uuid = t.uuid) ORDER BY t.n
    ON CONFLICT (uuid) DO NOTHING RETURNING id
)
INSERT INTO relay_pulled (scan) SELECT id FROM fresh
"""
_ADMISSIONS = """
INSERT INTO admission AS a (gate, registration, day, first_scanned_at)
SELECT t.gate, t.registration, t.day, t.first_scanned_at FROM jsonb_to_recordset(:rows::text::jsonb)
    AS t (gate bigint, registration bigint, day date, first_scanned_at timestamptz)
ON CONFLICT (gate, registration, day) DO UPDATE SET first_scanned_at = least(a.first_scanned_at, excluded.first_scanned_at)
"""
_UNDONE = """
INSERT INTO scan_correction (scan, kind, reason, at, scanned_at)
SELECT s.id, 'undone', 'other', :now, s.scanned_at FROM scan s WHERE s.uuid = ANY(:uuids::uuid[])
ON CONFLICT DO NOTHING RETURNING scan
"""
_LEFT = f"""
DELETE FROM admission a USING scan u JOIN gate g ON g.id = u.gate JOIN event e ON e.id = g.event
WHERE u.id = ANY(:scans::bigint[]) AND a.gate = u.gate AND a.registration = u.registration
    AND a.day = (u.scanned_at AT TIME ZONE e.timezone)::date
    AND NOT EXISTS (SELECT 1 FROM scan s WHERE s.registration = a.registration AND s.gate = a.gate AND s.outcome = 'admitted'
        AND s.direction = 'in' AND (s.scanned_at AT TIME ZONE e.timezone)::date = a.day AND {tallies.STANDING})
"""  # noqa: S608 - constants of the code


async def _take_people(event: int, page: People) -> None:
    now, people = clock.now(), [person.id for person in page.people]
    if not people:
        return
    rows = _json(page.people)
    await execute(_PEOPLE, event=event, rows=rows, now=now)
    await execute(_SIGN_UPS_GONE, people=people)
    await execute(_SIGN_UPS, rows=rows)
    await _take_badges(people, page.badges, now)
    await execute(_PASSAGES, rows=_json(page.passages))
    undone = [passage.uuid for passage in page.passages if passage.undone]
    if undone:
        gone = await fetch_values(int, _UNDONE, uuids=undone, now=now)
        await execute(_LEFT, scans=gone)
        gates = "SELECT DISTINCT gate FROM scan WHERE id = ANY(:scans::bigint[])"
        for gate in await fetch_values(int, gates, scans=gone):
            await tallies.forget(gate)
    await execute(_ADMISSIONS, rows=_json(page.admissions))


async def _take_badges(people: Sequence[int], badges: Sequence[FeedBadge], now: datetime) -> None:
    await execute(_BADGES_GONE, people=people, badges=[badge.id for badge in badges], now=now)
    await execute(_BADGES, rows=_json(badges))
    await execute(_RECORDS, rows=_json(badges))


async def count() -> int:
    """Registrations of which there are records."""
    sql = "SELECT count(DISTINCT b.registration) FROM relay_badge k JOIN badge b ON b.id = k.badge"
    return await fetch_value(int, sql)


async def forget_others(here: Sequence[int]) -> None:
    """Registrations that the server has deleted: their badges open nothing and admit nobody."""
    event = (await state()).event
    async with db.transaction_or_join():
        await execute(_TURN, event=event)
        gone = await fetch_values(int, "SELECT id FROM registration WHERE id <> ALL(:here::bigint[])", here=here)
        now = clock.now()
        await execute(
            "UPDATE badge SET revoked_at = coalesce(revoked_at, :now) WHERE registration = ANY(:gone::bigint[])",
            now=now,
            gone=gone,
        )
        await execute(
            "DELETE FROM relay_badge WHERE badge IN (SELECT id FROM badge WHERE registration = ANY(:gone::bigint[]))",
            gone=gone,
        )
        await execute(
            "UPDATE registration SET state = 'cancelled', updated_at = :now WHERE id = ANY(:gone::bigint[])",
            now=now,
            gone=gone,
        )


async def set_clock(ahead: timedelta) -> None:
    """Go by the server's clock from now on, also after a restart without a network."""
    clock.move_by(ahead)
    await execute("UPDATE relay_state SET ahead_ms = :ahead", ahead=round(ahead.total_seconds() * 1000))


_TABLES = "event, registration, badge, badge_key, access_token, scan, relay_state"
ATTEMPTS = 5


async def wipe(before: Callable[[], Awaitable[T]]) -> T:
    """Delete the copy, and all that was scanned, after `before`, which keeps elsewhere what the server does not have.

    Nothing is stored and acknowledged in between.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            async with db.transaction_or_join():
                await db.execute(f"LOCK TABLE scan_turn, {_TABLES} IN ACCESS EXCLUSIVE MODE")
                kept = await before()
                await db.execute(f"TRUNCATE {_TABLES} CASCADE")
                return kept
        except asyncpg.DeadlockDetectedError:  # with somebody who reads them in another order
            if not left:
                raise
    raise AssertionError("the last attempt raises")
