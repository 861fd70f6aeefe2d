"""Scans at gates: append-only (trigger in the migrations), with separate scanned-at and received-at."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import AccessToken, Account
from fairs.badges.tables import Badge
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Gate
from fairs.registrations.tables import Registration


class Direction(StrEnum):
    """Which way somebody goes through a gate."""

    IN = "in"
    OUT = "out"


class Outcome(StrEnum):
    """What a gate says. `already`: admitted before, today."""

    ADMITTED = "admitted"
    ALREADY = "already"
    REFUSED = "refused"


class Reason(StrEnum):
    """Why somebody is refused; docs/checkin.md says in which order it is looked for."""

    MALFORMED = "malformed"
    KEYBOARD = "keyboard"
    WRONG_GATE = "wrong_gate"
    FORGED = "forged"
    UNKNOWN = "unknown"
    WRONG_EVENT = "wrong_event"
    REVOKED = "revoked"
    NOT_CONFIRMED = "not_confirmed"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NOT_SIGNED_UP = "not_signed_up"
    WRONG_CATEGORY = "wrong_category"
    WRONG_ROOM = "wrong_room"
    WRONG_WAY = "wrong_way"
    FULL = "full"


# What the staff of a gate may overrule where the organiser allows it; whose badge it is and whether it is valid they may not.
FORCIBLE = frozenset(
    {
        Reason.TOO_EARLY,
        Reason.TOO_LATE,
        Reason.NOT_SIGNED_UP,
        Reason.WRONG_CATEGORY,
        Reason.WRONG_ROOM,
        Reason.FULL,
    }
)


class CorrectionKind(StrEnum):
    """What a correction says of its scan: it counts for nothing, or a supervisor admitted the person."""

    UNDONE = "undone"
    BY_HAND = "by_hand"


class Scan(Table, tablename="scan", db=DB):
    """One scan of a code at a gate. `uuid` is the device's, so that a replay is recognised; no device: admitted by hand."""

    id = BigSerial(primary_key=True)
    uuid = UUID(unique=True)
    gate = ForeignKey(Gate, null=True, on_delete=OnDelete.restrict)
    device_id = BigInt(null=True, default=None, index=False)
    badge = ForeignKey(Badge, null=True, default=None, on_delete=OnDelete.restrict)
    registration = ForeignKey(Registration, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    direction = Varchar(length=3, default=Direction.IN.value)
    outcome = Varchar(length=10)
    reason = Varchar(length=20, null=True, default=None)
    scanned_at = Timestamptz()
    received_at = Timestamptz(default=TimestamptzNow())
    offline = Boolean(default=False)
    conflict = Boolean(default=False)
    first_scanned_at = Timestamptz(null=True, default=None)
    code_seen = Text(default="")

    ck_scan_direction = one_of("direction", Direction)
    ck_scan_outcome = one_of("outcome", Outcome)
    ck_scan_refused_reason = Check(f"(outcome = '{Outcome.REFUSED}') = (reason IS NOT NULL)")


class Admission(Table, tablename="admission", db=DB):
    """A registration's first passage through a gate on a day: makes its second scan `already`."""

    id = BigSerial(primary_key=True)
    gate = ForeignKey(Gate, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    day = Date(default=None, null=False)
    first_scanned_at = Timestamptz()

    uq_admission = Unique([gate, registration, day])


class ScanTurn(Table, tablename="scan_turn", db=DB):
    """Number of batches stored for an event: a writer states the number seen when its batch was decided."""

    event = ForeignKey(Event, null=False, primary_key=True, on_delete=OnDelete.cascade)
    version = BigInt(default=0)


class ScanTally(Table, tablename="scan_tally", db=DB):
    """The last scan id of a gate counted in GateCount and GateMinute, with days of this zone."""

    gate = ForeignKey(Gate, null=False, primary_key=True, on_delete=OnDelete.cascade)
    through = BigInt(default=0)
    zone = Varchar(length=64)


class GateCount(Table, tablename="gate_count", db=DB):
    """A counter of a gate on a day. `what`: admitted, present (persons), already, conflict, refused:reason (scans)."""

    id = BigSerial(primary_key=True)
    gate = ForeignKey(Gate, null=False, on_delete=OnDelete.cascade)
    day = Date(default=None, null=False)
    what = Varchar(length=40)
    number = BigInt(default=0)

    uq_gate_count = Unique([gate, day, what])


class GateMinute(Table, tablename="gate_minute", db=DB):
    """Entries at a gate per minute."""

    id = BigSerial(primary_key=True)
    gate = ForeignKey(Gate, null=False, on_delete=OnDelete.cascade)
    minute = Timestamptz()
    number = BigInt(default=0)

    uq_gate_minute = Unique([gate, minute])


class ConflictDecision(Table, tablename="conflict_decision", db=DB):
    """A decision about a scan in conflict, append-only: the one with the highest `number` counts.

    `verdict`: a key of the catalogue, or `reopened`. `scanned_at` is the scan's, by which both expire together.
    """

    id = BigSerial(primary_key=True)
    scan = ForeignKey(Scan, null=False, on_delete=OnDelete.cascade)
    number = SmallInt()
    verdict = Varchar(length=20)
    note = Text(default="")
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())
    scanned_at = Timestamptz()

    uq_conflict_decision = Unique([scan, number])


class ScanCorrection(Table, tablename="scan_correction", db=DB):
    """A correction of a scan, append-only: who and why. `reason`: a key of the catalogue; `scanned_at` is the scan's."""

    id = BigSerial(primary_key=True)
    scan = ForeignKey(Scan, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=8)
    reason = Varchar(length=20)
    note = Text(default="")
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    device_id = BigInt(null=True, default=None)
    at = Timestamptz(default=TimestamptzNow())
    scanned_at = Timestamptz()

    uq_scan_correction = Unique([scan, kind])
    ck_scan_correction_kind = one_of("kind", CorrectionKind)


class RehearsalState(StrEnum):
    """Where a rehearsal is."""

    WAITING = "waiting"
    PLAYING = "playing"
    DONE = "done"
    FAILED = "failed"


class Rehearsal(Table, tablename="rehearsal", db=DB):
    """One rehearsal; at most one of an event waits or plays (uq_rehearsal_live in the migrations).

    `given`: crowd.Assumptions. `result`: simulation.Result, once it is done. `played`: scans that the server has decided.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)
    state = Varchar(length=8, default=RehearsalState.WAITING.value)
    day = Date(default=None, null=False)
    people = Integer()
    lanes = Integer()
    desks = Integer()
    printers = Integer()
    seconds = Integer()
    played = Integer(default=0)
    given = JSONB(default="{}")
    result = JSONB(null=True, default=None)

    ck_rehearsal_state = one_of("state", RehearsalState)
    ck_rehearsal_sizes = Check("people > 0 AND lanes > 0 AND desks > 0 AND printers > 0 AND seconds > 0")


class ScanDeviceStatus(Table, tablename="scan_device_status", db=DB):
    """How a scanner stands by its last report. `skew_seconds`: how far the server's clock is ahead of its own."""

    device = ForeignKey(AccessToken, null=False, primary_key=True, on_delete=OnDelete.cascade)
    gate = ForeignKey(Gate, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())
    battery = SmallInt(null=True, default=None)
    charging = Boolean(null=True, default=None)
    queued = Integer(default=0)
    oldest_queued_at = Timestamptz(null=True, default=None)
    version = Varchar(length=40)
    data_at = Timestamptz(null=True, default=None)
    skew_seconds = Integer(null=True, default=None)
    camera = Boolean(null=True, default=None)

    ck_scan_device_status_battery = Check("battery BETWEEN 0 AND 100")
    ck_scan_device_status_queued = Check("queued >= 0")


class ScanRelay(Table, tablename="scan_relay", db=DB):
    """How a venue relay stands by its last report. `address`: where it answers scanners. `skew_seconds`: as a scanner's."""

    token = ForeignKey(AccessToken, null=False, primary_key=True, on_delete=OnDelete.cascade)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    at = Timestamptz(default=TimestamptzNow())
    queued = Integer(default=0)
    oldest_queued_at = Timestamptz(null=True, default=None)
    version = Varchar(length=40, default="")
    data_at = Timestamptz(null=True, default=None)
    skew_seconds = Integer(null=True, default=None)
    address = Varchar(length=200, default="")

    ck_scan_relay_queued = Check("queued >= 0")


class RelayState(Table, tablename="relay_state", db=DB):
    """Of a relay's own database only: how far it has fetched and sent, one row.

    `since`: the next look for changes. `part_…`: the fetch that is under way, page by page. `sent_through`: the last own scan that
    the server has. `ahead_ms`: by how much the server's clock is ahead. After `keep_until` the copy is deleted.
    """

    id = SmallInt(primary_key=True, default=1)
    url = Varchar(length=400, default="")
    event = ForeignKey(Event, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    since = Varchar(length=40, default="")
    part_since = Varchar(length=40, default="")
    part_first = Varchar(length=40, default="")
    part_after = BigInt(default=0)
    sent_through = BigInt(default=0)
    synced_at = Timestamptz(null=True, default=None)
    keep_until = Timestamptz(null=True, default=None)
    ahead_ms = BigInt(default=0)

    ck_relay_state_single = Check("id = 1")


class RelayBadge(Table, tablename="relay_badge", db=DB):
    """Of a relay's own database only: a badge's person, which only the badge's code opens (`snapshot.seal`)."""

    badge = ForeignKey(Badge, null=False, primary_key=True, on_delete=OnDelete.cascade)
    sealed = Text(default="")


class RelayPulled(Table, tablename="relay_pulled", db=DB):
    """Of a relay's own database only: a scan that came from the server, and so is not sent to it."""

    scan = ForeignKey(Scan, null=False, primary_key=True, on_delete=OnDelete.cascade)
