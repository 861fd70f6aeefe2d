"""A bulk run: the best of every person and of every listing at once, with the full pipeline.

Every pair is estimated by everything except words (`prefilter`); the best of each row and column form a shortlist, which is
scored exactly with words and everything else, as `rank` does. The loss from the shortlist is in docs/matching.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock, local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.bulk.prefilter import ROWS, Estimate
from benchmarks.bulk.rescore import POINTS, Exact, Few, each
from benchmarks.bulk.sparse_matrix import Rows
from fairs.matching.engine.columns import Numbers
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval.record_pool import Pool
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text.encoder import Floats

SHORTLIST = 100
"""Length of a shortlist: records of each side that are scored exactly for one record of the other."""
_TILE = 256  # listings estimated at once: with fewer, BLAS spends its time rearranging the people
_CELLS = 1_280_000  # maximum pairs in a tile: 15 MB per core
_MIXED = 8_192  # listings grouped by kind within such a stretch; also records whose lists are pruned together
_STEPS = 2**20 - 1
_NAME = 2**24 - 1
_PRUNED_AT = 2_000_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """(queries × top): positions of the best in the other pool, best first, -1 where there are no more; scores 0 to 100."""

    places: NDArray[np.int32]
    scores: Numbers


def rank_all(
    people: Pool[ProfileRecord],
    offers: Pool[ListingRecord],
    *,
    top: int = 50,
    shortlist: int = SHORTLIST,
    settings: Settings = DEFAULT,
) -> tuple[Ranked, Ranked]:
    """The best listings of every person, and the best people of every listing. Ties are ordered by id.

    Both pools must use one space (`prepare(…, space=…)`). Uses all cores; memory is the pools and, for
    10,000 × 30,000, some 300 MB.
    Raises ValueError for pools of two spaces.
    """
    if people.texts.space.vocabulary is not offers.texts.space.vocabulary:
        raise ValueError("the pools stand in two spaces: prepare the second with space=first.texts.space")
    names = _Names.of(people), _Names.of(offers)
    estimate = Estimate.of(people, offers, settings)
    forward, back, signals = _shortlists(estimate, names, max(shortlist, top))
    exact = Exact.of(estimate)
    del estimate  # free the large objects early: memory is what limits a run
    listing, person, asks = _joined(forward, back)
    points, points_back = exact.count(person, listing, asks, signals)
    del exact, signals
    order = np.argsort(person[asks], kind="stable")
    return (
        _ranked(points[order].reshape(forward.shape), listing[asks][order].reshape(forward.shape), names[1], top),
        _ranked(points_back.reshape(back.shape), back, names[0], top),
    )


def _joined(forward: Rows, back: Few) -> tuple[Few, Few, NDArray[np.bool_]]:
    """Listings and people of all pairs, each once: those of `back` in its order, then others; and which are in `forward`.

    The inputs are the shortlists: (people × listings), and (listings × people) with people ascending.
    """
    count, (listings, wide) = len(forward), back.shape
    short = np.dtype(np.int32 if count * listings < 2**31 else np.int64)
    pairs = (np.arange(0, max(1, count) * listings, max(1, count), dtype=short)[:, None] + back).ravel()
    own = np.sort((forward * count + np.arange(count)[:, None]).ravel().astype(short))
    at = np.minimum(np.searchsorted(pairs, own), max(0, len(pairs) - 1))
    both = pairs[at] == own
    asks = np.zeros(len(pairs), dtype=np.bool_)
    asks[at[both]] = True
    more, person = np.divmod(own[~both], max(1, count))
    return (
        np.concatenate((np.repeat(np.arange(listings, dtype=np.int32), wide), more.astype(np.int32))),
        np.concatenate((back.ravel(), person.astype(np.int32))),
        np.concatenate((asks, np.ones(len(more), dtype=np.bool_))),
    )


def _ranked(points: Few, offered: Few, names: "_Names", top: int) -> Ranked:
    """(queries × shortlist) scored exactly, cut to the best. `names`: ids of the offered side."""
    places = np.full((len(points), top), -1, dtype=np.int32)
    scores = np.zeros((len(points), top), dtype=np.float64)
    for at in range(0, len(points), _MIXED):
        own = slice(at, at + _MIXED)
        keys = (POINTS - points[own].astype(np.int64)) << 24 | names.order[offered[own]]
        best = np.sort(keys, axis=1)[:, :top]
        places[own, : best.shape[1]] = names.rows(best)
        scores[own, : best.shape[1]] = (POINTS - (best >> 24)) * 100.0 / POINTS
    return Ranked(places, scores)


@dataclass(frozen=True, slots=True)
class _Names:
    """The order of a pool's ids: rank by row, and rows by rank."""

    order: Rows
    inverse: Rows

    @classmethod
    def of(cls, pool: Pool[Any]) -> "_Names":
        inverse = np.argsort([record.id for record in pool.records]) if pool.records else np.zeros(0, dtype=np.int64)
        return cls(np.argsort(inverse), inverse)

    def rows(self, keys: Rows) -> Rows:
        """The rows of keys, whose last 24 bits are ranks in the order of ids."""
        return np.asarray(self.inverse[keys & _NAME])


def _shortlists(estimate: Estimate, names: tuple[_Names, _Names], wide: int) -> tuple[Rows, Few, Floats]:
    """By estimate the best `wide` listings of each person, and of each listing the best people, ascending, with signals."""
    people, listings = (len(own.order) for own in names)
    back = np.zeros((listings, min(wide, people)), dtype=np.int32)
    signals = np.zeros((3, *back.shape), dtype=np.float32)
    kept = _Kept(names[1], people, wide)
    mine = local()

    def one(rows: Rows) -> None:
        if not hasattr(mine, "room"):
            mine.room = estimate.room(most)
        for own, steps, exact in estimate.tile(rows, mine.room):
            np.minimum(steps, np.float32(1), out=steps)
            steps *= np.float32(_STEPS)
            np.rint(steps, out=steps)
            kept.add(own, steps)
            back[own] = best = _best_people(steps, names[0], wide)
            signals[:, own] = np.take_along_axis(exact, best[None], axis=2)

    most = max(1, min(_TILE, _CELLS // max(1, people)))
    each(one, _tiles(estimate.kinds, most) if people else ())
    return kept.lists(), back, signals.reshape(3, -1)


def _tiles(kinds: Rows, most: int) -> Iterator[Rows]:
    """Listings in tiles: mixed, so that the threshold rises early, and within a stretch grouped by kind."""
    mixed = np.random.default_rng(0).permutation(len(kinds))
    for start in range(0, len(mixed), _MIXED):
        stretch = mixed[start : start + _MIXED]
        ordered = stretch[np.argsort(kinds[stretch], kind="stable")]
        yield from (ordered[at : at + most] for at in range(0, len(ordered), most))


def _best_people(steps: Floats, names: _Names, wide: int) -> Rows:
    """For some listings. Every eighth person gives a threshold guess; if too few reach it, it is computed exactly."""
    count = steps.shape[1]
    some = steps[:, ::8]
    at = max(0, some.shape[1] - (wide // 5 + 8))
    bars = np.partition(some, at, axis=1)[:, at]
    row, person = np.divmod(np.flatnonzero(steps >= bars[:, None]), count)
    few = np.bincount(row, minlength=len(steps)) < wide
    if few.any():
        bars[few] = np.partition(steps[few], count - wide, axis=1)[:, count - wide] if wide < count else 0.0
        row, person = np.divmod(np.flatnonzero(steps >= bars[:, None]), count)
    sizes = np.bincount(row, minlength=len(steps))
    found = np.full((len(steps), sizes.max()), 2**62, dtype=np.int64)
    place = np.arange(len(row)) - (np.cumsum(sizes) - sizes)[row]
    found[row, place] = (_STEPS - steps[row, person].astype(np.int64)) << 24 | names.order[person]
    found.sort(axis=1)
    return np.asarray(np.sort(names.rows(found[:, :wide]), axis=1))


class _Kept:
    """The best listings of every person so far: one integer per pair (person, inverted estimate, listing by id)."""

    def __init__(self, names: _Names, people: int, wide: int) -> None:
        self._wide = max(1, min(wide, len(names.order)))
        self._names = names
        self._bar = np.full(people, -1.0, dtype=np.float32)
        room = max(_PRUNED_AT, (2 * self._wide + ROWS) * people)
        self._keys = np.empty(min(room, people * len(names.order)), dtype=np.int64)
        self._count = 0
        self._lock = Lock()

    def add(self, rows: Rows, found: Floats) -> None:
        """`found` are whole steps, for at most ROWS listings. Adds those above the threshold, which rises when space runs out."""
        listing, person = np.divmod(np.flatnonzero(found >= self._bar), found.shape[1])
        keys = person << 20 | (_STEPS - found[listing, person].astype(np.int64))
        keys = keys << 24 | self._names.order[rows[listing]]
        with self._lock:
            if self._count + len(keys) > len(self._keys):
                self._prune()
            self._keys[self._count : self._count + len(keys)] = keys
            self._count += len(keys)

    def _prune(self) -> None:
        """Keeps only the best of each person."""
        keys = self._keys[: self._count]
        keys.sort()
        starts = np.searchsorted(keys, np.arange(len(self._bar) + 1) << 44)
        at = starts[:-1, None] + np.arange(self._wide)
        there = at < starts[1:, None]
        full = there[:, -1]
        self._bar[full] = _STEPS - (keys[at[full, -1]] >> 24 & _STEPS)
        best = keys[at[there]]
        self._count = len(best)
        self._keys[: len(best)] = best

    def lists(self) -> Rows:
        """For each person the best listings; call it after everything is added."""
        self._prune()
        people = len(self._bar)
        return self._names.rows(self._keys[: self._count].reshape(people, -1 if people else 0))
