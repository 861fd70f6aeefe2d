"""Similarity of the declared fields of two records, each 0 to 1, or None when one side declares nothing.

Disciplines are in `disciplines.py`, skills in `skills.py`: both compare many records at once.
"""

from fairs.matching.engine.records import DEGREE_RANK, LEVEL_RANK, ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Declared, Far

_RULES = DEFAULT.declared
_FAR = DEFAULT.far


def industry(profile: ProfileRecord, listing: ListingRecord, rules: Declared = _RULES) -> float | None:
    """1 for a common division, less for a common section, 0 for neither."""
    if not profile.industries or not listing.industries:
        return None
    if set(profile.industries) & set(listing.industries):
        return 1.0
    common = {code[:1] for code in profile.industries} & {code[:1] for code in listing.industries}
    return rules.industry_section if common else 0.0


def engagement(profile: ProfileRecord, listing: ListingRecord) -> float | None:
    """The share of the listing's engagement types that the person accepts."""
    if not profile.engagements or not listing.engagements:
        return None
    return len(profile.engagements & listing.engagements) / len(listing.engagements)


def pay(profile: ProfileRecord, listing: ListingRecord, rules: Declared = _RULES) -> float | None:
    """How far the offered range overlaps the person's pay wish, which has no upper limit.

    1 when all of the range is above it, `pay_touch` when only its top is; below that it falls to 0 at the share `pay_none`.
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
    """1 when the person's title reaches the required one, less for each step below."""
    if profile.level not in LEVEL_RANK or listing.level_min not in LEVEL_RANK:
        return None
    missing = max(0, LEVEL_RANK[listing.level_min] - LEVEL_RANK[profile.level])
    return rules.level_missing[missing] if missing < len(rules.level_missing) else 0.0


def is_overlearned(profile: ProfileRecord, listing: ListingRecord, rules: Far = _FAR) -> bool:
    """Whether the person has `degree_steps` degrees more than a post requires. False when the post requires none."""
    needed, held = DEGREE_RANK.get(listing.degree_min or "", 0), DEGREE_RANK.get(profile.degree or "", 0)
    return needed > 0 and held - needed >= rules.degree_steps


def far(profile: ProfileRecord, listing: ListingRecord, rules: Far = _FAR) -> float:
    """The factor of the person's score, 1 unless pay or degree is far below; an unknown value is never far.

    A post that needs a far lower degree is as good as others for a person who gets about the pay they ask for.
    """
    near = bool(profile.pay_min and (listing.pay_max or listing.pay_min or 0) >= rules.pay_from * profile.pay_min)
    learned = is_overlearned(profile, listing, rules) and not near
    return far_pay(profile, listing, rules) * (rules.degree if learned else 1.0)


def far_pay(profile: ProfileRecord, listing: ListingRecord, rules: Far = _FAR) -> float:
    """The factor of pay alone."""
    top = listing.pay_max or listing.pay_min
    if not profile.pay_min or not top:
        return 1.0
    reached = (top / profile.pay_min - rules.pay_to) / (rules.pay_from - rules.pay_to)
    return rules.pay + (1.0 - rules.pay) * min(1.0, max(0.0, reached))
