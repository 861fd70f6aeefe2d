"""Scans at gates: append-only (trigger in the migrations), with separate scanned-at and received-at."""

from piccolo.columns import UUID, BigInt, BigSerial, Boolean, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.badges.tables import Badge
from fairs.core.db import DB
from fairs.events.tables import Event, Gate
from fairs.registrations.tables import Registration


class Scan(Table, tablename="scan", db=DB):
    """One scan of a code at a gate. `uuid` is the device's, so that a replay is recognised."""

    id = BigSerial(primary_key=True)
    uuid = UUID(unique=True)
    gate = ForeignKey(Gate, null=True, on_delete=OnDelete.restrict)
    device_id = BigInt(index=False)
    badge = ForeignKey(Badge, null=True, default=None, on_delete=OnDelete.restrict)
    registration = ForeignKey(Registration, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    direction = Varchar(length=3, default="in")
    outcome = Varchar(length=10)
    reason = Varchar(length=20, null=True, default=None)
    scanned_at = Timestamptz()
    received_at = Timestamptz(default=TimestamptzNow())
    offline = Boolean(default=False)
    conflict = Boolean(default=False)
    first_scanned_at = Timestamptz(null=True, default=None)
    code_seen = Text(default="")

    ck_scan_direction = Check("direction IN ('in', 'out')")
    ck_scan_outcome = Check("outcome IN ('admitted', 'already', 'refused')")
    ck_scan_refused_reason = Check("(outcome = 'refused') = (reason IS NOT NULL)")


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
