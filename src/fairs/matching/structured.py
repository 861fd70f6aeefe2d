"""Closeness of the declared fields of two records, each 0 to 1, or None when one side said nothing.

Disciplines are in `disciplines.py`, skills in `skills.py`: both weigh many records at once.
"""

from fairs.matching.records import LEVEL_RANK, ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Declared

_RULES = DEFAULT.declared


def industry(profile: ProfileRecord, listing: ListingRecord, rules: Declared = _RULES) -> float | None:
    """1 for a common division, less for a common section, 0 for neither."""
    if not profile.industries or not listing.industries:
        return None
    if set(profile.industries) & set(listing.industries):
        return 1.0
    common = {code[:1] for code in profile.industries} & {code[:1] for code in listing.industries}
    return rules.industry_section if common else 0.0


def engagement(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """The share of the listing's ways of working together that the person would take."""
    if not profile.engagements or not listing.engagements:
        return None
    return len(profile.engagements & listing.engagements) / len(listing.engagements)


def pay(profile: ProfileRecord, listing: ListingRecord, rules: Declared = _RULES) -> float | None:
    """How far the offered range overlaps what the person asks for, which is open upwards.

    1 when all of the range lies above, `pay_touch` when only its top does; below that it falls to 0 at the share `pay_none`.
    """
    top = listing.pay_max or listing.pay_min
    if not profile.pay_min or not top:
        return None
    bottom = min(listing.pay_min or top, top)
    asked = profile.pay_min
    if top < asked:
        reached = (top / asked - rules.pay_none) / (1.0 - rules.pay_none)
        return rules.pay_touch * max(0.0, reached)
    overlap = 1.0 if bottom >= asked else (top - asked) / (top - bottom)
    return rules.pay_touch + (1.0 - rules.pay_touch) * overlap


def level(profile: ProfileRecord, listing: ListingRecord, rules: Declared = _RULES) -> float | None:
    """1 when the person's title reaches the one asked for, less for each step below."""
    if profile.level not in LEVEL_RANK or listing.level_min not in LEVEL_RANK:
        return None
    missing = max(0, LEVEL_RANK[listing.level_min] - LEVEL_RANK[profile.level])
    return rules.level_missing[missing] if missing < len(rules.level_missing) else 0.0
