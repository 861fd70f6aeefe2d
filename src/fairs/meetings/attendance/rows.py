"""Rows of the statements about who came to a meeting."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.meetings.tables import MeetingState


class Waits(Row, frozen=True):
    """How long an event waits for the second side of a meeting, and how long before a slot a badge counts for it."""

    wait_minutes: int
    before_minutes: int


class Sides(Row, frozen=True):
    """A meeting with the moments at which each side was first seen; `derived`: its state comes from scans."""

    id: int
    state: MeetingState
    starts_at: datetime
    talent_at: datetime | None
    employer_at: datetime | None
    derived: bool


class Attended(Row, frozen=True):
    """A meeting as the staff see it. `absent`: the side that did not come; `settled`: a person has decided."""

    id: int
    state: MeetingState
    outcome: str
    starts_at: datetime
    ends_at: datetime
    table_number: int
    name_passport: str
    name_native: str
    organisation_zh: str
    organisation_en: str
    talent_at: datetime | None
    employer_at: datetime | None
    absent: str
    derived: bool


class GateOfTable(Row, frozen=True):
    """A gate of kind table. `number`: the one table where it stands; None: all of the hall."""

    id: int
    code: str
    name_zh: str
    name_en: str
    number: int | None


class HallTable(Row, frozen=True):
    """A table of the hall, with the employer whose own it is."""

    id: int
    number: int
    organisation_zh: str
    organisation_en: str


class StateCount(Row, frozen=True):
    """How many meetings of an event are in a state."""

    state: str
    count: int


class Seen(Row, frozen=True):
    """When each side of a meeting was first seen."""

    talent_at: datetime | None
    employer_at: datetime | None
