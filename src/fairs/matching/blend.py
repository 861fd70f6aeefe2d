"""From signals to scores: one typed settings object, and the two sides' scores from 0 to 100.

Every weight of the engine's ranking is here. A part that is not known drops out and the other weights grow in proportion,
so a thin record is judged by what it says and not punished for what it leaves out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fairs.matching.gates import Gate, State
from fairs.matching.structured import Distance
from fairs.matching.text import Floats, rounded

BOTH = ("engagement", "dates", "permit")
YOURS = ("city", *BOTH)
THEIRS = ("degree", "language", *BOTH)


@dataclass(frozen=True, slots=True)
class Settings:
    """Weights and thresholds, all documented in docs/matching.md."""

    lexical_weight: float = 1.2
    """Of the word cosine, beside the vector cosine at 1: the dictionary pays most on short technical texts."""
    field_weight: float = 0.6
    """Of the agreement of fields: what both texts are about, whatever their words."""
    field_power: float = 0.35
    """Flattens the agreement, so that a probable common field counts nearly as much as a certain one."""
    text_middle: float = 0.5
    """The summed text signal that is worth one half; texts of unrelated fields lie near 0.1."""
    text_spread: float = 0.16
    """How fast the worth rises around the middle."""
    discipline: Mapping[Distance, float] = field(
        default_factory=lambda: {
            Distance.SAME: 1.0, Distance.RELATED: 0.7, Distance.CATEGORY: 0.3, Distance.FAR: 0.0,
        }
    )  # fmt: skip
    """Worth of the nearest pair of declared disciplines."""
    declared_weight: float = 0.55
    """Of the declared discipline in the common fit; the texts have the rest, and all when one side declares none."""
    yours: Mapping[str, float] = field(
        default_factory=lambda: {"fit": 0.70, "pay": 0.12, "engagement": 0.10, "industry": 0.08}
    )
    """What makes a listing good for the person."""
    theirs: Mapping[str, float] = field(default_factory=lambda: {"fit": 0.80, "level": 0.10, "industry": 0.10})
    """What makes a person good for the listing."""
    missed: Mapping[str, float] = field(
        default_factory=lambda: {
            "degree": 0.35, "engagement": 0.5, "dates": 0.6, "city": 0.55, "language": 0.45, "permit": 0.35,
        }
    )  # fmt: skip
    """A missed gate multiplies the score of the side that minds; it is shown, never hidden."""
    reason_terms: int = 6
    """At most so many shared terms are told."""
    reason_field: float = 0.25
    """Chance that both texts speak of one field, from which on that field is told."""


def text_signals(cosine: Floats, lexical: Floats, agreement: Floats, settings: Settings) -> Floats:
    """The three text signals of many pairs as one number each; only its order matters until `text_worth`."""
    flattened = np.maximum(agreement, np.float32(0)) ** np.float32(settings.field_power)
    summed = cosine + settings.lexical_weight * lexical + settings.field_weight * flattened
    return np.asarray(summed, dtype=np.float32)


def text_worth(signals: Floats, settings: Settings) -> Floats:
    """The signals on a scale from 0 to 1 that can be set beside declared fields, rounded against BLAS differences."""
    worth = 1.0 / (1.0 + np.exp(-(signals.astype(np.float64) - settings.text_middle) / settings.text_spread))
    return rounded(worth.astype(np.float32))


def fit(text: float | None, distance: Distance | None, settings: Settings) -> float | None:
    """How well the work fits: the texts and the declared disciplines, whichever are there."""
    declared = None if distance is None else settings.discipline[distance]
    if text is None or declared is None:
        return text if declared is None else declared
    return settings.declared_weight * declared + (1 - settings.declared_weight) * text


def side_score(parts: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """Weighted mean of the parts that are known, 0 to 1; 0 when none is."""
    known = [(weights[name], part) for name, part in parts.items() if part is not None and name in weights]
    total = sum(weight for weight, _ in known)
    return sum(weight * part for weight, part in known) / total if total else 0.0


def gate_factor(gates: tuple[Gate, ...], names: tuple[str, ...], settings: Settings) -> float:
    """Product over the missed gates that this side minds."""
    return math.prod(settings.missed[g.name] for g in gates if g.state is State.MISSED and g.name in names)


def mutual(you: float, they: float) -> float:
    """The geometric mean: a match is only as good as both sides find it."""
    return math.sqrt(max(you, 0.0) * max(they, 0.0))
