"""The queue's connection: when lost it is opened again with its listeners; statements wait meanwhile.

So the queue's own loop, its heartbeats, the running jobs and the records of finished ones survive a database restart. A
statement that is sent again may have been executed already; that is safe for the queue's statements.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import structlog

T = TypeVar("T")
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 30.0  # the queue's statements take milliseconds: a silent connection counts as lost
GRACE = 1.0  # seconds after the stop during which a lost connection is still reopened, to record finished jobs
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 5.0  # seconds
LOST = (
    OSError,  # includes TimeoutError
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,  # a primary that has become a replica
    asyncpg.TransactionRollbackError,
)
log = structlog.get_logger("jobs")


def is_lost(error: BaseException) -> bool:
    """Whether the cause is the connection, or the server behind it, and not the statement."""
    return isinstance(error, LOST) and not isinstance(error, ValueError)  # asyncpg's DataError is both


class Pauses:
    """Growing waits with jitter, so that many clients of one lost server do not reconnect at once."""

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._next = first
        self._longest = longest

    async def wait(self, stop: asyncio.Event | None = None) -> None:
        """Sleep; `stop` ends it early."""
        seconds = self._next * random.uniform(0.5, 1.5)
        self._next = min(self._next * 2, self._longest)
        if stop is None or stop.is_set():
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await stop.wait()
        except TimeoutError:
            return


class SteadyDriver:
    """pgqueuer's `Driver`. `on_connect` runs first on every new connection, `answered` after every statement."""

    def __init__(
        self,
        dsn: str,
        stop: asyncio.Event,
        *,
        on_connect: Callable[[asyncpg.Connection], Awaitable[None]],
        answered: Callable[[bool], None],
    ) -> None:
        self._dsn = dsn
        self._stop = stop
        self._on_connect = on_connect
        self._answered = answered
        self._connection: asyncpg.Connection | None = None
        self._listeners: list[tuple[str, Callable[..., None]]] = []
        self._lock = asyncio.Lock()
        self._leaving = False
        self._shutdown = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Rows of a statement."""
        return [dict(row) for row in await self._do(lambda connection: connection.fetch(query, *args))]

    async def execute(self, query: str, *args: object) -> str:
        """The status of a statement."""
        return str(await self._do(lambda connection: connection.execute(query, *args)))

    async def notify(self, channel: str, payload: str) -> None:
        """Notify the listeners of a channel."""
        await self._do(lambda connection: connection.execute("SELECT pg_notify($1, $2)", channel, payload))

    async def add_listener(self, channel: str, callback: Callable[[str], None]) -> None:
        """Call `callback` for each notification of a channel, on this connection and each later one."""

        def relay(connection: object, pid: object, on: object, payload: object) -> None:
            callback(str(payload))

        self._listeners.append((channel, relay))
        await self._do(lambda connection: connection.add_listener(channel, relay))

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> Any:
        from pgqueuer.core.tm import TaskManager

        return TaskManager()

    async def __aenter__(self) -> "SteadyDriver":
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def leave(self) -> None:
        """Reopen a lost connection for GRACE only: the worker is about to end."""
        self._leaving = True

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                await connection.close(timeout=2)
            except (*LOST, asyncpg.PostgresError):
                connection.terminate()

    async def _do(self, call: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        async with self._lock:
            pauses, left = Pauses(), GRACE
            while True:
                try:
                    async with self._usable() as connection:
                        answer = await call(connection)
                    self._answered(True)
                    return answer
                except Exception as error:
                    if self._connection is not None and not is_lost(error):
                        raise
                    self._drop()
                    self._answered(False)
                    log.warning("worker_disconnected", error=repr(error))
                    if self._leaving or self._stop.is_set():
                        if left <= 0:
                            raise
                        left -= 0.25
                        await asyncio.sleep(0.25)
                    else:
                        await pauses.wait(self._stop)
                except BaseException:
                    self._drop()  # cancelled in the middle of a statement: the next answer could belong to either statement
                    raise

    @asynccontextmanager
    async def _usable(self) -> AsyncIterator[asyncpg.Connection]:
        if self._connection is None or self._connection.is_closed():
            self._connection = None
            made = await asyncpg.connect(self._dsn, timeout=CONNECT_SECONDS)
            try:
                async with asyncio.timeout(STATEMENT_SECONDS):
                    await self._on_connect(made)
                    for channel, relay in self._listeners:
                        await made.add_listener(channel, relay)
            except BaseException:
                made.terminate()
                raise
            self._connection = made
        async with asyncio.timeout(STATEMENT_SECONDS):
            yield self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
