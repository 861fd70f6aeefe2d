"""A whole run: the best of every person and of every listing at once, with the full pipeline.

Every pair is estimated by all but the words (`estimate`); the best of each row and column make a shortlist; on it words and
everything else are counted exactly, as `rank` does. What the shortlist costs is in docs/matching.md.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from fairs.matching import blend
from fairs.matching.columns import Numbers, Pairing
from fairs.matching.estimate import Estimate
from fairs.matching.lexical import lengthened
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.sparse import Sparse
from fairs.matching.standing import Pool, relations
from fairs.matching.text import DIGITS, Floats, best_places

Rows = NDArray[np.int64]
SHORTLIST = 100
"""Records of each side that are counted exactly for one record of the other."""
_TILE = 64  # listings at once: three matrices of this many rows fit beside each other
_CHUNK = 256  # queries whose shortlists are counted together
_STEPS = 2**20 - 1
_PRUNED_AT = 3_000_000


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
    """The best listings of every person, and the best people of every listing. Equal scores are ordered by id.

    Both pools must stand in one space (`prepare(…, space=…)`). Uses all cores; memory is the pools and some 100 MB.
    Raises ValueError for pools of two spaces.
    """
    if people.texts.space.vocabulary is not offers.texts.space.vocabulary:
        raise ValueError("the pools stand in two spaces: prepare the second with space=first.texts.space")
    wide = max(shortlist, top)
    names = [np.argsort(np.argsort([record.id for record in pool.records])) for pool in (people, offers)]
    forward, back = _shortlists(Estimate.of(people, offers, settings), names, wide)
    pairing = Pairing.of(people.columns, offers.columns, settings)
    keys: dict[str, int] = {}
    mine, theirs = _Side.of(people, settings, keys), _Side.of(offers, settings, keys)
    return (
        _counted(mine, theirs, forward, pairing, names[1], top, settings, turned=False),
        _counted(theirs, mine, back, pairing, names[0], top, settings, turned=True),
    )


def _shortlists(estimate: Estimate, names: Sequence[Rows], wide: int) -> tuple[list[Rows], list[Rows]]:
    """Positions by estimate: of listings for each person, of people for each listing. `names`: the order of both ids."""
    back: list[Rows] = [np.zeros(0, dtype=np.int64)] * len(names[1])
    kept = _Kept(len(names[0]), names[1], wide)

    def one(rows: Rows) -> None:
        found = estimate.tile(rows)
        steps = np.minimum(found, np.float32(1))
        steps *= np.float32(_STEPS)
        np.rint(steps, out=steps)
        for row, own in zip(rows.tolist(), steps, strict=True):
            back[row] = best_places(own, wide, names[0])
        kept.add(rows, steps)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # NumPy lets go of the interpreter lock while it computes
        list(pool.map(one, _tiles(estimate.kinds)))
    return kept.lists(), back


def _tiles(kinds: NDArray[np.int64]) -> Iterator[Rows]:
    """Listings in tiles: mixed, so that the bar of what is kept rises soon, and within a stretch by kind."""
    mixed = np.random.default_rng(0).permutation(len(kinds))
    for start in range(0, len(mixed), 128 * _TILE):
        stretch = mixed[start : start + 128 * _TILE]
        ordered = stretch[np.argsort(kinds[stretch], kind="stable")]
        yield from (ordered[at : at + _TILE] for at in range(0, len(ordered), _TILE))


class _Kept:
    """The best listings of every person so far: one whole number a pair (person, estimate turned round, listing by id)."""

    def __init__(self, people: int, names: Rows, wide: int) -> None:
        self._wide = wide
        self._people = people
        self._names = names.astype(np.uint64)
        self._bar = np.full(people, -1.0, dtype=np.float32)
        self._keys: list[NDArray[np.uint64]] = []
        self._lock = Lock()

    def add(self, rows: Rows, found: Floats) -> None:
        """`found` are whole steps. Whatever reaches the bar; the bar rises when much has come together."""
        tile, person = np.divmod(np.flatnonzero(found >= self._bar), found.shape[1])
        steps = (_STEPS - found[tile, person].astype(np.int64)).astype(np.uint64)
        keys = (person.astype(np.uint64) << np.uint64(44)) | (steps << np.uint64(24)) | self._names[rows[tile]]
        with self._lock:
            self._keys.append(keys)
            if sum(map(len, self._keys)) > max(_PRUNED_AT, 2 * self._wide * self._people):
                self._prune()

    def _prune(self) -> NDArray[np.int64]:
        """Only the best of each person; where each person's begin."""
        keys = np.sort(np.concatenate(self._keys)) if self._keys else np.zeros(0, dtype=np.uint64)
        person = (keys >> np.uint64(44)).astype(np.int64)
        starts = np.searchsorted(person, np.arange(self._people + 1))
        keys = keys[np.arange(len(keys)) - starts[person] < self._wide]
        sizes = np.minimum(np.diff(starts), self._wide)
        starts = np.concatenate(([0], np.cumsum(sizes)))
        full = np.flatnonzero(sizes == self._wide)
        worst = (keys[starts[full + 1] - 1] >> np.uint64(24)) & np.uint64(_STEPS)
        self._bar[full] = _STEPS - worst.astype(np.int64)
        self._keys = [keys]
        return np.asarray(starts, dtype=np.int64)

    def lists(self) -> list[Rows]:
        """For each person the positions of the listings kept, in rising order."""
        starts = self._prune()
        listings = np.argsort(self._names)[(self._keys[0] & np.uint64(2**24 - 1)).astype(np.int64)]
        return [np.sort(listings[starts[i] : starts[i + 1]]) for i in range(self._people)]


@dataclass(frozen=True, slots=True)
class _Side:
    """What the exact count needs of one pool."""

    pool: Pool[ProfileRecord] | Pool[ListingRecord]
    words: Sparse
    skills: Sparse
    near: Floats
    about: NDArray[np.bool_]

    @classmethod
    def of(cls, pool: Pool[ProfileRecord] | Pool[ListingRecord], settings: Settings, keys: dict[str, int]) -> "_Side":
        """`keys` are the columns of the skills, shared by both sides."""
        words, about = Sparse.of_postings(pool.texts.postings), np.asarray(pool.beliefs.any(axis=1))
        return cls(
            pool, words, Sparse.of_keys(pool.skills.owned, keys), relations(settings).nearness(pool.beliefs), about
        )


def _counted(
    asked: _Side,
    offered: _Side,
    lists: list[Rows],
    pairing: Pairing,
    names: Rows,
    top: int,
    settings: Settings,
    *,
    turned: bool,
) -> Ranked:
    """The shortlists counted exactly and cut; `names`: the order of the offered ids. `turned`: listings ask."""
    count = len(lists)
    places = np.full((count, top), -1, dtype=np.int32)
    scores = np.zeros((count, top), dtype=np.float64)

    def one(start: int) -> None:
        queries = range(start, min(start + _CHUNK, count))
        owner = np.repeat(np.array(queries, dtype=np.int64), [len(lists[q]) for q in queries])
        other = np.concatenate([lists[q] for q in queries])
        joint = _joint(asked, offered, lists, queries, settings)
        i, j = (other, owner) if turned else (owner, other)
        whole = np.rint(pairing.scores(*joint, i, j) * 10.0 ** (DIGITS - 2))
        order = np.lexsort((names[other], -whole, owner))
        begins = np.searchsorted(owner, np.array(queries))
        place = np.arange(len(owner)) - begins[owner - start]
        best = order[place < top]
        places[owner[best], place[place < top]] = other[best]
        scores[owner[best], place[place < top]] = whole[best] / 10.0 ** (DIGITS - 2)

    if count:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(one, range(0, count, _CHUNK)))
    return Ranked(places, scores)


def _joint(
    asked: _Side, offered: _Side, lists: list[Rows], queries: range, settings: Settings
) -> tuple[Numbers, Numbers, Numbers]:
    """Texts, believed disciplines and skills of the pairs of some shortlists, NaN where unknown, as `rank.compare` has them."""
    ours, theirs = asked.pool.texts, offered.pool.texts
    words = np.zeros(offered.words.width, dtype=np.float32)
    common = np.zeros(max(asked.skills.width, offered.skills.width), dtype=np.float32)
    found: list[tuple[NDArray[np.float64], ...]] = []
    for query in queries:
        rows = lists[query]
        found.append(
            (
                theirs.centred[rows] @ ours.centred[query],
                theirs.agreement[rows] @ ours.agreement[query],
                offered.words.dots(asked.words, query, rows, words),
                offered.pool.beliefs[rows] @ asked.near[query],
                offered.skills.dots(asked.skills, query, rows, common),
            )
        )
    cosine, agreement, lexical, expected, shared = (np.concatenate(part) for part in zip(*found, strict=True))
    owner = np.repeat(np.array(queries, dtype=np.int64), [len(lists[q]) for q in queries])
    other = np.concatenate([lists[q] for q in queries])
    said = ours.has_text[owner] & theirs.has_text[other]
    own, pool = ours.postings, theirs.postings
    words_alike = lengthened(lexical, own.whole[owner] * pool.whole[other], own.chinese[owner] == pool.chinese[other])
    signals = blend.text_signals(cosine, words_alike, agreement * said, settings)
    text = np.where(said, blend.text_worth(signals, settings).astype(np.float64), np.nan)
    about = asked.about[owner] & offered.about[other]
    field = np.where(about, np.round(np.minimum(expected.astype(np.float64), 1.0), DIGITS).astype(np.float32), np.nan)
    sizes = np.minimum(asked.pool.skills.sizes[owner], offered.pool.skills.sizes[other])
    possible = np.minimum(sizes, settings.declared.skills_enough)
    share = np.minimum(1.0, shared / np.maximum(possible, 1)).astype(np.float32)
    return text, field, np.where(possible > 0, share, np.nan).astype(np.float64)
