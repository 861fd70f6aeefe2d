"""Rows that the generator gives to the demo builder. Keys are catalogue keys; money is in 万元 (10,000 yuan)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from fairs.listings.tables import ListingKind
from fairs.talents.tables import Visibility

TextLocale = Literal["zh", "en"]
IdType = Literal["passport", "cn_id", "hk_mo_permit", "tw_permit"]


class EmployerKind(StrEnum):
    """Kinds of the catalogue `organisation_kinds` of which employers are invented, each with texts of its own."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    HOSPITAL = "hospital"
    STATE_FIRM = "state_firm"
    PRIVATE_FIRM = "private_firm"
    FOREIGN_FIRM = "foreign_firm"
    PARK = "park"

    @property
    def is_firm(self) -> bool:
        """Whether it is a firm of some kind; parks are none."""
        return self.endswith("firm")


@dataclass(frozen=True, slots=True)
class Employer:
    """An invented employer with its contact person; ``unit`` is the delegation that approves it."""

    key: str
    unit: str
    kind: EmployerKind
    name_zh: str
    name_en: str
    uscc: str
    industry: str
    disciplines: tuple[str, ...]
    zones: tuple[str, ...]
    founded: int
    staff: int
    intro_zh: str
    intro_en: str
    contact_name_zh: str
    contact_name_en: str
    contact_title_zh: str
    contact_title_en: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A need of an employer: ``people`` (headcount, yearly pay) or ``project`` (budget, term in years).

    ``sponsors_permit``: the employer applies for a foreigner's work permit; None: not stated.
    """

    key: str
    employer: str
    kind: ListingKind
    unit: str
    title_zh: str
    title_en: str | None
    description_zh: str
    description_en: str | None
    discipline: str
    degree: str
    engagement: tuple[str, ...]
    headcount: int | None
    pay_min: int | None
    pay_max: int | None
    budget: int | None
    term_years: int | None
    urgent: bool
    urgent_reason_zh: str | None
    urgent_reason_en: str | None
    sponsors_permit: bool | None
    valid_to: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invented person; texts are in ``text_locale`` only, the language the person writes in."""

    key: str
    name_passport: str
    name_native: str
    given_name: str
    family_name: str
    email: str
    phone: str | None
    citizenship: str
    residence: str
    city_en: str
    city_zh: str
    timezone: str
    id_type: IdType
    birth: date
    degree: str
    institution_en: str
    institution_zh: str
    institution_country: str
    graduated: int
    discipline: str
    position: str
    organisation: str
    years: int
    text_locale: TextLocale
    headline: str
    research_summary: str
    skills: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    engagement: tuple[str, ...]
    wanted_units: tuple[str, ...]
    available_from: date
    months_per_year: int
    pay_min: int
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The conference, its tour or another part of it. Times are timezone-aware (Asia/Shanghai)."""

    slug: str
    kind: str
    title_zh: str
    title_en: str
    intro_zh: str
    intro_en: str
    place_zh: str
    place_en: str
    unit: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    capacity: int
    family: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    code: str
    name_zh: str
    name_en: str
    capacity: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session of the programme; ``unit`` is set for city sessions, ``capacity`` is the room's."""

    code: str
    kind: str
    room: str
    unit: str | None
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    sign_up: bool
    capacity: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A day of the tour with the employers to be visited."""

    position: int
    day: date
    unit: str
    title_zh: str
    title_en: str
    notes_zh: str
    notes_en: str
    hotel_zh: str
    hotel_en: str
    employers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoEdition:
    seed: int
    scale: int
    conference: EventFacts
    tour: EventFacts
    parts: tuple[EventFacts, ...]
    rooms: tuple[Room, ...]
    sessions: tuple[Session, ...]
    stops: tuple[Stop, ...]
    employers: tuple[Employer, ...]
    listings: tuple[Listing, ...]
    candidates: tuple[Candidate, ...]
