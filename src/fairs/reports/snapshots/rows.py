"""What statements about frozen months return."""

from datetime import date, datetime

from fairs.core.rows import Row


class SnapshotHead(Row, frozen=True):
    """A frozen month: which, why again, when, by whom. `last`: the number of the newest one of the same month."""

    id: int
    month: date
    number: int
    reason: str
    rules_version: str
    complete: bool
    taken_at: datetime
    taken_by: int | None
    taken_label: str
    last: int


class CountedEvent(Row, frozen=True):
    """An event whose months are frozen; `since`: the first moment that may count."""

    id: int
    timezone: str
    since: datetime


class KeptRule(Row, frozen=True):
    """A measure's rule as it was."""

    measure: str
    version: str
    name_zh: str
    name_en: str
    counted: str
    rule_zh: str
    rule_en: str


class MonthNumber(Row, frozen=True):
    """A measure's number in a month, and to the end of it; `unit` is a code, '' of no unit, and '' for the whole."""

    measure: str
    whole: bool
    unit: str
    in_month: int
    so_far: int


class Difference(Row, frozen=True):
    """A thing counted on one side only, or with another value. `at`: when it counts today, if at all."""

    mark: str
    label_zh: str | None
    label_en: str | None
    unit_zh: str | None
    unit_en: str | None
    before: int | None
    after: int | None
    at_before: datetime | None
    at: datetime | None
    ref: int | str | None
