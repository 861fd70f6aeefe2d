"""The engine's repairs, each beside the stock engine's fault that made it needed."""

import asyncio
import os

import asyncpg
import pytest
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString

from fairs.core import db
from fairs.core import db as core_db
from fairs.core.db import DB, DatabaseAbsent, Engine, NestedTransaction
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.errors import Conflict
from tests.conftest import create_database

FAILING_COMMITS = 3


class QuietStock(PostgresEngine):
    """Piccolo as it is, but for the connection it opens on creation."""

    async def check_version(self) -> None: ...

    async def prep_database(self) -> None: ...


@pytest.fixture
async def deferred(server: EmbeddedPostgres) -> str:
    """A database where COMMIT can fail: a deferred foreign key."""
    name = f"deferred_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    await create_database(server, name, "template1")
    dsn = server.dsn(name)
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int, parent int REFERENCES parent"
        " DEFERRABLE INITIALLY DEFERRED); CREATE TABLE counter (id int PRIMARY KEY, n int); INSERT INTO counter VALUES (1, 0)"
    )
    await connection.close()
    return dsn


async def _fail_to_commit(engine: PostgresEngine) -> None:
    with pytest.raises(asyncpg.ForeignKeyViolationError):  # noqa: PT012 - the commit raises
        async with engine.transaction():
            open_one = engine.current_transaction.get()
            assert open_one is not None
            await open_one.connection.execute("INSERT INTO child VALUES (1, 99)")


async def _one_query(engine: PostgresEngine) -> int:
    assert engine.pool is not None
    async with asyncio.timeout(1), engine.pool.acquire() as connection:
        return int(await connection.fetchval("SELECT 1"))


async def test_failing_commits_exhaust_the_stock_pool(deferred: str) -> None:
    engine = QuietStock(config={"dsn": deferred})
    await engine.start_connection_pool(min_size=1, max_size=3)
    for _ in range(FAILING_COMMITS):
        # Each in a task of its own: the stock engine also leaves its context variable set.
        await asyncio.create_task(_fail_to_commit(engine))
    with pytest.raises(TimeoutError):
        await _one_query(engine)
    assert engine.pool is not None
    engine.pool.terminate()


async def test_failing_commits_leave_our_pool_whole(deferred: str) -> None:
    engine = Engine(config={"dsn": deferred})
    await engine.start_connection_pool(min_size=1, max_size=3)
    for _ in range(FAILING_COMMITS * 4):
        await _fail_to_commit(engine)
    assert await _one_query(engine) == 1
    assert engine.current_transaction.get() is None
    await engine.close_connection_pool()


async def test_piccolos_own_statements_do_not_wait_for_ever(deferred: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_db, "ACQUIRE_TIMEOUT", 0.2)
    engine = Engine(config={"dsn": deferred})
    await engine.start_connection_pool(min_size=1, max_size=1)
    assert engine.pool is not None
    async with engine.pool.acquire():
        with pytest.raises(DatabaseAbsent):
            async with asyncio.timeout(20):
                await engine.run_querystring(QueryString("SELECT n FROM counter"))
    assert [dict(row) for row in await engine.run_querystring(QueryString("SELECT n FROM counter"))] == [{"n": 0}]
    await engine.close_connection_pool()


class Broken:
    """A connection whose network is gone."""

    async def fetch(self, *_: object) -> None:
        raise ConnectionResetError


async def test_piccolos_own_statements_say_in_a_transaction_that_the_database_is_absent(deferred: str) -> None:
    engine = Engine(config={"dsn": deferred})
    await engine.start_connection_pool(min_size=1, max_size=1)
    async with engine.transaction() as opened:
        whole, opened.connection = opened.connection, Broken()
        with pytest.raises(DatabaseAbsent):
            await engine.run_querystring(QueryString("SELECT n FROM counter"))
        opened.connection = whole
    await engine.close_connection_pool()


async def test_serializable_conflict_is_raised_and_gives_the_connection_back(deferred: str) -> None:
    engine = Engine(config={"dsn": deferred})
    await engine.start_connection_pool(min_size=1, max_size=4)
    conflicts = 0

    async def increment() -> None:
        nonlocal conflicts
        while True:
            try:
                async with engine.transaction(isolation="serializable"):
                    open_one = engine.current_transaction.get()
                    assert open_one is not None
                    connection = open_one.connection
                    n = await connection.fetchval("SELECT n FROM counter WHERE id = 1")
                    await connection.execute("UPDATE counter SET n = $1 WHERE id = 1", n + 1)
                return
            except asyncpg.SerializationError:
                conflicts += 1

    await asyncio.gather(*[increment() for _ in range(20)])
    assert engine.pool is not None
    assert await engine.pool.fetchval("SELECT n FROM counter") == 20
    assert conflicts > 0
    await engine.close_connection_pool()


async def test_nested_transaction_is_refused(db: None) -> None:
    async with DB.transaction():
        with pytest.raises(NestedTransaction):
            DB.transaction()


async def test_savepoint_undoes_only_its_own_writes(db: None) -> None:
    from fairs.core.db import execute, fetchval, savepoint

    async with DB.transaction():
        await execute("INSERT INTO rate_limit (key, hits) VALUES ('outer', 1)")
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what it leaves is the point
            async with savepoint():
                await execute("INSERT INTO rate_limit (key, hits) VALUES ('inner', 1)")
                raise ZeroDivisionError
    assert await fetchval("SELECT string_agg(key, ',') FROM rate_limit") == "outer"


async def test_constraint_violation_becomes_the_domain_error(app: object) -> None:
    error = Conflict("taken")
    async with DB.transaction():
        await db.execute("INSERT INTO rate_limit (key, hits) VALUES ('once', 1)")
        with pytest.raises(Conflict) as refused, db.constraint_errors({"rate_limit_pkey": error}):
            async with db.savepoint():
                await db.execute("INSERT INTO rate_limit (key, hits) VALUES ('once', 1)")
        await db.execute("DELETE FROM rate_limit")
    assert refused.value is error


async def test_cancelled_transaction_is_rolled_back_and_returned(app: object) -> None:
    started = asyncio.Event()

    async def hang() -> None:
        async with DB.transaction():
            await db.execute("INSERT INTO rate_limit (key, hits) VALUES ('cancelled', 1)")
            started.set()
            await asyncio.sleep(60)

    for _ in range(12):  # more often than the pool is large
        started.clear()
        task = asyncio.create_task(hang())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await db.fetchval("SELECT count(*) FROM rate_limit WHERE key = 'cancelled'") == 0


async def test_a_connection_comes_back_without_a_statement_and_without_settings(db: None) -> None:
    sent: list[str] = []
    async with core_db.connection() as connection:
        connection.add_query_logger(lambda record: sent.append(record.query))
    try:
        async with DB.transaction_with("SELECT set_config('enable_seqscan', 'off', true)"):
            assert await core_db.fetchval("SHOW enable_seqscan") == "off"
        assert await core_db.fetchval("SHOW enable_seqscan") == "on"
        with pytest.raises(RuntimeError):  # noqa: PT012 - the block raises
            async with DB.transaction_with("SELECT 1"):
                await core_db.execute("CREATE TABLE left_over (id int)")
                raise RuntimeError
        assert await core_db.fetchval("SELECT to_regclass('left_over')") is None
    finally:
        async with core_db.connection() as connection:
            connection._con._query_loggers.clear()
    assert not [query for query in sent if "RESET" in query or "UNLISTEN" in query]
    assert [query for query in sent if query.startswith("BEGIN; ")]


async def test_what_is_left_open_is_rolled_back_when_the_connection_comes_back(db: None) -> None:
    assert DB.pool is not None
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context["message"]))
    try:
        async with DB.pool.acquire() as connection:
            await connection.execute("BEGIN; CREATE TABLE left_open (id int)")
    finally:
        loop.set_exception_handler(None)
    assert len(complaints) == 1
    assert await core_db.fetchval("SELECT to_regclass('left_open')") is None
