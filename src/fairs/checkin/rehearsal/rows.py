"""What statements about rehearsals return."""

from datetime import date, datetime

from fairs.core.rows import Row


class RehearsalRow(Row, frozen=True):
    """A rehearsal; `given` and `result` are JSON."""

    id: int
    event: int
    state: str
    day: date
    people: int
    lanes: int
    desks: int
    printers: int
    seconds: int
    played: int
    asked_at: datetime
    ended_at: datetime | None
    by_name: str | None
    given: str
    result: str | None


class MeasuredRow(Row, frozen=True):
    """What the entries of an event have seen: people who came in, those found by name, sent to the desk, and registered there."""

    slug: str
    title_zh: str
    title_en: str
    people: int
    looked_up: int
    refused: int
    walk_ins: int


class GuestRow(Row, frozen=True):
    """A live badge of a confirmed registration, and what it comes for first on a day."""

    code: str
    category: str
    begins: datetime


class LaneRow(Row, frozen=True):
    """An entry gate in use."""

    code: str
    name_zh: str
    name_en: str
    categories: list[str]
