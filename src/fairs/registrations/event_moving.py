"""Whom the move of an event or a session concerns: those who hold a place or wait for one."""

from fairs.core.rows import fetch_as, fetch_value
from fairs.events.domain_events import EventMoving, SessionMoving
from fairs.events.rows import Concerned
from fairs.registrations.queries import counts_by_state

_SIGNED_UP = (
    "FROM registration_session x JOIN registration r ON r.id = x.registration AND r.state <> 'cancelled'"
    " WHERE x.session = :session"
)


async def on_event_moving(event: EventMoving) -> None:
    """`registered` hold a confirmed place, `waiting` are in the waiting list."""
    counts = await counts_by_state(event.event_id)
    event.found.update({"registered": counts["confirmed"], "waiting": counts["waitlisted"]})


async def on_session_moving(event: SessionMoving) -> None:
    """`taken` places of the session; of those who hold them, some may be in another session at the new hour."""
    rows = await fetch_as(
        Concerned, f"SELECT r.state AS what, count(*) AS number {_SIGNED_UP} GROUP BY r.state", session=event.session_id
    )
    counts = {row.what: row.number for row in rows}
    found = {"registered": counts.get("confirmed", 0), "waiting": counts.get("waitlisted", 0)}
    event.found.update(found | {"taken": sum(counts.values())})
    clashing = await fetch_value(
        list[int],
        f"SELECT array(SELECT r.id {_SIGNED_UP} AND EXISTS (SELECT 1 FROM registration_session y"  # noqa: S608 - constants of the code; values are named arguments
        " JOIN event_session o ON o.id = y.session WHERE y.registration = r.id AND o.id <> :session"
        " AND o.starts_at < :end AND o.ends_at > :start))",
        session=event.session_id,
        start=event.starts_at,
        end=event.ends_at,
    )
    event.clashing.update(clashing)
