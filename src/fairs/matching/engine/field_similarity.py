"""Similarity of the declared fields of two records, each 0 to 1, or unknown when one side declares nothing.

Disciplines are in `disciplines.py`, skills in `skills.py`: both compare many records at once. A further field that is compared
value by value is a function here and a line of `BY_VALUE`, and has its weight in `settings.py`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine.records import DEGREE_RANK, LEVEL_RANK, ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Declared, Far

Numbers = NDArray[np.float64]
Worth = Callable[[ProfileRecord, ListingRecord, Declared], float | None]
_FAR = DEFAULT.far


def industry(profile: ProfileRecord, listing: ListingRecord, rules: Declared) -> float | None:
    """1 for a common division, less for a common section, 0 for neither."""
    if not profile.industries or not listing.industries:
        return None
    if set(profile.industries) & set(listing.industries):
        return 1.0
    common = {code[:1] for code in profile.industries} & {code[:1] for code in listing.industries}
    return rules.industry_section if common else 0.0


def engagement(profile: ProfileRecord, listing: ListingRecord, rules: Declared) -> float | None:
    """The share of the listing's engagement types that the person accepts."""
    if not profile.engagements or not listing.engagements:
        return None
    return len(profile.engagements & listing.engagements) / len(listing.engagements)


def level(profile: ProfileRecord, listing: ListingRecord, rules: Declared) -> float | None:
    """1 when the person's title reaches the required one, less for each step below."""
    if profile.level not in LEVEL_RANK or listing.level_min not in LEVEL_RANK:
        return None
    missing = max(0, LEVEL_RANK[listing.level_min] - LEVEL_RANK[profile.level])
    return rules.level_missing[missing] if missing < len(rules.level_missing) else 0.0


class Field(NamedTuple):
    """A field that is compared value by value: the attribute of a profile, of a listing, and the rule. None: unknown."""

    attributes: tuple[str, str]
    worth: Worth


BY_VALUE = {
    "industry": Field(("industries", "industries"), industry),
    "engagement": Field(("engagements", "engagements"), engagement),
    "level": Field(("level", "level_min"), level),
}


def is_overlearned(profile: ProfileRecord, listing: ListingRecord, rules: Far = _FAR) -> bool:
    """Whether the person has `degree_steps` degrees more than a post requires. False when the post requires none."""
    needed, held = DEGREE_RANK.get(listing.degree_min or "", 0), DEGREE_RANK.get(profile.degree or "", 0)
    return needed > 0 and held - needed >= rules.degree_steps


def pay(asked: Any, low: Any, high: Any, rules: Declared) -> Numbers:
    """How far each offered range, CNY a year, overlaps the person's pay wish, which has no upper limit; NaN where unknown (0).

    1 when all of the range is above, `pay_touch` when only its top is; below that it falls to 0 at the share `pay_none`.
    """
    top = np.where(high != 0, high, low)
    bottom = np.minimum(np.where(low != 0, low, top), top)
    known = (asked != 0) & (top != 0)
    safe = np.where(known, asked, 1)
    below = rules.pay_touch * np.maximum(0.0, (top / safe - rules.pay_none) / (1.0 - rules.pay_none))
    overlap = np.where(bottom >= asked, 1.0, (top - asked) / np.where(top > bottom, top - bottom, 1))
    above = rules.pay_touch + (1.0 - rules.pay_touch) * overlap
    return np.asarray(np.where(known, np.where(top < asked, below, above), np.nan))


def far(learned: Any, asked: Any, low: Any, high: Any, rules: Far) -> Numbers:
    """The factor of the person's score, 1 unless pay or degree is far below; an unknown value (0) is never far.

    `learned` is `is_overlearned`. A post that needs a far lower degree is as good as others for a person who gets about
    the pay they ask for.
    """
    top = np.where(high != 0, high, low)
    reached = (top / np.where(asked != 0, asked, 1) - rules.pay_to) / (rules.pay_from - rules.pay_to)
    below = rules.pay + (1.0 - rules.pay) * np.clip(reached, 0.0, 1.0)
    paid = np.where((asked != 0) & (top != 0), below, 1.0)
    return np.asarray(paid * np.where(learned & ((asked == 0) | (top < rules.pay_from * asked)), rules.degree, 1.0))
