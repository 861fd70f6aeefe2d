"""Targets 目标: unit × year × measure, each with its source."""

from piccolo.columns import BigSerial, Date, ForeignKey, Integer, SmallInt, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.db import DB
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
