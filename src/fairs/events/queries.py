"""Reading events, their sessions, rooms and gates. Counts of higher slices' tables are read by plain SQL."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import asyncpg

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import NotFound
from fairs.core.i18n import EVENT_ZONE
from fairs.events import rules

_EVENT = (
    "SELECT e.*, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, p.slug AS parent_slug,"
    " p.title_zh AS parent_title_zh, p.title_en AS parent_title_en, p.state AS parent_state"
    " FROM event e JOIN unit u ON u.id = e.unit LEFT JOIN event p ON p.id = e.parent"
)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()


def _listings(today: int) -> str:
    """What the public finds: published, by an approved employer, to the end of its last day (argument `today`)."""
    return (
        "(SELECT l.*, o.unit AS unit_id FROM listing l JOIN organisation o ON o.id = l.organisation"  # noqa: S608 - the number of an argument
        f" WHERE l.state = 'published' AND o.state = 'approved' AND (l.valid_to IS NULL OR l.valid_to >= ${today})) l"
    )


async def event_by_slug(slug: str, *, viewer: Actor | None) -> asyncpg.Record:
    """An event with its unit's code and names; a draft only for organisers. Raises NotFound."""
    row = await db.fetchrow(f"{_EVENT} WHERE e.slug = $1", slug) if rules.is_slug(slug) else None
    if row is None or (row["state"] == "draft" and not (viewer and viewer.sees_everything)):
        raise NotFound
    return row


async def event_for(actor: Actor, slug: str) -> asyncpg.Record:
    """An event that this actor organises. Raises NotFound for everybody else."""
    if not actor.sees_everything:
        raise NotFound
    return await event_by_slug(slug, viewer=actor)


async def event_by_id(event_id: int) -> asyncpg.Record:
    """An event in whatever state, as `event_by_slug`. Raises NotFound."""
    row = await db.fetchrow(f"{_EVENT} WHERE e.id = $1", event_id)
    if row is None:
        raise NotFound
    return row


async def published_events() -> list[asyncpg.Record]:
    """Every event that the public sees, the soonest first."""
    return await db.fetch(f"{_EVENT} WHERE e.state IN ('published', 'closed') ORDER BY e.starts_at, e.id")


async def open_fair() -> asyncpg.Record | None:
    """The published conference nearest to now: running, else the next, else the last. Listings belong to it."""
    rows = await db.fetch(f"{_EVENT} WHERE e.state = 'published' AND e.kind = 'conference' ORDER BY e.id")
    position = rules.nearest([(row["starts_at"], row["ends_at"]) for row in rows], clock.now())
    return None if position is None else rows[position]


async def sessions_of(event_id: int) -> list[asyncpg.Record]:
    """The programme in order of time, with the names of room and unit."""
    return await db.fetch(
        "SELECT s.*, r.code AS room_code, r.name_zh AS room_name_zh, r.name_en AS room_name_en, u.code AS unit_code,"
        " u.name_zh AS unit_name_zh, u.name_en AS unit_name_en FROM event_session s LEFT JOIN room r ON r.id = s.room"
        " LEFT JOIN unit u ON u.id = s.unit WHERE s.event = $1 ORDER BY s.starts_at, s.ends_at, s.code",
        event_id,
    )


async def session_by_code(event_id: int, code: str) -> asyncpg.Record:
    """A session with the codes of its room and unit. Raises NotFound."""
    row = await db.fetchrow(
        "SELECT s.*, r.code AS room_code, u.code AS unit_code FROM event_session s LEFT JOIN room r ON r.id = s.room"
        " LEFT JOIN unit u ON u.id = s.unit WHERE s.event = $1 AND s.code = $2",
        event_id,
        code.replace("\0", ""),
    )
    if row is None:
        raise NotFound
    return row


async def own_registration(event_id: int, viewer: Actor | None) -> asyncpg.Record | None:
    """number and state of the viewer's live registration, as `registrations.queries.is_own` sees it."""
    if viewer is None or viewer.account_id is None:
        return None
    return await db.fetchrow(
        "SELECT r.number, r.state FROM registration r LEFT JOIN talent t ON t.id = r.talent WHERE r.event = $1"
        " AND r.state <> 'cancelled' AND (r.registrant = $2 OR t.account = $2 OR (r.email = $3 AND EXISTS"
        " (SELECT 1 FROM account a WHERE a.email = r.email AND a.email_confirmed_at IS NOT NULL)))"
        " ORDER BY (r.state = 'confirmed') DESC, r.id LIMIT 1",
        event_id,
        viewer.account_id,
        viewer.email,
    )


async def gates_of(event_id: int) -> list[asyncpg.Record]:
    """The gates of an event, entries first, with the session they count."""
    return await db.fetch(
        "SELECT g.*, s.code AS session_code, s.title_zh AS session_title_zh, s.title_en AS session_title_en"
        " FROM gate g LEFT JOIN event_session s ON s.id = g.session WHERE g.event = $1"
        " ORDER BY (g.kind <> 'entry'), g.kind, g.code",
        event_id,
    )


async def rooms_of(event_id: int) -> list[asyncpg.Record]:
    """The rooms of an event by code."""
    return await db.fetch("SELECT * FROM room WHERE event = $1 ORDER BY code", event_id)


async def parts_of(event_id: int) -> list[asyncpg.Record]:
    """Events below this one, in whatever state, the soonest first."""
    return await db.fetch(f"{_EVENT} WHERE e.parent = $1 ORDER BY e.starts_at, e.id", event_id)


async def editions() -> list[asyncpg.Record]:
    """Every event with its counts, for organisers; the newest edition first, its parts after it."""
    return await db.fetch(
        "SELECT e.*, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, coalesce(t.starts_at, e.starts_at) AS top_at,"  # noqa: S608 - constants and numbers of arguments
        " coalesce(t.id, e.id) AS top_id,"
        " (SELECT count(*) FROM registration g WHERE g.event = e.id AND g.state = 'confirmed') AS registrations,"
        f" (SELECT count(*) FROM {_listings(1)} WHERE l.event = e.id) AS listings"
        " FROM event e JOIN unit u ON u.id = e.unit LEFT JOIN event t ON t.id = e.parent"
        " ORDER BY top_at DESC, top_id, (e.parent IS NOT NULL), e.starts_at, e.id",
        _today(),
    )


async def counts_of(event_id: int) -> asyncpg.Record:
    """Persons registered and waiting, countries, employers with listings, listings, heads wanted, sessions."""
    row = await db.fetchrow(
        "SELECT r.*, l.*, (SELECT count(*) FROM event_session WHERE event = $1) AS sessions FROM"  # noqa: S608 - constants and numbers of arguments
        " (SELECT count(*) FILTER (WHERE state = 'confirmed') AS registrations,"
        " count(*) FILTER (WHERE state = 'waitlisted') AS waiting,"
        " count(DISTINCT nationality) FILTER (WHERE state = 'confirmed' AND nationality <> '') AS countries"
        " FROM registration WHERE event = $1) r,"
        " (SELECT count(DISTINCT organisation) AS employers, count(*) AS listings,"
        " coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) AS heads"
        f" FROM {_listings(2)} WHERE l.event = $1) l",
        event_id,
        _today(),
    )
    assert row is not None
    return row


async def listings_by_discipline(event_id: int) -> list[asyncpg.Record]:
    """discipline, listings, heads of what is published at an event."""
    return await db.fetch(
        "SELECT discipline, count(*) AS listings, coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) AS heads"  # noqa: S608 - constants and numbers of arguments
        f" FROM {_listings(2)} WHERE l.event = $1 GROUP BY discipline ORDER BY discipline",
        event_id,
        _today(),
    )


async def delegations_of(event_id: int) -> list[asyncpg.Record]:
    """Each reporting unit with its sessions, employers, listings, heads wanted here; in official order."""
    return await db.fetch(
        "SELECT u.id, u.code, u.kind, u.name_zh, u.name_en,"  # noqa: S608 - constants and numbers of arguments
        " (SELECT count(*) FROM event_session s WHERE s.event = $1 AND s.unit = u.id) AS sessions,"
        " coalesce(l.employers, 0) AS employers, coalesce(l.listings, 0) AS listings, coalesce(l.heads, 0) AS heads"
        " FROM unit u LEFT JOIN (SELECT unit_id, count(DISTINCT organisation) AS employers, count(*) AS listings,"
        f" sum(headcount) FILTER (WHERE kind = 'people') AS heads FROM {_listings(2)} WHERE l.event = $1 GROUP BY unit_id) l"
        " ON l.unit_id = u.id ORDER BY u.position, u.code",
        event_id,
        _today(),
    )


async def events_page(
    *, viewer: Actor | None, updated_since: datetime | None, limit: int, offset: int
) -> tuple[list[asyncpg.Record], int]:
    """Rows and their total for the JSON API, in order of change so that a caller can follow along."""
    everything = bool(viewer and viewer.sees_everything)
    where = " WHERE ($1 OR e.state <> 'draft') AND ($2::timestamptz IS NULL OR e.updated_at >= $2)"
    rows = await db.fetch(
        f"{_EVENT}{where} ORDER BY e.updated_at, e.id LIMIT $3 OFFSET $4", everything, updated_since, limit, offset
    )
    total = await db.fetchval(f"SELECT count(*) FROM event e{where}", everything, updated_since)  # noqa: S608 - a constant above
    return rows, int(total)
