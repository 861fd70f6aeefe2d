"""What the pool lends stays at hand, and nobody waits for a connection that is."""

import asyncio
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from fairs.core import lending
from fairs.core.db import DB, Connection, Engine
from fairs.core.embedded import EmbeddedPostgres
from tests.conftest import create_database

SIZE = 4


@pytest.fixture
async def engine(server: EmbeddedPostgres) -> AsyncIterator[Engine]:
    name = f"lending_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    await create_database(server, name, "template1")
    made = Engine(config={"dsn": server.dsn(name)})
    await made.start_connection_pool(min_size=1, max_size=SIZE)
    yield made
    async with asyncio.timeout(5):
        await made.close_connection_pool()


async def _backend(engine: Engine, pause: float = 0.0) -> int:
    async with Connection(engine) as found:
        await found.execute("SELECT pg_sleep($1)", pause)
        return int(await found.fetchval("SELECT pg_backend_pid()"))


async def test_one_after_the_other_is_given_the_same_connection(engine: Engine) -> None:
    assert len({await _backend(engine) for _ in range(5)}) == 1
    assert len(engine.lending.at_hand) == 1


async def test_half_of_the_pool_is_at_hand_at_most(engine: Engine) -> None:
    assert len(set(await asyncio.gather(*(_backend(engine, 0.1) for _ in range(SIZE))))) == SIZE
    assert len(engine.lending.at_hand) == SIZE // 2
    assert engine.pool is not None
    assert engine.pool.get_idle_size() == SIZE - SIZE // 2


async def test_nothing_stays_at_hand_while_somebody_waits(engine: Engine) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(*(_backend(engine, 0.02) for _ in range(SIZE * 10)))


async def test_a_statement_that_was_cut_off_leaves_its_connection_to_the_pool(engine: Engine) -> None:
    cut = asyncio.create_task(_backend(engine, 30))
    await asyncio.sleep(0.1)
    cut.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cut
    assert engine.lending.at_hand == []
    assert await _backend(engine) > 0


async def test_a_transaction_left_open_is_rolled_back(engine: Engine) -> None:
    async with Connection(engine) as found:
        await found.execute("BEGIN; CREATE TABLE half_done (id int)")
    assert engine.lending.at_hand == []
    async with Connection(engine) as found:
        assert not found.is_in_transaction()
        assert await found.fetchval("SELECT to_regclass('half_done')") is None


async def test_a_failed_transaction_is_not_kept(engine: Engine) -> None:
    async def fail() -> None:
        async with engine.transaction() as transaction:
            await transaction.connection.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await fail()
    assert engine.lending.at_hand == []
    async with engine.transaction():
        pass
    assert len(engine.lending.at_hand) == 1


async def test_one_that_died_at_hand_is_passed_over(engine: Engine) -> None:
    first = await _backend(engine)
    async with Connection(engine) as held:
        other = await asyncpg.connect(engine.config["dsn"])
        await other.execute("SELECT pg_terminate_backend($1)", await _backend(engine))
        await other.close()
        assert await held.fetchval("SELECT pg_backend_pid()") == first
    await asyncio.sleep(0.1)
    assert len(engine.lending.at_hand) == 2
    async with Connection(engine) as held, Connection(engine) as also:
        assert await held.fetchval("SELECT 1") == await also.fetchval("SELECT 1") == 1


async def test_the_expired_are_not_lent_again(engine: Engine) -> None:
    first = await _backend(engine)
    async with Connection(engine) as held:
        lent = await held.fetchval("SELECT pg_backend_pid()")
        assert lent == first
        at_hand = await _backend(engine)
        await engine.lending.expire()
        assert engine.lending.at_hand == []
    assert {
        await _backend(engine, 0.1),
        *await asyncio.gather(*(_backend(engine, 0.1) for _ in range(SIZE))),
    }.isdisjoint({first, at_hand})


async def test_what_nobody_asks_for_goes_back_to_the_pool(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "AT_HAND", 0.05)
    await _backend(engine)
    assert len(engine.lending.at_hand) == 1
    async with asyncio.timeout(5):
        while engine.lending.at_hand:
            await asyncio.sleep(0.02)
    assert await _backend(engine) > 0


async def test_the_pool_closes_when_what_is_lent_has_come_back(server: EmbeddedPostgres) -> None:
    engine = Engine(config={"dsn": server.dsn("postgres")})
    await engine.start_connection_pool(min_size=1, max_size=SIZE)
    await _backend(engine)
    late = asyncio.create_task(_backend(engine, 0.3))
    await asyncio.sleep(0.1)
    async with asyncio.timeout(5):
        await engine.close_connection_pool()
    assert await late > 0


async def test_the_product_borrows_there(db: None) -> None:
    from fairs.core import db as core_db
    from fairs.units.tables import Unit

    await core_db.fetchval("SELECT 1")
    assert len(DB.lending.at_hand) >= 1
    assert await Unit.count() > 0, "Piccolo's own statements too"
    assert len(DB.lending.at_hand) >= 1
