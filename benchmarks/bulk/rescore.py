"""Scores many pairs at once exactly as `rank` scores one against all: texts with their words, disciplines, skills, fields.

Pairs are processed in chunks of thousands, so that NumPy works on long arrays and the cores in parallel. Values shared by
both directions are computed once for a pair that is wanted in both.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.bulk.prefilter import Estimate
from benchmarks.bulk.sparse_matrix import Rows, Sparse
from fairs.matching.engine import scoring
from fairs.matching.engine.columns import Numbers
from fairs.matching.engine.pairing import Pairing
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval.record_pool import Pool, relations
from fairs.matching.settings import Settings
from fairs.matching.text.encoder import DIGITS, Floats
from fairs.matching.text.lexical import lengthened

Few = NDArray[np.int32]
"""Row numbers or points; the small type matters because there are millions."""

POINTS = 10**DIGITS
"""Scores are integers up to this value; it is 100 on a page."""
_CHUNK = 8_192  # pairs scored together
_BLOCK = 1_024  # pairs whose vectors fit together in the processor's cache
_NONE = np.zeros(0, dtype=np.int32)
_Part = TypeVar("_Part")
_Found = TypeVar("_Found")


def each(work: Callable[[_Part], _Found], parts: Iterable[_Part]) -> list[_Found]:
    """The results in the order of `parts`, computed on all cores."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # NumPy releases the interpreter lock while it computes
        return list(pool.map(work, parts))


@dataclass(frozen=True, slots=True)
class Exact:
    """Prepared once for two pools of one space. Pairs of fields: of the people, of the listings."""

    people: Pool[ProfileRecord]
    offers: Pool[ListingRecord]
    settings: Settings
    pairing: Pairing
    words: tuple[Sparse, Sparse]
    skills: tuple[Sparse, Sparse]
    near: tuple[Floats, Floats]
    about: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    @classmethod
    def of(cls, estimate: Estimate) -> "Exact":
        """For the estimate's pools. Words and skills that only one side has are skipped."""
        people, offers = estimate.people, estimate.offers
        stems = [pool.texts.postings for pool in (people, offers)]
        common = np.asarray((np.diff(stems[0].starts) > 0) & (np.diff(stems[1].starts) > 0))
        return cls(
            people,
            offers,
            estimate.settings,
            estimate.pairing,
            (Sparse.of_postings(stems[0], common), Sparse.of_postings(stems[1], common)),
            (estimate.skills[1].turned(), estimate.skills[0]),
            (relations(estimate.settings).nearness(people.beliefs), estimate.left[2]),
            (estimate.people_about, estimate.offers_about),
        )

    def count(self, i: Few, j: Few, asks: NDArray[np.bool_], known: Floats) -> tuple[Few, Few]:
        """Points of people `i` with listings `j`: forward for the pairs in `asks`, and backward for the first pairs.

        Pairs of one listing are adjacent. `known`: cosine, agreement and the listing's expected value of those first pairs.
        """
        first = known.shape[1]

        def one(part: slice) -> tuple[Few, Few]:
            own, other = i[part].astype(np.int64), j[part].astype(np.int64)
            if part.start < first:
                cosine, agreement, expected = known[:, part]
            else:
                cosine = products(self.people.texts.centred, own, self.offers.texts.centred, other)
                agreement = products(self.people.texts.agreement, own, self.offers.texts.agreement, other)
            text, skills = self._texts(own, other, cosine, agreement), self._skills(own, other)
            back = self._points(text, expected, skills, own, other) if part.start < first else _NONE
            way = np.flatnonzero(asks[part])
            own, other = own[way], other[way]
            expected = products(self.near[0], own, self.offers.beliefs, other)
            return self._points(text[way], expected, skills[way], own, other), back

        bounds = [*range(0, first, _CHUNK), *range(first, len(i), _CHUNK), len(i)]
        found = each(one, [slice(a, b) for a, b in pairwise(bounds)])
        forward, back = (np.concatenate([_NONE, *(two[way] for two in found)]) for way in (0, 1))
        return forward, back

    def _points(self, text: Numbers, expected: Floats, skills: Numbers, i: Rows, j: Rows) -> Few:
        about = self.about[0][i] & self.about[1][j]
        field = np.round(np.minimum(expected.astype(np.float64), 1.0), DIGITS).astype(np.float32)
        scores = self.pairing.scores(text, np.where(about, field, np.nan), skills, i, j)
        return np.asarray(np.rint(scores * (POINTS / 100)), dtype=np.int32)

    def _texts(self, i: Rows, j: Rows, cosine: Floats, agreement: Floats) -> Numbers:
        """The text score, NaN where one side has no text."""
        ours, theirs = self.people.texts, self.offers.texts
        said = ours.has_text[i] & theirs.has_text[j]
        own, pool = ours.postings, theirs.postings
        words = self.words[1].dots(self.words[0], j, i)
        alike = lengthened(words, own.whole[i] * pool.whole[j], own.chinese[i] == pool.chinese[j])
        signals = scoring.text_signals(cosine, alike, agreement * said, self.settings)
        return np.where(said, scoring.text_worth(signals, self.settings).astype(np.float64), np.nan)

    def _skills(self, i: Rows, j: Rows) -> Numbers:
        """`skills.worth`, NaN where one side has none."""
        sizes = np.minimum(self.people.skills.sizes[i], self.offers.skills.sizes[j])
        possible = np.minimum(sizes, self.settings.declared.skills_enough)
        share = np.minimum(1.0, self.skills[1].dots(self.skills[0], j, i) / np.maximum(possible, 1)).astype(np.float32)
        return np.where(possible > 0, share, np.nan).astype(np.float64)


def products(left: Floats, i: Rows, right: Floats, j: Rows) -> Floats:
    """Of rows `i` with rows `j`, in pairs. On the grid of `text`, so every sum is exact."""
    sums = np.empty(len(i), dtype=np.float32)
    for at in range(0, len(i), _BLOCK):
        part = slice(at, at + _BLOCK)
        np.vecdot(left.take(i[part], axis=0), right.take(j[part], axis=0), out=sums[part])
    return sums
