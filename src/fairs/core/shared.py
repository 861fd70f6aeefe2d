"""One computation for all callers that need the same result at once, at most once per given number of seconds."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from prometheus_client import Counter

from fairs.core.services import Service
from fairs.core.tasks import spawn

V = TypeVar("V")
COMPUTED = Counter("fairs_shared_computations_total", "Computations made for all who asked for the same", ["of"])
KEPT = 256  # cached results; the least recently used are dropped first


class _Entry(Generic[V]):
    __slots__ = ("began", "flight", "value")

    def __init__(self) -> None:
        self.began = float("-inf")  # start of the computation that produced `value`
        self.value: V | None = None
        self.flight: asyncio.Task[None] | None = None


class Shared(Generic[V]):
    """Cached results by key, per application. A key must contain everything the result depends on, including who may see it."""

    def __init__(self, every: float, *, of: str = "other") -> None:
        self.every = every  # seconds between the starts of two computations of one key
        self._computed = COMPUTED.labels(of)
        self._entries: Service[dict[Hashable, _Entry[V]]] = Service(dict)

    async def get(self, key: Hashable, compute: Callable[[], Awaitable[V]], *, since: float | None = None) -> V:
        """The result of a computation that began at or after `since` (the event loop's time; default: `every` ago).

        `compute` runs outside the caller's transaction and language. Its exception is raised in every waiting caller.
        """
        loop = asyncio.get_running_loop()
        earliest = loop.time() - self.every if since is None else since
        entries = self._entries()
        entry = entries.pop(key, None) or _Entry()
        entries[key] = entry  # the most recently used is dropped last
        self._forget(entries)
        while entry.value is None or entry.began < earliest:
            if entry.flight is None:
                wait = max(0.0, entry.began + self.every - loop.time())
                entry.flight = spawn(self._fly(entry, compute, wait), name="shared computation", logged=False)
            await asyncio.shield(entry.flight)
        return entry.value

    def latest(self, key: Hashable) -> V | None:
        """The newest result there is."""
        entry = self._entries().get(key)
        return entry.value if entry else None

    async def _fly(self, entry: _Entry[V], compute: Callable[[], Awaitable[V]], wait: float) -> None:
        try:
            await asyncio.sleep(wait)
            began = asyncio.get_running_loop().time()
            self._computed.inc()
            entry.value, entry.began = await compute(), began
        finally:
            entry.flight = None

    @staticmethod
    def _forget(entries: dict[Hashable, _Entry[V]]) -> None:
        idle = (key for key, entry in entries.items() if entry.flight is None)
        while len(entries) > KEPT and (oldest := next(idle, None)) is not None:
            del entries[oldest]
            idle = (key for key, entry in entries.items() if entry.flight is None)
