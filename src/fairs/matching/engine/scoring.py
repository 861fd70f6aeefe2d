"""From signals to scores: the text score, the common fit, and the two sides' scores from 0 to 1.

An unknown part is skipped and the other weights grow in proportion, so a short record is judged by what it contains
and not penalised for what it omits. Every weight is in `settings.py`.
"""

import math
from collections.abc import Mapping

import numpy as np

from fairs.matching.engine.conditions import Condition, State
from fairs.matching.settings import Settings
from fairs.matching.text.encoder import Floats, rounded


def text_signals(cosine: Floats, lexical: Floats, agreement: Floats, settings: Settings) -> Floats:
    """The three text signals of many pairs as one number each; only its order is meaningful before `text_worth`."""
    flattened = np.maximum(agreement.astype(np.float64), 0.0) ** settings.field_power
    summed = settings.vector_weight * cosine + settings.lexical_weight * lexical + settings.field_weight * flattened
    return np.asarray(summed, dtype=np.float32)


def text_worth(signals: Floats, settings: Settings) -> Floats:
    """The signals on a scale from 0 to 1 comparable with declared fields, rounded against BLAS differences."""
    worth = 1.0 / (1.0 + np.exp(-(signals.astype(np.float64) - settings.text_middle) / settings.text_spread))
    return rounded(worth.astype(np.float32))


def fit(text: float | None, expected: float | None, declared: int, settings: Settings) -> float | None:
    """How well the work fits: the text score, and the expected value of the believed disciplines, whichever are known.

    `declared`: how many of the two sides (0 to 2) declare a discipline.
    """
    if text is None or expected is None:
        return text if expected is None else expected
    share = settings.declared_shares[declared]
    return share * expected + (1 - share) * text


def side_score(parts: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """Weighted mean of the known parts, 0 to 1; 0 when none is."""
    known = [(weights[name], part) for name, part in parts.items() if part is not None and name in weights]
    total = sum(weight for weight, _ in known)
    return sum(weight * part for weight, part in known) / total if total else 0.0


def condition_factor(conditions: tuple[Condition, ...], names: tuple[str, ...], settings: Settings) -> float:
    """Product over the missed conditions that count for this side."""
    return math.prod(settings.missed[g.name] for g in conditions if g.state is State.MISSED and g.name in names)


def mutual(you: float, they: float) -> float:
    """The geometric mean: a match is only as good as both sides rate it."""
    return math.sqrt(max(you, 0.0) * max(they, 0.0))
