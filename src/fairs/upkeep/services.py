"""Periodic jobs are begun once for each moment, run by the workers' queue, tried again after an error, and begun by hand.

A run is a row before it is a job of the queue, written in the same transaction. The database refuses a second row of the same
moment and a second open row of the same name, so that workers need not agree about anything.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, pubsub, schedule
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_one_as, fetch_value_or_none
from fairs.core.schedule import Periodic
from fairs.core.steady import is_lost
from fairs.upkeep import queries
from fairs.upkeep.rows import Claimed
from fairs.upkeep.tables import PeriodicState, WorkMailOff

RUN = "upkeep.run"
TOPIC = "clock"
"""Wakes those who wait for the clock: it was moved, or a run has ended."""
MAX_ATTEMPTS = 4
FIRST_DELAY = timedelta(minutes=1)
"""After the first failure; each further one waits five times as long."""
log = structlog.get_logger("upkeep")


async def begin_due() -> list[str]:
    """Begin every job whose moment has come; returns the names of those that this call began.

    Of several missed moments only the last one is made up for. While a run of the job is open no other begins.
    """
    begun = []
    for one in schedule.known():
        async with db.DB.transaction():
            due = one.due(clock.now())
            if due > await _since(one.name) and await _insert(one, due) is not None:
                begun.append(one.name)
    for run in await queries.open_runs():  # a queue that was emptied or restored without its jobs
        if not await jobs.is_waiting(RUN, {"run": run.id}):
            await jobs.enqueue(RUN, {"run": run.id}, key=f"periodic:{run.id}")
    return begun


async def _since(name: str) -> datetime:
    """Since when the job is known; from now, when it is new."""
    now = clock.now()
    found = await fetch_value_or_none(datetime, "SELECT since FROM periodic_job WHERE name = :name", name=name)
    if found is None:
        await execute(
            "INSERT INTO periodic_job (name, since) VALUES (:name, :now) ON CONFLICT DO NOTHING", name=name, now=now
        )
    return found or now


async def _insert(one: Periodic, due: datetime, by: Actor | None = None) -> int | None:
    """The new run's id; None when this moment has one, or another run of the job is open."""
    run = await fetch_value_or_none(
        int,
        "INSERT INTO periodic_run (name, due_at, asked_by) VALUES (:name, :due, :by) ON CONFLICT DO NOTHING RETURNING id",
        name=one.name,
        due=due,
        by=by.account_id if by else None,
    )
    if run is not None:
        await jobs.enqueue(RUN, {"run": run}, key=f"periodic:{run}")
    return run


async def ask(name: str, *, by: Actor) -> None:
    """Run a job now. Raises NotFound for an unknown one, Conflict while a run of it is open."""
    one = schedule.find(name)
    if one is None:
        raise NotFound
    async with db.transaction_or_join():
        run = await _insert(one, clock.now(), by)
        if run is None:
            raise Conflict(N_("This job is running already."))
        await record("periodic.ask", "periodic_run", run, by=by, after={"job": name})


@jobs.job(RUN)
async def run(payload: dict[str, Any]) -> None:
    """One run: from waiting to done or failed. A run whose worker died is begun again by the next worker."""
    claimed = await fetch_one_as(
        Claimed,
        "UPDATE periodic_run SET state = 'running', attempts = attempts + 1, started_at = :now"
        " WHERE id = :id AND state IN ('waiting', 'running', 'retrying') RETURNING id, name, attempts",
        id=int(payload["run"]),
        now=clock.now(),
    )
    if claimed is None:
        return
    one = schedule.find(claimed.name)
    if one is None:
        await _finish(claimed, PeriodicState.FAILED, error="this version has no such job")
        return
    try:
        done = await one.work()
    except Exception as error:
        if is_lost(error):  # the queue itself tries again, for as long as the database is away
            raise
        await _failed(claimed, error)
    else:
        await _finish(claimed, PeriodicState.DONE, done=done)


async def _failed(claimed: Claimed, error: Exception) -> None:
    said = f"{type(error).__name__}: {error}"[:500]
    log.warning("periodic_job_failed", job=claimed.name, attempt=claimed.attempts, error=said, exc_info=error)
    if claimed.attempts >= MAX_ATTEMPTS:
        await _finish(claimed, PeriodicState.FAILED, error=said)
        return
    async with db.DB.transaction():
        await execute(
            "UPDATE periodic_run SET state = 'retrying', error = :error WHERE id = :id", id=claimed.id, error=said
        )
        again = f"periodic:{claimed.id}:{claimed.attempts}"
        await jobs.enqueue(RUN, {"run": claimed.id}, after=FIRST_DELAY * 5 ** (claimed.attempts - 1), key=again)


async def _finish(claimed: Claimed, state: PeriodicState, *, done: int | None = None, error: str = "") -> None:
    async with db.DB.transaction():
        await execute(
            "UPDATE periodic_run SET state = :state, finished_at = :now, done = :done, error = :error WHERE id = :id",
            id=claimed.id,
            state=state,
            now=clock.now(),
            done=done,
            error=error,
        )
        await pubsub.publish(TOPIC, {"ended": claimed.name})


async def choose_work_mail(account_id: int, wanted: bool) -> None:
    """Turn the morning mail about waiting work on or off for this account."""
    async with db.transaction_or_join():
        if wanted:
            await WorkMailOff.delete().where(WorkMailOff.account == account_id)
        else:
            await WorkMailOff.insert(WorkMailOff(account=account_id, since=clock.now())).on_conflict(
                WorkMailOff.account, "DO NOTHING"
            )
