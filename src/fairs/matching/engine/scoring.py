"""From signals to scores: the text score, the common fit, and the two sides' scores from 0 to 1, of many pairs at once.

An unknown part (NaN) is skipped and the other weights grow in proportion, so a short record is judged by what it contains
and not penalised for what it omits. Every weight is in `settings.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairs.matching.settings import Settings
from fairs.matching.text.encoder import Floats, rounded

Numbers = NDArray[np.float64]


def text_signals(cosine: Floats, lexical: Floats, agreement: Floats, settings: Settings) -> Floats:
    """The three text signals of many pairs as one number each; only its order is meaningful before `text_worth`."""
    flattened = np.maximum(agreement.astype(np.float64), 0.0) ** settings.field_power
    summed = settings.vector_weight * cosine + settings.lexical_weight * lexical + settings.field_weight * flattened
    return np.asarray(summed, dtype=np.float32)


def text_worth(signals: Floats, settings: Settings) -> Floats:
    """The signals on a scale from 0 to 1 comparable with declared fields, rounded against BLAS differences."""
    worth = 1.0 / (1.0 + np.exp(-(signals.astype(np.float64) - settings.text_middle) / settings.text_spread))
    return rounded(worth.astype(np.float32))


def fit(text: Numbers, expected: Numbers, declared: NDArray[np.int64], settings: Settings) -> Numbers:
    """How well the work fits: the text score, and the expected value of the believed disciplines, whichever are known.

    `declared`: how many of the two sides (0 to 2) declare a discipline.
    """
    share = np.array(settings.declared_shares)[declared]
    both = share * expected + (1 - share) * text
    return np.asarray(np.where(np.isnan(expected), text, np.where(np.isnan(text), expected, both)))


def side_score(parts: Mapping[str, Numbers], weights: Mapping[str, float]) -> Numbers:
    """Weighted mean of the known parts, 0 to 1; 0 when none is."""
    total: Any = 0.0
    summed: Any = 0.0
    for name, part in parts.items():
        if name in weights:
            known = ~np.isnan(part)
            total = total + weights[name] * known
            summed = summed + weights[name] * np.where(known, part, 0.0)
    return np.asarray(summed / np.where(total > 0, total, 1.0))


def factor(missing: Mapping[str, NDArray[np.bool_]], names: Sequence[str], settings: Settings) -> Numbers:
    """Product over the missed conditions that count for this side."""
    product: Any = 1.0
    for name in names:
        product = product * np.where(missing[name], settings.missed[name], 1.0)
    return np.asarray(product)


def mutual(you: Numbers, they: Numbers) -> Numbers:
    """The geometric mean: a match is only as good as both sides rate it."""
    return np.asarray(np.sqrt(np.maximum(you, 0.0) * np.maximum(they, 0.0)))
