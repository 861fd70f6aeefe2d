"""What a calendar is told next, from what it was told before. Pure.

A program that reads a calendar trusts SEQUENCE: an entry that changes must get a higher one, and an entry that is no more has to
be seen as cancelled before it goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from fairs.notifications.calendars import Entry, Status

GONE_FOR = timedelta(days=30)
"""How long a cancelled entry is still shown."""
PAST_FOR = timedelta(days=180)
"""How long an entry that is over is still shown."""


class Line(msgspec.Struct, frozen=True):
    """An entry with when it last changed; `gone_at`: since when it is cancelled."""

    entry: Entry
    changed_at: datetime
    gone_at: datetime | None = None


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries say the same, whatever their numbers."""
    return _said(one) == _said(other)


def _said(entry: Entry) -> bytes:
    return msgspec.json.encode(numbered(entry, 0))


def numbered(entry: Entry, sequence: int, stamp: datetime | None = None) -> Entry:
    """The entry with another number and stamp."""
    return replace(entry, sequence=sequence, stamp=stamp)


def next_lines(before: Mapping[str, Line], current: Sequence[Entry], now: datetime) -> dict[str, Line]:
    """What the calendar is told now, by uid: `before` is what it was told last."""
    recent = {entry.uid: entry for entry in current if entry.ends_at > now - PAST_FOR}
    lines = {uid: _line(before.get(uid), entry, now) for uid, entry in recent.items()}
    for uid, line in before.items():
        if uid not in recent and line.entry.ends_at > now - PAST_FOR:
            gone = _cancelled(line, now)
            if gone is not None:
                lines[uid] = gone
    return lines


def _line(before: Line | None, entry: Entry, now: datetime) -> Line:
    if before is None:
        return Line(numbered(entry, entry.sequence), now)
    if before.gone_at is None and same(before.entry, entry):
        return before
    return Line(numbered(entry, max(entry.sequence, before.entry.sequence + 1)), now)


def _cancelled(line: Line, now: datetime) -> Line | None:
    """The entry as cancelled, for a while; None when that while is over."""
    if line.gone_at is not None:
        return line if now - line.gone_at < GONE_FOR else None
    entry = replace(line.entry, status=Status.CANCELLED, busy=False, sequence=line.entry.sequence + 1)
    return Line(entry, now, now)
