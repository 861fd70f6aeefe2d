"""Vectors of texts, kept with the model that made them."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Bytea, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from fairs.core.checks import one_of
from fairs.core.db import DB


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
