"""Runs of periodic jobs, the demo's moved clock, and who wants no morning mail."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    ForeignKey,
    Integer,
    Real,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB


class PeriodicState(StrEnum):
    """`retrying`: it failed and is tried again."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"


OPEN = (PeriodicState.WAITING, PeriodicState.RUNNING, PeriodicState.RETRYING)


class PeriodicJob(Table, tablename="periodic_job", db=DB):
    """Since when a periodic job is known here: what was due before was not missed."""

    name = Varchar(length=60, primary_key=True)
    since = Timestamptz(default=TimestamptzNow())


class PeriodicRun(Table, tablename="periodic_run", db=DB):
    """One run, unique by name and due moment; at most one of a name is open (uq_periodic_run_open in the migration).

    `asked_by`: who began it by hand, at `due_at`; None for the clock. `done` counts what it did.
    """

    id = BigSerial(primary_key=True)
    name = Varchar(length=60)
    due_at = Timestamptz()
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    state = Varchar(length=10, default=PeriodicState.WAITING.value)
    attempts = SmallInt(default=0)
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    done = BigInt(null=True, default=None)
    error = Text(default="")

    uq_periodic_run_due = Unique([name, due_at])
    ck_periodic_run_state = one_of("state", PeriodicState)
    ck_periodic_run_finished = Check("(finished_at IS NOT NULL) = (state IN ('done', 'failed'))")


class MovedClock(Table, tablename="moved_clock", db=DB):
    """One row at most, in a demo: by how many seconds its clock was moved."""

    id = SmallInt(primary_key=True, default=1)
    seconds = BigInt(default=0)

    ck_moved_clock_one = Check("id = 1")


class WorkMailOff(Table, tablename="work_mail_off", db=DB):
    """An account that has turned off the morning mail about waiting work."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, unique=True, on_delete=OnDelete.cascade)
    since = Timestamptz(default=TimestamptzNow())


class RetentionPeriod(Table, tablename="retention_period", db=DB):
    """A period that two people have shortened; never longer than the catalogue's, never shorter than a law wants."""

    key = Varchar(length=20, primary_key=True)
    days = Integer()
    since = Timestamptz(default=TimestamptzNow())

    ck_retention_period_days = Check("days >= 1")


class PurgeRequestState(StrEnum):
    """Of what one person asked for and another one decides."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class PurgeRequest(Table, tablename="purge_request", db=DB):
    """Somebody asks for another period of `key`, or with an empty key for a purge now. `would_go`: rows, when it was asked.

    At most one of a key waits (uq_purge_request_waiting in the migrations).
    """

    id = BigSerial(primary_key=True)
    key = Varchar(length=20)
    days = Integer(null=True, default=None)
    would_go = BigInt(default=0)
    state = Varchar(length=10, default=PurgeRequestState.WAITING.value)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    decided_at = Timestamptz(null=True, default=None)

    ck_purge_request_state = one_of("state", PurgeRequestState)
    ck_purge_request_kind = Check("(key = '') = (days IS NULL)")
    ck_purge_request_two = Check("state <> 'confirmed' OR asked_by IS DISTINCT FROM decided_by OR asked_by IS NULL")


class PurgeReport(Table, tablename="purge_report", db=DB):
    """What a purge let go: `lines` with the English name of each rule and its rows."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=TimestamptzNow(), index=True)
    seconds = Real(default=0.0)
    number = BigInt(default=0)
    lines = JSONB(default="[]")
