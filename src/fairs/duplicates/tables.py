"""Pairs of records that may be of one person, and what was merged."""

from enum import StrEnum

from piccolo.columns import JSONB, Array, BigInt, BigSerial, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.files.tables import StoredFile


class PairState(StrEnum):
    """`apart`: the staff has said that these are two people; it is not asked again."""

    OPEN = "open"
    APART = "apart"


class DuplicatePair(Table, tablename="duplicate_pair", db=DB):
    """Two records that may be of one person. `one` and `other`: a profile's id, or minus the id of a registration without one."""

    id = BigSerial(primary_key=True)
    one = BigInt()
    other = BigInt()
    score = SmallInt()
    reasons = Array(base_column=Varchar(length=16), default=list)
    state = Varchar(length=8, default=PairState.OPEN.value)
    found_at = Timestamptz(default=TimestamptzNow())
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    decided_at = Timestamptz(null=True, default=None)

    uq_duplicate_pair = Unique([one, other])
    ck_duplicate_pair_order = Check("one < other")
    ck_duplicate_pair_state = one_of("state", PairState)


class PersonMerge(Table, tablename="person_merge", db=DB):
    """Two records made one. `kept` and `gone` as in a pair. `images`: sealed JSON of what was changed, until it can no more be undone.

    `photo` keeps a picture that nobody has chosen for as long; `gone_email` and `gone_account` belong to the person too.
    """

    id = BigSerial(primary_key=True)
    kept = BigInt(index=True)
    gone = BigInt(index=True)
    score = SmallInt(default=0)
    reasons = Array(base_column=Varchar(length=16), default=list)
    moved = JSONB(default="{}")
    images = Text(default="")
    photo = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    gone_email = Varchar(length=254, default="")
    gone_account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    merged_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    merged_at = Timestamptz(default=TimestamptzNow())
    undo_until = Timestamptz()
    undone_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    undone_at = Timestamptz(null=True, default=None)
