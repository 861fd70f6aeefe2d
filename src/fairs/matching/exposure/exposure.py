"""Balance: exposure prices, so that popular records are not on every list and no plausible record is left out.

Every target (a listing for people's queries, a person for listings' queries) has a price in the unit of the worth (0 to 1).
A query shows first the ten with the best worth − price, and the best of the ten is first. Prices are the dual prices of
"every query shows ten, every target is shown between floor and cap": zero between the two, positive for targets shown too
often, negative for targets shown too rarely, and never beyond `reach`. One new record is ranked with the existing
prices; nothing else is computed again. No database, no BLAS, the same result every time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from fairs.matching.settings import Balance
from fairs.matching.text.encoder import DIGITS, Floats

DEFAULT = Balance()
Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Positions = NDArray[np.int32]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
_LEAST = 1e-6  # minimum exposure, so that its logarithm exists
_WARM = 20.0  # factor of the softness in the first sweep
_STEPS = 16  # number of steps in which the reach may shrink
_BITS = 31  # bits for the number of a query beside a score
_LAST = 2**_BITS - 1
_NOBODY = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Edges:
    """The pairs that prices are computed from, by query and then target, each once; `shape` is (queries, targets)."""

    queries: Positions
    targets: Positions
    scores: Floats
    worths: Floats
    shape: tuple[int, int]

    def of(self, query: int) -> slice:
        """Index range of one query's pairs."""
        first, last = np.searchsorted(self.queries, [query, query + 1])
        return slice(int(first), int(last))


class Shortlists:
    """Takes rows of scores as they are computed and keeps the relevant pairs: memory linear in queries plus targets."""

    def __init__(self, shape: tuple[int, int], settings: Balance = DEFAULT) -> None:
        self._shape, self._settings = shape, settings
        self._kept: list[tuple[Positions, Positions, Floats]] = []
        turns = min(settings.turns, shape[0])
        self._turns = np.full(
            (shape[1], turns), _NOBODY, dtype=np.int64
        )  # score in millionths, then the query number, descending

    def add(self, queries: Sequence[int], rows: Floats) -> None:
        """Scores (queries × targets) of the queries with these numbers; about a hundred rows at once are best."""
        scores = np.round(rows.astype(np.float64), DIGITS).astype(np.float32)
        keep = min(self._settings.shortlist, scores.shape[1])
        limits = -np.partition(-scores, keep - 1, axis=1)[:, keep - 1] if keep else np.zeros(len(scores))
        at, targets = _first_of_each(scores, limits.astype(np.float32), keep)
        numbers = np.array(queries, dtype=np.int32)
        self._kept.append((numbers[at], targets.astype(np.int32), scores[at, targets]))
        self._best_askers(numbers, scores)

    def _best_askers(self, numbers: Positions, scores: Floats) -> None:
        asked = (_whole(scores.T) << _BITS) + (_LAST - numbers)
        every = np.concatenate([self._turns, asked], axis=1)
        skip = every.shape[1] - self._turns.shape[1]
        self._turns = np.partition(every, skip, axis=1)[:, skip:] if skip else every

    def edges(self, worth: Callable[[Floats], Floats]) -> Edges:
        """Both kinds joined. `worth` converts scores to the scale of prices, 0 to 1, and keeps their order."""
        numbers, turns = np.nonzero(self._turns != _NOBODY)
        keys = self._turns[numbers, turns]
        queries = np.concatenate([*(kept[0] for kept in self._kept), (_LAST - (keys & _LAST)).astype(np.int32)])
        targets = np.concatenate([*(kept[1] for kept in self._kept), numbers.astype(np.int32)])
        scores = np.concatenate([*(kept[2] for kept in self._kept), ((keys >> _BITS) / 10**DIGITS).astype(np.float32)])
        _, once = np.unique(queries.astype(np.int64) * max(1, self._shape[1]) + targets, return_index=True)
        return Edges(queries[once], targets[once], scores[once], worth(scores[once]), self._shape)


def _first_of_each(scores: Floats, limits: Floats, keep: int) -> tuple[Whole, Whole]:
    """Rows and columns of the `keep` best of each row; ties at the limit are cut by position."""
    chosen = scores >= limits[:, None]
    for row in np.flatnonzero(chosen.sum(axis=1) > keep):
        equal = np.flatnonzero(scores[row] == limits[row])
        chosen[row, equal[keep - np.count_nonzero(scores[row] > limits[row]) :]] = False
    rows, columns = np.nonzero(chosen)
    return rows, columns


def band(shape: tuple[int, int], settings: Balance = DEFAULT) -> tuple[float, float]:
    """(floor, cap) in exposures, for this many queries and targets."""
    queries, targets = shape
    mean = min(settings.window, targets) * queries / max(1, targets)
    return settings.floor * mean if mean >= 1 else 0.0, max(settings.least_cap, settings.cap * mean)


def prices(edges: Edges, settings: Balance = DEFAULT, *, sampled: float = 1.0) -> Numbers:
    """The price of every target, rounded; all zero when all are shown anyway or none is shown too often or too rarely.

    If the shown records would lose more than `loss` of their worth, the reach shrinks until they do not. `sampled`: the share
    of all queries that were used.
    """
    found = _sought(edges, settings, sampled)
    if not found.any():
        return found
    least = (1 - settings.loss) * _shown_worth(edges, np.zeros_like(found), settings)
    low, high = 0, _STEPS
    step = high
    while high > low:
        if _shown_worth(edges, _within(found, step, settings), settings) >= least:
            low = step
        else:
            high = step - 1
        step = (low + high + 1) // 2
    return _within(found, low, settings)


def _within(found: Numbers, step: int, settings: Balance) -> Numbers:
    reach = round(settings.reach * step / _STEPS, DIGITS)
    return np.clip(found, -reach, reach)


def _sought(edges: Edges, settings: Balance, sampled: float) -> Numbers:
    """Sinkhorn-like sweeps over the pairs: each query's limit moves until it shows `window`, each price until its target
    is shown between floor and cap. Both steps are the logarithm of the excess, which never overshoots."""
    asking, width = edges.shape
    found = np.zeros(width, dtype=np.float64)
    worthy = edges.worths >= np.float32(settings.plausible)
    queries, targets, worths = edges.queries[worthy], edges.targets[worthy], edges.worths[worthy].astype(np.float64)
    offers = np.bincount(queries, minlength=asking)
    if width <= settings.window or not len(queries):
        return found
    bounds = sampled * np.array(band((round(np.count_nonzero(offers) / sampled), width), settings))
    low, high = np.log(np.maximum(bounds, _LEAST))
    wanted = np.maximum(np.minimum(settings.window, offers - 0.5), 0.5)
    limits = np.full(asking, settings.plausible)
    for soft in _cooling(settings):
        left = worths - found[targets]
        shown = np.bincount(queries, _share(left - limits[queries], soft), asking)
        limits += soft * np.log(np.maximum(shown, _LEAST) / wanted)
        seen = np.log(np.maximum(np.bincount(targets, _share(left - limits[queries], soft), width), _LEAST))
        nearest = np.minimum(np.maximum(0.0, found + soft * (seen - high)), found + soft * (seen - low))
        found = np.clip(nearest, -settings.reach, settings.reach)
    found[np.bincount(targets, minlength=width) == 0] = 0.0
    return np.round(found, DIGITS)


def _cooling(settings: Balance) -> Numbers:
    """The softness of each sweep: it falls in the first half, so that prices first move far and then converge."""
    falling = settings.sweeps // 2
    steps = np.concatenate([np.geomspace(_WARM, 1, falling), np.ones(settings.sweeps - falling)])
    return np.asarray(settings.softness * steps)


def _share(beyond: Numbers, soft: float) -> Numbers:
    """Which part of a place a pair has: one well above the limit, one half at it, none well below."""
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(beyond / -soft, -40.0, 40.0))))


def _shown_worth(edges: Edges, exposure_prices: Numbers, settings: Balance) -> float:
    """Total worth of the records shown to all queries, discounted by rank as in nDCG; of equal ones the worst is taken."""
    kept = _priced(edges.worths, exposure_prices[edges.targets], settings)
    order = np.lexsort((edges.worths, -kept, edges.queries))
    starts = np.searchsorted(edges.queries, np.arange(edges.shape[0]))
    chosen = order[np.arange(len(order)) - starts[edges.queries[order]] < settings.window]
    chosen = chosen[np.lexsort((-edges.worths[chosen], edges.queries[chosen]))]
    firsts = np.searchsorted(edges.queries[chosen], np.arange(edges.shape[0]))
    places = np.arange(len(chosen)) - firsts[edges.queries[chosen]]
    return float((edges.worths[chosen] / np.log2(places + 2.0)).sum())


def _whole(numbers: Floats | Numbers) -> Whole:
    return np.asarray(np.rint(np.asarray(numbers, dtype=np.float64) * 10**DIGITS), dtype=np.int64)


def _priced(worths: Floats | Numbers, exposure_prices: Numbers, settings: Balance) -> Whole:
    """worth − price in millionths; an unrelated pair is not lifted."""
    whole, price = _whole(worths), _whole(exposure_prices)
    return np.asarray(whole - np.where(_near(whole, settings), price, np.maximum(price, 0)), dtype=np.int64)


def _near(whole: Whole, settings: Balance) -> Flags:
    return np.asarray(whole >= round(settings.plausible * 10**DIGITS))


def places(ids: Sequence[str]) -> Whole:
    """Rank of each id in sorted order."""
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks


def hashes(ids: Sequence[str]) -> Hashes:
    """A hash of each id, for `turns_of`."""
    digests = (blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in ids)
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


def turns_of(query: str, targets: Hashes) -> Hashes:
    """Order among targets that are equal for a query: different for each query, always the same for one."""
    mixed = (targets ^ hashes([query])[0]) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray(mixed ^ (mixed >> np.uint64(32)))


@dataclass(frozen=True, slots=True)
class ExposurePrices:
    """Data of targets known before any query, all in their order: prices, ranks of the ids, numbers for turns."""

    prices: Numbers
    ranks: Whole
    marks: Hashes

    @classmethod
    def of(cls, ids: Sequence[str], found: Mapping[str, float]) -> "ExposurePrices":
        """`found` are prices by id; a target added later has none."""
        return cls(np.array([found.get(name, 0.0) for name in ids], dtype=np.float64), places(ids), hashes(ids))


@dataclass(frozen=True, slots=True)
class Row:
    """One query against targets, all arrays in their order."""

    scores: Floats | Numbers
    """The scores that order a page; worths keep this order."""
    worths: Floats | Numbers
    ranks: Whole | Positions
    """Ranks of the ids: the last criterion between equals."""
    turns: Hashes
    held: Flags | None = None
    """Targets that price alone may not move past one that is not held back: those with a missed condition."""


def arrange(row: Row, exposure_prices: Numbers, top: int, settings: Balance = DEFAULT) -> list[int]:
    """Positions of the `top` targets of a query: first the `window` with the best worth − price, then all others; each
    part shows its best score first, ties by id."""
    later = np.ones(len(row.ranks), dtype=np.bool_)
    later[in_turn(row, exposure_prices, settings)[: settings.window]] = False
    held = np.zeros(len(later), dtype=np.bool_) if row.held is None else row.held
    return [int(i) for i in np.lexsort((row.ranks, held, -_whole(row.scores), later))[:top]]


def in_turn(row: Row, exposure_prices: Numbers, settings: Balance = DEFAULT) -> Whole:
    """Positions by worth − price, best first. Ties go by turns, or by id for unrelated pairs."""
    kept = _priced(row.worths, exposure_prices, settings)
    turns = np.where(_near(_whole(row.worths), settings), row.turns, np.uint64(0))
    if row.held is None or not row.held.any():
        return np.lexsort((row.ranks, turns, -kept))
    return np.lexsort((row.ranks, turns, row.held, -_held_back(row, kept, row.held)))


def _held_back(row: Row, kept: Whole, held: Flags) -> Whole:
    """A held-back target is not lifted, and ranks no better than any free one with an equal or better score."""
    order = np.lexsort((row.ranks, held, -_whole(row.scores)))
    least = np.minimum.accumulate(np.where(held[order], np.iinfo(np.int64).max, kept[order]))
    stands = np.minimum(np.minimum(kept[order], _whole(row.worths)[order]), least)
    out = kept.copy()
    out[order] = np.where(held[order], stands, kept[order])
    return out


def gini(exposures: Whole) -> float:
    """How unequal exposures are, all targets counted: 0 when all are equal, near 1 when one has all."""
    ordered = np.sort(exposures.astype(np.float64))
    count, total = len(ordered), float(ordered.sum())
    return float((2 * np.arange(1, count + 1) - count - 1) @ ordered / (count * total)) if total else 0.0
