"""Vectors of texts, stored with the model that made them, and what both sides want of each other, which `fairs.meetings` writes."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Bytea, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.core.wishes import Level, Side
from fairs.events.tables import Event
from fairs.listings.tables import Listing
from fairs.talents.tables import Talent


class OwnerKind(StrEnum):
    """Whose text it is."""

    TALENT = "talent"
    LISTING = "listing"


class TextVector(Table, tablename="text_vector", db=DB):
    """The vector (float16, little-endian) of a profile's or listing's text in one language, and the hash of that text."""

    id = BigSerial(primary_key=True)
    owner_kind = Varchar(length=8)
    owner_id = BigInt()
    lang = Varchar(length=2)
    model = Varchar(length=60)
    text_hash = Bytea()
    vector = Bytea()
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_text_vector_owner = Unique([owner_kind, owner_id, lang])
    ck_text_vector_owner = one_of("owner_kind", OwnerKind)


class Preference(Table, tablename="preference", db=DB):
    """What one side wants of the other, for a listing. `told_at`: when the other side was told of it by mail."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    talent = ForeignKey(Talent, null=False, on_delete=OnDelete.cascade, index=True)
    listing = ForeignKey(Listing, null=False, on_delete=OnDelete.cascade, index=True)
    side = Varchar(length=8)
    level = Varchar(length=8)
    set_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    updated_at = Timestamptz(default=TimestamptzNow())
    told_at = Timestamptz(null=True, default=None)

    uq_preference_side = Unique([side, talent, listing])
    ck_preference_side = one_of("side", Side)
    ck_preference_level = one_of("level", Level)
