"""Books a plan as meetings: entries that changed while it was computed are skipped, the rest is booked as if by hand."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.meetings import booking
from fairs.meetings.booking import NewMeeting
from fairs.meetings.scheduling import queries
from fairs.meetings.scheduling.build_problem import Planned
from fairs.meetings.scheduling.rows import ExistingMeeting, HallTable, Slot


class Diary:
    """Spans of meetings by person or table, not overlapping."""

    def __init__(self) -> None:
        self._spans: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)

    def take(self, who: int, starts_at: datetime, ends_at: datetime) -> None:
        """Record a meeting."""
        spans = self._spans[who]
        spans.insert(bisect_left(spans, (starts_at, ends_at)), (starts_at, ends_at))

    def is_free(self, who: int, slot: Slot) -> bool:
        """Whether nothing overlaps this slot."""
        spans = self._spans.get(who, [])
        at = bisect_left(spans, (slot.ends_at, slot.ends_at))
        return at == 0 or spans[at - 1][1] <= slot.starts_at


async def book_planned(event_id: int, planned: Sequence[Planned], *, by: Actor, **facts: Any) -> int:
    """Returns how many could be booked. Call it in a transaction; it takes the event's lock.

    A meeting is skipped if its wish was withdrawn or served meanwhile, its slot has begun, or its person or table is taken.
    """
    await booking.lock_event(event_id)
    waiting = {(row.talent, row.listing) for row in await queries.waiting(event_id)}
    slots = await queries.slots(event_id, clock.now())
    tables = await queries.tables(event_id)
    talents, organisations = ([getattr(one, side) for one in planned] for side in ("talent", "organisation"))
    standing = await queries.existing_meetings(event_id, slots, talents, organisations)
    open_slots = set(slots)
    wanted = [one for one in planned if (one.talent, one.listing) in waiting and one.slot in open_slots]
    rows = what_fits(event_id, wanted, tables, standing)
    written = await booking.insert_what_fits(rows)
    await booking.announce(written, by=by, **facts)
    return len(written)


class _Room:
    """Occupied people and tables while the plan is booked."""

    def __init__(self, tables: Sequence[HallTable], standing: Sequence[ExistingMeeting]) -> None:
        self.people, self.seats, self.common_users = Diary(), Diary(), Diary()
        self.numbers = {table.id: table.number for table in tables}
        self.common = {table.id: 0 for table in tables if table.organisation is None}
        for one in standing:
            self.people.take(one.talent, one.starts_at, one.ends_at)
            self.seats.take(one.hall_table, one.starts_at, one.ends_at)
            self.common_users.take(one.organisation, one.starts_at, one.ends_at)
            if one.hall_table in self.common:
                self.common[one.hall_table] += 1

    def table_for(self, plan: Planned) -> int | None:
        """The planned table, or the least used common one; None when it is taken."""
        if plan.table is not None:
            return plan.table if plan.table in self.numbers and self.seats.is_free(plan.table, plan.slot) else None
        if not self.common_users.is_free(plan.organisation, plan.slot):
            return None
        free = [table for table in self.common if self.seats.is_free(table, plan.slot)]
        return min(free, key=lambda table: (self.common[table], self.numbers[table]), default=None)

    def take(self, plan: Planned, table: int) -> None:
        """Mark the person, employer and table as taken."""
        span = (plan.slot.starts_at, plan.slot.ends_at)
        self.people.take(plan.talent, *span)
        self.seats.take(table, *span)
        if plan.table is None:
            self.common[table] += 1
            self.common_users.take(plan.organisation, *span)


def what_fits(
    event_id: int, planned: Sequence[Planned], tables: Sequence[HallTable], standing: Sequence[ExistingMeeting]
) -> list[NewMeeting]:
    """The planned meetings whose people and tables are still free, each with its table."""
    room, rows = _Room(tables, standing), []
    for plan in planned:
        table = room.table_for(plan)
        if table is not None and room.people.is_free(plan.talent, plan.slot):
            room.take(plan, table)
            place = (table, room.numbers[table], plan.slot.starts_at, plan.slot.ends_at)
            rows.append(NewMeeting(event_id, plan.organisation, plan.listing, plan.talent, *place))
    return rows
