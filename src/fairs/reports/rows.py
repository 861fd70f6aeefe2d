"""What statements of reports return."""

from datetime import date, datetime
from typing import Any, cast

import msgspec

from fairs.core.rows import Row
from fairs.reports.measures import MEASURES

Numbers: type[Row] = cast(
    type[Row], msgspec.defstruct("Numbers", [(key, int) for key in MEASURES], bases=(Row,), frozen=True)
)
"""Every measure's number: one column per measure."""


def by_measure(numbers: Row) -> dict[str, Any]:
    """measure → number."""
    return msgspec.structs.asdict(numbers)


class UnitNumber(Row, frozen=True):
    """A measure's number in a unit; None: no unit."""

    key: str
    unit: int | None
    number: int


class Counted(Row, frozen=True):
    """One counted thing. `ref`: target of its row's link."""

    label_zh: str
    label_en: str
    detail_zh: str
    detail_en: str
    at: datetime
    value: int
    ref: int | str | None
    unit_code: str | None
    unit_zh: str | None
    unit_en: str | None


class Day(Row, frozen=True):
    """A day with entries."""

    day: date


class Slot(Row, frozen=True):
    """Entries within ten minutes, in the event's time."""

    slot: datetime
    number: int


class TargetRow(Row, frozen=True):
    """A target of a year."""

    measure: str
    value: int
    counted_in: str
    source: str
