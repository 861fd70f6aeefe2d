"""Outgoing mail: stored as a row with a state before a job sends it."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Bytea, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.checks import one_of
from fairs.core.db import DB


class MailState(StrEnum):
    """`kept`: no SMTP server is configured; shown in the outbox only. `held`: the address is not proved.

    `bounced`: sent, and came back. `aborted`: its mailing was stopped before it was sent.
    """

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    RETRY = "retry"
    FAILED = "failed"
    BOUNCED = "bounced"
    ABORTED = "aborted"


class Suppressed(StrEnum):
    """Why an address gets no mailings; `newsletter`: none of those only, as its owner asked."""

    BOUNCED = "bounced"
    COMPLAINT = "complaint"
    NEWSLETTER = "newsletter"
    BY_HAND = "by_hand"


class OutgoingMail(Table, tablename="outgoing_mail", db=DB):
    """One mail to one address. One-time links and codes are masked in its texts; `sealed` contains the real ones.

    `unsubscribe`: of a newsletter, the sealed address of its one click.
    """

    id = BigSerial(primary_key=True)
    kind = Varchar(length=60, index=True)
    lang = Varchar(length=2)
    to_email = Varchar(length=254, index=True)
    to_name = Varchar(length=200, default="")
    account_id = BigInt(null=True, default=None, index=True)
    subject = Text()
    body_text = Text()
    body_html = Text()
    sealed = Text(default="")
    state = Varchar(length=12, default=MailState.QUEUED.value, index=True)
    attempts = SmallInt(default=0)
    last_error = Text(default="")
    dedupe_key = Varchar(length=120, null=True, default=None, unique=True)
    created_at = Timestamptz(default=TimestamptzNow(), index=True)
    sent_at = Timestamptz(null=True, default=None)
    unsubscribe = Text(default="")

    ck_outgoing_mail_states = one_of("state", MailState)


class MailSuppression(Table, tablename="mail_suppression", db=DB):
    """An address that gets no mailings. Mail about a person's own affairs, such as a sign-in link, is still tried."""

    id = BigSerial(primary_key=True)
    address = Varchar(length=254)
    kind = Varchar(length=12)
    note = Varchar(length=500, default="")
    mail = ForeignKey(OutgoingMail, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    created_at = Timestamptz(default=TimestamptzNow())

    ck_mail_suppression_kind = one_of("kind", Suppressed)
    ck_mail_suppression_lower = Check("address = lower(address)")
    uq_mail_suppression = Unique([address, kind])


class Installation(Table, tablename="installation", db=DB):
    """One row. `calendar_domain` is part of calendar entry identifiers; it stays when the address changes.

    Empty: entries were created before it was stored, under the address in use then.
    """

    id = SmallInt(primary_key=True, default=1)
    calendar_domain = Varchar(length=255, default="")

    ck_installation_one = Check("id = 1")


class MailAttachment(Table, tablename="mail_attachment", db=DB):
    """A file attached to a mail: the badge, the calendar.

    With a `generator` the content is generated from `argument` when the mail is delivered or viewed, and then stored.
    """

    id = BigSerial(primary_key=True)
    mail = ForeignKey(OutgoingMail, null=False, on_delete=OnDelete.cascade, index=True)
    filename = Varchar(length=120)
    content_type = Varchar(length=120)
    content = Bytea(null=True, default=None)
    generator = Varchar(length=60, default="")
    argument = Varchar(length=120, default="")

    ck_mail_attachment_content = Check("content IS NOT NULL OR generator <> ''")
