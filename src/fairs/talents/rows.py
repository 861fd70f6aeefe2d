"""What statements about profiles return."""

from datetime import date, datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.talents.tables import Visibility


class TalentRow(Row, frozen=True):
    """A profile. `phone` is sealed until `phones.opened` has processed the row."""

    id: int
    account: int | None
    unit: int | None
    email: str
    name_passport: str
    name_native: str
    nationality: str
    residence_country: str
    phone: str
    degree: str
    institution: str
    grad_year: int | None
    current_employer: str
    discipline: str
    headline: str
    summary: str
    summary_lang: str
    skills: list[str]
    languages: list[str]
    engagement: list[str]
    cities: list[str]
    available_from: date | None
    pay_min: int | None
    has_project: bool
    abroad_country: str
    abroad_from: date | None
    abroad_to: date | None
    abroad_degree: str
    visibility: Visibility
    consent_version: str
    consent_at: datetime | None
    photo: UUID | None
    search_key: str
    demo: bool
    created_at: datetime
    updated_at: datetime


class Unclaimed(TalentRow, frozen=True):
    """A profile that has not been opened. `proved`: the account of its address has proved that address."""

    proved: bool


class Ensured(Row, frozen=True):
    """The profile of an address. `added`: it was created now."""

    id: int
    added: bool
