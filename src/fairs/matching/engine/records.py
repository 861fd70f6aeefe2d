"""The engine's input for a person and for a listing: plain records, made by the services from their rows.

An empty tuple or set and None always mean *unknown*; the engine never treats them as *no*.
Codes are those of the reference catalogues: disciplines (2 or 4 digits), industries, regions (6 digits), engagement keys,
degree keys, languages (ISO 639-1). Skills are free words in either language. Pay is CNY a year.
"""

from dataclasses import dataclass
from datetime import date

from fairs.units import catalogues

DEGREE_RANK = {degree.key: degree.rank for degree in catalogues.degrees()}
LEVEL_RANK = {"junior": 1, "middle": 2, "associate": 3, "senior": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRecord:
    """A person: knowledge (texts, disciplines), qualifications (degree, level, languages) and wishes."""

    id: str
    text_zh: str = ""
    text_en: str = ""
    disciplines: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    degree: str | None = None
    level: str | None = None
    languages: frozenset[str] = frozenset()
    engagements: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    available_from: date | None = None
    available_to: date | None = None
    pay_min: int | None = None
    needs_permit: bool | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to read, Chinese first; a record may have none."""
        return tuple(t for t in (self.text_zh, self.text_en) if t.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRecord:
    """A post or project: its subject, requirements and offer. A project has a budget and no pay."""

    id: str
    title_zh: str = ""
    title_en: str = ""
    text_zh: str = ""
    text_en: str = ""
    disciplines: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    degree_min: str | None = None
    level_min: str | None = None
    languages: frozenset[str] = frozenset()
    engagements: frozenset[str] = frozenset()
    city: str | None = None
    starts: date | None = None
    ends: date | None = None
    is_project: bool = False
    pay_min: int | None = None
    pay_max: int | None = None
    sponsors_permit: bool | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts to read, title before body, Chinese first; a record may have none."""
        pairs = ((self.title_zh, self.text_zh), (self.title_en, self.text_en))
        return tuple(joined for pair in pairs if (joined := "\n".join(t for t in pair if t.strip())))
