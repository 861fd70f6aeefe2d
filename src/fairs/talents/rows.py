"""What statements about profiles return."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.talents.rules import View
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
    visibility: Visibility
    consent_version: str
    consent_at: datetime | None
    search_key: str
    demo: bool
    created_at: datetime
    updated_at: datetime


class Unclaimed(TalentRow, frozen=True):
    """A profile that has not been opened. `proved`: the account of its address has proved that address."""

    proved: bool


class RelatedTalent(TalentRow, frozen=True):
    """A profile with the employer's relations to the person."""

    approved_employer: bool
    mutual: bool
    meeting: bool


class Seen(TalentRow, frozen=True):
    """A profile as its viewer may see it: below `CONTACT`, e-mail and phone are empty."""

    view: View
    is_self: bool


class Ensured(Row, frozen=True):
    """The profile of an address. `added`: it was created now."""

    id: int
    added: bool


class ListingWish(Row, frozen=True):
    """A listing with both sides' answers about meeting a person; empty where a side has not answered."""

    id: int
    title_zh: str
    title_en: str
    employer_level: str | None
    talent_level: str | None


class ConsentEntry(Row, frozen=True):
    """A consent given or withdrawn; `before` and `after` are JSON."""

    at: datetime
    action: str
    before: str | None
    after: str | None


class OwnRegistration(Row, frozen=True):
    """A registration in its person's export. `phone` is sealed only at rest."""

    number: str
    event: str
    category: str
    state: str
    email: str
    name_passport: str
    name_native: str
    nationality: str
    organisation_name: str
    phone: str
    created_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None


class OwnPreference(Row, frozen=True):
    """The person's answer to a listing."""

    listing: int
    title_zh: str
    title_en: str
    level: str
    updated_at: datetime


class OwnMeeting(Row, frozen=True):
    """A meeting in its person's export."""

    listing: int
    organisation: str
    starts_at: datetime
    ends_at: datetime
    state: str


class Progress(Row, frozen=True):
    """A candidate's steps towards a fair."""

    registered: bool
    wished: bool
    met: bool
    agreed: bool
