import asyncio
from typing import Any

import pytest

from fairs.core import jobs
from fairs.core.db import DB, fetchval

ran: list[dict[str, Any]] = []


@jobs.job("test.note")
async def note(payload: dict[str, Any]) -> None:
    ran.append(payload)


@jobs.job("test.fail")
async def fail(payload: dict[str, Any]) -> None:
    raise RuntimeError("broken")


@pytest.fixture(autouse=True)
def fresh() -> None:
    ran.clear()


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
    waiting = await fetchval("SELECT convert_from(payload, 'utf8')::jsonb FROM pgqueuer WHERE execute_after > now()")
    assert waiting == '{"id": 1, "_attempt": 2}'


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
