"""A suggestion in words: a sentence with evidence, the conditions side by side, the terms, and why it ranks above the next.

`side` is the reader: the person ("talent") or the employer ("employer"). Every statement is backed by a reason.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Protocol

from fairs.core.i18n import N_, current_lang, format_day, gettext
from fairs.core.wishes import Side
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.explanations.reasons import LISTING, PROFILE, Reason, ReasonKind
from fairs.matching.services import Suggestion
from fairs.matching.settings import Distance
from fairs.matching.text.tokens import is_han
from fairs.units import catalogues

TERMS_IN_SENTENCE = 3
CONDITIONS: dict[str, object] = {
    "degree": N_("Degree"),
    "engagement": N_("Engagement"),
    "dates": N_("Dates"),
    "city": N_("City"),
    "language": N_("Languages"),
    "permit": N_("Work permit"),
}
FIELDS: dict[tuple[Side, str], Callable[..., object]] = {
    (Side.TALENT, Distance.SAME): N_("Your field, %(mine)s, is the one they ask for."),
    (Side.TALENT, Distance.RELATED): N_("Your field, %(mine)s, is close to the one they ask for, %(theirs)s."),
    (Side.TALENT, Distance.CATEGORY): N_(
        "Your field, %(mine)s, is in the same branch as the one they ask for, %(theirs)s."
    ),
    (Side.EMPLOYER, Distance.SAME): N_("Their field, %(mine)s, is the one you ask for."),
    (Side.EMPLOYER, Distance.RELATED): N_("Their field, %(mine)s, is close to the one you ask for, %(theirs)s."),
    (Side.EMPLOYER, Distance.CATEGORY): N_(
        "Their field, %(mine)s, is in the same branch as the one you ask for, %(theirs)s."
    ),
}
ABOVE: dict[tuple[Side, str], object] = {
    (Side.TALENT, "discipline"): N_("Above the next one, whose field is further from yours."),
    (Side.EMPLOYER, "discipline"): N_("Above the next one, whose field is further from the one you ask for."),
    (Side.TALENT, "skills"): N_("Above the next one, which names fewer of your skills."),
    (Side.EMPLOYER, "skills"): N_("Above the next one, who has fewer of the skills your text names."),
    (Side.TALENT, "pay"): N_("Above the next one, whose pay is lower or not stated."),
    (Side.TALENT, "degree"): N_("Above the next one, which needs far less than your degree."),
    (Side.EMPLOYER, "degree"): N_("Above the next one, whose degree is far above what you ask for."),
    (Side.TALENT, "industry"): N_("Above the next one, whose industry is not yours."),
    (Side.EMPLOYER, "industry"): N_("Above the next one, whose industry is not yours."),
    (Side.TALENT, "text"): N_("Above the next one, whose text is further from yours."),
    (Side.EMPLOYER, "text"): N_("Above the next one, whose text is further from yours."),
}
SILENT: dict[str, object] = {
    "discipline": N_("your field"),
    "text": N_("what you work on"),
    "degree": N_("your highest degree"),
    "languages": N_("your languages"),
    "engagement": N_("how you want to work together"),
}
LEFT_OUT: dict[str, object] = {
    "discipline": N_("the field"),
    "text": N_("what the work is about"),
    "pay": N_("the pay"),
    "skills": N_("the skills"),
}
_FROM_LISTING = frozenset({"degree", "engagement", "dates", "language"})  # the others are required by the person


def joined(words: Iterable[object]) -> str:
    """Words as a list: `a, b and c`, `a、b、c`."""
    texts = [str(word) for word in words]
    if current_lang() == "zh":
        return "、".join(texts)
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)


def label(kind: str, code: str) -> str:
    """The catalogue's label for a code in the reader's language."""
    return catalogues.label(kind, code, current_lang()) if code else ""


def described(found: Suggestion[Any], side: Side) -> dict[str, Any]:
    """Data for the macro `match`."""
    return {
        "sentence": sentence(found, side),
        "conditions": [
            condition_in_words(condition, side) for condition in found.conditions if condition.state is not State.FREE
        ],
        "terms": _pairs(found.reasons, side),
        "missing": missing(found.reasons, side),
        "above": above(found.reasons, side),
    }


def sentence(found: Suggestion[Any], side: Side) -> str:
    """The strongest evidence in one or two sentences."""
    said = [
        field_in_words(found.reasons, side),
        _skills(found.reasons, side),
        _terms(found.reasons),
        pay_in_words(found.reasons, side),
        degree_in_words(found.reasons, side),
    ]
    parts = [part for part in said if part]
    if not parts:
        met = [CONDITIONS[condition.name] for condition in found.conditions if condition.state is State.MET]
        parts = [gettext("These conditions fit: %(names)s.", names=joined(met))] if met else []
    if not parts:
        parts = [gettext("Little is known to compare; the order uses what is known.")]
    return ("" if current_lang() == "zh" else " ").join(parts)


def _distance(reasons: Iterable[Reason]) -> tuple[str, Reason] | None:
    for reason in reasons:
        if reason.kind.startswith("discipline_"):
            return reason.kind.removeprefix("discipline_"), reason
    return None


def field_in_words(reasons: Iterable[Reason], side: Side) -> str:
    """How the declared disciplines are related; empty when no reason states it."""
    found = _distance(reasons)
    if found is None:
        return ""
    mine, theirs = (label("disciplines", found[1].params[name]) for name in (PROFILE, LISTING))
    given = {"mine": mine} if found[0] == Distance.SAME else {"mine": mine, "theirs": theirs}
    return str(FIELDS[side, found[0]](**given))


def _skills(reasons: Iterable[Reason], side: Side) -> str:
    named = [r.params[PROFILE if side == Side.TALENT else LISTING] for r in reasons if r.kind == ReasonKind.SKILL]
    if not named:
        return ""
    told = joined(named[:TERMS_IN_SENTENCE])
    if side == Side.TALENT:
        return gettext("Your skills that count here: %(skills)s.", skills=told)
    return gettext("Their skills that you name: %(skills)s.", skills=told)


def _terms(reasons: Iterable[Reason]) -> str:
    """Terms in both texts, without those already shown as skills."""
    first, second = ("zh", "en") if current_lang() == "zh" else ("en", "zh")
    skills = {form.lower() for r in reasons if r.kind == ReasonKind.SKILL for form in r.params.values()}
    terms = [r.params for r in reasons if r.kind == ReasonKind.TERM and not skills & {r.params["zh"], r.params["en"]}]
    words = [params[first] or params[second] for params in terms][:TERMS_IN_SENTENCE]
    return gettext("Both texts mention %(terms)s.", terms=joined(words)) if words else ""


def pay_in_words(reasons: Iterable[Reason], side: Side) -> str:
    """Only for the person: their pay wish is not shown to employers."""
    kinds = {reason.kind for reason in reasons} if side == Side.TALENT else set()
    if ReasonKind.PAY_MET in kinds:
        return gettext("The pay reaches what you ask for.")
    return gettext("The pay is below what you ask for.") if ReasonKind.PAY_BELOW in kinds else ""


def degree_in_words(reasons: Iterable[Reason], side: Side) -> str:
    """That a post needs far less than the person's degree; empty when it does not."""
    for reason in reasons:
        if reason.kind == ReasonKind.DEGREE_FAR:
            needed, held = (label("degrees", reason.params[name]) for name in ("asked", "found"))
            if side == Side.TALENT:
                return gettext(
                    "It asks for less than you have: %(needed)s; you have: %(held)s.", needed=needed, held=held
                )
            return gettext(
                "They have more than you ask for: %(held)s; you ask for: %(needed)s.", needed=needed, held=held
            )
    return ""


def missing(reasons: Iterable[Reason], side: Side) -> str:
    """Fields that the other side left empty; conditions are shown separately."""
    theirs = LISTING if side == Side.TALENT else PROFILE
    names = [r.params["field"] for r in reasons if r.kind == ReasonKind.NOT_SAID and r.params["side"] == theirs]
    words = [LEFT_OUT[name] for name in names if name in LEFT_OUT]
    return gettext("Not stated by the other side: %(names)s.", names=joined(words)) if words else ""


def _pairs(reasons: Iterable[Reason], side: Side) -> list[dict[str, Any]]:
    """Terms written in different languages in the two texts, the reader's own text on the left where that is known."""
    first, second = ("zh", "en") if side == Side.EMPLOYER else ("en", "zh")
    return [
        {"left": reason.params[first], "right": reason.params[second], "same": True}
        for reason in reasons
        if reason.kind == ReasonKind.TERM and reason.params["zh"] and reason.params["en"]
    ]


def condition_in_words(condition: Condition, side: Side) -> dict[str, str]:
    """A condition with both sides' values, the reader's own as `you`."""
    person, listing = (
        (condition.found, condition.asked) if condition.name in _FROM_LISTING else (condition.asked, condition.found)
    )
    values = [_value(condition.name, value) or gettext("not stated") for value in (person, listing)]
    you, they = values if side == Side.TALENT else values[::-1]
    return {"state": str(condition.state), "label": str(CONDITIONS[condition.name]), "you": you, "they": they}


def _value(name: str, codes: str) -> str:
    if name == "dates":
        return _span(codes)
    kinds = {"degree": "degrees", "engagement": "engagement_types", "city": "regions", "language": "languages"}
    if name in kinds:
        return joined(label(kinds[name], code) for code in codes.split())
    words = {
        "needed": N_("is needed"),
        "sponsored": N_("the employer applies"),
        "not_sponsored": N_("the employer does not apply"),
    }
    return str(words.get(codes, ""))


def _span(text: str) -> str:
    """`2018-11-01/` means from that day on, `/2018-12-31` to begin by that day."""
    begin, _, end = text.partition("/")
    if begin and end:
        return f"{format_day(date.fromisoformat(begin))} – {format_day(date.fromisoformat(end))}"
    if begin:
        return gettext("from %(day)s", day=format_day(date.fromisoformat(begin)))
    return gettext("start by %(day)s", day=format_day(date.fromisoformat(end))) if end else ""


def above(reasons: Iterable[Reason], side: Side) -> str:
    """Why this one ranks above the next; empty when no single fact explains it."""
    params = next((reason.params for reason in reasons if reason.kind == ReasonKind.ABOVE_NEXT), None)
    if params is None:
        return ""
    if params["fact"] == "missed":
        names = joined(CONDITIONS[name] for name in params["names"].split())
        return gettext("Above the next one, which lacks: %(names)s.", names=names)
    return str(ABOVE[side, params["fact"]])


class Nameable(Protocol):
    """A person shown on a page. `named`: the name may be shown."""

    @property
    def named(self) -> bool: ...
    @property
    def name_native(self) -> str: ...
    @property
    def name_passport(self) -> str: ...
    @property
    def nationality(self) -> str: ...
    @property
    def discipline(self) -> str: ...


def person(other: Nameable) -> str:
    """The name, when it may be shown, in Han characters for Chinese readers if known; else nationality and
    discipline."""
    if other.named:
        native = other.name_native
        readable = current_lang() == "zh" and any(is_han(character) for character in native)
        return native if readable else other.name_passport
    country, field = label("countries", other.nationality), label("disciplines", other.discipline)
    if country and field:
        return gettext("Candidate from %(country)s, %(field)s", country=country, field=field)
    if country:
        return gettext("Candidate from %(country)s", country=country)
    return gettext("Candidate, %(field)s", field=field) if field else gettext("Candidate")
