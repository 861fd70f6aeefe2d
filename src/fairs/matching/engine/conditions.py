"""Hard conditions between a person and a listing: each is met, missed or unknown, and unknown is never missed."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fairs.matching.engine.records import DEGREE_RANK, ListingRecord, ProfileRecord
from fairs.units.catalogues import NO_DEGREE


class State(StrEnum):
    """How a condition stands; FREE means that nobody asked for anything, so there is nothing to tell."""

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
    """The person's highest degree against the least that the listing takes."""
    if DEGREE_RANK.get(listing.degree_min or NO_DEGREE, 0) == 0:
        return Condition("degree", State.FREE)
    asked, found = listing.degree_min or "", profile.degree or ""
    if found not in DEGREE_RANK:
        return Condition("degree", State.UNKNOWN, asked)
    good = DEGREE_RANK[found] >= DEGREE_RANK[asked]
    return Condition("degree", State.MET if good else State.MISSED, asked, found)


def engagement(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """At least one way of working together that both named."""
    asked, found = _list(listing.engagements), _list(profile.engagements)
    if not asked or not found:
        return Condition("engagement", State.UNKNOWN if asked or found else State.FREE, asked, found)
    common = listing.engagements & profile.engagements
    return Condition("engagement", State.MET if common else State.MISSED, asked, _list(common) or found)


def dates(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """The person's free time and the listing's time touch on one day at least; an open end is open."""
    ours, theirs = (listing.starts, listing.ends), (profile.available_from, profile.available_to)
    asked, found = _span(*ours), _span(*theirs)
    if not asked or not found:
        return Condition("dates", State.UNKNOWN if asked or found else State.FREE, asked, found)
    begin = max(ours[0] or date.min, theirs[0] or date.min)
    end = min(ours[1] or date.max, theirs[1] or date.max)
    return Condition("dates", State.MET if begin <= end else State.MISSED, asked, found)


def city(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """One of the person's cities holds the listing's place: a county lies in its city, a city in its province."""
    asked = _list(profile.cities)
    if not asked:
        return Condition("city", State.FREE)
    if not listing.city:
        return Condition("city", State.UNKNOWN, asked)
    inside = any(listing.city.startswith(_stem(wanted)) for wanted in profile.cities)
    return Condition("city", State.MET if inside else State.MISSED, asked, listing.city)


def language(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """The person speaks every language that the listing asks for."""
    asked, found = _list(listing.languages), _list(profile.languages)
    if not asked:
        return Condition("language", State.FREE)
    if not found:
        return Condition("language", State.UNKNOWN, asked)
    good = listing.languages <= profile.languages
    return Condition("language", State.MET if good else State.MISSED, asked, found)


def permit(profile: ProfileRecord, listing: ListingRecord) -> Condition:
    """Somebody who needs a work permit, and an employer who applies for one."""
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


def _list(codes: frozenset[str]) -> str:
    return " ".join(sorted(codes))


def _span(begin: date | None, end: date | None) -> str:
    return f"{begin or ''}/{end or ''}" if begin or end else ""


def _stem(code: str) -> str:
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
