"""The database engine.

Piccolo's stock engine loses a pooled connection whenever COMMIT itself fails (a deferred constraint, a
serialization failure): its `__aexit__` has no `finally`. It also ignores a nested `transaction()`, so
that an inner failure that is caught outside is committed. This engine repairs both, and adds isolation levels.
See docs/decisions/0003-engine.md.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from fairs.core.errors import DomainError
from fairs.core.lending import Lending
from fairs.core.services import Service

T = TypeVar("T")
Isolation = Literal["read_committed", "repeatable_read", "serializable"]
ACQUIRE_TIMEOUT = 30.0  # seconds; stock Piccolo waits for ever
CONNECT_TIMEOUT = 10.0  # seconds for each host of the address; the driver's own 60 would outlast a failover


class DatabaseAbsent(ConnectionError):
    """No database connection was available, or the one in use broke. No other network failure raises this."""


class _Absence:
    """Converts network errors of the database connection to DatabaseAbsent: other networks raise the same errors."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, DatabaseAbsent):  # a TimeoutError is an OSError
            raise DatabaseAbsent(str(error) or type(error).__name__) from error


_absence = _Absence()


GONE = (
    asyncpg.InterfaceError,  # "connection is closed" among others
    asyncpg.InternalClientError,  # the server is ending it but it is not closed yet: "another operation is in progress"
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    ConnectionError,
)
"""Errors of a connection that died in the pool, or with its server."""
AGAIN = (0.0, 0.2, 0.5)  # seconds before each retry of a read-only statement: a database restarts within them


class NestedTransaction(RuntimeError):
    """A transaction was opened inside another. Use `savepoint()` or `transaction_or_join()`."""


class _Opened:
    """A plain transaction whose BEGIN is sent with its first statement: one round trip instead of two."""

    def __init__(self, connection: Any, first: str) -> None:
        self.connection, self.first = connection, first

    async def start(self) -> None:
        await self.connection.execute(f"BEGIN; {self.first}")

    async def commit(self) -> None:
        await self.connection.execute("COMMIT")

    async def rollback(self) -> None:
        await self.connection.execute("ROLLBACK")


class Transaction(PostgresTransaction):
    """A transaction that always returns its connection, also when BEGIN or COMMIT fails."""

    __slots__ = ("first", "isolation")
    engine: "Engine"

    def __init__(self, engine: "Engine", isolation: Isolation | None = None, first: str = "") -> None:
        super().__init__(engine=engine, allow_nested=True)
        self.isolation = isolation
        self.first = first
        if self._parent is not None:
            raise NestedTransaction("a transaction is already open: use savepoint() or transaction_or_join()")

    async def __aenter__(self) -> "Transaction":
        await _until_alive(self.engine, self._begin)
        self.context = self.engine.current_transaction.set(self)
        return self

    async def _begin(self) -> None:
        self.connection = await self.get_connection()
        try:
            self.transaction = (
                _Opened(self.connection, self.first)
                if self.first
                else self.connection.transaction(isolation=self.isolation)
            )
            with _absence:
                await self.transaction.start()
        except BaseException:
            await self._release()
            raise

    async def get_connection(self) -> Any:
        with _absence:
            if self.engine.pool:
                return await self.engine.lending.take()
            return await self.engine.get_new_connection()

    async def _release(self, *, sound: bool = False) -> None:
        if self.engine.pool:
            await self.engine.lending.give_back(self.connection, sound=sound)
        else:
            await self.connection.close()

    async def __aexit__(self, exception_type: Any, exception: Any, traceback: Any) -> bool:
        sound = False
        try:
            if exception is not None:
                if not self._rolled_back:
                    await self.transaction.rollback()
            elif not self._committed and not self._rolled_back:
                with _absence:
                    await self.transaction.commit()
                sound = True
        finally:
            self.engine.current_transaction.reset(self.context)
            await self._release(sound=sound)
        return False


async def _keep(connection: Any) -> None:
    """An open transaction is rolled back by asyncpg itself, before this is called."""


@dataclass(slots=True)
class Server:
    """An application's database address and connections."""

    config: dict[str, Any] = field(default_factory=dict)
    pool: Any = None
    lending: Lending | None = None  # of that pool


class Engine(PostgresEngine):
    """Piccolo's PostgreSQL engine with the transaction above; connects only when `start_connection_pool` is called.

    Tables refer to the engine; it uses the database of the current application.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.server = Service(Server)
        super().__init__(config=config)

    @property
    def config(self) -> dict[str, Any]:
        return self.server().config

    @config.setter
    def config(self, value: dict[str, Any]) -> None:
        self.server().config = value

    @property
    def pool(self) -> Any:
        return self.server().pool

    @pool.setter
    def pool(self, value: Any) -> None:
        server = self.server()
        server.pool, server.lending = value, None if value is None else Lending(value, ACQUIRE_TIMEOUT)

    @property
    def lending(self) -> Lending:
        """Lending of the current pool; all statements borrow here."""
        lending = self.server().lending
        if lending is None:
            raise RuntimeError("the connection pool is not running")
        return lending

    async def check_version(self) -> None:
        """Stock Piccolo opens a connection on import to read the version; here readiness checks do that."""

    async def prep_database(self) -> None:
        """No extension is needed."""

    def configure(self, dsn: str, *, shared: bool = False) -> None:
        """Set the address of the database; nothing connects yet. `shared`: behind a pooler in transaction mode.

        There a prepared statement may be on another connection when it is used again.
        """
        self.config = {"dsn": dsn, "timeout": CONNECT_TIMEOUT}
        if shared:
            self.config["statement_cache_size"] = 0

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """Open the pool. A returned connection is not reset: nothing here outlives a transaction in it (settings, locks and
        cursors are local), and a reset costs as much as a statement."""
        await super().start_connection_pool(reset=_keep, **kwargs)

    async def close_connection_pool(self) -> None:
        """Close the pool once all lent connections are returned."""
        if self.pool is not None:
            await self.lending.close()
            await super().close_connection_pool()

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:
        """Piccolo's own statements raise the same errors as `fetch`, also inside a transaction."""
        with _absence:
            return await super().run_querystring(querystring, in_pool)

    async def _run_in_pool(self, query: str, args: Sequence[Any] | None = None) -> Any:
        """As stock, but it waits for a connection no longer than `fetch` does."""

        async def ask() -> Any:
            async with Connection(self) as found:
                with _absence:
                    return await found.fetch(query, *(args or ()))

        return await _read(self, query, ask)

    def transaction(self, allow_nested: bool = False, isolation: Isolation | None = None) -> Transaction:
        return Transaction(self, isolation)

    def transaction_with(self, first: str) -> Transaction:
        """A transaction that begins with a fixed statement without arguments (a lock, settings), sent along with BEGIN.
        It supports no savepoint."""
        return Transaction(self, first=first)


class Connection:
    """The open transaction's connection, else one from the pool. Not a generator, for speed: every statement enters one."""

    __slots__ = ("borrowed", "engine", "lending")

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.borrowed: Any = None

    async def __aenter__(self) -> Any:
        current = self.engine.current_transaction.get()
        if current is not None:
            return current.connection
        self.lending = self.engine.lending
        with _absence:
            self.borrowed = await self.lending.take()
        return self.borrowed

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        if self.borrowed is not None:
            await self.lending.give_back(self.borrowed, sound=kind is None)


DB = Engine(config={})


async def _until_alive(engine: Engine, work: Callable[[], Awaitable[T]]) -> T:
    """Runs `work`, which may run twice, and retries it when its connection was dead in the pool."""
    for pause in AGAIN:
        try:
            return await work()
        except GONE as error:
            if isinstance(error, ValueError) or engine.pool is None or engine.current_transaction.get() is not None:
                raise  # asyncpg's errors about arguments are InterfaceErrors and ValueErrors
            if isinstance(error.__cause__, TimeoutError):
                raise  # it has waited long enough
            await engine.lending.expire()
        await asyncio.sleep(pause)
    return await work()


async def _read(engine: Engine, sql: str, work: Callable[[], Awaitable[T]]) -> T:
    """Retries only reads: for any other statement it is unknown whether it was executed."""
    return await (_until_alive(engine, work) if sql.lstrip()[:6].upper() == "SELECT" else work())


def in_transaction() -> bool:
    """Whether the caller is inside a transaction."""
    return DB.current_transaction.get() is not None


@asynccontextmanager
async def transaction_or_join(isolation: Isolation | None = None) -> AsyncIterator[None]:
    """The open transaction if there is one, else a new one: for services called by other services."""
    if DB.current_transaction.get() is not None:
        yield
        return
    async with DB.transaction(isolation=isolation):
        yield


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """A real savepoint: when the block raises, only its own writes are undone."""
    current = DB.current_transaction.get()
    if current is None:
        raise NestedTransaction("savepoint() needs an open transaction")
    async with current.connection.transaction():
        yield


def connection() -> Connection:
    """The open transaction's connection, else one from the pool: `async with connection() as found`."""
    return Connection(DB)


async def fetch(sql: str, *args: Any) -> list[asyncpg.Record]:
    """Rows of a statement with $1, $2 … arguments."""

    async def ask() -> list[asyncpg.Record]:
        async with connection() as found:
            with _absence:
                return list(await found.fetch(sql, *args))

    return await _read(DB, sql, ask)


async def fetchrow(sql: str, *args: Any) -> asyncpg.Record | None:
    """The first row, or None."""

    async def ask() -> asyncpg.Record | None:
        async with connection() as found:
            with _absence:
                row: asyncpg.Record | None = await found.fetchrow(sql, *args)
            return row

    return await _read(DB, sql, ask)


async def fetchval(sql: str, *args: Any) -> Any:
    """The first column of the first row, or None."""

    async def ask() -> Any:
        async with connection() as found:
            with _absence:
                return await found.fetchval(sql, *args)

    return await _read(DB, sql, ask)


async def execute(sql: str, *args: Any) -> int:
    """Run a statement; returns the number of affected rows."""
    async with connection() as found:
        with _absence:
            status = await found.execute(sql, *args)
    counted = re.search(r"(\d+)$", status)
    return int(counted.group(1)) if counted else 0


async def executemany(sql: str, rows: list[tuple[Any, ...]]) -> None:
    """The same statement for many argument rows, in one round trip."""
    async with connection() as found:
        with _absence:
            await found.executemany(sql, rows)


async def notify(channel: str, payload: str) -> None:
    """Notify listeners when the transaction commits. PostgreSQL drops payloads over 8,000 bytes: send ids only."""
    if len(payload.encode()) > 7900:
        raise ValueError("a notification carries ids, not content")
    await execute("SELECT pg_notify($1, $2)", channel, payload)


@contextmanager
def constraint_errors(errors: dict[str, DomainError]) -> Iterator[None]:
    """Convert the violation of a named constraint or index to the domain error given for it."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as violation:
        name = getattr(violation, "constraint_name", None) or ""
        if name in errors:
            raise errors[name] from violation
        raise
