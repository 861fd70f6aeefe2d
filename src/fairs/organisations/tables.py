"""Employers 用人单位. Members are memberships with the role employer (accounts)."""

from enum import StrEnum

from piccolo.columns import BigSerial, Boolean, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.files.tables import StoredFile
from fairs.units.tables import Unit


class OrganisationState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Organisation(Table, tablename="organisation", db=DB):
    """An employer. `uscc` is the 18-character unified social credit code. `contact_phone` is sealed.

    `kind` is a key of the catalogue `organisation_kinds`.

    `signatory` and `signatory_latin` are the name of the person who signs for it: 法定代表人或授权签字人.
    """

    id = BigSerial(primary_key=True)
    uscc = Varchar(length=18, unique=True)
    name_zh = Varchar(length=120)
    name_en = Varchar(length=160, default="")
    kind = Varchar(length=20)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict, index=True)
    industry = Varchar(length=8, default="")
    intro_zh = Text(default="")
    intro_en = Text(default="")
    contact_name = Varchar(length=80)
    contact_phone = Text(default="")
    signatory = Varchar(length=120, default="")
    signatory_latin = Varchar(length=120, default="")
    state = Varchar(length=12, default=OrganisationState.PENDING.value, index=True)
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    decided_at = Timestamptz(null=True, default=None)
    decision_note = Text(default="")
    licence = ForeignKey(StoredFile, null=True, default=None, unique=True, on_delete=OnDelete.restrict)
    search_key = Text(default="")
    demo = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())

    ck_organisation_state = one_of("state", OrganisationState)


class Booth(Table, tablename="booth", db=DB):
    """An employer's booth at an event."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade)
    number = Varchar(length=20)

    uq_booth_event_number = Unique([event, number])
    uq_booth_event_organisation = Unique([event, organisation])
