"""Hard conditions between a person and a listing: each is met, missed or unknown, and unknown is never missed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from fairs.matching.engine.records import DEGREE_RANK, ListingRecord, ProfileRecord
from fairs.units.catalogues import NO_DEGREE


class State(StrEnum):
    """The outcome of a condition; FREE: neither side requires anything, so there is nothing to show."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition with its outcome; `asked` and `found` are the codes compared, for the reason that is shown."""

    name: str
    state: State
    asked: str = ""
    found: str = ""


def check(profile: ProfileRecord, listing: ListingRecord) -> tuple[Condition, ...]:
    """All six conditions, always in this order."""
    return (
        degree(profile, listing),
        engagement(profile, listing),
        dates(profile, listing),
        city(profile, listing),
        language(profile, listing),
        permit(profile, listing),
    )


def degree(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """The person's highest degree against the listing's minimum."""
    if DEGREE_RANK.get(listing.degree_min or NO_DEGREE, 0) == 0:
        return Condition("degree", State.FREE)
    asked, found = listing.degree_min or "", profile.degree or ""
    if found not in DEGREE_RANK:
        return Condition("degree", State.UNKNOWN, asked)
    good = DEGREE_RANK[found] >= DEGREE_RANK[asked]
    return Condition("degree", State.MET if good else State.MISSED, asked, found)


def engagement(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """At least one engagement type that both named."""
    asked, found = _list(listing.engagements), _list(profile.engagements)
    if not asked or not found:
        return Condition("engagement", State.UNKNOWN if asked or found else State.FREE, asked, found)
    common = listing.engagements & profile.engagements
    return Condition("engagement", State.MET if common else State.MISSED, asked, _list(common) or found)


def dates(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """The person's free time and the listing's time overlap by at least one day; an open end is unlimited."""
    ours, theirs = (listing.starts, listing.ends), (profile.available_from, profile.available_to)
    asked, found = _span(*ours), _span(*theirs)
    if not asked or not found:
        return Condition("dates", State.UNKNOWN if asked or found else State.FREE, asked, found)
    begins = [(span[0] or date.min).toordinal() for span in (ours, theirs)]
    ends = [(span[1] or date.max).toordinal() for span in (ours, theirs)]
    met = touch(begins[0], ends[0], begins[1], ends[1])
    return Condition("dates", State.MET if met else State.MISSED, asked, found)


def touch(begins: Any, ends: Any, others_begin: Any, others_end: Any) -> Any:
    """Whether two spans of days (ordinals, numbers or columns) have a day in common."""
    return np.maximum(begins, others_begin) <= np.minimum(ends, others_end)


def city(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """One of the person's cities contains the listing's place: a county is in its city, a city in its province."""
    asked = _list(profile.cities)
    if not asked:
        return Condition("city", State.FREE)
    if not listing.city:
        return Condition("city", State.UNKNOWN, asked)
    inside = any(listing.city.startswith(_stem(wanted)) for wanted in profile.cities)
    return Condition("city", State.MET if inside else State.MISSED, asked, listing.city)


def language(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """The person speaks every language that the listing requires."""
    asked, found = _list(listing.languages), _list(profile.languages)
    if not asked:
        return Condition("language", State.FREE)
    if not found:
        return Condition("language", State.UNKNOWN, asked)
    good = listing.languages <= profile.languages
    return Condition("language", State.MET if good else State.MISSED, asked, found)


def permit(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """A person who needs a work permit, and an employer who applies for one."""
    if profile.needs_permit is False:
        return Condition("permit", State.FREE)
    if profile.needs_permit is None:
        if listing.sponsors_permit is not False:
            return Condition("permit", State.FREE)
        return Condition("permit", State.UNKNOWN, found="not_sponsored")
    if listing.sponsors_permit is None:
        return Condition("permit", State.UNKNOWN, "needed")
    state = State.MET if listing.sponsors_permit else State.MISSED
    return Condition("permit", state, "needed", "sponsored" if listing.sponsors_permit else "not_sponsored")


class Rule(NamedTuple):
    """A condition that depends on one field of each side: the attribute of a profile, of a listing, and the check."""

    attributes: tuple[str, str]
    check: Callable[[ProfileRecord, ListingRecord], Condition]


BY_VALUE = {
    "degree": Rule(("degree", "degree_min"), degree),
    "engagement": Rule(("engagements", "engagements"), engagement),
    "city": Rule(("cities", "city"), city),
    "language": Rule(("languages", "languages"), language),
    "permit": Rule(("needs_permit", "sponsors_permit"), permit),
}


def _list(codes: frozenset[str]) -> str:
    return " ".join(sorted(codes))


def _span(begin: date | None, end: date | None) -> str:
    return f"{begin or ''}/{end or ''}" if begin or end else ""


def _stem(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
