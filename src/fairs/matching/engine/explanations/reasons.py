"""Why two records are proposed to each other, as data that a page renders in either language.

Every reason can be verified in the two records: a condition names the two values compared, a discipline the declared codes,
a pair of terms is found literally in both texts. Nothing derived only from a weight is shown. Kinds: see docs/matching.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from fairs.matching.engine import disciplines, field_similarity, senses, skills
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Distance, Strengths
from fairs.matching.text.shared_terms import TermPair, shared_terms


class ReasonKind(StrEnum):
    """What a reason tells; those of conditions and disciplines are made of their state and distance."""

    SKILL = "skill"
    TERM = "term"
    INDUSTRY_SAME = "industry_same"
    PAY_MET = "pay_met"
    PAY_BELOW = "pay_below"
    DEGREE_FAR = "degree_far"
    NOT_SAID = "not_said"
    ABOVE_NEXT = "above_next"


PROFILE, LISTING = "profile", "listing"  # the two records, by which a reason names what each of them says


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its kind, its subject, and its strength from 0 to 1, by which reasons are ordered."""

    kind: str
    strength: float
    params: dict[str, str] = field(default_factory=dict)


def collect_reasons(
    profile: ProfileRecord,
    listing: ListingRecord,
    checked: Iterable[Condition],
    strengths: Strengths = DEFAULT.strengths,
) -> tuple[Reason, ...]:
    """All reasons of one pair, strongest first."""
    reasons = [
        *of_conditions(checked, strengths),
        *of_discipline(disciplines.nearest(profile.disciplines, listing.disciplines), strengths),
        *of_skills(profile, listing, strengths),
        *of_terms(senses.fitting(shared_terms(profile.texts, listing.texts), profile, listing), strengths),
        *of_industries(profile, listing, strengths),
        *of_pay(profile, listing, strengths),
        *of_degree(profile, listing, strengths),
        *of_silence(profile, listing, strengths),
    ]
    return tuple(sorted(reasons, key=order))


def order(reason: Reason) -> tuple[float, str, list[tuple[str, str]]]:
    """Sort key: strongest first, ties always in the same order."""
    return -reason.strength, reason.kind, sorted(reason.params.items())


def of_conditions(conditions: Iterable[Condition], strengths: Strengths) -> Iterator[Reason]:
    """One reason per condition that either side requires."""
    of = {
        State.MISSED: strengths.gate_missed,
        State.MET: strengths.gate_met,
        State.UNKNOWN: strengths.gate_unknown,
    }
    for condition in conditions:
        if condition.state is not State.FREE:
            params = {"gate": condition.name, "asked": condition.asked, "found": condition.found}
            yield Reason(f"gate_{condition.state}", of[condition.state], params)


def of_discipline(nearest: tuple[Distance, str, str] | None, strengths: Strengths) -> Iterator[Reason]:
    """Same, related or same category of the declared disciplines; distant ones are no reason."""
    if nearest is not None and nearest[0] in strengths.discipline:
        distance, ours, theirs = nearest
        yield Reason(f"discipline_{distance}", strengths.discipline[distance], {"profile": ours, "listing": theirs})


def of_skills(profile: ProfileRecord, listing: ListingRecord, strengths: Strengths) -> Iterator[Reason]:
    """Each declared skill of the person that the listing has too, in both forms."""
    for skill, written in skills.common(profile, listing):
        if senses.fits(TermPair("", skill, 0.0), profile, listing):
            yield Reason(ReasonKind.SKILL, strengths.skill, {"profile": skill, "listing": written})


def of_terms(pairs: Iterable[TermPair], strengths: Strengths) -> Iterator[Reason]:
    """The shared terms of highest weight."""
    for pair in sorted(pairs, key=lambda p: (-p.weight, p.zh, p.en))[: strengths.most_terms]:
        strength = min(1.0, strengths.term_least + strengths.term_step * pair.weight)
        yield Reason(ReasonKind.TERM, round(strength, 3), {"zh": pair.zh, "en": pair.en})


def of_industries(profile: ProfileRecord, listing: ListingRecord, strengths: Strengths) -> Iterator[Reason]:
    """Each division that both declared."""
    for code in sorted(set(profile.industries) & set(listing.industries)):
        yield Reason(ReasonKind.INDUSTRY_SAME, strengths.industry, {"industry": code})


def of_pay(profile: ProfileRecord, listing: ListingRecord, strengths: Strengths) -> Iterator[Reason]:
    """Whether the top of the offer reaches the person's pay wish."""
    top = listing.pay_max or listing.pay_min
    if profile.pay_min and top:
        kind = ReasonKind.PAY_MET if top >= profile.pay_min else ReasonKind.PAY_BELOW
        yield Reason(kind, strengths.pay, {"asked": str(profile.pay_min), "offered": str(top)})


def of_degree(profile: ProfileRecord, listing: ListingRecord, strengths: Strengths) -> Iterator[Reason]:
    """A post that needs far less than the person's degree."""
    if field_similarity.is_overlearned(profile, listing):
        params = {"asked": listing.degree_min or "", "found": profile.degree or ""}
        yield Reason(ReasonKind.DEGREE_FAR, strengths.degree_far, params)


def of_silence(profile: ProfileRecord, listing: ListingRecord, strengths: Strengths) -> Iterator[Reason]:
    """What either side could add for a better ranking, except conditions, which `of_conditions` reports as unknown."""
    missing = {
        (PROFILE, "discipline"): not profile.disciplines,
        (PROFILE, "text"): not profile.texts,
        (PROFILE, "skills"): bool(listing.skills and not profile.skills),
        (LISTING, "discipline"): not listing.disciplines,
        (LISTING, "text"): not listing.texts,
        (LISTING, "pay"): bool(profile.pay_min and not listing.is_project and not (listing.pay_max or listing.pay_min)),
    }
    for (side, name), is_missing in missing.items():
        if is_missing:
            yield Reason(ReasonKind.NOT_SAID, strengths.not_said, {"side": side, "field": name})
