"""Passports, invitation letters with their texts, and links to the sheets of drivers and interpreters."""

from enum import StrEnum

from piccolo.columns import BigSerial, Bytea, Date, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.tours.logistics.tables import TourInterpreter, TourVehicle
from fairs.tours.tables import TourMember


class LetterState(StrEnum):
    """How far an invitation letter is."""

    REQUESTED = "requested"
    ISSUED = "issued"
    REFUSED = "refused"
    REVOKED = "revoked"


class TourPassport(Table, tablename="tour_passport", db=DB):
    """The passport of a member; `data` is sealed JSON (`papers.passports.Passport`)."""

    id = BigSerial(primary_key=True)
    member = ForeignKey(TourMember, null=False, unique=True, on_delete=OnDelete.cascade)
    data = Text()
    updated_at = Timestamptz(default=TimestamptzNow())


class TourLetter(Table, tablename="tour_letter", db=DB):
    """An invitation letter. `document` is the sealed canonical text, `digest` its SHA-256, `kind` a code of the letters' catalogue."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    member = ForeignKey(TourMember, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=12)
    state = Varchar(length=10, default=LetterState.REQUESTED.value)
    number = Varchar(length=32, null=True, default=None, unique=True)
    digest = Bytea(null=True, default=None, unique=True)
    document = Text(default="")
    initials = Varchar(length=12, default="")
    valid_until = Date(null=True, default=None)
    reason = Varchar(length=300, default="")
    asked_at = Timestamptz(default=TimestamptzNow())
    decided_at = Timestamptz(null=True, default=None)
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)

    ck_tour_letter_state = one_of("state", LetterState)


class TourLetterText(Table, tablename="tour_letter_text", db=DB):
    """The text of a tour's letters of a kind, instead of the usual one."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=12)
    body_zh = Text()
    body_en = Text()

    uq_tour_letter_text = Unique([event, kind])


class TourSheetLink(Table, tablename="tour_sheet_link", db=DB):
    """A link to the sheet of a driver or an interpreter: it ends, and only the hash of its code is stored."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    vehicle = ForeignKey(TourVehicle, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    interpreter = ForeignKey(TourInterpreter, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    token_hash = Bytea(unique=True)
    expires_at = Timestamptz()
    revoked_at = Timestamptz(null=True, default=None)
    made_at = Timestamptz(default=TimestamptzNow())
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    opened_at = Timestamptz(null=True, default=None)

    ck_tour_sheet_link_one = Check("(vehicle IS NULL) <> (interpreter IS NULL)")
