"""Whether background work is running: the worker of this process, and the waiting jobs of all processes."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog

from fairs.core import db
from fairs.core.services import Service

STUCK = 600.0  # seconds after which a running job counts as stuck: reported in the log, in /readyz and /metrics
SILENT = 60.0  # seconds without an answer of the database after which a worker is silent; it polls every 10
REMEMBERED = 10_000  # most recently finished jobs
LOOK = 5.0  # seconds between two checks
log = structlog.get_logger("jobs")


@dataclass
class Running:
    """A running job. `warned`: its running time at the last warning."""

    name: str
    task: "asyncio.Task[Any] | None"
    since: float = field(default_factory=time.monotonic)
    warned: float = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.since


class WorkerState(StrEnum):
    """`none`: no worker is expected here. `silent`: it has not answered for long. `ended`: it is gone."""

    NONE = "none"
    STARTING = "starting"
    WORKING = "working"
    RECONNECTING = "reconnecting"
    SILENT = "silent"
    ENDED = "ended"


class Watch:
    """The state of this application's worker; initially none has started."""

    def __init__(self) -> None:
        self.state = WorkerState.NONE
        self.failures = 0
        self._workers = 0
        self._answered = time.monotonic()
        self._jobs: dict[int, Running] = {}
        self._done: dict[object, None] = {}

    def expect(self) -> None:
        """This process must have a worker: from now on its absence is an error."""
        self.state = WorkerState.STARTING
        self._answered = time.monotonic()

    @contextmanager
    def present(self) -> Iterator["Watch"]:
        """Runs inside `with` while the worker lives; `ended` afterwards."""
        self.expect()
        self._workers += 1
        try:
            yield self
        finally:
            self._workers -= 1
            if not self._workers:
                self.state = WorkerState.ENDED

    def answered(self, well: bool) -> None:
        """The database has answered the worker's statement, or its connection was lost."""
        self.state = WorkerState.WORKING if well else WorkerState.RECONNECTING
        if well:
            self._answered = time.monotonic()

    @contextmanager
    def running(self, number: int, name: str) -> Iterator[None]:
        """Registers a job as running inside `with`."""
        mine = self._jobs[number] = Running(name, asyncio.current_task())
        try:
            yield
        finally:
            if self._jobs.get(number) is mine:
                del self._jobs[number]

    def done(self, mark: object) -> None:
        """A job has finished; `mark` identifies it."""
        self._done[mark] = None
        if len(self._done) > REMEMBERED:
            del self._done[next(iter(self._done))]

    def was_done(self, mark: object) -> bool:
        """Whether this process has finished the job."""
        return mark in self._done

    @property
    def silence(self) -> float:
        """Seconds since the database last answered the worker."""
        return time.monotonic() - self._answered

    def stuck(self) -> list[Running]:
        """Jobs of this process that have run for longer than STUCK."""
        return [one for one in list(self._jobs.values()) if one.seconds > STUCK]

    def cancel_all(self) -> None:
        """Return the running jobs to the queue."""
        for one in list(self._jobs.values()):
            if one.task:
                one.task.cancel()

    def report(self) -> dict[str, Any]:
        """For /readyz: `worker` is none, starting, working, reconnecting, silent or ended; `none` is not an error."""
        answering = self.state in (WorkerState.NONE, WorkerState.ENDED) or self.silence <= SILENT
        state = self.state if answering else WorkerState.SILENT
        return {"worker": state, "jobs_stuck": len(self.stuck())}

    @property
    def well(self) -> bool:
        """False when a required worker is not running."""
        return self.report()["worker"] not in (WorkerState.SILENT, WorkerState.ENDED)


WORKER = Service(Watch)


async def watch(life: Watch) -> None:
    """Report stuck jobs, again whenever the running time has doubled; cancel jobs that block a silent worker."""
    while True:
        await asyncio.sleep(LOOK)
        for one in life.stuck():
            if one.seconds > 2 * one.warned:
                one.warned = one.seconds
                log.warning("job_stuck", job=one.name, seconds=round(one.seconds))
        if life.state == WorkerState.WORKING and life.silence > SILENT:
            log.error("worker_silent", seconds=round(life.silence))
            life.cancel_all()


@dataclass(frozen=True)
class Backlog:
    """The queue of all processes. `oldest`: seconds since the oldest untaken job was due."""

    waiting: int
    later: int
    retrying: int
    running: int
    stuck: int
    failed: int
    oldest: float


async def backlog() -> Backlog:
    """How many jobs wait, run and have failed."""
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()) AS waiting,"
        " count(*) FILTER (WHERE status = 'queued' AND execute_after > now() AND attempts = 0) AS later,"
        " count(*) FILTER (WHERE status = 'queued' AND execute_after > now() AND attempts > 0) AS retrying,"
        " count(*) FILTER (WHERE status = 'picked') AS running,"
        " count(*) FILTER (WHERE status = 'picked' AND updated < now() - make_interval(secs => $1)) AS stuck,"
        " count(*) FILTER (WHERE status = 'failed') AS failed,"
        " coalesce(extract(epoch FROM now() - min(execute_after)"
        " FILTER (WHERE status = 'queued' AND execute_after <= now())), 0)::float8 AS oldest FROM pgqueuer",
        STUCK,
    )
    return Backlog(**dict(row or {}))
