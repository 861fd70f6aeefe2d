"""Own texts of mails, mailings and their recipients."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.registrations.tables import Registration


class MailWording(Table, tablename="mail_wording", db=DB):
    """A version of the text of a kind of mail, for an event or for all. The highest version is in force; all four empty: the
    built-in text again. Unique by an index of the migration: kind, event, version.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(length=60)
    event = ForeignKey(Event, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    version = Integer()
    subject_zh = Text(default="")
    subject_en = Text(default="")
    text_zh = Text(default="")
    text_en = Text(default="")
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    created_at = Timestamptz(default=TimestamptzNow())

    ck_mail_wording_version = Check("version > 0")


class MailingKind(StrEnum):
    """What it is for: a newsletter may be left by one click, a word about the event that somebody registered for may not."""

    SERVICE = "service"
    NEWSLETTER = "newsletter"


class MailingState(StrEnum):
    """Where a mailing stands. A rule that is on is `sending`, one that is off `paused`."""

    DRAFT = "draft"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    ABORTED = "aborted"


class Trigger(StrEnum):
    """What sets a rule off; a mailing without one is sent by hand."""

    BEFORE = "before"
    AFTER = "after"
    STATE = "state"
    ABSENT = "absent"
    MEETING = "meeting"


class Mailing(Table, tablename="mailing", db=DB):
    """A text to those registrations of an event that pass the filters; with a `trigger` a rule that the clock follows.

    `turn` rises whenever sending begins anew: a job of an earlier turn ends. `days` and `hour` are of rules.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=12, default=MailingKind.SERVICE.value)
    trigger = Varchar(length=12, default="")
    days = SmallInt(default=0)
    hour = SmallInt(default=9)
    subject_zh = Text(default="")
    subject_en = Text(default="")
    text_zh = Text(default="")
    text_en = Text(default="")
    filters = JSONB(default="{}")
    per_minute = SmallInt(default=60)
    state = Varchar(length=12, default=MailingState.DRAFT.value, index=True)
    turn = Integer(default=0)
    next_at = Timestamptz(null=True, default=None)
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    created_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)

    ck_mailing_kind = one_of("kind", MailingKind)
    ck_mailing_trigger = one_of("trigger", ("", *Trigger))
    ck_mailing_state = one_of("state", MailingState)
    ck_mailing_per_minute = Check("per_minute BETWEEN 1 AND 1000")


class RecipientState(StrEnum):
    """Where one person of a mailing stands before there is a mail; `written`: the state is that of the mail."""

    WAITING = "waiting"
    WRITTEN = "written"
    EXCLUDED = "excluded"
    ABORTED = "aborted"


class Reason(StrEnum):
    """Why somebody who passes the filters gets no mail."""

    NO_ADDRESS = "no_address"
    SAME_ADDRESS = "same_address"
    BOUNCED = "bounced"
    COMPLAINT = "complaint"
    NEWSLETTER = "newsletter"
    BY_HAND = "by_hand"
    WITHDREW = "withdrew"
    EARLIER = "earlier"


class MailingRecipient(Table, tablename="mailing_recipient", db=DB):
    """Somebody who passes the filters. An index of the migration allows an address once for each mailing among those who are
    not excluded, another one a registration once. `mail` is a row of the outbox, which may be purged before.
    """

    id = BigSerial(primary_key=True)
    mailing = ForeignKey(Mailing, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    address = Varchar(length=254)
    state = Varchar(length=10, default=RecipientState.WAITING.value)
    reason = Varchar(length=14, default="")
    mail = BigInt(null=True, default=None, index=True)
    unsubscribe_hash = Bytea(null=True, default=None, index=True)
    created_at = Timestamptz(default=TimestamptzNow())

    ck_mailing_recipient_state = one_of("state", RecipientState)
    ck_mailing_recipient_reason = one_of("reason", ("", *Reason))
    ck_mailing_recipient_excluded = Check(f"(state = '{RecipientState.EXCLUDED}') = (reason <> '')")
