"""Rehearsals: asked for on a page or by the command, played by a job or by the command itself."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import structlog

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.checkin.rehearsal import crowd, playing, queries
from fairs.checkin.rehearsal.crowd import Arrival, Assumptions, Guest
from fairs.checkin.rehearsal.rows import LaneRow
from fairs.checkin.rehearsal.simulation import Lane, Result, Staffing, simulate, split
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value

JOB = "checkin.rehearse"
NO_GATE = N_("The event has no entry gate. Add one first.")
NO_BADGE = N_("On this day nobody with a badge is expected. Register people first, or choose another day.")
ALREADY = N_("A rehearsal of this event is under way.")
LOST = timedelta(minutes=30)
SEED = 20181027  # the same crowd each time: two rehearsals differ by what was changed
log = structlog.get_logger("rehearsal")


class Plan(msgspec.Struct, frozen=True):
    """What is asked for. 0: people as many as are expected; lanes as many as there are scanners."""

    day: date
    people: int = 0
    lanes: int = 0
    desks: int = 1
    printers: int = 1
    seconds: int = 60
    given: Assumptions = Assumptions()


async def ask(event_id: int, plan: Plan, *, by: Actor) -> int:
    """Queue a rehearsal; returns its id. The caller has fetched the event for an actor who runs it. Raises Conflict."""
    async with db.transaction_or_join():
        made = await open_rehearsal(event_id, plan, by=by)
        await jobs.enqueue(JOB, {"rehearsal": made})
    return made


async def open_rehearsal(event_id: int, plan: Plan, *, by: Actor) -> int:
    """The row of a rehearsal that has not begun. Raises Conflict without gates or people, or while another one plays."""
    gates = await queries.entries_of(event_id)
    if not gates:
        raise Conflict(NO_GATE)
    guests = len(await queries.guests_of(event_id, plan.day))
    if not guests:
        raise Conflict(NO_BADGE)
    people = plan.people or guests
    lanes = max(plan.lanes or await queries.scanners_of(event_id), len(gates))
    async with db.transaction_or_join():
        await execute(
            "UPDATE rehearsal SET state = 'failed', ended_at = :now WHERE event = :event AND state IN ('waiting', 'playing')"
            " AND asked_at < :lost",
            event=event_id,
            now=clock.now(),
            lost=clock.now() - LOST,
        )
        with db.constraint_errors({"uq_rehearsal_live": Conflict(ALREADY)}):
            made = await fetch_value(
                int,
                "INSERT INTO rehearsal (event, asked_by, asked_at, state, day, people, lanes, desks, printers, seconds, played,"
                " given) VALUES (:event, :by, :now, 'waiting', :day, :people, :lanes, :desks, :printers, :seconds, 0, :given)"
                " RETURNING id",
                event=event_id,
                by=by.account_id,
                now=clock.now(),
                day=plan.day,
                people=people,
                lanes=lanes,
                desks=plan.desks,
                printers=plan.printers,
                seconds=plan.seconds,
                given=msgspec.json.encode(plan.given).decode(),
            )
        sizes = {"day": plan.day.isoformat(), "people": people, "lanes": lanes, "desks": plan.desks}
        await record("rehearsal.ask", "event", event_id, by=by, after=sizes)
    return made


@jobs.job(JOB)
async def play_later(payload: dict[str, Any]) -> None:
    """Job: play a rehearsal that waits. One whose worker died is played again: it has changed nothing."""
    await run(payload["rehearsal"])


async def run(rehearsal_id: int) -> Result | None:
    """Play a rehearsal and store its result; None when it has ended already."""
    event_id = await fetch_value(
        int,
        "WITH taken AS (UPDATE rehearsal SET state = 'playing', played = 0 WHERE id = :id"
        " AND state IN ('waiting', 'playing') RETURNING event) SELECT coalesce((SELECT event FROM taken), 0)",
        id=rehearsal_id,
    )
    if not event_id:
        return None
    try:
        result = await _run(event_id, rehearsal_id)
    except Exception:
        await _end(rehearsal_id, "failed", None)
        log.exception("rehearsal_failed", rehearsal=rehearsal_id)
        return None
    await _end(rehearsal_id, "done", result)
    return result


async def _end(rehearsal_id: int, state: str, result: Result | None) -> None:
    await execute(
        "UPDATE rehearsal SET state = :state, ended_at = :now, result = :result WHERE id = :id AND state = 'playing'",
        id=rehearsal_id,
        state=state,
        now=clock.now(),
        result=msgspec.json.encode(result).decode() if result else None,
    )


async def _run(event_id: int, rehearsal_id: int) -> Result:
    row = await queries.rehearsal_by_id(event_id, rehearsal_id)
    given = msgspec.json.decode(row.given, type=Assumptions)
    guests = [Guest(one.code, one.category, one.begins) for one in await queries.guests_of(event_id, row.day)]
    gates = shared(await queries.entries_of(event_id), row.lanes)
    people = crowd.arrivals(guests, given, people=row.people, seed=SEED)
    if not people or not gates:
        raise Conflict(NO_BADGE if gates else NO_GATE)

    async def note(played: int) -> None:
        await execute("UPDATE rehearsal SET played = :played WHERE id = :id", played=played, id=rehearsal_id)

    commit = await playing.commit_seconds(rehearsal_id)
    played = await playing.play(event_id, _shown(gates, people), seconds=row.seconds, lanes=row.lanes, note=note)
    await note(played.server.scans)
    answers = [answer + commit for answer in played.answers]
    return simulate(people, Staffing(gates, row.desks, row.printers), given, played.server, answers, SEED)


def shared(gates: Sequence[LaneRow], lanes: int) -> list[Lane]:
    """The lanes given to the gates in turn; each has one at least."""
    each = [max(1, lanes // len(gates) + (1 if at < lanes % len(gates) else 0)) for at in range(len(gates))]
    return [
        Lane(gate.code, gate.name_zh, gate.name_en, number, list(gate.categories))
        for gate, number in zip(gates, each, strict=True)
    ]


def _shown(gates: Sequence[Lane], people: Sequence[Arrival]) -> list[playing.Shown]:
    """The badges that come before a gate."""
    return [
        playing.Shown(arrival.at, gates[gate].code, arrival.code)
        for arrival, gate in split(gates, people)
        if gate is not None
    ]
