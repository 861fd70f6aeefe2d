"""Read pools with what is taken of them."""

from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.registrations.pools.rows import EventPlaces, PoolRow, PoolTaken
from fairs.registrations.rules import HOLDS


def counts_in(alias: str) -> str:
    """The condition whether the registration of this alias counts in pool `p`; the alias is a constant of the code."""
    return (
        f"({alias}.category = ANY(p.categories) OR EXISTS (SELECT 1 FROM registration_session x JOIN place_pool_session y"  # noqa: S608 - constants of the code
        f" ON y.session = x.session WHERE x.registration = {alias}.id AND y.pool = p.id))"
    )


COUNTS_IN = counts_in("r")
POSITION = (  # of registration `r` in the waiting list: who waits for other pools only does not stand before it
    "CASE WHEN r.state = 'waitlisted' THEN (SELECT count(*) FROM registration q WHERE q.event = r.event"  # noqa: S608 - constants of the code
    " AND q.state = 'waitlisted' AND q.queue <= r.queue AND (NOT EXISTS (SELECT 1 FROM place_pool p WHERE p.event = r.event)"
    " OR coalesce((SELECT v.capacity <= (SELECT count(*) FROM registration h WHERE h.event = v.id"
    " AND h.state IN ('confirmed', 'offered', 'pending')) FROM event v WHERE v.id = r.event), false) OR q.id = r.id"
    f" OR EXISTS (SELECT 1 FROM place_pool p WHERE p.event = r.event AND {COUNTS_IN} AND {counts_in('q')}))) END AS position"
)
_TAKEN = f"(SELECT count(*) FROM registration r WHERE r.event = p.event AND {HOLDS} AND {COUNTS_IN})"  # noqa: S608 - constants of the code
HELD = (  # places that the codes of event `p.event` keep, to be ended by further conditions and a bracket
    "(SELECT coalesce(sum(greatest(0, c.uses - (SELECT count(*) FROM access_code_use u WHERE u.code = c.id AND u.took))), 0)"
    "::bigint FROM access_code c WHERE c.event = p.event AND c.reserves AND c.revoked_at IS NULL"
    " AND (c.expires_at IS NULL OR c.expires_at > :now)"
)
_ROWS = (
    f"SELECT p.id, p.event, p.name_zh, p.name_en, p.capacity, p.waits, p.categories, p.updated_at, {_TAKEN} AS taken, {HELD} AND (c.pool = p.id OR c.category = ANY(p.categories))) AS held,"  # noqa: S608 - constants of the code; values are named arguments
    f" (SELECT count(*) FROM registration r WHERE r.event = p.event AND r.state = 'waitlisted' AND {COUNTS_IN}) AS waiting,"
    " s.session_ids, s.sessions, s.titles_zh, s.titles_en FROM place_pool p CROSS JOIN LATERAL (SELECT"
    " coalesce(array_agg(e.id ORDER BY e.starts_at, e.code), '{}') AS session_ids,"
    " coalesce(array_agg(e.code ORDER BY e.starts_at, e.code), '{}') AS sessions,"
    " coalesce(array_agg(e.title_zh ORDER BY e.starts_at, e.code), '{}') AS titles_zh,"
    " coalesce(array_agg(e.title_en ORDER BY e.starts_at, e.code), '{}') AS titles_en"
    " FROM place_pool_session y JOIN event_session e ON e.id = y.session WHERE y.pool = p.id) s"
)


async def pools_of(event_id: int) -> list[PoolRow]:
    """The pools of an event, in the order in which they were made."""
    return await fetch_as(PoolRow, f"{_ROWS} WHERE p.event = :event ORDER BY p.id", event=event_id, now=clock.now())


async def pool_of(event_id: int, pool_id: int) -> PoolRow:
    """One pool of an event. Raises NotFound."""
    row = None
    if 0 < pool_id < 2**63:
        row = await fetch_one_as(
            PoolRow, f"{_ROWS} WHERE p.event = :event AND p.id = :id", event=event_id, id=pool_id, now=clock.now()
        )
    if row is None:
        raise NotFound
    return row


async def taken_of(event_id: int) -> list[PoolTaken]:
    """The pools of an event with the places taken; exact for whoever holds the lock of the event."""
    return await fetch_as(
        PoolTaken,
        "SELECT p.id, p.name_zh, p.name_en, p.capacity, p.waits, p.categories,"  # noqa: S608 - constants of the code; values are named arguments
        " ARRAY(SELECT y.session FROM place_pool_session y WHERE y.pool = p.id) AS sessions,"
        f" {_TAKEN} AS taken FROM place_pool p WHERE p.event = :event ORDER BY p.id",
        event=event_id,
    )


async def event_places(event_id: int) -> EventPlaces:
    """What is taken of an event, and who waits for it."""
    (row,) = await fetch_as(
        EventPlaces,
        f"SELECT count(*) FILTER (WHERE {HOLDS}) AS taken, count(*) FILTER (WHERE r.state = 'waitlisted') AS waiting,"  # noqa: S608 - a constant condition
        f" (SELECT {HELD}) FROM (SELECT :event::bigint AS event) p) AS held FROM registration r WHERE r.event = :event",
        event=event_id,
        now=clock.now(),
    )
    return row
