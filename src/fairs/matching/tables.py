"""Vectors of texts, stored with the model that made them."""

from piccolo.columns import BigInt, BigSerial, Bytea, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.db import DB


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
    ck_text_vector_owner = Check("owner_kind IN ('talent', 'listing')")
