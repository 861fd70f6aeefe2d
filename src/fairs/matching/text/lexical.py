"""The lexical layer: shared words of two texts in either language, through the dictionary and the field lexicon.

Every text becomes a bag of English stems: an English text by its own words, a Chinese one by the glosses of its segments
and the terms in it. Two bags are compared by the cosine of saturated tf·idf weights, so it is 0 to 1 and symmetric.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fairs.matching.settings import DEFAULT
from fairs.matching.text import glosses, terms
from fairs.matching.text.encoder import DIGITS, Floats
from fairs.matching.text.tokens import Language, clean, is_han, language, segments, singular, stem, stems, words

_HOW = DEFAULT.words


@dataclass(frozen=True, slots=True)
class Reading:
    """The lexical stages' view of one text."""

    language: Language
    bag: dict[str, float]
    terms: dict[int, int]


@lru_cache(maxsize=256)
def read(text: str) -> Reading:
    """Reads one text once: its language, its bag of stems, the numbers of its terms and their counts."""
    text = clean(text)
    return _read_chinese(text) if language(text) == "zh" else _read_english(text)


def _read_english(text: str) -> Reading:
    found = Counter(terms.load().in_english([singular(w) for w in words(text)]))
    return Reading("en", {s: float(n) for s, n in sorted(Counter(stems(text)).items())}, dict(found))


def _read_chinese(text: str) -> Reading:
    dictionary, lexicon = glosses.load(), terms.load()
    cut = segments(dictionary.to_simplified(text))
    bag: dict[str, float] = {}
    for word, times in Counter(cut).items():
        if is_han(word):
            for token, weight in dictionary.weights(word).items():
                bag[token] = bag.get(token, 0.0) + weight * times
        else:
            for token in stems(word):
                bag[token] = bag.get(token, 0.0) + _HOW.latin_in_chinese * times
    found = Counter(lexicon.in_chinese(cut))
    for number, times in found.items():
        for token in _term_stems(number):
            bag[token] = bag.get(token, 0.0) + times
    return Reading("zh", bag, dict(found))


@lru_cache(maxsize=8_192)
def _term_stems(number: int) -> tuple[str, ...]:
    return tuple(stem(w) for w in terms.phrase(terms.load().terms[number].en))


def union(readings: Sequence[Reading]) -> Reading:
    """One reading of a record with the same text in two languages: the larger count of each stem and term."""
    if len(readings) == 1:
        return readings[0]
    bag: dict[str, float] = {}
    counts: dict[int, int] = {}
    for reading in readings:
        for token, weight in reading.bag.items():
            bag[token] = max(bag.get(token, 0.0), weight)
        for number, times in reading.terms.items():
            counts[number] = max(counts.get(number, 0), times)
    return Reading(readings[0].language if readings else "en", bag, counts)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Stem → column and its rarity over a pool of texts, and the mean length of a text per language."""

    columns: dict[str, int]
    rarity: Floats
    shared: NDArray[np.bool_]
    mean_length: dict[Language, float]

    @classmethod
    def fit(cls, readings: Sequence[Reading]) -> "Vocabulary":
        """Counts over all texts that will be compared, of both sides; a stem in every text has almost no weight.

        Languages are counted separately and the rarity is their geometric mean: glosses make some stems common in one language
        only, and such a stem carries little information. A language with few texts gets no rarity of its own. Stems that one
        language never has (most senses of a gloss) are left out of a text's length, or they would outweigh what can be shared.
        """
        by_language = _counted_apart(readings)
        columns = {token: i for i, token in enumerate(sorted({t for r in readings for t in r.bag}))}
        logs = np.zeros(len(columns), dtype=np.float64)
        shared = np.ones(len(columns), dtype=np.bool_)
        for group in by_language:
            counts = Counter(token for reading in group for token in reading.bag)
            total = len(group)
            shared &= np.array([t in counts for t in columns], dtype=np.bool_)
            logs += [math.log(math.log(1 + (total - counts[t] + 0.5) / (counts[t] + 0.5))) for t in columns]
        rarity = np.exp(logs / max(1, len(by_language))).round(DIGITS).astype(np.float32)
        return cls(columns, rarity, shared, {name: _mean_length(readings, name) for name in ("zh", "en")})

    def weights(self, reading: Reading) -> tuple[NDArray[np.int32], Floats, float]:
        """Columns and weights of one text, of length 1 over shared stems; a stem that the pool never had is left out.

        The last value is the factor for length 1 over all stems, at most 1: two texts of one language share more than those.
        """
        known = [(self.columns[t], w) for t, w in reading.bag.items() if t in self.columns]
        if not known:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32), 1.0
        at = np.array([c for c, _ in known], dtype=np.int32)
        times = np.array([w for _, w in known], dtype=np.float32)
        length = sum(reading.bag.values()) / self.mean_length[reading.language]
        damp = _HOW.saturation * (1 - _HOW.length_share + _HOW.length_share * length)
        values = self.rarity[at] * times / (times + np.float32(damp))
        norm = _length(values[self.shared[at]]) or 1.0
        whole = round(min(1.0, norm / (_length(values) or 1.0)), DIGITS)
        return at, np.asarray(values / norm, dtype=np.float32), whole


def _length(values: Floats) -> float:
    return math.sqrt(math.fsum(v * v for v in values.tolist()))


def _counted_apart(readings: Sequence[Reading]) -> list[list[Reading]]:
    groups = [[r for r in readings if r.language == name] for name in ("zh", "en")]
    large = [group for group in groups if len(group) >= _HOW.own_count]
    return large if len(large) == 2 else [list(readings)]


def _mean_length(readings: Sequence[Reading], name: str) -> float:
    lengths = [sum(r.bag.values()) for r in readings if r.language == name]
    return max(1.0, sum(lengths) / max(1, len(lengths)))


@dataclass(frozen=True, slots=True)
class Postings:
    """The inverted index of a pool: stem → the texts that have it, so that a query reads only its own stems."""

    vocabulary: Vocabulary
    starts: NDArray[np.int64]
    texts: NDArray[np.int32]
    values: Floats
    whole: Floats
    """Per text, the factor that gives its weights length 1 over all stems."""
    chinese: NDArray[np.bool_]

    @property
    def count(self) -> int:
        """Texts in the index."""
        return len(self.whole)

    @classmethod
    def build(cls, readings: Sequence[Reading], vocabulary: Vocabulary) -> "Postings":
        """An index of `readings`; their positions are the result's positions."""
        rows = [vocabulary.weights(reading) for reading in readings]
        columns = np.concatenate([r[0] for r in rows]) if rows else np.zeros(0, dtype=np.int32)
        values = np.concatenate([r[1] for r in rows]) if rows else np.zeros(0, dtype=np.float32)
        owners = np.repeat(np.arange(len(rows), dtype=np.int32), [len(r[0]) for r in rows])
        order = np.lexsort((owners, columns))
        starts = np.searchsorted(columns[order], np.arange(len(vocabulary.columns) + 1))
        whole = np.array([r[2] for r in rows], dtype=np.float32)
        chinese = np.array([reading.language == "zh" for reading in readings], dtype=np.bool_)
        return cls(vocabulary, starts.astype(np.int64), owners[order], values[order], whole, chinese)

    def replaced(self, kept: NDArray[np.int64], added: "Postings") -> "Postings":
        """The texts `kept`, in this order, followed by those of `added`, with the same vocabulary."""
        place = np.full(self.count, -1, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        owners = place[self.texts]
        stays = owners >= 0
        before = np.concatenate(([0], np.cumsum(stays)))
        ends = before[self.starts[1:]]  # end of each stem's own list: new texts come after all old ones
        where = np.repeat(ends, np.diff(added.starts))
        starts = before[self.starts] + added.starts
        texts = np.insert(owners[stays], where, added.texts + np.int32(len(kept)))
        values = np.insert(self.values[stays], where, added.values)
        whole = np.concatenate((self.whole[kept], added.whole))
        chinese = np.concatenate((self.chinese[kept], added.chinese))
        return Postings(self.vocabulary, starts.astype(np.int64), texts, values, whole, chinese)

    def similarity(self, query: Reading) -> Floats:
        """Cosine, 0 to 1, of one text with every text of the pool."""
        columns, weights, whole = self.vocabulary.weights(query)
        if not len(columns):
            return np.zeros(self.count, dtype=np.float32)
        spans = [slice(self.starts[c], self.starts[c + 1]) for c in columns]
        texts = np.concatenate([self.texts[s] for s in spans])
        values = np.concatenate([self.values[s] * w for s, w in zip(spans, weights, strict=True)])
        sums = np.bincount(texts, weights=values, minlength=self.count).astype(np.float64)
        same = self.chinese == (query.language == "zh")
        return lengthened(sums, np.float32(whole) * self.whole, same)


def lengthened(products: NDArray[np.float64], whole: Floats, same: NDArray[np.bool_]) -> Floats:
    """Cosines, 0 to 1, from products of weights: in one language (`same`) over all stems, across two over the shared ones.

    `whole` is the product of both texts' factors. Without it any two Chinese texts would look similar through their glosses.
    """
    return np.asarray(np.minimum(np.where(same, products * whole, products), 1.0), dtype=np.float32)
