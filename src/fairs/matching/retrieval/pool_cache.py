"""Pools cached in a process: the listings of a fair, the people visible to employers.

A pool is identified by the version of its records. When that changes, only the changed records are read again and
replaced. The pool's space (centres of languages, rarity of words) is kept until a share of the records has changed
(`DRIFT`); then everything is read and fitted again. A large pool is served unchanged while its successor is made, so that
busy hours stay fast. Visibility is never read from a pool: services query the database each time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fairs.core.services import Service
from fairs.core.tasks import spawn
from fairs.matching import encoding, inputs, queries
from fairs.matching.engine import rank
from fairs.matching.engine.rank import Pool
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.rows import TalentStamp, TalentsVersion
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import model_version

Record = TypeVar("Record", ProfileRecord, ListingRecord)
Stamps = Mapping[int, TalentStamp]
LARGE = 400  # records: from this size on a page does not wait for the new pool
DRIFT = 0.1  # share of a pool's records that may change before its space is fitted again
KEPT = 6  # pools cached per application
ASKED = 200  # unread records enqueued for reading at once


@dataclass(frozen=True)
class Source(Generic[Record]):
    """Source of a pool's records: their stamps by id, and the current records of given ids with their vectors."""

    kind: OwnerKind
    stamps: Callable[[Any], Awaitable[Stamps]]
    read: Callable[[Any, list[int]], Awaitable[list[inputs.Read[Record]]]]


@dataclass(frozen=True)
class Ready(Generic[Record]):
    """A pool with its version; `unread` are the ids of records whose texts are not in it yet."""

    version: TalentsVersion
    pool: Pool[Record]
    unread: frozenset[str]
    stamps: Stamps


class Cache(Generic[Record]):
    """The newest pool of each key; builds one at a time."""

    def __init__(self, source: Source[Record]) -> None:
        self._source: Source[Record] = source
        self._ready: dict[Any, Ready[Record]] = {}
        self._locks: dict[Any, asyncio.Lock] = {}
        self._tasks: dict[Any, asyncio.Task[Ready[Record]]] = {}

    async def get(self, key: Any, version: TalentsVersion) -> Ready[Record]:
        """The pool of this version; while a large one is being built, the previous one."""
        cached = self._ready.get(key)
        if cached is not None and cached.version == version:
            return cached
        if cached is not None and len(cached.pool.records) >= LARGE:
            if key not in self._tasks:
                self._tasks[key] = spawn(self.newest(key, version), name="matching pool")
                self._tasks[key].add_done_callback(lambda _: self._tasks.pop(key, None))
            return cached
        return await self.newest(key, version)

    async def newest(self, key: Any, version: TalentsVersion) -> Ready[Record]:
        """The pool of this version, however large it is: waits while it is made."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            held = self._ready.get(key)
            if held is None or held.version != version:
                held = self._keep(key, await self._made(key, version, held))
                if _drifted(held.pool) and held.pool.drift:  # changed records are served while the rest is read
                    held = self._keep(key, await self._made(key, version, None))
            return held

    def _keep(self, key: Any, made: Ready[Record]) -> Ready[Record]:
        self._ready.pop(key, None)
        self._ready[key] = made
        for old in list(self._ready)[:-KEPT]:
            del self._ready[old]
            self._locks.pop(old, None)
        return made

    async def _made(self, key: Any, version: TalentsVersion, held: Ready[Record] | None) -> Ready[Record]:
        """With a cached pool reads only changed records; without one reads all."""
        stamps = await self._source.stamps(key)
        before = held.stamps if held else {}
        touched = sorted(owner for owner, stamp in stamps.items() if before.get(owner) != stamp)
        reads = await self._source.read(key, touched)
        unread = {one.whole.id for one in reads if not one.complete}
        await encoding.enqueue_reading(self._source.kind, sorted(int(owner) for owner in unread)[:ASKED])
        vectors = {text: vector for one in reads for text, vector in one.vectors.items()}
        records = [one.usable for one in reads]
        if held is None:
            pool = await asyncio.to_thread(rank.prepare, records, vectors)
            return Ready(version, pool, frozenset(unread), stamps)
        read_again = {one.whole.id for one in reads}
        gone = {str(owner) for owner in before.keys() - stamps.keys()} | {str(o) for o in touched} - read_again
        pool = await asyncio.to_thread(rank.changed, held.pool, records, gone, vectors)
        return Ready(version, pool, frozenset(held.unread - gone - read_again | unread), stamps)


def _drifted(pool: Pool[Any]) -> bool:
    return pool.drift > DRIFT * len(pool.records)


async def read_listings(event_id: int, ids: list[int]) -> list[inputs.Read[ListingRecord]]:
    """The listings among `ids` that may be proposed at an event, with their vectors."""
    rows = await queries.published_listings(event_id, ids)
    stored = await queries.vectors(OwnerKind.LISTING, model_version(), [row.id for row in rows])
    return [inputs.read(inputs.listing_record(row), stored.get(row.id, [])) for row in rows]


async def read_talents(_: object, ids: list[int]) -> list[inputs.Read[ProfileRecord]]:
    """The people among `ids` who may be proposed to employers, with their vectors."""
    rows = await queries.visible_talents(ids)
    stored = await queries.vectors(OwnerKind.TALENT, model_version(), [row.id for row in rows])
    return [inputs.read(inputs.profile_record(row), stored.get(row.id, [])) for row in rows]


_LISTINGS: Source[ListingRecord] = Source(OwnerKind.LISTING, queries.listing_stamps, read_listings)
_TALENTS: Source[ProfileRecord] = Source(OwnerKind.TALENT, lambda _: queries.talent_stamps(), read_talents)
LISTINGS: Service[Cache[ListingRecord]] = Service(lambda: Cache(_LISTINGS))
TALENTS: Service[Cache[ProfileRecord]] = Service(lambda: Cache(_TALENTS))


async def listings(event_id: int) -> Ready[ListingRecord]:
    """The published listings of an event, ready to be ranked."""
    return await LISTINGS().get(event_id, await queries.listings_version(event_id))


async def newest_listings(event_id: int) -> Ready[ListingRecord]:
    """The same as it is now, however large: waits while the pool is made, seconds for a large one."""
    return await LISTINGS().newest(event_id, await queries.listings_version(event_id))


async def talents() -> Ready[ProfileRecord]:
    """The people visible to employers, ready to be ranked."""
    return await TALENTS().get("visible", await queries.talents_version())
