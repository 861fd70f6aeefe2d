"""Which slots and meetings the move of an event or a session concerns."""

from fairs.core import clock
from fairs.core.rows import fetch_as, fetch_value
from fairs.events.domain_events import EventMoving, SessionMoving
from fairs.events.rows import Concerned
from fairs.meetings.queries import LIVE


async def on_event_moving(event: EventMoving) -> None:
    """`slots` and `meetings` would lie outside; `meeting_people`: candidates and employers with a meeting to come."""
    rows = await fetch_as(
        Concerned,
        "SELECT 'slots' AS what, count(*) AS number FROM meeting_slot s WHERE s.event = :event"  # noqa: S608 - constants of the code; values are named arguments
        " AND (s.starts_at < :low OR s.ends_at > :high)"
        f" UNION ALL SELECT 'meetings', count(*) FROM meeting m WHERE m.event = :event AND m.state IN {LIVE}"
        " AND (m.starts_at < :low OR m.ends_at > :high)"
        " UNION ALL SELECT 'meeting_people', count(DISTINCT m.talent) + count(DISTINCT m.organisation) FROM meeting m"
        " WHERE m.event = :event AND m.state = 'scheduled' AND m.ends_at > :now",
        event=event.event_id,
        low=event.low,
        high=event.high,
        now=clock.now(),
    )
    event.found.update({row.what: row.number for row in rows})


async def on_session_moving(event: SessionMoving) -> None:
    """Those who are signed up and would sit in a meeting at the new hour."""
    clashing = await fetch_value(
        list[int],
        "SELECT array(SELECT r.id FROM registration_session x JOIN registration r ON r.id = x.registration"
        " AND r.state <> 'cancelled' WHERE x.session = :session AND EXISTS (SELECT 1 FROM meeting m"
        " WHERE m.talent = r.talent AND m.state = 'scheduled' AND m.starts_at < :end AND m.ends_at > :start))",
        session=event.session_id,
        start=event.starts_at,
        end=event.ends_at,
    )
    event.clashing.update(clashing)
