"""Scheduling the meetings of an event: requested by an organiser, computed by a job in a process of its own, then booked.

A run is a row (tables.ScheduleRun). Its worker writes a heartbeat twice a second and reads with the same statement whether
the run was cancelled. A run without heartbeats is taken over when the queue gives the job to another worker; if that does
not happen, it counts as lost and blocks no other run.
"""

import asyncio
import json
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import structlog

from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.core.tasks import spawn
from fairs.events.queries import require_run
from fairs.matching import pair_scores
from fairs.meetings.scheduling import apply_plan, queries, unmet_messages, weights
from fairs.meetings.scheduling.build_problem import Draft, Hall, Wish, draft
from fairs.meetings.scheduling.rows import Claimed
from fairs.meetings.scheduling.solver_process import BEAT, SolverDied, solve_apart
from fairs.meetings.scheduling.weights import Weights
from fairs.meetings.solver.problem import Cancelled, Plan, Progress
from fairs.meetings.tables import RunState, ScheduleRun

JOB = "meetings.schedule"
SILENCE = 10  # seconds without a heartbeat after which a worker that gets the job again may take the run over
ALREADY = N_("The meetings are already being scheduled.")
NOT_RUNNING = N_("This scheduling has already ended.")
NO_SLOTS = N_("There are no future slots. Add slots first.")
log = structlog.get_logger("scheduling")


def topic(event_id: int) -> str:
    """The topic that open pages subscribe to."""
    return f"schedule:{event_id}"


async def enqueue_run(event_id: int, *, by: Actor) -> int:
    """Enqueue scheduling of an event's meetings; returns the run's id.

    For those who run the event. Raises NotFound for others, Conflict when there are no slots or a run is already requested.
    """
    async with db.transaction_or_join():
        run_id = await open_run(event_id, by=by)
        await jobs.enqueue(JOB, {"run": run_id})
    return run_id


async def open_run(event_id: int, *, by: Actor) -> int:
    """Insert the row of a run that has not begun. Raises as `enqueue_run`."""
    await require_run(by, event_id)
    async with db.transaction_or_join():
        if not await queries.slots(event_id, clock.now()):
            raise Conflict(NO_SLOTS)
        await execute(
            "UPDATE schedule_run SET state = 'failed', error = 'lost', ended_at = :now WHERE event = :event"
            " AND state = 'running' AND seen_at < now() - make_interval(secs => :lost_after)",
            event=event_id,
            now=clock.now(),
            lost_after=queries.LOST_AFTER,
        )
        with db.constraint_errors({"uq_schedule_run_live": Conflict(ALREADY)}):
            run_id = await fetch_value(
                int,
                "INSERT INTO schedule_run (event, state, asked_by, asked_at, seen_at)"
                " VALUES (:event, 'waiting', :asked_by, :now, now()) RETURNING id",
                event=event_id,
                asked_by=by.account_id,
                now=clock.now(),
            )
        await record("schedule.ask", "schedule_run", run_id, by=by, after={"event": event_id})
        await publish(topic(event_id), {"run": run_id})
    return run_id


async def cancel(event_id: int, *, by: Actor) -> None:
    """Stop a waiting or running run; its worker stops within a second, and nothing is booked.

    For those who run the event. Raises NotFound for others, Conflict when there is no such run.
    """
    await require_run(by, event_id)
    async with db.transaction_or_join():
        run_id = await fetch_value_or_none(
            int,
            "UPDATE schedule_run SET state = 'cancelled', ended_at = :now WHERE event = :event"
            " AND state IN ('waiting', 'running') RETURNING id",
            event=event_id,
            now=clock.now(),
        )
        if run_id is None:
            raise Conflict(NOT_RUNNING)
        await record("schedule.cancel", "schedule_run", run_id, by=by)
        await publish(topic(event_id), {"run": run_id})


@jobs.job(JOB)
async def schedule(payload: dict[str, Any]) -> None:
    """Work on a run; a run that was taken over or ended meanwhile is skipped."""
    await run(int(payload["run"]))


async def run(run_id: int, rules: Weights = weights.DEFAULT) -> None:
    """Compute and book. Any error ends the run as failed; only a lost database or process leaves it open."""
    work = await _claim(run_id)
    if work is None:
        await _look_again(run_id)
        return
    try:
        await _solve_and_book(work, rules)
    except Cancelled:
        log.info("schedule_cancelled", run=run_id)
    except SolverDied as died:
        log.warning("solver_died", run=run_id, said=str(died))
        await work.fail("solver")
    except Exception:
        await work.fail("unexpected")
        raise


async def _look_again(run_id: int) -> None:
    """Another worker has the run, and may just have died: enqueue a later check, because nothing else would retry it."""
    if await ScheduleRun.exists().where(ScheduleRun.id == run_id, ScheduleRun.state == RunState.RUNNING):
        await jobs.enqueue(JOB, {"run": run_id}, after=timedelta(seconds=SILENCE + 1))


class _Work:
    """A run that this worker computes."""

    def __init__(self, run_id: int, event_id: int, attempt: int) -> None:
        self.run_id = run_id
        self.event_id = event_id
        self.attempt = attempt
        self.said: Progress | None = None

    async def beat(self, progress: Progress) -> bool:
        """Write the progress of the search; False when the run is no longer ours: cancelled, or taken over."""
        async with db.transaction_or_join():
            ours = await execute(
                "UPDATE schedule_run SET seen_at = now(), phase = :phase, share = :share, objective = :objective,"
                " bound = :bound, gap = :gap WHERE id = :id AND attempt = :attempt AND state = 'running'",
                id=self.run_id,
                attempt=self.attempt,
                phase=progress.phase,
                share=progress.share,
                objective=progress.objective,
                bound=progress.bound,
                gap=progress.gap,
            )
            if ours and progress != self.said:
                await publish(topic(self.event_id), {"run": self.run_id})
        self.said = progress
        return ours == 1

    async def fail(self, error: str) -> None:
        """End the run; `error` is a code for which the page has a sentence."""
        async with db.DB.transaction():
            await ScheduleRun.update(state=RunState.FAILED, error=error, ended_at=clock.now()).where(
                ScheduleRun.id == self.run_id,
                ScheduleRun.attempt == self.attempt,
                ScheduleRun.state == RunState.RUNNING,
            )
            await publish(topic(self.event_id), {"run": self.run_id})


async def _claim(run_id: int) -> _Work | None:
    """The run, if this worker may start it."""
    row = await fetch_one_as(
        Claimed,
        "UPDATE schedule_run SET state = 'running', started_at = :now, seen_at = now(), attempt = attempt + 1,"
        " phase = 'reading', share = 0 WHERE id = :id AND (state = 'waiting'"
        " OR (state = 'running' AND seen_at < now() - make_interval(secs => :silence))) RETURNING event, attempt",
        id=run_id,
        now=clock.now(),
        silence=SILENCE,
    )
    return _Work(run_id, row.event, row.attempt) if row else None


async def _solve_and_book(work: _Work, rules: Weights) -> None:
    asked = await _while_beating(work, _read(work.event_id, rules))
    solved = await solve_apart(asked.problem, rules.options, work.beat)
    if not await work.beat(Progress("booking", 1.0, solved.objective, solved.bound, solved.gap)):
        raise Cancelled
    await _book(work, asked, solved)


async def _while_beating(work: _Work, reading: Coroutine[Any, Any, Draft]) -> Draft:
    """The draft; heartbeats continue while a large hall is being read."""
    task = spawn(reading, name="reading of a hall", logged=False)
    try:
        while not (await asyncio.wait({task}, timeout=BEAT))[0]:
            if not await work.beat(Progress("reading", 0.0)):
                raise Cancelled
        return task.result()
    finally:
        task.cancel()


async def _read(event_id: int, rules: Weights) -> Draft:
    """The current hall, and the solver's problem."""
    waiting = await queries.waiting(event_id)
    slots = await queries.slots(event_id, clock.now())
    talents, organisations = (sorted({getattr(row, side) for row in waiting}) for side in ("talent", "organisation"))
    standing = await queries.existing_meetings(event_id, slots, talents, organisations)
    matches = await pair_scores.scores([(row.listing, row.talent) for row in waiting])
    wishes = (
        Wish(
            row.talent,
            row.organisation,
            row.listing,
            row.musts,
            matches.get((row.listing, row.talent)),
        )
        for row in waiting
    )
    tables = await queries.tables(event_id)
    hall = Hall(event_id, tuple(slots), tuple(tables), tuple(standing), tuple(wishes))
    return await asyncio.to_thread(draft, hall, rules)


async def _book(work: _Work, asked: Draft, solved: Plan) -> None:
    """All meetings, mails, log entries and the end of the run, or nothing."""
    planned = asked.planned(solved.meetings)
    async with db.DB.transaction():
        row = await queries.run(work.run_id, lock=True)
        if row is None or row.state != RunState.RUNNING or row.attempt != work.attempt:
            raise Cancelled
        by = (await actor_by_id(row.asked_by) if row.asked_by else None) or SYSTEM
        made = await apply_plan.book_planned(work.event_id, planned, by=by, run=work.run_id)
        left_out = len(planned) - made
        await ScheduleRun.update(
            state=RunState.DONE,
            ended_at=clock.now(),
            pairs=len(asked.chosen),
            made=made,
            left_out=left_out,
            unmet=json.dumps(unmet_messages.kept(solved.unmet, asked.slots), ensure_ascii=False),
        ).where(ScheduleRun.id == work.run_id)
        after = {"event": work.event_id, "pairs": len(asked.chosen), "made": made, "left_out": left_out}
        await record("schedule.done", "schedule_run", work.run_id, by=by, after={**after, "gap": solved.gap})
        await publish(topic(work.event_id), {"run": work.run_id})
