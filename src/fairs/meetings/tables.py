"""Tables and meetings. The database refuses double bookings (exclusion constraints in the migrations)."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    DoublePrecision,
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
from fairs.core.wishes import Side
from fairs.events.tables import Event, Gate
from fairs.listings.tables import Listing
from fairs.organisations.tables import Organisation
from fairs.talents.tables import Talent


class WishMailOff(Table, tablename="wish_mail_off", db=DB):
    """An account that has turned off mails about wishes."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, unique=True, on_delete=OnDelete.cascade)
    since = Timestamptz(default=TimestamptzNow())


class MeetingSlot(Table, tablename="meeting_slot", db=DB):
    """A span in which meetings of an event may take place."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    starts_at = Timestamptz()
    ends_at = Timestamptz()

    uq_meeting_slot = Unique([event, starts_at])
    ck_meeting_slot_span = Check("ends_at > starts_at")


class MeetingTable(Table, tablename="meeting_table", db=DB):
    """A table in the hall; of one employer, or shared when `organisation` is empty."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.cascade)
    number = SmallInt()

    uq_meeting_table = Unique([event, number])


class TableRuleKind(StrEnum):
    """How employers get a table: each its own, all from a common pool, or those who ask."""

    OWN = "own"
    POOL = "pool"
    REQUEST = "request"


class TableRule(Table, tablename="table_rule", db=DB):
    """The rule of an event; without one, those get a table who ask. `each`: tables of each employer under OWN."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, unique=True, on_delete=OnDelete.cascade)
    kind = Varchar(length=8, default=TableRuleKind.REQUEST.value)
    each = SmallInt(default=1)

    ck_table_rule_kind = one_of("kind", TableRuleKind)
    ck_table_rule_each = Check("each BETWEEN 1 AND 20")


class TableRequestState(StrEnum):
    WAITING = "waiting"
    GIVEN = "given"
    REFUSED = "refused"


class TableRequest(Table, tablename="table_request", db=DB):
    """An employer asked for a table at an event; asking again after a refusal changes the same row."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=8, default=TableRequestState.WAITING.value)
    note = Text(default="")
    answer = Text(default="")
    asked_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(null=True, default=None)

    uq_table_request = Unique([event, organisation])
    ck_table_request_state = one_of("state", TableRequestState)


class MeetingState(StrEnum):
    SCHEDULED = "scheduled"
    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class MeetingOutcome(StrEnum):
    """What came of a meeting that was held: an agreement is meant, the talks go on, or nothing for now."""

    INTENT = "intent"
    TALKS = "talks"
    NONE = "none"


class Meeting(Table, tablename="meeting", db=DB):
    """Two sides at a table in a slot. `starts_at` and `ends_at` repeat the slot's for the exclusion constraints.

    `sequence` is that of the calendar invitation: it increases with every change that both sides are notified of.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict, index=True)
    listing = ForeignKey(Listing, null=False, on_delete=OnDelete.restrict)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    talent = ForeignKey(Talent, null=False, on_delete=OnDelete.restrict, index=True)
    hall_table = ForeignKey(MeetingTable, null=False, on_delete=OnDelete.restrict)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    state = Varchar(length=12, default=MeetingState.SCHEDULED.value)
    outcome = Varchar(length=12, default="")
    note = Text(default="")
    sequence = SmallInt(default=0)
    cancelled_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    cancelled_at = Timestamptz(null=True, default=None)
    cancel_reason = Varchar(length=200, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_meeting_state = one_of("state", MeetingState)
    ck_meeting_outcome = one_of("outcome", ("", *MeetingOutcome))
    ck_meeting_span = Check("ends_at > starts_at")


class AttendanceRule(Table, tablename="attendance_rule", db=DB):
    """How long an event waits for the second side of a meeting, and from when before a slot a badge counts for it."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, unique=True, on_delete=OnDelete.cascade)
    wait_minutes = SmallInt(default=5)
    before_minutes = SmallInt(default=15)

    ck_attendance_rule_wait = Check("wait_minutes BETWEEN 1 AND 60")
    ck_attendance_rule_before = Check("before_minutes BETWEEN 0 AND 120")


class MeetingAttendance(Table, tablename="meeting_attendance", db=DB):
    """When each side of a meeting was first seen at the tables. `absent`: the side that did not come. `settled`: a person
    has decided, so that scans do not change the meeting any more."""

    id = BigSerial(primary_key=True)
    meeting = ForeignKey(Meeting, null=False, unique=True, on_delete=OnDelete.cascade)
    talent_at = Timestamptz(null=True, default=None)
    employer_at = Timestamptz(null=True, default=None)
    absent = Varchar(length=8, default="")
    settled = Boolean(default=False)
    decided_at = Timestamptz(default=TimestamptzNow())

    ck_meeting_attendance_absent = one_of("absent", ("", *Side))


class TableGate(Table, tablename="table_gate", db=DB):
    """A gate of kind table that stands at one table: its scans count for the meetings there only."""

    id = BigSerial(primary_key=True)
    gate = ForeignKey(Gate, null=False, unique=True, on_delete=OnDelete.cascade)
    hall_table = ForeignKey(MeetingTable, null=False, on_delete=OnDelete.cascade, index=True)


class MeetingSighting(Table, tablename="meeting_sighting", db=DB):
    """One side of a meeting was seen without a gate: noted by staff, or the badge scanned by the employer."""

    id = BigSerial(primary_key=True)
    meeting = ForeignKey(Meeting, null=False, on_delete=OnDelete.cascade)
    side = Varchar(length=8)
    seen_at = Timestamptz()
    seen_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)

    uq_meeting_sighting = Unique([meeting, side])
    ck_meeting_sighting_side = one_of("side", Side)


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ScheduleRun(Table, tablename="schedule_run", db=DB):
    """One scheduling run of an event's meetings; at most one is waiting or running (uq_schedule_run_live in the migrations).

    `seen_at` is the database's own clock, as written by the run's worker; `attempt` distinguishes the workers that claimed it.
    `phase`, `share` (0 to 1), `objective`, `bound` and `gap` are the solver's; `made` meetings were booked, `left_out` were
    planned and could not be booked any more, `unmet` are solver.problem.Unmet. `error` is a code of scheduling.pages.ERRORS.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=RunState.WAITING.value)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    asked_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    seen_at = Timestamptz(default=TimestamptzNow())
    attempt = Integer(default=0)
    phase = Varchar(length=40, default="")
    share = Real(default=0.0)
    pairs = Integer(default=0)
    objective = BigInt(default=0)
    bound = BigInt(null=True, default=None)
    gap = DoublePrecision(null=True, default=None)
    made = Integer(default=0)
    left_out = Integer(default=0)
    unmet = JSONB(default="[]")
    error = Varchar(length=20, default="")

    ck_schedule_run_state = one_of("state", RunState)
