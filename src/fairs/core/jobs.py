"""Background jobs on the same database: enqueued inside the service's transaction, run at least once.

A slice marks a coroutine with `@job("name")`, and `fairs.wiring` installs it; a service calls `enqueue("name", payload)`. A job
carries ids only and must be safe to run twice. Chosen over a broker because it is transactional and installs nothing.

No job is lost: its row leaves the queue only after its handler has returned without error. A job runs again when it was
interrupted: by an error, by the end of its process, by the loss of the database. A finished job is recorded as soon
as the database answers; only if its process dies before that (or is cut off for HEARTBEAT) does the job run again. See
docs/decisions/0006-jobs.md.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

from fairs.core import db
from fairs.core.job_watch import WORKER, Watch, watch
from fairs.core.outgrown import keep_known
from fairs.core.services import Service
from fairs.core.steady import LONGEST_PAUSE, Pauses, SteadyDriver, is_lost
from fairs.core.tasks import spawn

if TYPE_CHECKING:  # pgqueuer takes a third of a second to import: it is loaded when the first job needs it
    from pgqueuer.qm import QueueManager

Handler = Callable[[dict[str, Any]], Awaitable[None]]
_handlers: Service[dict[str, Handler]] = Service(dict)  # by job name
_NAME = "job_name"  # the attribute of a handler that stores its job name
MAX_ATTEMPTS = 6
HEARTBEAT = timedelta(seconds=30)  # after this long without a heartbeat, another worker takes the job
FINISH = 60.0  # seconds that running jobs have after the worker is asked to stop
log = structlog.get_logger("jobs")


def job(name: str) -> Callable[[Handler], Handler]:
    """Mark the coroutine that runs jobs called `name`. It takes effect where it is installed: see `fairs.wiring`."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _NAME, name)
        return handler

    return mark


def install(handlers: Iterable[Handler]) -> None:
    """Register the marked coroutines in this application. Raises ValueError for two of one name."""
    known = _handlers()
    for handler in handlers:
        name: str = getattr(handler, _NAME)
        if known.setdefault(name, handler) is not handler:
            raise ValueError(f"two handlers for the job {name}")


async def enqueue(
    name: str, payload: dict[str, Any], *, after: timedelta | None = None, key: str | None = None
) -> None:
    """Run `name` once the open transaction commits. Adds nothing when a job with the same `key` is already waiting."""
    await _add(name, [payload], after, key)


async def enqueue_all(name: str, payloads: Sequence[dict[str, Any]]) -> None:
    """Run `name` once for each payload; one statement writes them all."""
    if payloads:
        await _add(name, payloads, None, None)


async def _add(name: str, payloads: Sequence[dict[str, Any]], after: timedelta | None, key: str | None) -> None:
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    count = len(payloads)
    async with db.connection() as connection:
        await Queries(AsyncpgDriver(connection)).enqueue(
            [name] * count,
            [_written(payload) for payload in payloads],
            [0] * count,
            execute_after=[after] * count,
            dedupe_key=[key] * count,
            on_conflict="skip",
        )


def _written(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload).encode()


async def waiting_for(name: str, payload: dict[str, Any]) -> float:
    """Seconds since the oldest unfinished job of this name and payload was enqueued; 0 when there is none."""
    seconds = await db.fetchval(
        "SELECT extract(epoch FROM now() - min(created)) FROM pgqueuer"
        " WHERE entrypoint = $1 AND payload = $2 AND status IN ('queued', 'picked')",
        name,
        _written(payload),
    )
    return float(seconds or 0)


async def is_waiting(name: str, payload: dict[str, Any]) -> bool:
    """Whether a job of this name and payload waits or runs."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM pgqueuer"
            " WHERE entrypoint = $1 AND payload = $2 AND status IN ('queued', 'picked'))",
            name,
            _written(payload),
        )
    )


async def bring_forward(by: timedelta) -> None:
    """The clock moved: jobs that wait for a moment wait that much less, or more for a move back."""
    await db.execute(
        "UPDATE pgqueuer SET execute_after = execute_after - $1::interval WHERE status = 'queued' AND execute_after > now()",
        by,
    )


def _entrypoint(name: str, life: Watch) -> Callable[[Any], Awaitable[None]]:
    """The function the queue calls for a job. Returns, raises RetryRequested, or, after the last attempt, the error."""

    async def run(row: Any) -> None:
        from pgqueuer.errors import RetryRequested

        mark = (row.id, row.created, name)
        if life.was_done(mark):  # its record is on the way, and the claim expired meanwhile
            return
        with life.running(row.id, name):
            try:
                await _handlers()[name](json.loads(row.payload or b"{}"))
                life.done(mark)
            except asyncio.CancelledError:  # the queue would count the job as finished
                log.info("job_put_back", job=name)
                raise RetryRequested(timedelta(0), "the worker was stopped") from None
            except Exception as error:
                life.failures += 1
                log.warning("job_failed", job=name, attempt=row.attempts + 1, error=repr(error))
                delay = _delay(error, row.attempts)
                if delay is None:
                    raise
                raise RetryRequested(delay, repr(error)) from error

    return run


def _delay(error: Exception, attempts: int) -> timedelta | None:
    """The delay before a failed job is retried; None for no retry. A lost database does not count as the job's failure."""
    if isinstance(error, asyncpg.InterfaceError | asyncpg.PostgresError | db.DatabaseAbsent) and is_lost(error):
        return timedelta(seconds=min(2.0**attempts, 30.0))
    if attempts + 1 >= MAX_ATTEMPTS:
        return None
    return timedelta(seconds=(1 if is_lost(error) else 5) * 4**attempts)


async def drain(dsn: str) -> None:
    """Run the jobs that are due now and return: for scripts and tests. Later jobs stay in the queue."""
    connection = await asyncpg.connect(dsn)
    due = "SELECT count(*) FROM pgqueuer WHERE status = 'picked' OR (status = 'queued' AND execute_after <= now())"
    stop = asyncio.Event()
    worker: asyncio.Task[None] | None = None
    try:
        if await connection.fetchval(due):
            worker = spawn(work(dsn, stop, life=Watch()), name="worker", logged=False)
            while not worker.done() and await connection.fetchval(due):  # noqa: ASYNC110 - the database is asked
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        if worker:
            await worker
        await connection.close()


async def work(
    dsn: str,
    stop: asyncio.Event | None = None,
    *,
    finish: float = FINISH,
    heartbeat: timedelta = HEARTBEAT,
    life: Watch | None = None,
) -> None:
    """Run jobs until `stop` is set; nothing else ends it. The running jobs then have `finish` seconds.

    `heartbeat`: after this long without a heartbeat, another worker takes the job.
    """
    stop = stop or asyncio.Event()
    life = life or WORKER()
    pauses = Pauses(longest=LONGEST_PAUSE)
    with life.present():
        while not stop.is_set():
            try:
                await _work_until(dsn, stop, life, finish, heartbeat)
            except Exception as error:
                log.exception("worker_failed", error=repr(error))
                await pauses.wait(stop)
            else:
                pauses = Pauses(longest=LONGEST_PAUSE)


async def _work_until(dsn: str, stop: asyncio.Event, life: Watch, finish: float, heartbeat: timedelta) -> None:
    from pgqueuer.qm import QueueManager
    from pgqueuer.queries import Queries

    async def arrive(connection: asyncpg.Connection) -> None:
        await _keep_claims(connection, queue.queue_manager_id)

    driver = SteadyDriver(dsn, stop, on_connect=arrive, answered=life.answered)
    queue = QueueManager(Queries(driver))
    for name in _handlers():
        queue.entrypoint(name, on_failure="hold")(_entrypoint(name, life))
    running = queue.run(
        dequeue_timeout=timedelta(seconds=5), shutdown_on_listener_failure=True, heartbeat_timeout=heartbeat
    )
    working = spawn(running, name="queue", logged=False)
    helpers = [
        spawn(_stop_when(stop, queue, life, finish), name="end of the worker"),
        spawn(watch(life), name="watch of the worker"),
        spawn(keep_known(), name="statistics of tables"),
    ]
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:  # no time left: return running jobs to the queue, and record the finished ones
        driver.leave()
        life.cancel_all()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        raise
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await driver.close()


async def _keep_claims(connection: asyncpg.Connection, worker: Any) -> None:
    """No heartbeat was possible while the database was down: every claim starts anew, ours from now."""
    await connection.execute(
        "UPDATE pgqueuer SET heartbeat = now() WHERE status = 'picked'"
        " AND (queue_manager_id = $1 OR heartbeat < pg_postmaster_start_time())",
        worker,
    )


async def _stop_when(stop: asyncio.Event, queue: "QueueManager", life: Watch, finish: float) -> None:
    await stop.wait()
    queue.shutdown.set()
    await asyncio.sleep(finish)
    life.cancel_all()
