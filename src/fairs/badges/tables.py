"""Badges 证件: signed credentials of registrations."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import AccessToken, Account
from fairs.badges.designing.boxes import Sides
from fairs.badges.states import PrintState
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Session
from fairs.files.tables import StoredFile
from fairs.registrations.tables import Registration, RegistrationBulk
from fairs.units.tables import Unit


class BatchState(StrEnum):
    """Of a batch: waiting and running are under way, the others have ended."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Chosen(StrEnum):
    """Which badges a batch prints: all, those issued since the last batch, or those that were never printed."""

    ALL = "all"
    NEW = "new"
    UNPRINTED = "unprinted"


class BatchOrder(StrEnum):
    """In which order: by reporting unit and name, by name in pinyin, or by number."""

    UNIT = "unit"
    NAME = "name"
    NUMBER = "number"


class PrintWay(StrEnum):
    """How a badge was printed."""

    BATCH = "batch"
    DESK = "desk"
    PRINTER = "printer"


class BadgeKey(Table, tablename="badge_key", db=DB):
    """An Ed25519 key pair. `number` is the key id inside the token (0–255); the private half is encrypted."""

    id = BigSerial(primary_key=True)
    number = SmallInt(unique=True)
    public_key = Bytea()
    private_key_sealed = Bytea()
    created_at = Timestamptz(default=TimestamptzNow())
    retired_at = Timestamptz(null=True, default=None)


class Badge(Table, tablename="badge", db=DB):
    """An issued badge. `uid` is the id in the token; `code` the text inside the QR.

    At most one that lasts is not revoked (uq_badge_live), and one for a day, whose `until` is its end (uq_badge_temporary).
    `handed_at`: when its person received it, from whom.
    """

    id = BigSerial(primary_key=True)
    uid = Bytea(unique=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    key = ForeignKey(BadgeKey, null=False, on_delete=OnDelete.restrict)
    code = Varchar(length=400)
    issued_at = Timestamptz(default=TimestamptzNow())
    revoked_at = Timestamptz(null=True, default=None)
    revoked_reason = Varchar(length=200, default="")
    until = Timestamptz(null=True, default=None)
    handed_at = Timestamptz(null=True, default=None)
    handed_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)


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


class BadgeBatch(Table, tablename="badge_batch", db=DB):
    """Badges printed together; at most one of an event is under way (uq_badge_batch_live in the migrations).

    `category`, `unit`, `session`, `selection`, `chosen`: which badges. `seen_at` is the database's own clock, written by the worker; `attempt`
    tells the workers apart that claimed it. `file`: the finished PDF. `error`: a code of batches.labels.ERRORS.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=BatchState.WAITING.value)
    category = Varchar(length=12, default="")
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    session = ForeignKey(Session, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    selection = ForeignKey(RegistrationBulk, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    chosen = Varchar(length=10, default=Chosen.ALL.value)
    ordered = Varchar(length=8, default=BatchOrder.UNIT.value)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    seen_at = Timestamptz(default=TimestamptzNow())
    attempt = Integer(default=0)
    total = Integer(default=0)
    done = Integer(default=0)
    file = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    error = Varchar(length=20, default="")

    ck_badge_batch_state = one_of("state", BatchState)
    ck_badge_batch_chosen = one_of("chosen", Chosen)
    ck_badge_batch_ordered = one_of("ordered", BatchOrder)


class DeskPrinter(Table, tablename="desk_printer", db=DB):
    """A printer of a badge desk; `token` is that of the agent on the desk's laptop (`fairs print-agent`), revoked when it is switched off.

    `agent`: the running agent's own name, at most one at a time; `seen_at`: its last call, by the database's clock. `reason`: what the
    printer lacks, a keyword of IPP or the agent's; empty: it is ready.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=60)
    token = ForeignKey(AccessToken, null=False, on_delete=OnDelete.cascade, unique=True)
    agent = Varchar(length=40, default="")
    version = Varchar(length=20, default="")
    address = Varchar(length=200, default="")
    reason = Varchar(length=200, default="")
    seen_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)


class PrintJob(Table, tablename="print_job", db=DB):
    """A badge sent to a desk's printer; at most one of a badge is under way (uq_print_job_live in the migrations).

    `agent`: who took it; `reason`: why it waits at the printer or failed.
    """

    id = BigSerial(primary_key=True)
    printer = ForeignKey(DeskPrinter, null=False, on_delete=OnDelete.cascade, index=True)
    badge = ForeignKey(Badge, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=PrintState.WAITING.value)
    agent = Varchar(length=40, default="")
    reason = Varchar(length=200, default="")
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    taken_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)

    ck_print_job_state = one_of("state", PrintState)


class BadgePrint(Table, tablename="badge_print", db=DB):
    """The print log: a badge was printed, by whom, and how; `printer`: on which printer of a desk."""

    id = BigSerial(primary_key=True)
    badge = ForeignKey(Badge, null=False, on_delete=OnDelete.cascade, index=True)
    batch = ForeignKey(BadgeBatch, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    way = Varchar(length=8)
    printer = ForeignKey(DeskPrinter, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    printed_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())

    ck_badge_print_way = one_of("way", PrintWay)
