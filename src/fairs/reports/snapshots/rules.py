"""Months of an event and versions of rules. Pure."""

import hashlib
import re
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fairs.reports.counting import Measure
from fairs.reports.measures import MEASURES

DAILY = frozenset({"present_today"})  # counts the present day: no month has it
FROZEN = tuple(measure for key, measure in MEASURES.items() if key not in DAILY)
VERSION_LENGTH = 12
MONTHS_OFFERED = 120
_MONTH = re.compile(r"((?:19|20)\d\d)-(0[1-9]|1[0-2])", re.ASCII)


def read_month(text: str) -> date | None:
    """The first day of a month written like 2018-10."""
    found = _MONTH.fullmatch(text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def written(month: date) -> str:
    """As `read_month` reads it."""
    return f"{month:%Y-%m}"


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def bounds(month: date, zone: str) -> tuple[datetime, datetime]:
    """From the first moment of the month to the first of the next one, in the event's zone."""
    first, last = (datetime(day.year, day.month, 1, tzinfo=ZoneInfo(zone)) for day in (month, next_month(month)))
    return first, last


def months_between(first: datetime, last: datetime, zone: str) -> list[date]:
    """Every month from one moment to another, the newest first, at most MONTHS_OFFERED."""
    begin, month = (moment.astimezone(ZoneInfo(zone)).date().replace(day=1) for moment in (first, last))
    found: list[date] = []
    while month >= begin and len(found) < MONTHS_OFFERED:
        found.append(month)
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return found


def version_of(measure: Measure) -> str:
    """Changes whenever the definition of a measure does: its texts or what it counts."""
    parts = (measure.key, measure.zh, measure.en, measure.counted, measure.rule_zh, measure.rule_en)
    return _digest((*parts, measure.source, measure.identity, measure.unit, measure.at, measure.value))


def version_of_all(measures: Iterable[Measure] = FROZEN) -> str:
    """Changes with any of the definitions."""
    return _digest(version_of(measure) for measure in measures)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:VERSION_LENGTH]
