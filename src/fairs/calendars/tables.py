"""Addresses of personal calendars, and what each of them has shown."""

from piccolo.columns import JSONB, BigSerial, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.db import DB


class CalendarFeed(Table, tablename="calendar_feed", db=DB):
    """An address of a personal calendar. Only the hash of its secret is stored; `lang` is what it is written in."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=60)
    token_hash = Bytea(unique=True)
    lang = Varchar(length=2, default="en")
    created_at = Timestamptz(default=TimestamptzNow())
    changed_at = Timestamptz(default=TimestamptzNow())
    last_read_at = Timestamptz(null=True, default=None)


class CalendarLine(Table, tablename="calendar_line", db=DB):
    """An entry as a calendar was last told: a change gets a higher `sequence`; what is no more is cancelled since `gone_at`."""

    id = BigSerial(primary_key=True)
    feed = ForeignKey(CalendarFeed, null=False, on_delete=OnDelete.cascade)
    uid = Varchar(length=160)
    sequence = Integer(default=0)
    content = JSONB(default="{}")
    changed_at = Timestamptz(default=TimestamptzNow())
    gone_at = Timestamptz(null=True, default=None)

    uq_calendar_line = Unique([feed, uid])
