"""Reporting units 报送单位. The catalogues (disciplines, countries …) are files: see catalogues.py."""

from typing import Any

from piccolo.columns import BigSerial, ForeignKey, SmallInt, Text, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.units.kinds import UnitKind


class Unit(Table, tablename="unit", db=DB):
    """A delegation and a tenant scope; not derivable from a county code."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=12, unique=True)
    kind = Varchar(length=12)
    name_zh = Varchar(length=80)
    name_en = Varchar(length=120)
    pinyin = Text(default="")
    position = SmallInt(default=0)
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Unit", app_name="fairs"), null=True, on_delete=OnDelete.restrict
    )

    ck_unit_kind = one_of("kind", UnitKind)
