"""The scoring of one pair written out field by field: what the columns of the engine are compared with.

Pay, dates, the fit, the factors and the scores are computed here in their plainest form, apart from the product's code.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from fairs.matching.engine import conditions, field_similarity
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.rank import Match
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import THEIRS, YOURS, Settings
from fairs.matching.text.encoder import DIGITS


@dataclass(frozen=True)
class Joint:
    """What the stages that weigh many records at once say of one pair, 0 to 1; None where one side has nothing to compare."""

    text: float | None
    field: float | None
    skills: float | None


def pay(profile: ProfileRecord, listing: ListingRecord, settings: Settings) -> float | None:
    rules, top = settings.declared, listing.pay_max or listing.pay_min
    if not profile.pay_min or not top:
        return None
    bottom, asked = min(listing.pay_min or top, top), profile.pay_min
    if top < asked:
        return rules.pay_touch * max(0.0, (top / asked - rules.pay_none) / (1.0 - rules.pay_none))
    overlap = 1.0 if bottom >= asked else (top - asked) / (top - bottom)
    return rules.pay_touch + (1.0 - rules.pay_touch) * overlap


def far(profile: ProfileRecord, listing: ListingRecord, settings: Settings) -> float:
    rules, top = settings.far, listing.pay_max or listing.pay_min or 0
    near = bool(profile.pay_min and top >= rules.pay_from * profile.pay_min)
    learned = field_similarity.is_overlearned(profile, listing, rules) and not near
    left = 1.0
    if profile.pay_min and top:
        reached = (top / profile.pay_min - rules.pay_to) / (rules.pay_from - rules.pay_to)
        left = rules.pay + (1.0 - rules.pay) * min(1.0, max(0.0, reached))
    return left * (rules.degree if learned else 1.0)


def fit(text: float | None, expected: float | None, declared: int, settings: Settings) -> float | None:
    if text is None or expected is None:
        return text if expected is None else expected
    share = settings.declared_shares[declared]
    return share * expected + (1 - share) * text


def side_score(parts: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    known = [(weights[name], part) for name, part in parts.items() if part is not None and name in weights]
    total = sum(weight for weight, _ in known)
    return sum(weight * part for weight, part in known) / total if total else 0.0


def factor(checked: tuple[Condition, ...], names: tuple[str, ...], settings: Settings) -> float:
    return math.prod(settings.missed[one.name] for one in checked if one.state is State.MISSED and one.name in names)


def score(profile: ProfileRecord, listing: ListingRecord, joint: Joint, settings: Settings) -> Match:
    """One pair, without reasons."""
    checked = conditions.check(profile, listing)
    declared = bool(profile.disciplines) + bool(listing.disciplines)
    parts = {
        "fit": fit(joint.text, joint.field, declared, settings),
        "skills": joint.skills,
        "industry": field_similarity.industry(profile, listing, settings.declared),
        "engagement": field_similarity.engagement(profile, listing, settings.declared),
        "pay": pay(profile, listing, settings),
        "level": field_similarity.level(profile, listing, settings.declared),
    }
    apart = far(profile, listing, settings)
    you = side_score(parts, settings.yours) * factor(checked, YOURS, settings) * apart
    they = side_score(parts, settings.theirs) * factor(checked, THEIRS, settings)
    told = {"text": joint.text, "field": joint.field, **parts, "far": apart if apart < 1.0 else None}
    known = {name: part for name, part in told.items() if part is not None}
    both = math.sqrt(max(you, 0.0) * max(they, 0.0))
    in_all, yours, theirs = (round(100.0 * share, DIGITS - 2) for share in (both, you, they))
    return Match(profile.id, listing.id, in_all, yours, theirs, checked, known)
