"""Background jobs on the same database: enqueued inside the service's transaction, run at least once.

A slice registers a coroutine under a name with `@job("name")`; a service calls `enqueue("name", payload)`. A job
carries ids only and must be safe to run twice. Chosen over a broker because it is transactional and installs nothing.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from fairs.core import db

if TYPE_CHECKING:  # pgqueuer takes a third of a second to import: it is loaded when the first job needs it
    from pgqueuer.qm import QueueManager

Handler = Callable[[dict[str, Any]], Awaitable[None]]
_handlers: dict[str, Handler] = {}
MAX_ATTEMPTS = 6
log = structlog.get_logger("jobs")


def job(name: str) -> Callable[[Handler], Handler]:
    """Register the coroutine that runs jobs called `name`."""

    def register(handler: Handler) -> Handler:
        if name in _handlers and _handlers[name] is not handler:
            raise ValueError(f"two handlers for the job {name}")
        _handlers[name] = handler
        return handler

    return register


async def enqueue(
    name: str, payload: dict[str, Any], *, after: timedelta | None = None, key: str | None = None
) -> None:
    """Have `name` run once the open transaction commits. The same `key` waiting already: nothing is added."""
    await _add(name, [payload], after, key)


async def enqueue_all(name: str, payloads: Sequence[dict[str, Any]]) -> None:
    """Have `name` run once for each payload, written in one statement."""
    if payloads:
        await _add(name, payloads, None, None)


async def _add(name: str, payloads: Sequence[dict[str, Any]], after: timedelta | None, key: str | None) -> None:
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    count = len(payloads)
    async with db.connection() as connection:
        await Queries(AsyncpgDriver(connection)).enqueue(
            [name] * count,
            [json.dumps(payload).encode() for payload in payloads],
            [0] * count,
            execute_after=[after] * count,
            dedupe_key=[key] * count,
            on_conflict="skip",
        )


async def run_job(name: str, payload: dict[str, Any], attempt: int = 1) -> None:
    """Run a handler; a failure is logged and queued again with a growing delay, at most MAX_ATTEMPTS times."""
    try:
        await _handlers[name](payload)
    except Exception as error:
        log.warning("job_failed", job=name, attempt=attempt, error=repr(error))
        if attempt >= MAX_ATTEMPTS:
            raise
        payload = {**payload, "_attempt": attempt + 1}
        await enqueue(name, payload, after=timedelta(seconds=5 * 4 ** (attempt - 1)))


def _entrypoint(name: str) -> Callable[[Any], Awaitable[None]]:
    async def run(waiting: Any) -> None:
        payload = json.loads(waiting.payload or b"{}")
        attempt = int(payload.pop("_attempt", 1))
        await run_job(name, payload, attempt)

    return run


async def drain(dsn: str) -> None:
    """Run what is due now and return: for scripts and tests. Jobs for later stay."""
    connection = await asyncpg.connect(dsn)
    due = "SELECT count(*) FROM pgqueuer WHERE status = 'picked' OR (status = 'queued' AND execute_after <= now())"
    stop = asyncio.Event()
    try:
        if await connection.fetchval(due):
            worker = asyncio.create_task(work(dsn, stop))
            while not worker.done() and await connection.fetchval(due):  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.02)
            stop.set()
            await worker
    finally:
        await connection.close()


async def work(dsn: str, stop: asyncio.Event | None = None) -> None:
    """Take jobs until `stop` is set. Reconnects when the database restarts."""
    while stop is None or not stop.is_set():
        try:
            connection = await asyncpg.connect(dsn)
            try:
                await _work_on(connection, stop)
            finally:
                await connection.close(timeout=5)
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
            log.warning("worker_disconnected", error=repr(error))
            await asyncio.sleep(1)


async def _work_on(connection: asyncpg.Connection, stop: asyncio.Event | None) -> None:
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver

    queue = PgQueuer(AsyncpgDriver(connection)).qm
    for name in _handlers:
        queue.entrypoint(name)(_entrypoint(name))
    watcher = asyncio.create_task(_stop_when(stop, queue)) if stop else None
    try:
        await queue.run(dequeue_timeout=timedelta(seconds=5), shutdown_on_listener_failure=True)
    finally:
        if watcher:
            watcher.cancel()


async def _stop_when(stop: asyncio.Event, queue: "QueueManager") -> None:
    await stop.wait()
    queue.shutdown.set()
