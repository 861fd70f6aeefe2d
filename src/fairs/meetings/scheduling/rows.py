"""Rows of the statements about a hall and its scheduling runs; slots, tables and meetings are a problem's parts."""

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
    """Both want to meet and have no meeting yet; `musts`: how many of them chose "must meet"."""

    talent: int
    listing: int
    organisation: int
    musts: int


class WaitingCounts(Row, frozen=True):
    """`pairs`: people and employers who wait for a meeting; `called_off`: not arranged again after a cancellation."""

    pairs: int
    called_off: int


class RunRow(Row, frozen=True):
    """A scheduling run (tables.ScheduleRun). `unmet` is JSON; `lost`: its worker stopped sending heartbeats."""

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
    """A run that this worker has claimed."""

    event: int
    attempt: int


class Names(Row, frozen=True):
    """Names of a person or employer, by the solver's key."""

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
