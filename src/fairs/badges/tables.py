"""Badges 证件: signed credentials of registrations."""

from piccolo.columns import BigSerial, Bytea, ForeignKey, SmallInt, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from fairs.core.db import DB
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
