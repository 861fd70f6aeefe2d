"""The audit log. The database refuses UPDATE and DELETE (trigger in the migrations)."""

from piccolo.columns import JSONB, BigInt, BigSerial, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from fairs.core.db import DB


class AuditEntry(Table, tablename="audit_entry", db=DB):
    """One act. `before` and `after` never contain sensitive values.

    Indexes in the migration: time, person, action, kind, object, each followed by `at, id`, the order of the pages.
    """

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=TimestamptzNow())
    actor_account_id = BigInt(null=True, default=None)
    actor_label = Varchar(length=200)
    action = Varchar(length=80)
    object_kind = Varchar(length=60)
    object_id = Varchar(length=60)
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)
    request_id = Varchar(length=64, default="")
    ip = Text(default="")
