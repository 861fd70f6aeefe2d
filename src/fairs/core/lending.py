"""Fast lending of a pool's connections: one returned in good state is kept ready for the next caller.

The pool's own lending costs a third of the Python time of a short statement: two timers, a task, a future. Callers that
wait for the pool are not overtaken: a caller gets a ready connection first, and none is kept ready while a caller waits.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import asyncpg

from fairs.core.tasks import spawn

AT_HAND = 30.0  # seconds that an unused connection stays out of the pool


def _is_closed(connection: Any) -> bool:
    """A broken connection is taken from its borrower at once, and then cannot be asked for its state."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


class Lending:
    """Lending of one pool. At most half of its connections are kept ready."""

    def __init__(self, pool: Any, timeout: float) -> None:
        self.pool, self.timeout = pool, timeout
        self.most: int = pool.get_max_size() // 2
        self.at_hand: list[tuple[Any, float]] = []  # with the time of return
        self._lent: set[Any] = set()  # connections in use that may become ready
        self._waiting = 0  # callers waiting for the pool
        self._tidying: asyncio.TimerHandle | None = None
        self._returning: asyncio.Task[None] | None = None

    async def take(self) -> Any:
        """A connection, to be returned by `give_back`. Raises TimeoutError when none became free in time."""
        while self.at_hand:
            connection, _ = self.at_hand.pop()
            if not _is_closed(connection):
                self._lent.add(connection)
                return connection
            await self._release(connection)
        self._waiting += 1
        try:
            connection = await self.pool.acquire(timeout=self.timeout)
        finally:
            self._waiting -= 1
        self._lent.add(connection)
        return connection

    async def give_back(self, connection: Any, *, sound: bool) -> None:
        """`sound`: every statement was answered. Interrupted connections go back to the pool, which resets them."""
        fresh = connection in self._lent
        self._lent.discard(connection)
        wanted = fresh and sound and not self._waiting and len(self.at_hand) < self.most
        if not wanted or _is_closed(connection) or connection.is_in_transaction():
            await asyncio.shield(self.pool.release(connection))
        else:
            loop = asyncio.get_running_loop()
            self.at_hand.append((connection, loop.time()))
            if self._tidying is None:
                self._tidying = loop.call_later(AT_HAND, self._tidy, loop)

    async def expire(self) -> None:
        """One connection was dead: no existing connection is lent again."""
        self._lent.clear()
        stale = self._let_go()
        await self.pool.expire_connections()
        await self._release(*stale)

    async def close(self) -> None:
        """Return all connections to the pool; those in use follow when they are given back."""
        self.most = 0
        await self._release(*self._let_go())

    def _tidy(self, loop: asyncio.AbstractEventLoop) -> None:
        """Returns expired connections to the pool, which closes those it does not need."""
        since = loop.time() - AT_HAND
        stale = [found for found, at in self.at_hand if at <= since]
        self.at_hand = [(found, at) for found, at in self.at_hand if at > since]
        self._tidying = loop.call_later(AT_HAND, self._tidy, loop) if self.at_hand else None
        if stale:
            self._returning = spawn(self._release(*stale), name="connections back to the pool")

    def _let_go(self) -> Sequence[Any]:
        if self._tidying is not None:
            self._tidying.cancel()
            self._tidying = None
        stale = [found for found, _ in self.at_hand]
        self.at_hand.clear()
        return stale

    async def _release(self, *connections: Any) -> None:
        for found in connections:
            with contextlib.suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError):  # already closed: fine
                await asyncio.shield(self.pool.release(found))
