"""Entries of the reference catalogues: one frozen dataclass for each shape of a line in ``units/data/*.json``."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from fairs.core.i18n import Lang
from fairs.units.kinds import UnitKind

Locale = Lang
Position = tuple[float, float]


class WorkPermit(StrEnum):
    """Whether a way of engagement needs a work permit: always, by the days of the stay, a short one, or none."""

    REQUIRED = "required"
    BY_DAYS = "by_days"
    SHORT_TERM = "short_term"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with its two labels: a category of disciplines, a section of industries, a language."""

    code: str
    zh: str
    en: str
    syllables: str


@dataclass(frozen=True, slots=True)
class Discipline:
    """A four-digit discipline; ``hidden`` ones (military) are left out of pickers."""

    code: str
    zh: str
    en: str
    category: str
    hidden: bool
    syllables: str


@dataclass(frozen=True, slots=True)
class Degree:
    """An academic degree; a higher rank includes the lower ones."""

    key: str
    zh: str
    en: str
    rank: int
    syllables: str
    points_band: str | None = None


@dataclass(frozen=True, slots=True)
class EngagementType:
    """A way of engagement; the flags say whether it counts in 人 (persons) or 人次 (person-times)."""

    key: str
    zh: str
    en: str
    work_permit: WorkPermit
    counts_person: bool
    counts_visits: bool
    syllables: str


@dataclass(frozen=True, slots=True)
class Industry:
    """A division of GB/T 4754-2017, such as C39."""

    code: str
    section: str
    zh: str
    en: str
    syllables: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A priority cluster of the province and its approximate divisions."""

    key: str
    zh: str
    en: str
    divisions: tuple[str, ...]
    syllables: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country or region of ISO 3166-1; those of HK, MO and TW need no work permit."""

    alpha2: str
    alpha3: str
    numeric: str
    zh: str
    en: str
    is_foreign: bool
    syllables: str
    id_docs_zh: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A place in the province; ``position`` is longitude, latitude for a schematic map, not GPS."""

    code: str
    zh: str
    en: str
    pinyin: str
    level: UnitKind
    parent: str | None
    position: Position | None
    syllables: str


@dataclass(frozen=True, slots=True)
class StrategicZone:
    """One of the zones 三区一群, a tag on employers and listings."""

    key: str
    zh: str
    en: str
    regions: tuple[str, ...]
    syllables: str


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A reporting unit as shipped; the current ones are rows in the database."""

    code: str
    name_zh: str
    name_en: str
    kind: UnitKind
    parent: str | None
    pinyin: str
    position: Position
    syllables: str

    @property
    def zh(self) -> str:
        return self.name_zh

    @property
    def en(self) -> str:
        return self.name_en


@dataclass(frozen=True, slots=True)
class Named:
    """A key with its two labels: language levels, event kinds, session kinds, reasons, states."""

    key: str
    zh: str
    en: str
    syllables: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationKind:
    """A kind of employer; ``ledger_zh`` is its word in the signing ledger."""

    key: str
    zh: str
    en: str
    ledger_zh: str
    syllables: str = ""


@dataclass(frozen=True, slots=True)
class RegistrationCategory:
    """As what somebody comes; ``own_place`` orders those that people choose themselves, None: given by the organiser.

    ``short_en`` is what the gates show.
    """

    key: str
    zh: str
    en: str
    short_en: str
    own_place: int | None
    syllables: str = ""


class StepNeed(StrEnum):
    """What a step of an agreement must carry: the date of the fact, a number, evidence, the period that is funded."""

    DATE = "date"
    NUMBER = "number"
    EVIDENCE = "evidence"
    PERIOD = "period"


@dataclass(frozen=True, slots=True)
class AgreementTransition:
    """A legal step of an agreement; ``source`` ``*`` is any active state, ``proof`` must be shown, in what it ``needs``."""

    source: str
    target: str
    by: str
    proof: str
    needs: frozenset[StepNeed]


@dataclass(frozen=True, slots=True)
class Target:
    """A yearly target; ``value`` None means reported but not bounded. Units of counting are never mixed.

    ``measure`` counts towards it; one without a measure says why it is not counted here.
    """

    key: str
    year: int
    zh: str
    en: str
    value: int | None
    unit_zh: str
    unit_en: str
    rule_zh: str
    rule_en: str
    measure: str
    uncounted_zh: str = ""
    uncounted_en: str = ""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a kind of data is kept at most, and what happens then. `least`: a law wants it that long."""

    key: str
    days: int
    zh: str
    en: str
    then: Literal["sum", "delete", "archive"]
    least: int = 1


@dataclass(frozen=True, slots=True)
class FollowUpPlan:
    """When agreements are asked after, and when a signed intent without a step lapses; days since the signing."""

    reminder_days: tuple[int, ...]
    lapse_after_days: int


@dataclass(frozen=True, slots=True)
class FreezePlan:
    """The day of the following month on which a month is frozen; `months_back`: the oldest that is made up for."""

    day: int
    months_back: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """How many days before its begin people are reminded of something."""

    key: str
    days_before: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VisaLetter:
    """A kind of invitation letter with its usual text; names in braces are filled in."""

    key: str
    zh: str
    en: str
    body_zh: str
    body_en: str


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency; `digits`: how many it has after the point."""

    code: str
    zh: str
    en: str
    digits: int


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """A form of registration to begin with. ``sections``: those of ``registrations.asking.content``, read there."""

    key: str
    zh: str
    en: str
    categories: tuple[str, ...]
    sections: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class BadgeSize:
    """A size of badges in millimetres, and the boxes of a new design. ``longest`` above ``height``: a roll."""

    key: str
    zh: str
    en: str
    width: float
    height: float
    longest: float
    boxes: tuple[tuple[str, float, float, float, float, float, float, str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class BadgeSheet:
    """The paper on which badges are printed; without a width each has a page of its own."""

    key: str
    zh: str
    en: str
    width: float | None
    height: float | None
    margin: float
    gap: float
