"""Intent agreements 意向协议, their signatures and their transitions."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Bytea, Date, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.date import DateNow
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.files.tables import StoredFile
from fairs.listings.tables import Listing
from fairs.meetings.tables import Meeting
from fairs.organisations.tables import Organisation
from fairs.talents.tables import Talent
from fairs.units.tables import Unit


class AgreementState(StrEnum):
    """The life of an agreement; words and steps are in the catalogue `agreement_states`."""

    LEAD = "lead"
    TALKS = "talks"
    INTENT = "intent"
    SIGNED_INTENT = "signed_intent"
    RETURNED = "returned"
    CONTRACT = "contract"
    PERMIT = "permit"
    ARRIVED = "arrived"
    LANDED = "landed"
    FUNDED = "funded"
    EVALUATED = "evaluated"
    LAPSED = "lapsed"
    TERMINATED = "terminated"


class Party(StrEnum):
    """Who takes a step. `organiser` is the province's desk, `system` the clock; neither signs."""

    EMPLOYER = "employer"
    TALENT = "talent"
    BUREAU = "bureau"
    ORGANISER = "organiser"
    SYSTEM = "system"


class ConfirmedBy(StrEnum):
    """How a signer was recognised."""

    PASSWORD = "password"
    CODE = "code"


class Agreement(Table, tablename="agreement", db=DB):
    """An intent agreement. Amount in CNY (whole yuan); `unit` is the bureau that counts and verifies it."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=24, unique=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict, index=True)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    talent = ForeignKey(Talent, null=False, on_delete=OnDelete.restrict, index=True)
    listing = ForeignKey(Listing, null=True, default=None, on_delete=OnDelete.set_null)
    meeting = ForeignKey(Meeting, null=True, default=None, on_delete=OnDelete.set_null)
    state = Varchar(length=16, index=True)
    state_since = Timestamptz(default=TimestamptzNow())
    engagement = Varchar(length=20)
    title_zh = Varchar(length=200)
    title_en = Varchar(length=200, default="")
    content_zh = Text(default="")
    content_en = Text(default="")
    heads = SmallInt(default=1)
    amount_cny = BigInt(null=True, default=None)
    months_per_year = SmallInt(null=True, default=None)
    next_step_by = Date(null=True, default=None)
    revision = SmallInt(default=1)
    verified_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    verified_at = Timestamptz(null=True, default=None)
    created_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow(), index=True)

    ck_agreement_state = one_of("state", AgreementState)
    ck_agreement_heads = Check("heads BETWEEN 1 AND 999")
    ck_agreement_amount = Check("amount_cny IS NULL OR amount_cny >= 0")


class AgreementRevision(Table, tablename="agreement_revision", db=DB):
    """The exact text of one revision as canonical JSON, append-only: the content that a signature's hash covers."""

    id = BigSerial(primary_key=True)
    agreement = ForeignKey(Agreement, null=False, on_delete=OnDelete.restrict)
    revision = SmallInt()
    document = Text()
    document_hash = Bytea(unique=True)
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    made_at = Timestamptz(default=TimestamptzNow())

    uq_agreement_revision = Unique([agreement, revision])


class AgreementSignature(Table, tablename="agreement_signature", db=DB):
    """One party's signature of one revision: who, when, and the hash of the displayed text.

    `confirmed_by`: how the signer was confirmed; empty for signatures before this was recorded.
    """

    id = BigSerial(primary_key=True)
    agreement = ForeignKey(Agreement, null=False, on_delete=OnDelete.restrict)
    revision = SmallInt()
    party = Varchar(length=8)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict)
    name_signed = Varchar(length=120)
    document_hash = Bytea()
    signed_at = Timestamptz(default=TimestamptzNow())
    ip = Text(default="")
    confirmed_by = Varchar(length=12, default="")

    uq_agreement_signature = Unique([agreement, revision, party])
    ck_agreement_signature_party = one_of("party", (Party.EMPLOYER, Party.TALENT, Party.BUREAU))
    ck_agreement_signature_confirmed = one_of("confirmed_by", ("", *ConfirmedBy))


class AgreementTransition(Table, tablename="agreement_transition", db=DB):
    """A state transition of an agreement, append-only: `at` is when it was typed, `fact_on` when it happened."""

    id = BigSerial(primary_key=True)
    agreement = ForeignKey(Agreement, null=False, on_delete=OnDelete.restrict, index=True)
    from_state = Varchar(length=16)
    to_state = Varchar(length=16)
    by_account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    evidence = Text(default="")
    reason = Varchar(length=60, default="")
    file = ForeignKey(StoredFile, null=True, default=None, unique=True, on_delete=OnDelete.restrict)
    at = Timestamptz(default=TimestamptzNow(), index=True)
    fact_on = Date(default=DateNow())
    fact_number = Varchar(length=80, default="")
    period_from = Date(null=True, default=None)
    period_to = Date(null=True, default=None)

    ck_agreement_transition_period = Check("period_to IS NULL OR period_to >= period_from")
