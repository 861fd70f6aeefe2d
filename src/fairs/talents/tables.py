"""Talents 人才: the profile of a person."""

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
from fairs.files.tables import StoredFile
from fairs.units.tables import Unit


class Visibility(StrEnum):
    """Who may see the profile: no other account, employers after mutual interest, or every approved employer."""

    PRIVATE = "private"
    MATCHED = "matched"
    EMPLOYERS = "employers"


class Talent(Table, tablename="talent", db=DB):
    """A candidate's profile. Pay in 10,000 CNY a year. `unit` is the bureau in charge of the person.

    `phone` is sealed. `abroad_…`: studies outside the mainland, Hong Kong, Macao and Taiwan, for the measure of returnees.
    """

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=True, default=None, unique=True, on_delete=OnDelete.set_null)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.set_null)
    email = Varchar(length=254, unique=True)
    name_passport = Varchar(length=120)
    name_native = Varchar(length=120, default="")
    nationality = Varchar(length=2, default="")
    residence_country = Varchar(length=2, default="")
    phone = Text(default="")
    degree = Varchar(length=12, default="")
    institution = Varchar(length=200, default="")
    grad_year = SmallInt(null=True, default=None)
    current_employer = Varchar(length=200, default="")
    discipline = Varchar(length=8, default="", index=True)
    headline = Varchar(length=200, default="")
    summary = Text(default="")
    summary_lang = Varchar(length=2, default="en")
    skills = Array(base_column=Varchar(length=80), default=list)
    languages = Array(base_column=Varchar(length=20), default=list)
    engagement = Array(base_column=Varchar(length=20), default=list)
    cities = Array(base_column=Varchar(length=12), default=list)
    available_from = Date(null=True, default=None)
    pay_min = Integer(null=True, default=None)
    has_project = Boolean(default=False)
    abroad_country = Varchar(length=2, default="")
    abroad_from = Date(null=True, default=None)
    abroad_to = Date(null=True, default=None)
    abroad_degree = Varchar(length=12, default="")
    visibility = Varchar(length=12, default=Visibility.PRIVATE.value)
    consent_version = Varchar(length=20, default="")
    consent_at = Timestamptz(null=True, default=None)
    matching = Boolean(default=True)  # takes part in suggestions
    keep_after = Boolean(default=True)  # may be kept after the fair
    photo = ForeignKey(StoredFile, null=True, default=None, unique=True, on_delete=OnDelete.restrict)
    search_key = Text(default="")
    demo = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow(), index=True)

    ck_talent_email_lower = Check("email = lower(email)")
    ck_talent_visibility = one_of("visibility", Visibility)
    ck_talent_summary_lang = Check("summary_lang IN ('zh', 'en')")
