"""Webhooks 推送: where to, about what, and each delivery with its answer."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import listed, one_of
from fairs.core.db import DB
from fairs.events.tables import Event


class Topic(StrEnum):
    """What a webhook is about."""

    REGISTRATION_MADE = "registration.made"
    REGISTRATION_CANCELLED = "registration.cancelled"
    REGISTRATION_PROMOTED = "registration.promoted"
    CHECK_IN = "check_in.scans"
    AGREEMENT = "agreement.step"
    LISTING_PUBLISHED = "listing.published"
    LISTING_CLOSED = "listing.closed"


TEST = "test"
"""The topic of a delivery that somebody asked for by the test button."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    RETRY = "retry"
    SENT = "sent"
    FAILED = "failed"


class Webhook(Table, tablename="webhook", db=DB):
    """An address that is told. `failures`: deliveries given up since the last one that arrived."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=120)
    url = Text()
    secret_sealed = Text()
    topics = Array(base_column=Varchar(length=40), default=list)
    event = ForeignKey(Event, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    active = Boolean(default=True)
    failures = Integer(default=0)
    paused_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())

    ck_webhook_topics = Check(f"topics <@ ARRAY[{listed(Topic)}]::varchar[]")


class WebhookDelivery(Table, tablename="webhook_delivery", db=DB):
    """A request to be made, and what came back. `body` has ids and public facts only."""

    id = BigSerial(primary_key=True)
    webhook = ForeignKey(Webhook, null=False, on_delete=OnDelete.cascade, index=True)
    topic = Varchar(length=40)
    body = JSONB(default="{}")
    state = Varchar(length=10, default=DeliveryState.WAITING.value)
    attempts = SmallInt(default=0)
    status = SmallInt(null=True, default=None)
    milliseconds = Integer(null=True, default=None)
    error = Text(default="")
    next_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)

    ck_webhook_delivery_state = one_of("state", DeliveryState)


class WebhookScanPlace(Table, tablename="webhook_scan_place", db=DB):
    """The last scan of an event that a webhook was told of."""

    id = BigSerial(primary_key=True)
    webhook = ForeignKey(Webhook, null=False, on_delete=OnDelete.cascade)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    through = BigInt(default=0)

    uq_webhook_scan_place = Unique([webhook, event])
