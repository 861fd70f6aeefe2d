"""What a rehearsal is made of, and the rehearsals of an event."""

from datetime import date

from fairs.checkin.rehearsal.rows import GuestRow, LaneRow, RehearsalRow
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value

_COLUMNS = (
    "h.id, h.event, h.state, h.day, h.people, h.lanes, h.desks, h.printers, h.seconds, h.played, h.asked_at, h.ended_at,"
    " a.name AS by_name, h.given::text AS given, h.result::text AS result FROM rehearsal h LEFT JOIN account a ON a.id = h.asked_by"
)


async def guests_of(event_id: int, day: date) -> list[GuestRow]:
    """Who may come on a day of the event: confirmed, with a live badge. Without a session of their own they come for the
    first one of the day, else for the hour at which the event begins."""
    return await fetch_as(
        GuestRow,
        "WITH opened AS (SELECT e.timezone AS zone, coalesce((SELECT min(s.starts_at) FROM event_session s"
        " WHERE s.event = e.id AND s.cancelled_at IS NULL AND (s.starts_at AT TIME ZONE e.timezone)::date = :day),"
        " (:day + (e.starts_at AT TIME ZONE e.timezone)::time) AT TIME ZONE e.timezone) AS begins FROM event e WHERE e.id = :event)"
        " SELECT b.code, r.category, coalesce((SELECT min(s.starts_at) FROM registration_session x"
        " JOIN event_session s ON s.id = x.session AND s.cancelled_at IS NULL WHERE x.registration = r.id"
        " AND (s.starts_at AT TIME ZONE o.zone)::date = :day), o.begins) AS begins"
        " FROM opened o, registration r JOIN badge b ON b.registration = r.id AND b.revoked_at IS NULL"
        " WHERE r.event = :event AND r.state = 'confirmed' AND (r.days = '{}' OR :day = ANY(r.days)) ORDER BY r.id",
        event=event_id,
        day=day,
    )


async def entries_of(event_id: int) -> list[LaneRow]:
    """The entry gates in use."""
    return await fetch_as(
        LaneRow,
        "SELECT code, name_zh, name_en, categories FROM gate WHERE event = :event AND kind = 'entry'"
        " AND inactive_since IS NULL ORDER BY code",
        event=event_id,
    )


async def scanners_of(event_id: int) -> int:
    """The number of scanners that may be used now."""
    return await fetch_value(
        int,
        "SELECT count(*) FROM access_token WHERE kind = 'device' AND event_id = :event AND revoked_at IS NULL AND NOT 'print' = ANY(scopes)"
        " AND (expires_at IS NULL OR expires_at > :now)",
        event=event_id,
        now=clock.now(),
    )


async def rehearsals_of(event_id: int, size: int, offset: int) -> list[RehearsalRow]:
    """The rehearsals of an event, the newest first."""
    sql = f"SELECT {_COLUMNS} WHERE h.event = :event ORDER BY h.id DESC LIMIT :size OFFSET :offset"
    return await fetch_as(RehearsalRow, sql, event=event_id, size=size, offset=offset)


async def count_of(event_id: int) -> int:
    """The number of an event's rehearsals."""
    return await fetch_value(int, "SELECT count(*) FROM rehearsal WHERE event = :event", event=event_id)


async def rehearsal_by_id(event_id: int, rehearsal_id: int) -> RehearsalRow:
    """A rehearsal of an event. Raises NotFound."""
    sql = f"SELECT {_COLUMNS} WHERE h.event = :event AND h.id = :id"
    row = await fetch_one_as(RehearsalRow, sql, event=event_id, id=min(rehearsal_id, 2**62))
    if row is None:
        raise NotFound
    return row
