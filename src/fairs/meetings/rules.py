"""Wishes, states and the timetable of meetings. No database access."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from fairs.core.i18n import N_
from fairs.core.wishes import POSITIVE
from fairs.meetings.rows import AtTable, FreeTable, Lacking, MeetingRow, SlotRow
from fairs.meetings.tables import MeetingState

S = TypeVar("S", bound=SlotRow)
M = TypeVar("M", bound=AtTable)
EARLY = timedelta(minutes=30)  # meetings may begin before their hour: from then on an outcome may be recorded
REST = timedelta(minutes=30)  # a pause of this length starts a new row of meetings
EARLIEST, LATEST = time(8, 0), time(18, 30)  # of a slot, by local time at the venue
NIGHT = timedelta(hours=6)  # a pause of this length starts a new day
Span = tuple[datetime, datetime]


def is_positive(level: str | None) -> bool:
    """Whether this level means a wish to meet."""
    return level in POSITIVE


def is_mutual(talent: str | None, employer: str | None) -> bool:
    """Whether both sides want to meet."""
    return is_positive(talent) and is_positive(employer)


def spans(starts_at: datetime, minutes: int, count: int, gap: int = 0) -> list[tuple[datetime, datetime]]:
    """`count` spans of so many minutes, one after the other with `gap` minutes between."""
    step, length = timedelta(minutes=minutes + gap), timedelta(minutes=minutes)
    return [(starts_at + at * step, starts_at + at * step + length) for at in range(count)]


def overlaps(span: tuple[datetime, datetime], others: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether a span overlaps one of the others, except an identical one."""
    return any(span != other and span[0] < other[1] and other[0] < span[1] for other in others)


def best_slot(free: Sequence[S], own: Sequence[Span], slots: Sequence[Span], most_in_a_row: int) -> S:
    """The free slot that suits best a person with meetings at `own`: no more
    than so many in a row, then the fewest idle slots between meetings of a day, then the earliest."""

    def order(slot: S) -> tuple[bool, int, datetime]:
        held = sorted([*own, (slot.starts_at, slot.ends_at)])
        return longest_row(held, slots) > most_in_a_row, idle_slots(held, slots), slot.starts_at

    return min(free, key=order)


def longest_row(held: Sequence[Span], slots: Sequence[Span]) -> int:
    """The most meetings without a free slot or a rest between them; `held` in order of time."""
    longest = now = 1 if held else 0
    for before, after in pairwise(held):
        joined = after[0] - before[1] < REST and not idle_slots((before, after), slots)
        now = now + 1 if joined else 1
        longest = max(longest, now)
    return longest


def idle_slots(held: Sequence[Span], slots: Sequence[Span]) -> int:
    """Free slots between two meetings of one day; `held` in order of time."""
    pauses = [(before[1], after[0]) for before, after in pairwise(held) if timedelta(0) < after[0] - before[1] < NIGHT]
    return sum(ends <= starts_at and ends_at <= begins for ends, begins in pauses for starts_at, ends_at in slots)


REASONS: dict[str, object] = {  # why a pair has no free slot
    "over": N_("The fair is over."),
    "no_slots": N_("The organiser has not made slots yet, or all of them have begun."),
    "no_table": N_("Your organisation has no table yet, and there is no shared one: ask the organiser for one."),
    "person_busy": N_("The person has a meeting in every slot that is left."),
    "hall_full": N_("The hall is full: all tables are taken in the person's free slots."),
}


def reason(found: Lacking) -> str:
    """The first obstacle, from `queries.why_nothing_free`: a key of REASONS."""
    if found.over:
        return "over"
    if not found.slots:
        return "no_slots"
    if not found.has_table:
        return "no_table"
    return "hall_full" if found.person_free else "person_busy"


def at_odd_hours(spans_of: Sequence[Span], zone: str) -> list[Span]:
    """Those outside 08:00 to 18:30 local time at the venue: usually a mistake, such as a wrong half of the day."""
    found = []
    for starts_at, ends_at in spans_of:
        begins, ends = starts_at.astimezone(ZoneInfo(zone)), ends_at.astimezone(ZoneInfo(zone))
        if begins.time() < EARLIEST or ends.time() > LATEST or begins.date() != ends.date():
            found.append((starts_at, ends_at))
    return found


def has_begun(meeting: MeetingRow, now: datetime) -> bool:
    """Whether a meeting's hour can no longer be changed. Meetings of a demo that is over can, to be tried."""
    if meeting.event_demo and meeting.event_ends_at <= now:
        return False
    return meeting.starts_at <= now


def best_table(tables: Sequence[FreeTable]) -> FreeTable:
    """The table with the fewest meetings (`uses`), then the lowest number."""
    return min(tables, key=lambda table: (table.uses, table.number))


def outcome_due(state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether the outcome of the meeting can be recorded now."""
    return state != MeetingState.CANCELLED and now >= starts_at - EARLY


def to_report(meeting: MeetingRow, now: datetime) -> bool:
    """Whether the employer still has to say how a meeting went: it is due, or scans say that it was held."""
    if meeting.state == MeetingState.HELD:
        return not meeting.outcome
    return meeting.state == MeetingState.SCHEDULED and outcome_due(meeting.state, meeting.starts_at, now)


@dataclass(frozen=True)
class Day(Generic[M]):
    """One day of the timetable: table numbers as columns, and one row per slot with the meeting at each table."""

    day: date
    tables: tuple[int, ...]
    rows: tuple[tuple[datetime, datetime, tuple[M | None, ...]], ...]


def timetable(slots: Sequence[SlotRow], meetings: Sequence[M], tables: Iterable[int], zone: str) -> list[Day[M]]:
    """Slots × tables, day by day in the event's zone. A meeting whose slot was deleted keeps a row of its own."""
    numbers = tuple(sorted({*tables, *(meeting.table_number for meeting in meetings)}))
    at = {(meeting.starts_at, meeting.table_number): meeting for meeting in meetings}
    moments = {slot.starts_at: slot.ends_at for slot in slots}
    for meeting in meetings:
        moments.setdefault(meeting.starts_at, meeting.ends_at)
    days: dict[date, list[tuple[datetime, datetime, tuple[M | None, ...]]]] = {}
    for starts_at, ends_at in sorted(moments.items()):
        day = starts_at.astimezone(ZoneInfo(zone)).date()
        cells = tuple(at.get((starts_at, number)) for number in numbers)
        days.setdefault(day, []).append((starts_at, ends_at, cells))
    return [Day(day, numbers, tuple(rows)) for day, rows in days.items()]
