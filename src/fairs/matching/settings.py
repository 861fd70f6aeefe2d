"""Every weight and threshold of the engine's ranking, in one typed object; docs/matching.md lists them as a table.

No other code in the engine decides weights: a stage gets the part of `Settings` that it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Distance(StrEnum):
    """Relation of two disciplines in the tree, nearest first."""

    SAME = "same"
    RELATED = "related"
    CATEGORY = "category"
    FAR = "far"


BOTH = ("engagement", "dates", "permit")
YOURS = ("city", *BOTH)
"""Conditions that count for the person."""
THEIRS = ("degree", "language", *BOTH)
"""Conditions that count for the listing's side."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a text becomes a bag of weighted stems. Pools and stored indexes are built with it: production uses the defaults."""

    latin_in_chinese: float = 1.5
    """Weight of a Latin word in a Chinese text: it was kept on purpose, and weighs more than a gloss."""
    saturation: float = 1.2
    """How fast repetitions of a stem stop adding weight (the k of BM25)."""
    length_share: float = 0.5
    """How strongly long texts are damped (the b of BM25)."""
    own_count: int = 20
    """From this many texts on, a language's texts have their own count in a stem's rarity."""
    lexicon: float = 1.5
    """Extra weight of a shared term in the lexicon; terms of the dictionary get none."""
    by_length: float = 0.5
    """Weight of a shared term for each two characters or each word, up to four, and once more for a phrase."""


@dataclass(frozen=True, slots=True)
class Fields:
    """How the three signals of a text's field are added, as log-odds. The model is trained with it and included."""

    head: float = 1.0
    words: float = 18.0
    terms: float = 0.3
    gloss_share: float = 0.3
    """Weight of a Chinese term's glosses in the words of its field, beside its English form."""
    prior: float = 30.0
    """Weight, in texts, of the included centre of a language beside the pool's own mean."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Values of disciplines, industries, pay and level."""

    discipline: tuple[tuple[Distance, float], ...] = (
        (Distance.SAME, 1.0),
        (Distance.RELATED, 0.7),
        (Distance.CATEGORY, 0.3),
        (Distance.FAR, 0.0),
    )
    """Value of two disciplines by their distance."""
    trust: float = 0.85
    """Prior probability that a declared discipline is right, before the record's own text is considered."""
    sharpness: float = 0.7
    """The text's field probabilities are raised to this power: the field model is overconfident."""
    industry_section: float = 0.5
    """Value of two industries that share only a section; a common division is 1."""
    pay_touch: float = 0.8
    """Value when the top of the offer just reaches the pay wish; the more of the range is above it, the nearer to 1."""
    pay_none: float = 0.5
    """Share of the pay wish at which an offer has value 0; from there it rises to `pay_touch`."""
    level_missing: tuple[float, ...] = (1.0, 0.4)
    """Value by missing steps of title: none, one; more steps have value 0."""
    skills_enough: int = 3
    """This many common skills give the full value."""


@dataclass(frozen=True, slots=True)
class Far:
    """Factors of the person's score when terms are so far apart that the work itself means little. No condition is missed."""

    pay: float = 0.4
    """Applies when the best pay is `pay_to` of the pay wish, or less; from there it rises linearly to 1 at `pay_from`."""
    pay_from: float = 0.6
    pay_to: float = 0.3
    degree: float = 0.7
    """Applies when the post needs two degrees less than the person has, and its pay is not known to reach `pay_from`."""
    degree_steps: int = 2


@dataclass(frozen=True, slots=True)
class Strengths:
    """Displayed strength of a reason, 0 to 1: reasons are shown in this order. It changes no score."""

    gate_missed: float = 1.0
    gate_met: float = 0.6
    gate_unknown: float = 0.3
    discipline: Mapping[Distance, float] = field(
        default_factory=lambda: {Distance.SAME: 1.0, Distance.RELATED: 0.7, Distance.CATEGORY: 0.4}
    )
    """Distant disciplines are no reason."""
    skill: float = 0.8
    tool: float = 0.8
    """Of a proposed tool or method, which belongs to no field: below a term of the text's own field, above others."""
    material: float = 0.5
    """Of a proposed element, material or part."""
    term_least: float = 0.4
    term_step: float = 0.15
    """A shared term has `term_least` plus this much per unit of its weight (length, and whether the lexicon has it)."""
    aligned_from: float = 0.84
    """Minimum cosine of two phrases to be shown as one term, when the dictionary translates them word for word."""
    aligned_weight: float = 1.5
    """Of such a pair, as if it were a term of the lexicon."""
    industry: float = 0.4
    pay: float = 0.4
    degree_far: float = 0.5
    not_said: float = 0.2
    above_next: float = 0.5
    closer: float = 0.1
    """Minimum difference of two text scores before a page states that one text is closer."""
    most_terms: int = 6
    """Maximum number of shared terms shown."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How far exposure is balanced; exposure is how often a record is in the first `window` of a list. See `exposure`."""

    window: int = 10
    """How many are seen at first sight."""
    floor: float = 0.6
    """Share of the mean exposure: the price of records below it falls. No floor when there are not enough places for all."""
    cap: float = 2.0
    """Multiple of the mean exposure: the price of records above it rises."""
    least_cap: float = 3.0
    """The cap is never below this many exposures, however few queries there are."""
    reach: float = 0.3
    """No price exceeds ±reach: a shown record is at most 2 · reach worse than the one it replaced."""
    loss: float = 0.03
    """Maximum share of the shown worth, discounted by rank, that may be lost; if it were more, the reach shrinks."""
    plausible: float = 0.1
    """Worth below which two records are unrelated: such a pair is never lifted."""
    softness: float = 0.01
    """Worths this near to a query's limit count as partly shown, which makes prices unique and stable."""
    sweeps: int = 60
    """Fixed number of iterations, so that two runs give the same prices."""
    shortlist: int = 100
    """Targets kept per query: its best."""
    turns: int = 20
    """Queries kept per target: its best, so that one that is on no shortlist can be lifted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Weights and thresholds, all documented in docs/matching.md."""

    vector_weight: float = 1.0
    """Weight of the vector cosine."""
    lexical_weight: float = 1.2
    """Weight of the word cosine: the dictionary helps most for short technical texts."""
    field_weight: float = 0.6
    """Weight of the agreement of fields: what both texts are about, whatever their words."""
    field_power: float = 0.35
    """Flattens the agreement, so that a probable common field counts nearly as much as a certain one."""
    text_middle: float = 0.5
    """The summed text signal with value one half; texts of unrelated fields are near 0.1."""
    text_spread: float = 0.16
    """How fast the value rises around the middle."""
    declared_shares: tuple[float, float, float] = (0.0, 0.4, 0.5)
    """Share of the believed disciplines in the fit when neither, one or both sides declare one; the texts have the rest."""
    yours: Mapping[str, float] = field(
        default_factory=lambda: {"fit": 0.66, "skills": 0.06, "pay": 0.11, "engagement": 0.10, "industry": 0.07}
    )
    """Weights of the parts of the person's score."""
    theirs: Mapping[str, float] = field(
        default_factory=lambda: {"fit": 0.72, "skills": 0.10, "level": 0.09, "industry": 0.09}
    )
    """Weights of the parts of the score of the listing's side."""
    missed: Mapping[str, float] = field(
        default_factory=lambda: {
            "degree": 0.35, "engagement": 0.5, "dates": 0.6, "city": 0.55, "language": 0.45, "permit": 0.35,
        }
    )  # fmt: skip
    """A missed condition multiplies the score of the side for which it counts; it is shown, never hidden."""
    words: Words = Words()
    fields: Fields = Fields()
    declared: Declared = Declared()
    far: Far = Far()
    strengths: Strengths = Strengths()
    balance: Balance = Balance()


DEFAULT = Settings()
