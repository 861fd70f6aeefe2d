"""Exposure prices cached beside the pools: of an event's listings over the visible people, and of people over its listings.

Prices are computed in a thread beside the page that first needs them, and again when they are old and their pools have
changed. Until then a page ranks by score, as it does for small pools, where a page shows all records. A record
added later has no price.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic

import numpy as np

from fairs.core.services import Service
from fairs.core.tasks import spawn
from fairs.matching import inputs
from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.exposure import exposure
from fairs.matching.exposure.exposure import ExposurePrices
from fairs.matching.retrieval import pool_cache
from fairs.matching.retrieval.record_pool import Pool, Record
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text.encoder import Floats

FEW = 40  # records: up to this number all are on the first pages anyway
ASKING = 1_000  # maximum number of queries used: the time grows with one side only
SECONDS = 600.0  # how long prices are valid, whatever changes
KEPT = 6  # cached prices per application and side
_BLOCK = 64  # rows of scores at once
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Priced:
    """Prices by id, the versions of the pools that they were made from, and when (monotonic seconds)."""

    versions: tuple[object, ...]
    prices: dict[str, float]
    made: float


class Board(Generic[Record]):
    """The prices of one side by event; one is computed at a time."""

    def __init__(self, make: Callable[[int, Priced | None], Awaitable[Priced]]) -> None:
        self._make = make
        self._priced: dict[int, Priced] = {}
        self._fitted: dict[int, tuple[Pool[Record], Priced, ExposurePrices]] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def of(self, event_id: int, pool: Pool[Record]) -> ExposurePrices | None:
        """The prices in the order of this pool's records; None while there are none. Starts their renewal when needed."""
        if len(pool.records) <= FEW:
            return None
        cached = self._priced.get(event_id)
        if cached is None or time.monotonic() - cached.made > SECONDS:
            self._begin(event_id, cached)
        if cached is None:
            return None
        fitted = self._fitted.get(event_id)
        if fitted is None or fitted[0] is not pool or fitted[1] is not cached:
            fitted = pool, cached, ExposurePrices.of([record.id for record in pool.records], cached.prices)
            self._fitted[event_id] = fitted
        return fitted[2]

    def _begin(self, event_id: int, held: Priced | None) -> None:
        if event_id not in self._tasks:
            self._tasks[event_id] = spawn(self._renew(event_id, held), name="exposure prices")
            self._tasks[event_id].add_done_callback(lambda _: self._tasks.pop(event_id, None))

    async def _renew(self, event_id: int, held: Priced | None) -> None:
        """A failure is logged and retried when the next page needs them: pages continue without or with the old prices."""
        try:
            priced = await self._make(event_id, held)
        except Exception:
            _LOG.exception("exposure prices of event %s could not be made", event_id)
            return
        self._priced.pop(event_id, None)
        self._priced[event_id] = priced
        for old in list(self._priced)[:-KEPT]:
            self._priced.pop(old)
            self._fitted.pop(old, None)

    async def settled(self) -> None:
        """Waits for running computations."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))


async def _make_listings(event_id: int, held: Priced | None) -> Priced:
    offers, people = await pool_cache.listings(event_id), await pool_cache.talents()
    versions = (offers.version, people.version)
    if held is not None and held.versions == versions:
        return Priced(versions, held.prices, time.monotonic())
    asking = sampled([record.id for record in people.pool.records])
    reads = await pool_cache.read_talents(None, [int(owner) for owner in asking])
    share = len(asking) / max(1, len(people.pool.records))
    found = await asyncio.to_thread(of_listings, offers.pool, reads, share)
    return Priced(versions, found, time.monotonic())


async def _make_people(event_id: int, held: Priced | None) -> Priced:
    offers, people = await pool_cache.listings(event_id), await pool_cache.talents()
    versions = (people.version, offers.version)
    if held is not None and held.versions == versions:
        return Priced(versions, held.prices, time.monotonic())
    asking = sampled([record.id for record in offers.pool.records])
    reads = await pool_cache.read_listings(event_id, [int(owner) for owner in asking])
    share = len(asking) / max(1, len(offers.pool.records))
    found = await asyncio.to_thread(of_people, people.pool, reads, share)
    return Priced(versions, found, time.monotonic())


def sampled(ids: Sequence[str]) -> list[str]:
    """At most ASKING of these, spread evenly by their hashes: always the same for the same input."""
    marks = exposure.hashes(ids)
    return [ids[at] for at in sorted(np.argsort(marks, kind="stable")[:ASKING].tolist())]


def of_listings(
    pool: Pool[ListingRecord],
    people: Sequence[inputs.Read[ProfileRecord]],
    share: float = 1.0,
    settings: Settings = DEFAULT,
) -> dict[str, float]:
    """Prices of listings by id, over the people; `share` is the part of all people that these are."""

    def row(one: inputs.Read[ProfileRecord]) -> Floats:
        return np.asarray(rank.Comparison.of(one.usable, pool, one.vectors, settings).scores, dtype=np.float32)

    return _made(pool, len(people), map(row, people), share, settings)


def of_people(
    pool: Pool[ProfileRecord],
    offers: Sequence[inputs.Read[ListingRecord]],
    share: float = 1.0,
    settings: Settings = DEFAULT,
) -> dict[str, float]:
    """Prices of people by id, over the listings."""

    def row(one: inputs.Read[ListingRecord]) -> Floats:
        return np.asarray(rank.Comparison.of(one.usable, pool, one.vectors, settings).scores, dtype=np.float32)

    return _made(pool, len(offers), map(row, offers), share, settings)


def _made(pool: Pool[Any], asking: int, rows: Iterator[Floats], share: float, settings: Settings) -> dict[str, float]:
    lists = exposure.Shortlists((asking, len(pool.records)), settings.balance)
    for first in range(0, asking, _BLOCK):
        block = list(islice(rows, _BLOCK))
        lists.add(range(first, first + len(block)), np.stack(block))
    edges = lists.edges(lambda scores: np.asarray(scores / np.float32(100)))
    found = exposure.prices(edges, settings.balance, sampled=share or 1.0)
    return {record.id: price for record, price in zip(pool.records, found.tolist(), strict=True) if price}


LISTINGS: Service[Board[ListingRecord]] = Service(lambda: Board(_make_listings))
PEOPLE: Service[Board[ProfileRecord]] = Service(lambda: Board(_make_people))
