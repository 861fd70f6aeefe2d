"""Every weight and threshold of the engine's ranking, in one typed object; docs/matching.md has them as a table.

Nothing else in the engine decides what counts how much: a stage is given the part of `Settings` that it needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Distance(StrEnum):
    """How two disciplines lie in the tree, nearest first."""

    SAME = "same"
    RELATED = "related"
    CATEGORY = "category"
    FAR = "far"


BOTH = ("engagement", "dates", "permit")
YOURS = ("city", *BOTH)
"""Conditions that the person minds."""
THEIRS = ("degree", "language", *BOTH)
"""Conditions that the listing's side minds."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a text becomes a bag of weighted stems. Pools and stored indexes are made with it: the defaults serve."""

    latin_in_chinese: float = 1.5
    """A Latin word in a Chinese text was left as it is on purpose, and weighs more than a gloss."""
    saturation: float = 1.2
    """How soon a stem that is said again adds nothing (the k of BM25)."""
    length_share: float = 0.5
    """How far long texts are damped (the b of BM25)."""
    own_count: int = 20
    """So many texts of a language have a say of their own in how rare a stem is."""
    lexicon: float = 1.5
    """Weight of a shared term that the lexicon has; the dictionary's have none of it."""
    by_length: float = 0.5
    """Of a shared term for each two characters or each word, up to four, and once more for a phrase."""


@dataclass(frozen=True, slots=True)
class Fields:
    """How the three signals of a text's field are added, as log-odds. The model is trained and shipped with it."""

    head: float = 1.0
    words: float = 18.0
    terms: float = 0.3
    gloss_share: float = 0.3
    """Of a Chinese term's glosses in the words of its field, beside its English form."""
    prior: float = 30.0
    """Weight, in texts, of the shipped centre of a language beside the pool's own mean."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What disciplines, industries, pay and level are worth."""

    discipline: tuple[tuple[Distance, float], ...] = (
        (Distance.SAME, 1.0),
        (Distance.RELATED, 0.7),
        (Distance.CATEGORY, 0.3),
        (Distance.FAR, 0.0),
    )
    """Worth of two disciplines by their distance."""
    trust: float = 0.85
    """How often a declared discipline is right, before the record's own text is heard."""
    sharpness: float = 0.7
    """The text's chances of fields are taken to this power: the field model is surer than it should be."""
    industry_section: float = 0.5
    """Of two industries in one section only; a common division is worth 1."""
    pay_touch: float = 0.8
    """When the top of the offer just reaches what is asked; the more of the offered range lies above, the nearer to 1."""
    pay_none: float = 0.5
    """Share of what is asked at which an offer is worth nothing; from there it rises to `pay_touch`."""
    level_missing: tuple[float, ...] = (1.0, 0.4)
    """Worth by steps of title that are missing: none, one; further ones are worth nothing."""
    skills_enough: int = 3
    """So many common skills are as good as more."""


@dataclass(frozen=True, slots=True)
class Far:
    """What is left of the person's score where terms lie so far apart that the work itself says little. No condition is missed."""

    pay: float = 0.4
    """Where the best pay is `pay_to` of what is asked, or less; from there it rises evenly to 1 at `pay_from`."""
    pay_from: float = 0.6
    pay_to: float = 0.3
    degree: float = 0.7
    """Where the post needs two degrees less than the person has, and its pay is not known to reach `pay_from`."""
    degree_steps: int = 2


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strong a reason is told to be, 0 to 1: reasons are shown in this order. It moves no score."""

    gate_missed: float = 1.0
    gate_met: float = 0.6
    gate_unknown: float = 0.3
    discipline: Mapping[Distance, float] = field(
        default_factory=lambda: {Distance.SAME: 1.0, Distance.RELATED: 0.7, Distance.CATEGORY: 0.4}
    )
    """Far disciplines are no reason."""
    skill: float = 0.8
    tool: float = 0.8
    """Of a proposed tool or method, which belongs to no field: below a term of the text's own field, above others."""
    material: float = 0.5
    """Of a proposed element, material or part."""
    term_least: float = 0.4
    term_step: float = 0.15
    """A shared term is told with `term_least` and this much a unit of its weight (length, and whether the lexicon has it)."""
    aligned_from: float = 0.84
    """Cosine of two phrases from which on they are told as one, when the dictionary translates them word for word."""
    aligned_weight: float = 1.5
    """Of such a pair, as if it were a term of the books."""
    industry: float = 0.4
    pay: float = 0.4
    degree_far: float = 0.5
    not_said: float = 0.2
    above_next: float = 0.5
    closer: float = 0.1
    """So much more must one text be worth than another before a reader is told that it is closer."""
    most_terms: int = 6
    """At most so many shared terms are told."""


@dataclass(frozen=True, slots=True)
class Balance:
    """How far exposure is evened out; exposure is how often a record is among somebody's first `window`. See `exposure`."""

    window: int = 10
    """How many are seen at a glance."""
    floor: float = 0.6
    """Of the mean exposure: who would have less is made cheaper. Without a place for everybody there is no floor."""
    cap: float = 2.0
    """Of the mean exposure: who would have more is made dearer."""
    least_cap: float = 3.0
    """So many exposures are never too many, however few ask."""
    reach: float = 0.3
    """No price is beyond ±reach: what is shown is at most 2 · reach worse than what it took the place of."""
    loss: float = 0.03
    """Of the worth that is shown, discounted by place, this share may be lost; if it were more, the reach shrinks."""
    plausible: float = 0.1
    """Worth below which two records have nothing to do with each other: nothing lifts such a pair."""
    softness: float = 0.01
    """Worths this near to a query's limit count as shown in part, which makes prices unique and steady."""
    sweeps: int = 60
    """Fixed, so that two runs give the same prices."""
    shortlist: int = 100
    """Targets kept of each query: its best."""
    turns: int = 20
    """Queries kept of each target: its best, so that one that is on no shortlist can be lifted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Weights and thresholds, all documented in docs/matching.md."""

    vector_weight: float = 1.0
    """Of the vector cosine."""
    lexical_weight: float = 1.2
    """Of the word cosine: the dictionary pays most on short technical texts."""
    field_weight: float = 0.6
    """Of the agreement of fields: what both texts are about, whatever their words."""
    field_power: float = 0.35
    """Flattens the agreement, so that a probable common field counts nearly as much as a certain one."""
    text_middle: float = 0.5
    """The summed text signal that is worth one half; texts of unrelated fields lie near 0.1."""
    text_spread: float = 0.16
    """How fast the worth rises around the middle."""
    declared_shares: tuple[float, float, float] = (0.0, 0.4, 0.5)
    """Share of the believed disciplines in the fit when neither, one or both sides declare one; the texts have the rest."""
    yours: Mapping[str, float] = field(
        default_factory=lambda: {"fit": 0.66, "skills": 0.06, "pay": 0.11, "engagement": 0.10, "industry": 0.07}
    )
    """What makes a listing good for the person."""
    theirs: Mapping[str, float] = field(
        default_factory=lambda: {"fit": 0.72, "skills": 0.10, "level": 0.09, "industry": 0.09}
    )
    """What makes a person good for the listing."""
    missed: Mapping[str, float] = field(
        default_factory=lambda: {
            "degree": 0.35, "engagement": 0.5, "dates": 0.6, "city": 0.55, "language": 0.45, "permit": 0.35,
        }
    )  # fmt: skip
    """A missed condition multiplies the score of the side that minds; it is shown, never hidden."""
    words: Words = Words()
    fields: Fields = Fields()
    declared: Declared = Declared()
    far: Far = Far()
    strengths: Strengths = Strengths()
    balance: Balance = Balance()


DEFAULT = Settings()
