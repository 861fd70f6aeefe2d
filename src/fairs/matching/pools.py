"""Pools made ready once a process: the listings of a fair, the people whom employers may see.

A pool is known by the version of what it was made of. When that changes, a small pool is made anew while the page waits (a
second for 3,000 records); a large one is served as it is and made anew beside it, so that busy hours stay quick. Who may
be shown is never read from a pool: services ask the database each time.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fairs.matching import encoding, inputs, queries, rank
from fairs.matching.rank import Pool
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.text import model_version

Record = TypeVar("Record", ProfileRecord, ListingRecord)
LARGE = 400  # records: from here on a page does not wait for the new pool
KEPT = 6  # pools a process holds
ASKED = 200  # records at once that are asked to be read


@dataclass(frozen=True)
class Ready(Generic[Record]):
    """A pool with its version; `unread` are the ids of those whose texts are not in it yet."""

    version: tuple[Any, ...]
    pool: Pool[Record]
    unread: frozenset[str]


class Cache(Generic[Record]):
    """The newest pool of each key; makes one at a time."""

    def __init__(self, make: Callable[[Any], Awaitable[tuple[Pool[Record], frozenset[str]]]]) -> None:
        self._make: Callable[[Any], Awaitable[tuple[Pool[Record], frozenset[str]]]] = make
        self._ready: dict[Any, Ready[Record]] = {}
        self._locks: dict[Any, asyncio.Lock] = {}
        self._tasks: dict[Any, asyncio.Task[Ready[Record]]] = {}

    async def get(self, key: Any, version: tuple[Any, ...]) -> Ready[Record]:
        """The pool of this version; while a large one is being made, the one before it."""
        held = self._ready.get(key)
        if held is not None and held.version == version:
            return held
        if held is not None and len(held.pool.records) >= LARGE:
            if key not in self._tasks:
                self._tasks[key] = asyncio.create_task(self._renew(key, version))
                self._tasks[key].add_done_callback(lambda _: self._tasks.pop(key, None))
            return held
        return await self._renew(key, version)

    async def _renew(self, key: Any, version: tuple[Any, ...]) -> Ready[Record]:
        async with self._locks.setdefault(key, asyncio.Lock()):
            held = self._ready.get(key)
            if held is None or held.version != version:
                held = Ready(version, *await self._make(key))
                self._ready.pop(key, None)
                self._ready[key] = held
                for old in list(self._ready)[:-KEPT]:
                    del self._ready[old], self._locks[old]
            return held

    def clear(self) -> None:
        """Forget every pool: after another database took the place of this one."""
        self._ready.clear()


async def _make_listings(event_id: int) -> tuple[Pool[ListingRecord], frozenset[str]]:
    rows = await queries.published_listings(event_id)
    stored = await queries.vectors("listing", model_version(), [row["id"] for row in rows])
    reads = [inputs.read(inputs.listing_record(row), stored.get(row["id"], [])) for row in rows]
    return await _prepared("listing", reads)


async def _make_talents(_: object) -> tuple[Pool[ProfileRecord], frozenset[str]]:
    rows = await queries.visible_talents()
    stored = await queries.vectors("talent", model_version(), [row["id"] for row in rows])
    reads = [inputs.read(inputs.profile_record(row), stored.get(row["id"], [])) for row in rows]
    return await _prepared("talent", reads)


async def _prepared(kind: str, reads: list[inputs.Read[Record]]) -> tuple[Pool[Record], frozenset[str]]:
    unread = [one.whole.id for one in reads if not one.complete]
    await encoding.ask(kind, [int(owner) for owner in unread[:ASKED]])
    vectors = {text: vector for one in reads for text, vector in one.vectors.items()}
    return await asyncio.to_thread(rank.prepare, [one.usable for one in reads], vectors), frozenset(unread)


LISTINGS: Cache[ListingRecord] = Cache(_make_listings)
TALENTS: Cache[ProfileRecord] = Cache(_make_talents)


async def listings(event_id: int) -> Ready[ListingRecord]:
    """What is published at an event, ready to be ranked."""
    return await LISTINGS.get(event_id, await queries.listings_version(event_id))


async def talents() -> Ready[ProfileRecord]:
    """The people whom employers may see, ready to be ranked."""
    return await TALENTS.get("visible", await queries.talents_version())
