"""Background work survives the database: restarted, killed, replaced, away and cut off, twenty times under a worker."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from fairs.core import db, jobs, migrations
from fairs.core.db import DB
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.folders import CLUSTER, find_home
from fairs.core.job_watch import Watch
from fairs.core.pubsub import CHANNEL, Hub

ROUNDS, JOBS_A_ROUND = 4, 12
MARK = "lost.mark"
begun: Counter[int] = Counter()
broken: Counter[int] = Counter()
underway: set[int] = set()


@jobs.job(MARK)
async def mark(payload: dict[str, Any]) -> None:
    """Write a row in a transaction that takes a moment."""
    number = payload["number"]
    begun[number] += 1
    underway.add(number)
    try:
        async with DB.transaction():
            await db.execute("INSERT INTO mark VALUES ($1)", number)
            await asyncio.sleep(number % 7 / 40)
    except BaseException:
        broken[number] += 1
        raise
    finally:
        underway.discard(number)


jobs.install([mark])


class Place:
    """A database server of the test's own, durable: what it has acknowledged it keeps when it is killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = EmbeddedPostgres(folder / "data")
        self.server.start()
        self.dsn = self.server.dsn()

    async def start(self) -> None:
        self.server = EmbeddedPostgres(self.folder / "data")
        await asyncio.to_thread(self.server.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self.server.stop)

    async def restart(self) -> None:
        """An administrator's restart: every connection is ended."""
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        """The server dies; it is started again by who keeps it, and recovers."""
        pid = find_home(self.folder / "data") / CLUSTER / "postmaster.pid"
        before = pid.read_text().split()[0]
        os.kill(int(before), signal.SIGKILL)
        for _ in range(600):
            with contextlib.suppress(OSError, IndexError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if pid.read_text().split()[0] != before:
                    await (await asyncpg.connect(self.dsn)).close()
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("the server did not come back")

    async def replace(self) -> None:
        """Another cluster, made from the first, at the same address."""
        await self.stop()
        home = find_home(self.folder / "data")
        old, new = home / CLUSTER, home / "another"
        await asyncio.to_thread(shutil.copytree, old, new, copy_function=_copy_as_owner)
        _own_as(old, new)
        await asyncio.to_thread(shutil.rmtree, old)
        new.rename(old)
        await self.start()

    async def away(self) -> None:
        """Nobody answers for some seconds."""
        await self.stop()
        await asyncio.sleep(1.5)
        await self.start()

    async def cut_off(self) -> None:
        """The server lives and ends every connection."""
        connection = await asyncpg.connect(self.dsn)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL"
        )
        await connection.close()


def _copy_as_owner(source: str, target: str) -> str:
    shutil.copy2(source, target)
    _own_as(Path(source), Path(target))
    return target


def _own_as(source: Path, target: Path) -> None:
    owner = source.stat()
    os.chown(target, owner.st_uid, owner.st_gid)
    if source.is_dir():
        for below in source.rglob("*"):
            if below.is_dir():
                os.chown(target / below.relative_to(source), owner.st_uid, owner.st_gid)


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    made = await asyncio.to_thread(Place, folder)
    monkeypatch.setattr(DB, "pool", None)  # migrations go through it where another test has one
    monkeypatch.setattr(DB, "config", DB.config)
    await migrations.migrate(made.dsn)
    connection = await asyncpg.connect(made.dsn)
    await connection.execute("CREATE TABLE mark (number int)")
    await connection.close()
    pool = await asyncpg.create_pool(made.dsn, min_size=2, max_size=6)
    monkeypatch.setattr(DB, "pool", pool)
    yield made
    pool.terminate()
    await made.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def _until(done: Callable[[], Awaitable[bool]], seconds: float, pause: float = 0.1) -> None:
    deadline = time.monotonic() + seconds
    while not await done():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(pause)


async def _empty() -> bool:
    return int(await db.fetchval("SELECT count(*) FROM pgqueuer")) == 0


async def test_every_job_is_done_once_through_twenty_losses_of_the_database(place: Place) -> None:
    begun.clear()
    broken.clear()
    chance, life, hub, stop = random.Random(7), Watch(), Hub(), asyncio.Event()
    worker = asyncio.create_task(jobs.work(place.dsn, stop, heartbeat=timedelta(seconds=3), life=life))
    listener = asyncio.create_task(hub.listen(place.dsn))
    number = 0
    for _ in range(ROUNDS):
        for harm in (place.restart, place.kill, place.replace, place.away, place.cut_off):
            await jobs.enqueue_all(MARK, [{"number": number + more} for more in range(JOBS_A_ROUND)])
            number += JOBS_A_ROUND
            if number % (2 * JOBS_A_ROUND):  # every other time in the middle of a job, however slow the machine is
                await _until(lambda: _value(bool(underway)), 30, pause=0.005)
            else:
                await asyncio.sleep(chance.uniform(0, 0.3))
            await harm()
            assert await db.fetchval("SELECT 1") == 1, "the pool gives a living connection at once"
    await _until(_empty, 240)
    assert life.report() == {"worker": "working", "jobs_stuck": 0}
    rows = Counter(row["number"] for row in await db.fetch("SELECT number FROM mark"))
    assert sorted(begun) == sorted(rows) == list(range(number)), "no job is lost"
    assert {one: begun[one] - broken[one] for one in begun} == dict.fromkeys(range(number), 1), "none is done twice"
    assert [one for one, times in rows.items() if times > 1 and not broken[one]] == []
    assert sum(broken.values()) > 0, "some were interrupted, else this shows nothing"
    await _hears(hub, place)
    stop.set()
    await asyncio.wait_for(worker, 10)
    listener.cancel()


async def _hears(hub: Hub, place: Place) -> None:
    heard = asyncio.ensure_future(anext(hub.subscribe("after")))
    await asyncio.sleep(0)
    await _until(lambda: _value(hub.listening), 10)
    await db.notify(CHANNEL, '{"topic": "after", "data": {"n": 1}}')
    assert await asyncio.wait_for(heard, 10) in ({"n": 1}, {"reload": True})


async def _value(found: bool) -> bool:
    return found
