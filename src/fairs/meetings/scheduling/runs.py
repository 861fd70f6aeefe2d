"""Scheduling the meetings of an event: asked for by an organiser, computed by a job in a process of its own, then booked.

A run is a row (tables.ScheduleRun). Whoever works on it says so twice a second and hears by the same statement whether it
was cancelled. One that has fallen silent is taken up when the queue hands the job to another worker; if nobody does, it
counts as lost and stands in nobody's way.
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
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.core.tasks import spawn
from fairs.matching import pair_scores
from fairs.meetings.scheduling import apply_plan, queries, unmet_messages, weights
from fairs.meetings.scheduling.build_problem import Draft, Hall, Wish, draft
from fairs.meetings.scheduling.rows import Claimed
from fairs.meetings.scheduling.solver_process import BEAT, SolverDied, solve_apart
from fairs.meetings.scheduling.weights import Weights
from fairs.meetings.solver.problem import Cancelled, Plan, Progress
from fairs.meetings.tables import RunState, ScheduleRun

JOB = "meetings.schedule"
SILENCE = 10  # seconds after which a worker that was given the job anew may take the run from the one before
ALREADY = N_("The meetings are already being scheduled.")
NOT_RUNNING = N_("This scheduling has already ended.")
NO_SLOTS = N_("There are no future slots. Add slots first.")
log = structlog.get_logger("scheduling")


def topic(event_id: int) -> str:
    """What open pages listen to."""
    return f"schedule:{event_id}"


async def enqueue_run(event_id: int, *, by: Actor) -> int:
    """Have the meetings of an event scheduled; the run's id.

    For organisers. Raises NotFound for others, Conflict when there are no slots or somebody asked before.
    """
    async with db.transaction_or_join():
        run_id = await open_run(event_id, by=by)
        await jobs.enqueue(JOB, {"run": run_id})
    return run_id


async def open_run(event_id: int, *, by: Actor) -> int:
    """The row of a run that nobody has begun. Raises as `enqueue_run`."""
    if not by.sees_everything:
        raise NotFound
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
    """Stop what waits or runs; whoever computes stops within a second, and nothing is booked.

    For organisers. Raises NotFound for others, Conflict when nothing is under way.
    """
    if not by.sees_everything:
        raise NotFound
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
    """Work on a run; one that was taken up or ended meanwhile is left alone."""
    await run(int(payload["run"]))


async def run(run_id: int, rules: Weights = weights.DEFAULT) -> None:
    """Compute and book. Everything that goes wrong ends the run as failed; only a lost database or process leaves it."""
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
    """A run in other hands: they may have been cut off a moment ago, and then nobody else would come."""
    if await ScheduleRun.exists().where(ScheduleRun.id == run_id, ScheduleRun.state == RunState.RUNNING):
        await jobs.enqueue(JOB, {"run": run_id}, after=timedelta(seconds=SILENCE + 1))


class _Work:
    """A run in the hands of this worker."""

    def __init__(self, run_id: int, event_id: int, attempt: int) -> None:
        self.run_id = run_id
        self.event_id = event_id
        self.attempt = attempt
        self.said: Progress | None = None

    async def beat(self, progress: Progress) -> bool:
        """Write where the search stands; False when the run is no longer ours: cancelled, or taken up by another."""
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
        """End the run; `error` is a code that the page has a sentence for."""
        async with db.DB.transaction():
            await ScheduleRun.update(state=RunState.FAILED, error=error, ended_at=clock.now()).where(
                ScheduleRun.id == self.run_id,
                ScheduleRun.attempt == self.attempt,
                ScheduleRun.state == RunState.RUNNING,
            )
            await publish(topic(self.event_id), {"run": self.run_id})


async def _claim(run_id: int) -> _Work | None:
    """The run, when this worker may begin."""
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
    """The draft; reading a large hall takes a while, in which others must hear that it goes on."""
    task = spawn(reading, name="reading of a hall", logged=False)
    try:
        while not (await asyncio.wait({task}, timeout=BEAT))[0]:
            if not await work.beat(Progress("reading", 0.0)):
                raise Cancelled
        return task.result()
    finally:
        task.cancel()


async def _read(event_id: int, rules: Weights) -> Draft:
    """The hall as it stands, and what is asked of the solver."""
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
        if row is None or row.state != "running" or row.attempt != work.attempt:
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
