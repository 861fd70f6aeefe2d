"""Plans made while a table was small: they last until the table is analysed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count

import asyncpg
import pytest

from fairs.core import db as database
from fairs.core import jobs, outgrown
from fairs.core.job_watch import Watch
from tests import factories

batches = count()


@pytest.fixture
async def open_for_long(db: None, dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that has been there since the beginning. Nobody else analyses the table of registrations."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER TABLE registration SET (autovacuum_enabled = off)")
    yield connection
    await connection.execute("ALTER TABLE registration RESET (autovacuum_enabled)")
    await connection.close()


async def sign_up(connection: asyncpg.Connection, registration: int, session: int) -> int:
    """A sign-up and its end; how often registrations were read whole for it."""
    seen = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'registration'"
    async with connection.transaction():
        before = await connection.fetchval(seen) or 0
        await connection.execute(
            "INSERT INTO registration_session (registration, session) VALUES ($1, $2)", registration, session
        )
        read = (await connection.fetchval(seen) or 0) - before
    await connection.execute("DELETE FROM registration_session")
    return int(read)


async def grow(connection: asyncpg.Connection, event: int, rows: int) -> None:
    """So many registrations, counted at once."""
    await connection.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, search_key)"
        " SELECT t || n, $1, 'visitor', 'confirmed', t || n || '@example.org', 'G', '' FROM generate_series(1, $2) n,"
        " cast($3 AS text) t",
        event,
        rows,
        f"g{next(batches)}-",
    )
    await connection.execute("SELECT pg_stat_force_next_flush()")


async def test_checks_of_foreign_keys_stop_reading_a_table_whole_that_has_grown(
    open_for_long: asyncpg.Connection,
) -> None:
    event = await factories.event()
    values = {"event": event, "code": "s", "kind": "forum", "title_zh": "论坛", "title_en": "Forum"}
    times = {"starts_at": factories.STARTS, "ends_at": factories.STARTS + timedelta(hours=1)}
    session = await factories._insert("event_session", values | times)
    registration = await factories.registration(event)
    await open_for_long.execute("ANALYZE registration")
    for _ in range(8):  # its plan is kept from the sixth on
        assert await sign_up(open_for_long, registration, session) == 1
    await grow(open_for_long, event, 400)
    assert await sign_up(open_for_long, registration, session) == 1, "the plan is kept: there is something to mend"
    assert "registration" in await outgrown.analyse()
    assert await sign_up(open_for_long, registration, session) == 0
    assert "registration" not in await outgrown.outgrown()


async def test_a_table_is_analysed_when_it_has_doubled_and_small_ones_never(
    open_for_long: asyncpg.Connection,
) -> None:
    event = await factories.event()
    await open_for_long.execute("ANALYZE registration")
    await grow(open_for_long, event, 90)
    assert "registration" not in await outgrown.analyse()
    await open_for_long.execute("DELETE FROM registration")
    await grow(open_for_long, event, 300)
    assert "registration" in await outgrown.analyse()
    await grow(open_for_long, event, 250)
    assert "registration" not in await outgrown.analyse()  # 550 of 300
    await grow(open_for_long, event, 60)
    assert "registration" in await outgrown.analyse()


async def test_the_worker_looks_again_and_again_whatever_goes_wrong(
    db: None, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    seen = asyncio.Event()

    async def look() -> list[str]:
        looks.append(len(looks))
        if len(looks) == 1:
            raise database.DatabaseAbsent("gone")
        if len(looks) == 2:
            raise asyncpg.UndefinedTableError("dropped")
        if len(looks) == 4:
            seen.set()
        return ["registration"]

    monkeypatch.setattr(outgrown, "LOOK", 0.01)
    monkeypatch.setattr(outgrown, "analyse", look)
    stop = asyncio.Event()
    worker = asyncio.create_task(jobs.work(dsn, stop, life=Watch()))
    async with asyncio.timeout(30):
        await seen.wait()
    stop.set()
    await worker
