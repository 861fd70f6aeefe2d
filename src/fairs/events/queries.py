"""Read events, their sessions, rooms and gates. Plain SQL counts rows of higher slices."""

from collections.abc import Sequence
from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.core import batching, clock, db
from fairs.core.errors import NotFound
from fairs.core.rows import Select, fetch_as, fetch_one_as
from fairs.events import rules
from fairs.events.rows import EventRow, GateRow, ProgrammeSession, RoomRow
from fairs.events.tables import EventState

STORED = (
    "e.id, e.slug, e.kind, e.state, e.parent, e.unit, e.title_zh, e.title_en, e.summary_zh, e.summary_en, e.place_zh,"
    " e.place_en, e.timezone, e.starts_at, e.ends_at, e.capacity, e.demo, e.created_at, e.updated_at"
)
_COLUMNS = (
    f"{STORED}, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, p.slug AS parent_slug,"
    " p.title_zh AS parent_title_zh, p.title_en AS parent_title_en, p.state AS parent_state"
)
_SOURCE = "event e JOIN unit u ON u.id = e.unit LEFT JOIN event p ON p.id = e.parent"
_EVENT = f"SELECT {_COLUMNS} FROM {_SOURCE}"  # noqa: S608 - constants of the code; values are named arguments
_SESSION = (
    "s.id, s.event, s.unit, s.room, s.code, s.kind, s.title_zh, s.title_en, s.starts_at, s.ends_at, s.capacity, s.sign_up,"
    " s.changes_until, r.code AS room_code, u.code AS unit_code"
)
_SESSIONS = "event_session s LEFT JOIN room r ON r.id = s.room LEFT JOIN unit u ON u.id = s.unit"


async def event_by_slug(slug: str, *, viewer: Actor | None) -> EventRow:
    """An event with its unit's code and names; a draft only for organisers. Raises NotFound."""
    row = None
    if rules.is_slug(slug):
        # Other connections cannot see a transaction's uncommitted rows; concurrent callers outside share one statement.
        [row] = await (_by_slugs(0, [slug]) if db.in_transaction() else batching.enqueue(0, [slug], _by_slugs))
    if row is None or (row.state == EventState.DRAFT and not (viewer and viewer.sees_everything)):
        raise NotFound
    return row


async def _by_slugs(_: int, slugs: Sequence[str]) -> list[EventRow | None]:
    """For a batcher: the events with these slugs, in request order."""
    rows = await fetch_as(EventRow, f"{_EVENT} WHERE e.slug = ANY(:slugs::text[])", slugs=list(dict.fromkeys(slugs)))
    found = {row.slug: row for row in rows}
    return [found.get(slug) for slug in slugs]


async def event_for(actor: Actor, slug: str) -> EventRow:
    """An event that this actor organises. Raises NotFound for all others."""
    if not actor.sees_everything:
        raise NotFound
    return await event_by_slug(slug, viewer=actor)


async def event_by_id(event_id: int) -> EventRow:
    """An event in any state, as `event_by_slug`. Raises NotFound."""
    row = await fetch_one_as(EventRow, f"{_EVENT} WHERE e.id = :id", id=event_id)
    if row is None:
        raise NotFound
    return row


async def published_events() -> list[EventRow]:
    """Every public event, the soonest first."""
    return await fetch_as(EventRow, f"{_EVENT} WHERE e.state IN ('published', 'closed') ORDER BY e.starts_at, e.id")


async def open_fair() -> EventRow | None:
    """The published conference nearest to now: running, else next, else last. Listings belong to it."""
    rows = await fetch_as(EventRow, f"{_EVENT} WHERE e.state = 'published' AND e.kind = 'conference' ORDER BY e.id")
    position = rules.nearest([(row.starts_at, row.ends_at) for row in rows], clock.now())
    return None if position is None else rows[position]


async def sessions_of(event_id: int) -> list[ProgrammeSession]:
    """The released programme in order of time, without what is cancelled, with the names of room and unit."""
    return await fetch_as(
        ProgrammeSession,
        f"SELECT {_SESSION}, r.name_zh AS room_name_zh, r.name_en AS room_name_en, u.name_zh AS unit_name_zh,"  # noqa: S608 - constants of the code; values are named arguments
        f" u.name_en AS unit_name_en FROM {_SESSIONS} WHERE s.event = :event AND s.cancelled_at IS NULL"
        " ORDER BY s.starts_at, s.ends_at, s.code",
        event=event_id,
    )


async def gates_of(event_id: int) -> list[GateRow]:
    """The gates of an event, entries first, with the session they count."""
    return await fetch_as(
        GateRow,
        "SELECT g.id, g.event, g.session, g.code, g.kind, g.name_zh, g.name_en, g.opens_at, g.closes_at,"
        " s.code AS session_code, s.title_zh AS session_title_zh, s.title_en AS session_title_en"
        " FROM gate g LEFT JOIN event_session s ON s.id = g.session WHERE g.event = :event"
        " ORDER BY (g.kind <> 'entry'), g.kind, g.code",
        event=event_id,
    )


async def rooms_of(event_id: int) -> list[RoomRow]:
    """The rooms of an event by code."""
    return await fetch_as(
        RoomRow,
        "SELECT id, event, code, name_zh, name_en, capacity FROM room WHERE event = :event ORDER BY code",
        event=event_id,
    )


async def parts_of(event_id: int) -> list[EventRow]:
    """Events below this one, in any state, the soonest first."""
    return await fetch_as(EventRow, f"{_EVENT} WHERE e.parent = :id ORDER BY e.starts_at, e.id", id=event_id)


async def events_page(
    *, viewer: Actor | None, updated_since: datetime | None, limit: int, offset: int
) -> tuple[list[EventRow], int]:
    """Rows and their total for the JSON API, in order of change, so that a caller can poll for changes."""
    select = Select(_COLUMNS, _SOURCE)
    if not (viewer and viewer.sees_everything):
        select.where("e.state <> 'draft'")
    if updated_since:
        select.where("e.updated_at >= :since", since=updated_since)
    rows = await select.rows(EventRow, order="e.updated_at, e.id", size=limit, offset=offset)
    return rows, await select.count()
