"""Rows of the statements about periodic jobs."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.upkeep.tables import PeriodicState, PurgeRequestState


class Run(Row, frozen=True):
    """One run. `asked_by`: the name of who began it by hand."""

    id: int
    name: str
    due_at: datetime
    state: PeriodicState
    attempts: int
    started_at: datetime | None
    finished_at: datetime | None
    done: int | None
    error: str
    asked_by: str | None

    @property
    def seconds(self) -> float | None:
        """How long its last attempt took; None while it runs."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


class Known(Row, frozen=True):
    """Since when a job is known; `finished_due`: the latest due moment of a run that was done."""

    name: str
    since: datetime
    finished_due: datetime | None


class Claimed(Row, frozen=True):
    """A run that this worker has begun."""

    id: int
    name: str
    attempts: int


class OpenRun(Row, frozen=True):
    """A run that has not finished."""

    id: int
    name: str


class Receiver(Row, frozen=True):
    """Who gets the morning mail."""

    account_id: int
    email: str
    name: str
    lang: str


class Asked(Row, frozen=True):
    """What somebody asked for of the periods: another one of `key`, or with an empty key a purge now."""

    id: int
    key: str
    days: int | None
    would_go: int
    state: PurgeRequestState
    asked_by: int | None
    asked_name: str | None
    asked_at: datetime
    decided_name: str | None
    decided_at: datetime | None


class Report(Row, frozen=True):
    """A purge that had an effect; `lines` is JSON."""

    at: datetime
    seconds: float
    number: int
    lines: str
