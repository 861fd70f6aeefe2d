"""Wishes, states and the timetable of meetings. No database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

Side = Literal["talent", "employer"]
POSITIVE = frozenset({"must", "meet"})
EARLY = timedelta(minutes=30)  # people begin before their hour: from then on an outcome may be told
Row = Any


def is_positive(level: str | None) -> bool:
    """Whether somebody who said this wants to meet."""
    return level in POSITIVE


def is_mutual(talent: str | None, employer: str | None) -> bool:
    """Whether both sides want to meet."""
    return is_positive(talent) and is_positive(employer)


def spans(starts_at: datetime, minutes: int, count: int, gap: int = 0) -> list[tuple[datetime, datetime]]:
    """`count` spans of so many minutes, one after the other with `gap` minutes between."""
    step, length = timedelta(minutes=minutes + gap), timedelta(minutes=minutes)
    return [(starts_at + at * step, starts_at + at * step + length) for at in range(count)]


def overlaps(span: tuple[datetime, datetime], others: Iterable[tuple[datetime, datetime]]) -> bool:
    """Whether a span shares time with one of the others, unless it is the very same one."""
    return any(span != other and span[0] < other[1] and other[0] < span[1] for other in others)


def outcome_due(state: str, starts_at: datetime, now: datetime) -> bool:
    """Whether it can be told by now how the meeting went."""
    return state != "cancelled" and now >= starts_at - EARLY


@dataclass(frozen=True)
class Day:
    """One day of the timetable: table numbers as columns, and a row a slot with what happens at each table."""

    day: date
    tables: tuple[int, ...]
    rows: tuple[tuple[datetime, datetime, tuple[Row | None, ...]], ...]


def timetable(slots: Sequence[Row], meetings: Sequence[Row], tables: Iterable[int], zone: str) -> list[Day]:
    """Slots × tables, day by day in the event's zone. A meeting whose slot is gone keeps a row of its own."""
    numbers = tuple(sorted({*tables, *(meeting["table_number"] for meeting in meetings)}))
    at = {(meeting["starts_at"], meeting["table_number"]): meeting for meeting in meetings}
    moments = {slot["starts_at"]: slot["ends_at"] for slot in slots}
    for meeting in meetings:
        moments.setdefault(meeting["starts_at"], meeting["ends_at"])
    days: dict[date, list[tuple[datetime, datetime, tuple[Row | None, ...]]]] = {}
    for starts_at, ends_at in sorted(moments.items()):
        day = starts_at.astimezone(ZoneInfo(zone)).date()
        cells = tuple(at.get((starts_at, number)) for number in numbers)
        days.setdefault(day, []).append((starts_at, ends_at, cells))
    return [Day(day, numbers, tuple(rows)) for day, rows in days.items()]
