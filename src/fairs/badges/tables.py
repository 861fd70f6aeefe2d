"""Badges 证件: signed credentials of registrations."""

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Bytea,
    DoublePrecision,
    ForeignKey,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.badges.designing.boxes import Sides
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.files.tables import StoredFile
from fairs.registrations.tables import Registration


class BadgeKey(Table, tablename="badge_key", db=DB):
    """An Ed25519 key pair. `number` is the key id inside the token (0–255); the private half is encrypted."""

    id = BigSerial(primary_key=True)
    number = SmallInt(unique=True)
    public_key = Bytea()
    private_key_sealed = Bytea()
    created_at = Timestamptz(default=TimestamptzNow())
    retired_at = Timestamptz(null=True, default=None)


class Badge(Table, tablename="badge", db=DB):
    """An issued badge. `uid` is the id in the token; `code` the text inside the QR; at most one is not revoked."""

    id = BigSerial(primary_key=True)
    uid = Bytea(unique=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    key = ForeignKey(BadgeKey, null=False, on_delete=OnDelete.restrict)
    code = Varchar(length=400)
    issued_at = Timestamptz(default=TimestamptzNow())
    revoked_at = Timestamptz(null=True, default=None)
    revoked_reason = Varchar(length=200, default="")


class BadgeDesign(Table, tablename="badge_design", db=DB):
    """What badges of an event look like. `categories` empty: of all that no other design names. `boxes`: `designing.boxes.Box`.

    Millimetres; the width is that of the size in the catalogue, the height may differ on a roll.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=80)
    categories = Array(base_column=Varchar(length=12), default=list)
    size = Varchar(length=12)
    height = DoublePrecision()
    sheet = Varchar(length=12)
    sides = Varchar(length=8)
    boxes = JSONB(default="[]")
    logo = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_badge_design_name = Unique([event, name])
    ck_badge_design_sides = one_of("sides", Sides)
    ck_badge_design_height = Check("height > 0")
