"""Read events, their sessions, rooms and gates. Plain SQL counts rows of higher slices."""

from collections.abc import Sequence
from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.core import batching, db
from fairs.core.errors import NotFound
from fairs.core.rows import Select, fetch_as, fetch_one_as
from fairs.events import rules
from fairs.events.rows import EventRow, GateRow, ProgrammeSession, Readiness, RoomRow
from fairs.events.tables import EventState

STORED = (
    "e.id, e.slug, e.kind, e.state, e.parent, e.unit, e.family, e.title_zh, e.title_en, e.summary_zh, e.summary_en, e.place_zh,"
    " e.place_en, e.timezone, e.starts_at, e.ends_at, e.capacity, e.registration_opens_at,"
    " e.registration_closes_at, e.sessions_until, e.waiting_list, e.offer_hours, e.own_categories, e.groups_from,"
    " e.companions, e.companion_categories, e.forms_above, e.cancel_reason, e.ended_at, e.contact_name, e.contact_phone, e.contact_email,"
    " e.template, e.release, e.release_note, e.demo, e.created_at, e.updated_at"
)
RUN_BY_UNIT = "(e.release = 'released' AND e.state <> 'draft') AS run_by_unit"  # the unit's bureau runs event `e`
_COLUMNS = (
    f"{STORED}, {RUN_BY_UNIT}, u.code AS unit_code, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en, p.slug AS parent_slug,"
    " p.title_zh AS parent_title_zh, p.title_en AS parent_title_en, p.state AS parent_state,"
    " p.place_zh AS parent_place_zh, p.place_en AS parent_place_en, p.timezone AS parent_timezone,"
    " p.contact_name AS parent_contact_name, p.contact_phone AS parent_contact_phone, p.contact_email AS parent_contact_email,"
    " p.own_categories AS parent_own_categories"
)
PLACE = ", ".join(  # for other statements: where event `e` is; a part without a place is where the event above it is
    f"CASE WHEN e.place_zh = '' AND e.place_en = '' THEN coalesce((SELECT above.{name} FROM event above"  # noqa: S608 - constants of the code
    f" WHERE above.id = e.parent), '') ELSE e.{name} END AS {name}"
    for name in ("place_zh", "place_en")
)
_SOURCE = "event e JOIN unit u ON u.id = e.unit LEFT JOIN event p ON p.id = e.parent"
EVENT = f"SELECT {_COLUMNS} FROM {_SOURCE}"  # noqa: S608 - constants of the code; values are named arguments
_SESSION = (
    "s.id, s.event, s.unit, s.room, s.code, s.kind, s.title_zh, s.title_en, s.starts_at, s.ends_at, s.capacity, s.sign_up,"
    " s.changes_until, r.code AS room_code, u.code AS unit_code"
)
_SESSIONS = "event_session s LEFT JOIN room r ON r.id = s.room LEFT JOIN unit u ON u.id = s.unit"

_GATE = (
    "g.id, g.event, g.session, g.code, g.kind, g.name_zh, g.name_en, g.opens_at, g.closes_at, g.room, g.categories,"
    " g.capacity, g.rule, g.ways, g.may_force, g.offline_names, g.show_photo, g.inactive_since, r.code AS room_code, r.name_zh AS room_name_zh,"
    " r.name_en AS room_name_en, s.code AS session_code, s.title_zh AS session_title_zh, s.title_en AS session_title_en"
    " FROM gate g LEFT JOIN event_session s ON s.id = g.session LEFT JOIN room r ON r.id = g.room"
)


async def event_by_slug(slug: str, *, viewer: Actor | None) -> EventRow:
    """An event with its unit's code and names; a draft only for organisers. Raises NotFound."""
    row = None
    if rules.is_slug(slug):
        # Other connections cannot see a transaction's uncommitted rows; concurrent callers outside share one statement.
        [row] = await (_by_slugs(0, [slug]) if db.in_transaction() else batching.enqueue(0, [slug], _by_slugs))
    if row is None or (row.state == EventState.DRAFT and not (viewer and viewer.sees_everything)):
        raise NotFound
    if viewer is not None and not viewer.reaches(row.id):
        raise NotFound
    return row


async def _by_slugs(_: int, slugs: Sequence[str]) -> list[EventRow | None]:
    """For a batcher: the events with these slugs, in request order."""
    rows = await fetch_as(EventRow, f"{EVENT} WHERE e.slug = ANY(:slugs::text[])", slugs=list(dict.fromkeys(slugs)))
    found = {row.slug: row for row in rows}
    return [found.get(slug) for slug in slugs]


async def event_for(actor: Actor, slug: str) -> EventRow:
    """An event that this actor runs: every one for the province, a bureau's own released part. Raises NotFound for all others."""
    event = await event_by_slug(slug, viewer=actor)
    if not actor.runs(event):
        raise NotFound
    return event


async def province_event(actor: Actor, slug: str) -> EventRow:
    """An event for what only the province does. Raises NotFound for all others."""
    if not actor.sees_everything:
        raise NotFound
    return await event_by_slug(slug, viewer=actor)


async def event_by_id(event_id: int) -> EventRow:
    """An event in any state, as `event_by_slug`. Raises NotFound."""
    row = await fetch_one_as(EventRow, f"{EVENT} WHERE e.id = :id", id=event_id)
    if row is None:
        raise NotFound
    return row


async def require_run(actor: Actor, event_id: int) -> None:
    """Raises NotFound unless this actor runs the event, as `event_for`."""
    if not (actor.sees_everything or actor.runs(await event_by_id(event_id))):
        raise NotFound


async def known_events(*, drafts: bool) -> list[EventRow]:
    """Every public event, the soonest first; drafts too when asked for."""
    public = [*rules.PUBLIC, EventState.DRAFT] if drafts else [*rules.PUBLIC]
    return await fetch_as(EventRow, f"{EVENT} WHERE e.state = ANY(:states) ORDER BY e.starts_at, e.id", states=public)


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
        f"SELECT {_GATE} WHERE g.event = :event"
        " ORDER BY g.inactive_since IS NOT NULL, (g.kind <> 'entry'), g.kind, g.code",
        event=event_id,
    )


async def gate_by_code(event_id: int, code: str) -> GateRow:
    """A gate as of `gates_of`. Raises NotFound."""
    row = await fetch_one_as(
        GateRow,
        f"SELECT {_GATE} WHERE g.event = :event AND g.code = :code",
        event=event_id,
        code=code.replace("\0", ""),
    )
    if row is None:
        raise NotFound
    return row


async def rooms_of(event_id: int) -> list[RoomRow]:
    """The rooms of an event by code."""
    return await fetch_as(
        RoomRow,
        "SELECT id, event, code, name_zh, name_en, capacity FROM room WHERE event = :event ORDER BY code",
        event=event_id,
    )


async def room_by_code(event_id: int, code: str) -> RoomRow:
    """A room of an event. Raises NotFound."""
    row = await fetch_one_as(
        RoomRow,
        "SELECT id, event, code, name_zh, name_en, capacity FROM room WHERE event = :event AND code = :code",
        event=event_id,
        code=code.replace("\0", ""),
    )
    if row is None:
        raise NotFound
    return row


async def readiness_of(event: EventRow) -> Readiness:
    """How far an event is, in numbers. Its programme is that of the next release."""
    low, high = rules.bounds(event.starts_at, event.ends_at, event.timezone)
    found = await fetch_one_as(
        Readiness,
        "SELECT count(s.code) AS sessions, count(*) FILTER (WHERE s.starts_at < :low OR s.ends_at > :high) AS outside,"
        " count(s.code) FILTER (WHERE s.room IS NULL) AS roomless, r.rooms, r.seatless, g.gates, g.entries, g.entries_off"
        " FROM (SELECT count(*) AS rooms, count(*) FILTER (WHERE capacity IS NULL) AS seatless FROM room"
        " WHERE event = :event) r"
        " CROSS JOIN (SELECT count(*) FILTER (WHERE inactive_since IS NULL) AS gates,"
        " count(*) FILTER (WHERE kind = 'entry' AND inactive_since IS NULL) AS entries,"
        " count(*) FILTER (WHERE kind = 'entry' AND inactive_since IS NOT NULL) AS entries_off FROM gate"
        " WHERE event = :event) g"
        " LEFT JOIN (SELECT code, room, starts_at, ends_at FROM event_session e WHERE event = :event AND cancelled_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM session_draft d WHERE d.session = e.id)"
        " UNION ALL SELECT code, room, starts_at, ends_at FROM session_draft WHERE event = :event AND NOT removed) s ON true"
        " GROUP BY r.rooms, r.seatless, g.gates, g.entries, g.entries_off",
        event=event.id,
        low=low,
        high=high,
    )
    assert found is not None
    return found


async def parts_of(event_id: int) -> list[EventRow]:
    """Events below this one, in any state, the soonest first."""
    return await fetch_as(EventRow, f"{EVENT} WHERE e.parent = :id ORDER BY e.starts_at, e.id", id=event_id)


async def events_page(
    *, viewer: Actor | None, updated_since: datetime | None, limit: int, offset: int
) -> tuple[list[EventRow], int]:
    """Rows and their total for the JSON API, in order of change, so that a caller can poll for changes."""
    select = Select(_COLUMNS, _SOURCE)
    if not (viewer and viewer.sees_everything):
        select.where("e.state <> 'draft'")
    if viewer is not None and viewer.only_event is not None:
        select.where("e.id = :only", only=viewer.only_event)
    if updated_since:
        select.where("e.updated_at >= :since", since=updated_since)
    rows = await select.rows(EventRow, order="e.updated_at, e.id", size=limit, offset=offset)
    return rows, await select.count()
