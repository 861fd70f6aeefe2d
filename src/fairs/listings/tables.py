"""Listings 需求: people wanted (岗位) and projects wanted (项目)."""

from enum import StrEnum

from piccolo.columns import (
    Array,
    BigSerial,
    Boolean,
    Date,
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
from fairs.organisations.tables import Organisation


class ListingState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"


class UrgentAnswer(StrEnum):
    """The province's answer to an employer that asks for urgent and scarce."""

    GRANT = "grant"
    REFUSE = "refuse"


class ListingKind(StrEnum):
    """People wanted 岗位 or a project wanted 项目."""

    PEOPLE = "people"
    PROJECT = "project"


class Listing(Table, tablename="listing", db=DB):
    """A post or project of an employer at an event. Pay in 10,000 CNY a year; `headcount` is 人 wanted.

    `reference`: the employer's own number, unique among its listings of the event (index in the migration).
    `sponsors_permit`: the employer applies for a foreigner's work permit; NULL: not stated.
    `urgent` is set by the province (`urgent_by`, `urgent_at`, `urgent_note`: why or why not); the employer asks for it
    with `urgent_reason`.
    """

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict, index=True)
    reference = Varchar(length=40, default="")
    kind = Varchar(length=8)
    state = Varchar(length=12, default=ListingState.DRAFT.value, index=True)
    title_zh = Varchar(length=200)
    title_en = Varchar(length=200, default="")
    description_zh = Text(default="")
    description_en = Text(default="")
    discipline = Varchar(length=8, index=True)
    degree = Varchar(length=12)
    engagement = Array(base_column=Varchar(length=20), default=list)
    city = Varchar(length=12)
    languages = Array(base_column=Varchar(length=20), default=list)
    headcount = SmallInt(default=1)
    pay_min = Integer(null=True, default=None)
    pay_max = Integer(null=True, default=None)
    sponsors_permit = Boolean(null=True, default=None)
    start_by = Date(null=True, default=None)
    valid_to = Date(null=True, default=None)
    urgent = Boolean(default=False)
    urgent_reason = Text(default="")
    urgent_asked = Boolean(default=False)
    urgent_note = Varchar(length=300, default="")
    urgent_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    urgent_at = Timestamptz(null=True, default=None)
    search_key = Text(default="")
    demo = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow(), index=True)
    published_at = Timestamptz(null=True, default=None)

    ck_listing_kind = one_of("kind", ListingKind)
    ck_listing_state = one_of("state", ListingState)
    ck_listing_headcount = Check("headcount BETWEEN 1 AND 999")
    ck_listing_pay = Check("pay_min IS NULL OR pay_max IS NULL OR pay_max >= pay_min")
    ck_listing_urgent = Check("NOT urgent OR urgent_reason <> ''")
