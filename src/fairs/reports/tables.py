"""Targets 目标: unit × year × measure, each with its source. Frozen months 已冻结月份: append-only by triggers."""

from datetime import date

from piccolo.columns import (
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

from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.units.tables import Unit


class Target(Table, tablename="target", db=DB):
    """A unit's target for a year. `counted_in` is the unit of counting: 人次, 人, 个, 份. `source` is the title of the
    document that sets it."""

    id = BigSerial(primary_key=True)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.cascade)
    year = SmallInt()
    measure = Varchar(length=40)
    value = Integer()
    counted_in = Varchar(length=8)
    source = Text(default="")
    document_number = Text(default="")
    document_date = Date(null=True, default=None)

    uq_target = Unique([unit, year, measure])
    ck_target_value = Check("value >= 0")


class Snapshot(Table, tablename="snapshot", db=DB):
    """A month of an event as counted once. `number` 1 is the first; a correction is the next one and has a reason.

    `complete`: the month was over. `taken_by` is an account's id without a foreign key, as in the audit log.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict)
    month = Date(default=date(2000, 1, 1))
    number = SmallInt(default=1)
    reason = Text(default="")
    rules_version = Varchar(length=16, default="")
    complete = Boolean(default=True)
    taken_at = Timestamptz(default=TimestamptzNow())
    taken_by = BigInt(null=True, default=None)
    taken_label = Varchar(length=200, default="")

    uq_snapshot = Unique([event, month, number])
    ck_snapshot_month = Check("extract(day FROM month) = 1")
    ck_snapshot_reason = Check("number = 1 OR (number > 1 AND reason <> '')")


class SnapshotRule(Table, tablename="snapshot_rule", db=DB):
    """The rule of a measure as it was: its texts, and the version of its definition."""

    id = BigSerial(primary_key=True)
    snapshot = ForeignKey(Snapshot, null=False, on_delete=OnDelete.restrict)
    measure = Varchar(length=40, default="")
    version = Varchar(length=16, default="")
    name_zh = Text(default="")
    name_en = Text(default="")
    counted = Varchar(length=16, default="")
    rule_zh = Text(default="")
    rule_en = Text(default="")

    uq_snapshot_rule = Unique([snapshot, measure])


class SnapshotNumber(Table, tablename="snapshot_number", db=DB):
    """A measure's number: `whole` of everybody, else of a unit's code ('': of no unit). `so_far`: to the end of the month."""

    id = BigSerial(primary_key=True)
    snapshot = ForeignKey(Snapshot, null=False, on_delete=OnDelete.restrict)
    measure = Varchar(length=40, default="")
    whole = Boolean(default=False)
    unit = Varchar(length=12, default="")
    in_month = BigInt(default=0)
    so_far = BigInt(default=0)

    uq_snapshot_number = Unique([snapshot, measure, whole, unit])


class SnapshotRow(Table, tablename="snapshot_row", db=DB):
    """One thing counted in the month. `mark` names it without naming a person, so nothing personal is kept for ever."""

    id = BigSerial(primary_key=True)
    snapshot = ForeignKey(Snapshot, null=False, on_delete=OnDelete.restrict)
    measure = Varchar(length=40, default="")
    whole = Boolean(default=False)
    unit = Varchar(length=12, default="")
    identity = Text(default="")
    mark = Text(default="")
    at = Timestamptz(default=TimestamptzNow())
    value = BigInt(default=0)

    uq_snapshot_row = Unique([snapshot, measure, whole, unit, identity])
