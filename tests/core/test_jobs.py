import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import structlog

from fairs.core import job_watch, jobs
from fairs.core.db import DB, execute, fetchval
from fairs.core.job_watch import WORKER, Watch, backlog

ran: list[dict[str, Any]] = []
slow: list[str] = []
go_on = asyncio.Event()


@jobs.job("test.note")
async def note(payload: dict[str, Any]) -> None:
    ran.append(payload)


@jobs.job("test.fail")
async def fail(payload: dict[str, Any]) -> None:
    raise RuntimeError("broken")


@jobs.job("test.slow")
async def wait_long(payload: dict[str, Any]) -> None:
    slow.append("begun")
    try:
        await go_on.wait()
    except asyncio.CancelledError:
        slow.append("stopped")
        raise
    slow.append("done")


jobs.install([note, fail, wait_long])


@pytest.fixture(autouse=True)
def fresh() -> None:
    ran.clear()
    slow.clear()
    go_on.clear()


async def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def test_job_of_a_committed_transaction_runs_once(db: None, dsn: str) -> None:
    async with DB.transaction():
        await jobs.enqueue("test.note", {"id": 7})
    await jobs.drain(dsn)
    await jobs.drain(dsn)
    assert ran == [{"id": 7}]


async def test_job_of_a_failed_transaction_never_runs(db: None, dsn: str) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - what it leaves is the point
        async with DB.transaction():
            await jobs.enqueue("test.note", {"id": 8})
            raise ZeroDivisionError
    await jobs.drain(dsn)
    assert ran == []


async def test_same_key_waits_once(db: None, dsn: str) -> None:
    for _ in range(3):
        await jobs.enqueue("test.note", {"id": 9}, key="nine")
    await jobs.drain(dsn)
    assert ran == [{"id": 9}]


async def test_failed_job_is_queued_again_for_later(db: None, dsn: str) -> None:
    await jobs.enqueue("test.fail", {"id": 1})
    await jobs.drain(dsn)
    waiting = await fetchval("SELECT attempts FROM pgqueuer WHERE status = 'queued' AND execute_after > now()")
    assert waiting == 1


async def test_worker_takes_a_job_that_arrives_while_it_waits(db: None, dsn: str) -> None:
    stop = asyncio.Event()
    worker = asyncio.create_task(jobs.work(dsn, stop))
    await asyncio.sleep(0.3)
    await jobs.enqueue("test.note", {"id": 10})
    for _ in range(100):
        if ran:
            break
        await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(worker, 15)
    assert ran == [{"id": 10}]


async def test_job_at_hand_when_the_worker_is_stopped_is_put_back_and_done_by_the_next(db: None, dsn: str) -> None:
    stop, life = asyncio.Event(), Watch()
    worker = asyncio.create_task(jobs.work(dsn, stop, finish=0.1, life=life))
    await jobs.enqueue("test.slow", {"id": 11})
    await _until(lambda: slow == ["begun"])
    stop.set()
    await asyncio.wait_for(worker, 20)
    assert slow == ["begun", "stopped"]
    assert await fetchval("SELECT status::text FROM pgqueuer") == "queued"
    go_on.set()
    await jobs.drain(dsn)
    assert slow == ["begun", "stopped", "begun", "done"]


async def test_worker_that_is_cancelled_puts_its_job_back(db: None, dsn: str) -> None:
    worker = asyncio.create_task(jobs.work(dsn, life=Watch()))
    await jobs.enqueue("test.slow", {"id": 12})
    await _until(lambda: slow == ["begun"])
    worker.cancel()
    await asyncio.wait({worker}, timeout=20)
    assert worker.cancelled()
    assert await fetchval("SELECT status::text FROM pgqueuer") == "queued"


async def test_job_that_fails_for_good_is_held_and_said(db: None, dsn: str) -> None:
    await jobs.enqueue("test.fail", {"id": 13})
    await execute("UPDATE pgqueuer SET attempts = $1", jobs.MAX_ATTEMPTS - 1)
    await jobs.drain(dsn)
    assert await fetchval("SELECT status::text FROM pgqueuer") == "failed"
    assert (await backlog()).failed == 1


async def test_stuck_job_is_said_in_the_log_and_by_readyz(
    client: httpx.AsyncClient, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_watch, "STUCK", 0.2)
    monkeypatch.setattr(job_watch, "LOOK", 0.05)
    stop = asyncio.Event()
    worker = asyncio.create_task(jobs.work(dsn, stop, finish=0.1))
    with structlog.testing.capture_logs() as said:
        await jobs.enqueue("test.slow", {"id": 14})
        await _until(lambda: any(line["event"] == "job_stuck" and line["job"] == "test.slow" for line in said))
    told = (await client.get("/readyz")).json()
    assert (told["status"], told["worker"], told["jobs_stuck"]) == ("ready", "working", 1)
    assert 'fairs_jobs{state="stuck"} 1.0' in (await client.get("/metrics")).text
    stop.set()
    await asyncio.wait_for(worker, 20)
    dead = await client.get("/readyz")
    assert (dead.status_code, dead.json()["status"], dead.json()["worker"]) == (503, "not ready", "ended")
    WORKER.set(Watch())
    without = await client.get("/readyz")
    assert (without.status_code, without.json()["worker"]) == (200, "none")


async def test_silent_worker_is_not_ready(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_watch, "SILENT", -1.0)
    WORKER().expect()
    told = await client.get("/readyz")
    assert (told.status_code, told.json()["worker"]) == (503, "silent")
