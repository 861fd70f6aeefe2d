"""The hall of an event: hours and tables of meetings. For those who run it."""

from collections.abc import Sequence
from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, locks
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_, format_span
from fairs.core.locks import Lock
from fairs.core.rows import fetch_as, fetch_value, fetch_values
from fairs.events.queries import event_by_id, require_run
from fairs.events.rules import lies_within
from fairs.meetings import queries, rules
from fairs.meetings.rows import Held
from fairs.meetings.tables import MeetingTable

MOST_SLOTS = 500  # of one event
MOST_TABLES = 2000


async def _lock_hall(event_id: int) -> None:
    await locks.hold(Lock.MEETINGS_HALL, event_id)


async def create_slots(
    event_id: int, starts_at: datetime, minutes: int, count: int = 1, *, gap: int = 0, ahead: bool = False, by: Actor
) -> list[int]:
    """Ids of `count` slots of so many minutes, one after the other with `gap` minutes between; existing ones are kept.
    `ahead`: talks held before the first day of the event. Raises Invalid, also outside the days of the event, and Conflict
    when one would overlap another slot."""
    await require_run(by, event_id)
    if not (5 <= minutes <= 240 and 1 <= count <= 100 and 0 <= gap <= 120):
        raise Invalid(N_("Give 5 to 240 minutes, at most 120 between, and at most 100 slots at once"))
    async with db.transaction_or_join():
        await _lock_hall(event_id)
        existing = [(row.starts_at, row.ends_at) for row in await queries.slots(event_id)]
        wanted = rules.spans(starts_at, minutes, count, gap)
        await _check_days(event_id, wanted, ahead=ahead)
        if any(rules.overlaps(span, existing) for span in wanted):
            raise Conflict(N_("These slots overlap existing slots."))
        if len({*existing, *wanted}) > MOST_SLOTS:
            raise Invalid(N_("At most %(most)s slots in one event", most=MOST_SLOTS))
        await db.executemany(
            "INSERT INTO meeting_slot (event, starts_at, ends_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [(event_id, *span) for span in wanted],
        )
        ids = await fetch_values(
            int,
            "SELECT id FROM meeting_slot WHERE event = :event AND starts_at = ANY(:moments::timestamptz[])"
            " ORDER BY starts_at",
            event=event_id,
            moments=[span[0] for span in wanted],
        )
        await record("meeting.slots", "event", event_id, by=by, after={"from": starts_at, "slots": count})
    return ids


async def _check_days(event_id: int, spans: Sequence[rules.Span], *, ahead: bool) -> None:
    event = await event_by_id(event_id)
    if ahead and spans[-1][1] <= event.starts_at:
        return
    first, last, zone = event.starts_at, event.ends_at, event.timezone
    if not all(lies_within(starts, ends, first, last, zone) for starts, ends in (spans[0], spans[-1])):
        outside = N_("These slots are outside the days of the event: %(days)s.")
        raise Invalid(outside(days=format_span(event.starts_at, event.ends_at, event.timezone)))


async def create_tables(event_id: int, *, shared: int = 0, per_organisation: int = 0, by: Actor) -> int:
    """Create missing tables, up to `shared` common ones and so many per employer with a published listing; returns how many
    were added. None is removed. Raises Invalid for too many."""
    await require_run(by, event_id)
    async with db.transaction_or_join():
        await _lock_hall(event_id)
        owners = await _owners_lacking(event_id, per_organisation)
        common = await MeetingTable.count().where(MeetingTable.event == event_id, MeetingTable.organisation.is_null())
        owners += [None] * max(0, shared - common)
        last = await fetch_value(
            int, "SELECT coalesce(max(number), 0) FROM meeting_table WHERE event = :event", event=event_id
        )
        if last + len(owners) > MOST_TABLES:
            raise Invalid(N_("At most %(most)s tables in one event", most=MOST_TABLES))
        await db.executemany(
            "INSERT INTO meeting_table (event, organisation, number) VALUES ($1, $2, $3)",
            [(event_id, owner, last + at) for at, owner in enumerate(owners, start=1)],
        )
        await record("meeting.tables", "event", event_id, by=by, after={"added": len(owners)})
    return len(owners)


async def _owners_lacking(event_id: int, each: int) -> list[int | None]:
    """Employers with a published listing, each once per missing table, in order of their id."""
    rows = await fetch_as(
        Held,
        "SELECT o.id, (SELECT count(*) FROM meeting_table h WHERE h.event = :event AND h.organisation = o.id) AS held"
        " FROM organisation o WHERE o.state = 'approved' AND EXISTS (SELECT 1 FROM listing l WHERE l.event = :event"
        " AND l.organisation = o.id AND l.state = 'published') ORDER BY o.id",
        event=event_id,
    )
    return [row.id for row in rows for _ in range(max(0, each - row.held))]
