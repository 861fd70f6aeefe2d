"""Whom a move of an event or a release of its programme concerns: those who hold a place or wait for one."""

from collections import Counter

from fairs.core.rows import fetch_as, fetch_value
from fairs.events.domain_events import EventMoving, ProgrammeReleasing
from fairs.registrations.pools.queries import event_places
from fairs.registrations.queries import counts_by_state
from fairs.registrations.rows import Clash, SignUps
from fairs.registrations.rules import ENDED_STATES

_SIGNED_UP = f"registration_session x JOIN registration r ON r.id = x.registration AND r.state NOT IN {ENDED_STATES}"


async def on_event_moving(event: EventMoving) -> None:
    """`registered` hold a confirmed place, `waiting` are in the waiting list; `taken`: places that nobody else can get."""
    counts = await counts_by_state(event.event_id)
    places = await event_places(event.event_id)
    event.found.update(
        {"registered": counts["confirmed"], "waiting": counts["waitlisted"], "taken": places.taken + places.held}
    )


async def on_programme_releasing(event: ProgrammeReleasing) -> None:
    """`taken` places of each session; of those who hold them, some are in another session at the new hour.

    Told are all of an ended session, and those with a confirmed place of a moved one.
    """
    moved = [one.session_id for one in event.moved]
    rows = await fetch_as(
        SignUps,
        "SELECT x.session, count(*) FILTER (WHERE r.state = 'confirmed') AS registered,"  # noqa: S608 - constants of the code; values are named arguments
        f" count(*) FILTER (WHERE r.state = 'waitlisted') AS waiting, count(*) AS taken FROM {_SIGNED_UP}"
        " WHERE x.session = ANY(:sessions::bigint[]) GROUP BY x.session",
        sessions=[*moved, *event.ended, *event.others],
    )
    for row in rows:
        found = event.found.setdefault(row.session, Counter())
        found.update({"registered": row.registered, "waiting": row.waiting, "taken": row.taken})
    event.totals["told"] += await fetch_value(
        int,
        f"SELECT count(DISTINCT r.id) FROM {_SIGNED_UP} WHERE x.session = ANY(:ended::bigint[])"  # noqa: S608 - constants of the code; values are named arguments
        " OR (x.session = ANY(:moved::bigint[]) AND r.state = 'confirmed')",
        ended=list(event.ended),
        moved=moved,
    )
    clashes = await fetch_as(
        Clash,
        "WITH new AS (SELECT * FROM unnest(:moved::bigint[], :starts::timestamptz[], :ends::timestamptz[])"  # noqa: S608 - constants of the code; values are named arguments
        " AS n (id, starts_at, ends_at)), hours AS (SELECT s.id, coalesce(n.starts_at, s.starts_at) AS starts_at,"
        " coalesce(n.ends_at, s.ends_at) AS ends_at FROM event_session s LEFT JOIN new n ON n.id = s.id"
        " WHERE s.event = :event AND s.cancelled_at IS NULL AND s.id <> ALL(:ended::bigint[]))"
        f" SELECT n.id AS session, r.id AS registration FROM new n, {_SIGNED_UP}"
        " WHERE x.session = n.id AND EXISTS (SELECT 1 FROM registration_session y JOIN hours o ON o.id = y.session"
        " WHERE y.registration = r.id AND o.id <> n.id AND o.starts_at < n.ends_at AND o.ends_at > n.starts_at)",
        event=event.event_id,
        ended=list(event.ended),
        moved=moved,
        starts=[one.starts_at for one in event.moved],
        ends=[one.ends_at for one in event.moved],
    )
    event.clashing.update((row.session, row.registration) for row in clashes)
