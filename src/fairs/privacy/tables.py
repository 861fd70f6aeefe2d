"""Consents, looks at contact data, exports of one's own data, and receipts of those who were forgotten."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.files.tables import StoredFile


class ConsentKind(StrEnum):
    """What a person agrees to, each apart from the others."""

    PRIVACY = "privacy"
    CROSS_BORDER = "cross_border"
    SENSITIVE = "sensitive"
    PUBLICATION = "publication"
    MATCHING = "matching"
    KEEP_AFTER = "keep_after"


class ConsentPlace(StrEnum):
    """On which page it was given or withdrawn; `closing`: with the account."""

    REGISTRATION = "registration"
    PROFILE = "profile"
    CONSENTS = "consents"
    CLOSING = "closing"


class ConsentLine(Table, tablename="consent", db=DB):
    """One answer, append-only: of each kind the last one counts. `version` and `lang` are of the text that was shown."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=16)
    given = Boolean(default=False)
    version = Varchar(length=20)
    lang = Varchar(length=2, default="en")
    place = Varchar(length=20)
    at = Timestamptz(default=TimestamptzNow())

    ck_consent_kind = one_of("kind", ConsentKind)
    ck_consent_place = one_of("place", ConsentPlace)


class LookPlace(StrEnum):
    """Where contact data was shown: on the profile, among the visitors of a booth, on a registration."""

    PROFILE = "profile"
    VISITORS = "visitors"
    REGISTRATION = "registration"


class ContactLook(Table, tablename="contact_look", db=DB):
    """`viewer` was shown the e-mail address or telephone number of `account`; once for each place and day.

    `organisation_id`: the employer for which the viewer looked.
    """

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    viewer = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    organisation_id = BigInt(null=True, default=None)
    place = Varchar(length=16)
    at = Timestamptz(default=TimestamptzNow())
    day = Date(default=None, null=False)

    uq_contact_look = Unique([account, viewer, place, day])
    ck_contact_look_place = one_of("place", LookPlace)


class ExportState(StrEnum):
    """Of an export."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class DataExport(Table, tablename="data_export", db=DB):
    """A person asked for all that is held; at most one is under way (uq_data_export_live). `done` of `total` kinds are read."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=8, default=ExportState.WAITING.value)
    lang = Varchar(length=2, default="en")
    asked_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    done = Integer(default=0)
    total = Integer(default=0)
    file = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)

    ck_data_export_state = one_of("state", ExportState)


class ForgettingState(StrEnum):
    """`mails`: all is gone but mails that are still on their way."""

    WAITING = "waiting"
    RUNNING = "running"
    MAILS = "mails"
    DONE = "done"


class AskedFor(StrEnum):
    """How the deletion was asked for."""

    PAGE = "page"
    COMMAND = "command"


class Forgetting(Table, tablename="forgetting", db=DB):
    """A person is being forgotten. `subject` is sealed and empties at the end: then the row is the receipt.

    `counts`: kind → what was done; a kind that is listed is finished. `kept`: what a law keeps, without personal data.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=24, unique=True)
    asked_for = Varchar(length=8)
    state = Varchar(length=8, default=ForgettingState.WAITING.value)
    asked_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)
    subject = Text(default="")
    account = ForeignKey(Account, null=True, default=None, unique=True, on_delete=OnDelete.set_null)
    counts = JSONB(default="{}")
    kept = JSONB(default="[]")

    ck_forgetting_state = one_of("state", ForgettingState)
    ck_forgetting_asked_for = one_of("asked_for", AskedFor)
    ck_forgetting_subject = Check(f"(state = '{ForgettingState.DONE}') = (subject = '')")
