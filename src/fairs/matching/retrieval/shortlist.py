"""Which records a page is ranked over: all records in this process, or the nearest ones by pgvector.

The setting FAIRS_RETRIEVAL chooses. With `pgvector` no process keeps all records: the index finds a few hundred of those
that may be shown, which are read and then scored exactly like any other pool. Until the index is built, and on a server that
cannot have one, pages use all records; `fairs doctor` reports it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic

from fairs.core.services import Service
from fairs.matching import encoding, inputs, queries
from fairs.matching.engine import rank
from fairs.matching.engine.rank import Pool
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval import dense_vectors, indexing, pool_cache
from fairs.matching.retrieval.pgvector import Graph, PgVector
from fairs.matching.retrieval.pool_cache import ASKED
from fairs.matching.retrieval.record_pool import Record
from fairs.matching.tables import OwnerKind
from fairs.matching.text.text_pool import Space

SAMPLE = 2_000  # records used to fit the space of a shortlist
SPACE_SECONDS = 3_600.0  # how long such a space is kept
_GRAPH = Graph()
_spaces: Service[dict[Any, tuple[float, Space]]] = Service(dict)


@dataclass(frozen=True)
class Candidates(Generic[Record]):
    """A pool to rank; `unread` as in `pool_cache.Ready`, `compared`: how many records were considered by either way."""

    pool: Pool[Record]
    unread: frozenset[str]
    compared: int
    whole: bool = True
    """False for a shortlist: then no process knows how often each record is shown."""


async def for_profile(event_id: int, own: inputs.Read[ProfileRecord], eligible: set[str]) -> Candidates[ListingRecord]:
    """Listings of an event for a person; `eligible` are the ids of those that may be shown."""
    index = await indexing.usable_index()
    if index is None:
        ready = await pool_cache.listings(event_id)
        return Candidates(ready.pool, ready.unread, len(ready.pool.records))
    ids = await _near(index, OwnerKind.LISTING, own, eligible)
    reads = await pool_cache.read_listings(event_id, ids)
    space = await _space(event_id, lambda: _listing_sample(event_id))
    return await _scored(OwnerKind.LISTING, reads, space, len(eligible))


async def for_listing(own: inputs.Read[ListingRecord], eligible: set[str]) -> Candidates[ProfileRecord]:
    """People for a listing; `eligible` are the ids of those who may be shown."""
    index = await indexing.usable_index()
    if index is None:
        ready = await pool_cache.talents()
        return Candidates(ready.pool, ready.unread, len(ready.pool.records))
    ids = await _near(index, OwnerKind.TALENT, own, eligible)
    reads = await pool_cache.read_talents(None, ids)
    return await _scored(OwnerKind.TALENT, reads, await _space("visible", _talent_sample), len(eligible))


async def _near(index: PgVector, kind: OwnerKind, own: inputs.Read[Any], eligible: set[str]) -> list[int]:
    """Ids of the shortlist; the first ones by id for a record without any data."""
    query = await asyncio.to_thread(dense_vectors.vectors_of, [own.usable], own.vectors)
    among = sorted(int(owner) for owner in eligible)
    if not query.any():
        return among[: _GRAPH.shortlist]
    [hits] = await index.nearest(kind, query, _GRAPH.shortlist, among)
    return [hit.id for hit in hits]


async def _scored(kind: OwnerKind, reads: list[inputs.Read[Record]], space: Space, compared: int) -> Candidates[Record]:
    unread = frozenset(one.whole.id for one in reads if not one.complete)
    await encoding.enqueue_reading(kind, sorted(int(owner) for owner in unread)[:ASKED])
    vectors = {text: vector for one in reads for text, vector in one.vectors.items()}
    pool = await asyncio.to_thread(rank.prepare, [one.usable for one in reads], vectors, space=space)
    return Candidates(pool, unread, compared, whole=False)


async def _space(key: Any, sample: Callable[[], Awaitable[list[inputs.Read[Any]]]]) -> Space:
    """The space of a sample, fitted again every hour: a shortlist alone is too narrow a field to weigh words by."""
    spaces = _spaces()
    cached = spaces.get(key)
    if cached is None or time.monotonic() - cached[0] > SPACE_SECONDS:
        reads = await sample()
        vectors = {text: vector for one in reads for text, vector in one.vectors.items()}
        fitted = await asyncio.to_thread(Space.fit, [one.usable.texts for one in reads], vectors)
        cached = spaces[key] = time.monotonic(), Space(fitted.centres, fitted.vocabulary)
    return cached[1]


async def _listing_sample(event_id: int) -> list[inputs.Read[ListingRecord]]:
    return await pool_cache.read_listings(event_id, await queries.sampled_listings(event_id, SAMPLE))


async def _talent_sample() -> list[inputs.Read[ProfileRecord]]:
    return await pool_cache.read_talents(None, await queries.sampled_talents(SAMPLE))
