"""Why one match ranks above the next, as a reason that is true of the two: one fact that differs and did count."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fairs.matching.engine.explanations.reasons import Reason, ReasonKind
from fairs.matching.engine.rank import Match
from fairs.matching.settings import DEFAULT, Distance, Settings

_SKILL, _NOT_SAID = ReasonKind.SKILL, ReasonKind.NOT_SAID  # read once: they are compared with in loops
_NEARNESS = [f"discipline_{distance}" for distance in Distance]
Fact = tuple[float, dict[str, str]]


def explained(matches: Sequence[Match], *, pay: bool, settings: Settings = DEFAULT) -> list[Match]:
    """The list with the reason `above_next` in each match but the last, if it has one. `pay`: whether pay may be shown."""
    found = []
    for upper, lower in zip(matches, (*matches[1:], None), strict=False):
        reason = above_next(upper, lower, pay=pay, settings=settings) if lower is not None else None
        found.append(replace(upper, reasons=(*upper.reasons, reason)) if reason else upper)
    return found


def above_next(upper: Match, lower: Match, *, pay: bool, settings: Settings = DEFAULT) -> Reason | None:
    """The condition that only the lower one misses, else the fact that counted most; None when no single fact explains it."""
    if upper.score <= lower.score:
        return None
    worse = [name for name in lower.missed if name not in upper.missed]
    if worse and set(upper.missed) <= set(lower.missed):
        return _reason({"fact": "missed", "names": " ".join(worse)}, settings)
    if upper.missed != lower.missed:
        return None
    facts = [fact for fact in _facts(upper, lower, pay, settings) if fact[0] > 0]
    return _reason(max(facts, key=lambda fact: (fact[0], fact[1]["fact"]))[1], settings) if facts else None


def _reason(params: dict[str, str], settings: Settings) -> Reason:
    return Reason(ReasonKind.ABOVE_NEXT, settings.strengths.above_next, params)


def _facts(upper: Match, lower: Match, pay: bool, settings: Settings) -> Iterator[Fact]:
    """(its contribution to the mean of both sides' weights, the fact) for each fact in favour of the upper one."""
    fit = _weight("fit", settings)
    declared = settings.declared_shares[2]
    mine, other = (_nearness(match) for match in (upper, lower))
    if mine is not None and other is not None and mine < other:
        told = {"fact": "discipline", "upper": list(Distance)[mine], "lower": list(Distance)[other]}
        yield fit * declared * _more(upper, lower, "field"), told
    ours, theirs = (sum(reason.kind == _SKILL for reason in match.reasons) for match in (upper, lower))
    if ours > theirs:
        told = {"fact": "skills", "upper": str(ours), "lower": str(theirs)}
        yield _weight("skills", settings) * _more(upper, lower, "skills"), told
    far = upper.parts.get("far", 1.0) - lower.parts.get("far", 1.0)
    if pay and _has(upper, ReasonKind.PAY_MET) and (_has(lower, ReasonKind.PAY_BELOW) or _silent(lower, "pay")):
        yield _weight("pay", settings) * _more(upper, lower, "pay") + max(0.0, far) / 2, {"fact": "pay"}
    if far > 0 and _has(lower, ReasonKind.DEGREE_FAR) and not _has(upper, ReasonKind.DEGREE_FAR):
        yield far / 2, {"fact": "degree"}
    if _has(upper, ReasonKind.INDUSTRY_SAME) and not _has(lower, ReasonKind.INDUSTRY_SAME):
        yield _weight("industry", settings) * _more(upper, lower, "industry"), {"fact": "industry"}
    if {"text"} <= upper.parts.keys() & lower.parts.keys() and _more(upper, lower, "text") >= settings.strengths.closer:
        yield fit * (1 - declared) * _more(upper, lower, "text"), {"fact": "text"}


def _weight(part: str, settings: Settings) -> float:
    return (settings.yours.get(part, 0.0) + settings.theirs.get(part, 0.0)) / 2


def _more(upper: Match, lower: Match, part: str) -> float:
    return upper.parts.get(part, 0.0) - lower.parts.get(part, 0.0)


def _has(match: Match, kind: str) -> bool:
    return any(reason.kind == kind for reason in match.reasons)


def _nearness(match: Match) -> int | None:
    """Rank of the declared disciplines' distance; None when one side declares none."""
    for reason in match.reasons:
        if reason.kind in _NEARNESS:
            return _NEARNESS.index(reason.kind)
    return None if _silent(match, "discipline") else len(_NEARNESS) - 1


def _silent(match: Match, name: str) -> bool:
    """Whether a side did not declare this."""
    return any(reason.kind == _NOT_SAID and reason.params["field"] == name for reason in match.reasons)
