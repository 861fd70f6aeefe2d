"""What statements about a hall and its schedulings return; slots, tables and meetings are what a problem is made of."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.meetings.tables import MeetingState, RunState


class Slot(Row, frozen=True):
    """A span in which meetings may still be held."""

    id: int
    starts_at: datetime
    ends_at: datetime


class HallTable(Row, frozen=True):
    """A table; of one employer, or common."""

    id: int
    number: int
    organisation: int | None


class ExistingMeeting(Row, frozen=True):
    """A live meeting, of this event or of another one."""

    id: int
    event: int
    organisation: int
    talent: int
    hall_table: int
    starts_at: datetime
    ends_at: datetime


class WaitingWish(Row, frozen=True):
    """Both want to meet and have no meeting yet; `musts`: how many of them said "must meet"."""

    talent: int
    listing: int
    organisation: int
    musts: int


class WaitingCounts(Row, frozen=True):
    """`pairs`: people and employers who wait for a meeting; `called_off`: left to themselves after a cancellation."""

    pairs: int
    called_off: int


class RunRow(Row, frozen=True):
    """A scheduling (tables.ScheduleRun). `unmet` is JSON; `lost`: whoever ran it fell silent."""

    id: int
    event: int
    state: RunState
    asked_by: int | None
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    seen_at: datetime
    attempt: int
    phase: str
    share: float
    pairs: int
    objective: int
    bound: int | None
    gap: float | None
    made: int
    left_out: int
    unmet: str
    error: str
    lost: bool
    asked_name: str | None


class Claimed(Row, frozen=True):
    """A run that this worker has taken up."""

    event: int
    attempt: int


class Names(Row, frozen=True):
    """What somebody is called, by the solver's key."""

    key: str
    zh: str
    en: str


class TimetableRow(Row, frozen=True):
    """A meeting with the names of both sides."""

    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    table_number: int
    organisation_zh: str
    organisation_en: str
    title_zh: str
    title_en: str
    name_passport: str
    name_native: str
