"""Which disciplines a text is about: a classifier head over the encoder, trained only on the field lexicon, plus its words.

Three signals are added as log-odds: the head on the centred vector, the overlap of the text's stems with each discipline's
terms, and the terms found literally. The result is a distribution over the four-digit disciplines of the lexicon. Two texts
agree by the probability that both are about one field. No text of any paper, person or employer was used in the training.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from fairs.matching.settings import DEFAULT
from fairs.matching.text import terms
from fairs.matching.text.encoder import DIMENSIONS, FINE, Floats, on_grid, unit
from fairs.matching.text.lexical import Reading, read
from fairs.matching.text.tokens import Language

SHARPNESS = 8.0
"""The centred unit vectors are scaled by this before the head."""
_HOW = DEFAULT.fields
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Centres:
    """The mean vector of each language: after subtracting it, texts of two languages are in one space."""

    of: dict[Language, Floats]

    def estimate(self, vectors: Floats, languages: Sequence[Language], prior: float = _HOW.prior) -> "Centres":
        """The pool's own means, shrunk to these by the weight of `prior` texts, so that a pool of one text is not all zero."""
        moved = {}
        for name, centre in self.of.items():
            rows = [i for i, lang in enumerate(languages) if lang == name and vectors[i].any()]
            total = vectors[rows].astype(np.float64).sum(axis=0) + prior * centre
            moved[name] = (total / (len(rows) + prior)).astype(np.float32)
        return Centres(moved)

    def centred(self, vectors: Floats, languages: Sequence[Language]) -> Floats:
        """Unit vectors on the grid, minus the mean of their language; a text without letters stays zero."""
        if not len(vectors):
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        shift = np.stack([self.of[lang] for lang in languages])
        has_text = vectors.any(axis=1, keepdims=True)
        return on_grid(np.where(has_text, vectors.astype(np.float32) - shift, np.float32(0)))


@dataclass(frozen=True, slots=True)
class FieldModel:
    """The included parameters: head and bias over `codes`, the stems of each discipline, and the prior centres."""

    codes: tuple[str, ...]
    head: Floats
    bias: Floats
    stems: dict[str, int]
    rarity: Floats
    words: Floats
    centres: Centres

    def distributions(self, centred: Floats, readings: Sequence[Reading]) -> Floats:
        """One distribution over `codes` per text, in multiples of 1 / FINE; `centred` are the texts' centred unit vectors.

        Computed in float64 and then rounded to the grid, so that the result does not depend on the BLAS.
        """
        chances = np.zeros((len(readings), len(self.codes)), dtype=np.float32)
        for start in range(0, len(readings), _BLOCK):
            block = slice(start, start + _BLOCK)
            odds = _HOW.head * (centred[block].astype(np.float64) * SHARPNESS @ self.head + self.bias)
            odds += _HOW.words * (self._bags(readings[block]).astype(np.float64) @ self.words.T)
            odds += _HOW.terms * self._hits(readings[block])
            odds = np.exp(odds - odds.max(axis=1, keepdims=True))
            chances[block] = np.rint(odds / odds.sum(axis=1, keepdims=True) * FINE) / FINE
        return chances

    def _bags(self, readings: Sequence[Reading]) -> Floats:
        rows = np.zeros((len(readings), len(self.stems)), dtype=np.float32)
        for row, reading in enumerate(readings):
            for token, times in reading.bag.items():
                column = self.stems.get(token)
                if column is not None:
                    rows[row, column] = math.log1p(times)
        return unit(rows * self.rarity)

    def _hits(self, readings: Sequence[Reading]) -> Floats:
        place = {code: i for i, code in enumerate(self.codes)}
        owner = terms.load().terms
        rows = np.zeros((len(readings), len(self.codes)), dtype=np.float32)
        for row, reading in enumerate(readings):
            for number, times in reading.terms.items():
                rows[row, place[owner[number].code]] += math.log1p(times)
        return rows


def word_profile(lexicon: terms.Lexicon, codes: Sequence[str]) -> tuple[dict[str, int], Floats, Floats]:
    """Stems of the lexicon, their rarity, and each discipline's unit weights over them."""
    bags: dict[str, Counter[str]] = {code: Counter() for code in codes}
    for term in lexicon.terms:
        for token in read(term.en).bag:
            bags[term.code][token] += 1.0  # type: ignore[assignment]
        for token, weight in read(term.zh).bag.items():
            bags[term.code][token] += _HOW.gloss_share * min(weight, 1.0)  # type: ignore[assignment]
    spread = Counter(token for bag in bags.values() for token in bag)
    columns = {token: i for i, token in enumerate(sorted(spread))}
    rarity = np.array([math.log(1 + len(codes) / spread[t]) for t in columns], dtype=np.float32)
    rows = np.zeros((len(codes), len(columns)), dtype=np.float32)
    for row, code in enumerate(codes):
        for token, times in bags[code].items():
            rows[row, columns[token]] = math.log1p(times)
    return columns, rarity, unit(rows * rarity)


@lru_cache(maxsize=1)
def load() -> FieldModel:
    """The included model, read once per process."""
    with np.load(str(files("fairs.matching") / "data" / "fields.npz"), allow_pickle=False) as stored:
        codes = tuple(str(code) for code in stored["codes"])
        head, bias = stored["head"].astype(np.float32), stored["bias"].astype(np.float32)
        centres = Centres({"zh": stored["centre_zh"].astype(np.float32), "en": stored["centre_en"].astype(np.float32)})
    columns, rarity, rows = word_profile(terms.load(), codes)
    return FieldModel(codes, head, bias, columns, rarity, rows, centres)
