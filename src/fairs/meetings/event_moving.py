"""Which slots and meetings the move of an event or a session concerns."""

from fairs.core import clock
from fairs.core.rows import fetch_as
from fairs.events.domain_events import EventMoving, ProgrammeReleasing
from fairs.events.rows import Concerned
from fairs.meetings.queries import LIVE
from fairs.registrations.rows import Clash
from fairs.registrations.rules import ENDED_STATES


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


async def on_programme_releasing(event: ProgrammeReleasing) -> None:
    """Those who are signed up to a moved session and would sit in a meeting at the new hour."""
    clashes = await fetch_as(
        Clash,
        "SELECT n.session, r.id AS registration FROM unnest(:moved::bigint[], :starts::timestamptz[], :ends::timestamptz[])"  # noqa: S608 - a constant: the ended states
        " AS n (session, starts_at, ends_at) JOIN registration_session x ON x.session = n.session"
        f" JOIN registration r ON r.id = x.registration AND r.state NOT IN {ENDED_STATES} WHERE EXISTS (SELECT 1 FROM meeting m"
        " WHERE m.talent = r.talent AND m.state = 'scheduled' AND m.starts_at < n.ends_at AND m.ends_at > n.starts_at)",
        moved=[one.session_id for one in event.moved],
        starts=[one.starts_at for one in event.moved],
        ends=[one.ends_at for one in event.moved],
    )
    event.clashing.update((row.session, row.registration) for row in clashes)
