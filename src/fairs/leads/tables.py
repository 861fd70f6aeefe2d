"""Leads 展位访客 of employers at an event, and the consent of each visitor, asked once for each employer."""

from enum import StrEnum

from piccolo.columns import Array, BigInt, BigSerial, Boolean, Date, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Gate
from fairs.listings.tables import Listing
from fairs.organisations.tables import Organisation
from fairs.registrations.tables import Registration


class Answer(StrEnum):
    """What a visitor said to an employer: it may keep what the badge stands for, it may not, or no longer."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class FollowUp(StrEnum):
    """Whether the employer still has something to do for this visitor."""

    NOTHING = "nothing"
    OPEN = "open"
    DONE = "done"


class SeenBy(StrEnum):
    """How the visitor was recognised: by the badge, by a typed number, or by staff at the gate of the booth."""

    BADGE = "badge"
    NUMBER = "number"
    GATE = "gate"


class LeadConsent(Table, tablename="lead_consent", db=DB):
    """A visitor's last answer to an employer. `contact`: also e-mail and telephone. `asked_by` is empty when the visitor
    answered on the own page."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=True)
    answer = Varchar(length=10)
    contact = Boolean(default=False)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    answered_at = Timestamptz(default=TimestamptzNow())

    uq_lead_consent = Unique([registration, organisation])
    ck_lead_consent_answer = one_of("answer", Answer)
    ck_lead_consent_contact = Check(f"NOT contact OR answer = '{Answer.GIVEN}'")


class Lead(Table, tablename="lead", db=DB):
    """A visitor whom an employer has seen; without consent nothing is kept but that and when."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    listing = ForeignKey(Listing, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    stars = SmallInt(default=0)
    tags = Array(base_column=Varchar(length=40), default=list)
    note = Text(default="")
    follow_up = Varchar(length=8, default=FollowUp.NOTHING.value)
    follow_up_on = Date(null=True, default=None)
    seen_by = Varchar(length=8, default=SeenBy.BADGE.value)
    recorded_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    seen_at = Timestamptz(default=TimestamptzNow())
    last_seen_at = Timestamptz(default=TimestamptzNow())
    deleted_at = Timestamptz(null=True, default=None)
    deleted_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_lead = Unique([organisation, registration])
    ck_lead_stars = Check("stars BETWEEN 0 AND 5")
    ck_lead_follow_up = one_of("follow_up", FollowUp)
    ck_lead_seen_by = one_of("seen_by", SeenBy)


class BoothGate(Table, tablename="booth_gate", db=DB):
    """The employer at whose booth a gate stands; its scans up to `through` have become leads."""

    id = BigSerial(primary_key=True)
    gate = ForeignKey(Gate, null=False, unique=True, on_delete=OnDelete.cascade)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=True)
    through = BigInt(default=0)
