"""A route proposed from who comes, what fits them and how far it is: asked for, computed by a job apart, then taken over.

A run is a row (tables.TourRoute). Its worker writes a heartbeat twice a second and reads with the same statement whether the run was
stopped; without heartbeats another worker takes it over.
"""

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import structlog

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import Row, execute, fetch_as, fetch_one_as, fetch_value
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.rules import Act, days_of
from fairs.events.services import locked_event, require
from fairs.matching import pair_scores
from fairs.meetings.scheduling.solver_process import SolverDied
from fairs.meetings.solver.instance import BadProblem
from fairs.meetings.solver.problem import Cancelled, Progress
from fairs.tours import member_queries, queries, rules
from fairs.tours.forms import RouteForm
from fairs.tours.route_problem import Candidate, Frame, Proposal, Traveller, problem, proposal
from fairs.tours.route_process import plan_apart
from fairs.tours.rows import RouteRow, StopRow
from fairs.tours.tables import RouteState, StopState, TourRoute

JOB = "tours.route"
SILENCE = 10  # seconds without a heartbeat after which a worker that gets the job again takes the run over
LOST = 60  # and after which it blocks no other
ALREADY = N_("A route is being planned already")
NO_PEOPLE = N_("Nobody is on the list of the tour yet")
NO_PLACES = N_("No employer with a published listing is in these cities, and there is no stop yet")
log = structlog.get_logger("tours")
_ROW = (
    "SELECT id, event, state, asked::text AS asked, plan::text AS plan, phase, share, gap, error, attempt, asked_by, asked_at,"
    " ended_at, extract(epoch FROM now() - seen_at)::float8 AS silent FROM tour_route"
)


class _Listing(Row, frozen=True):
    id: int
    organisation: int


class _Days(Row, frozen=True):
    registration: int
    days: list[date]


async def latest(event_id: int) -> RouteRow | None:
    """The last proposal of a tour."""
    return await fetch_one_as(RouteRow, f"{_ROW} WHERE event = :event ORDER BY id DESC LIMIT 1", event=event_id)


async def enqueue_route(slug: str, form: RouteForm, *, by: Actor) -> int:
    """Ask for a route through these cities; the run's id. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        asked = {"cities": form.cities, "hours": form.hours}
        if not await _people(event):
            raise Conflict(NO_PEOPLE, code="nobody")
        if not await _candidates(event, form.cities, form.hours):
            raise Invalid(fields={"cities": [NO_PLACES]})
        await execute(
            "UPDATE tour_route SET state = 'failed', error = 'lost', ended_at = :now WHERE event = :event"
            " AND state = 'running' AND seen_at < now() - make_interval(secs => :lost)",
            event=event.id,
            now=clock.now(),
            lost=LOST,
        )
        with db.constraint_errors({"uq_tour_route_live": Conflict(ALREADY, code="running")}):
            route = await fetch_value(
                int,
                "INSERT INTO tour_route (event, asked, asked_by, asked_at, seen_at) VALUES (:event, :asked::jsonb, :by, :now, now())"
                " RETURNING id",
                event=event.id,
                asked=json.dumps(asked),
                by=by.account_id,
                now=clock.now(),
            )
        await record("tour_route.ask", "event", event.id, by=by, after={"cities": ", ".join(form.cities)})
        await jobs.enqueue(JOB, {"route": route})
    return route


async def cancel_route(slug: str, *, by: Actor) -> None:
    """Stop a run; its worker stops within a second. Raises NotFound, Conflict when none waits or runs."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        stopped = await execute(
            "UPDATE tour_route SET state = 'cancelled', ended_at = :now WHERE event = :event AND state IN ('waiting', 'running')",
            event=event.id,
            now=clock.now(),
        )
        if not stopped:
            raise Conflict(N_("This planning has already ended"), code="ended")
        await record("tour_route.stop", "event", event.id, by=by)


@jobs.job(JOB)
async def plan_route(payload: dict[str, Any]) -> None:
    """Work on a run. Any error ends it as failed; only a lost database or process leaves it open."""
    route_id = int(payload["route"])
    row = await fetch_one_as(
        RouteRow,
        "UPDATE tour_route SET state = 'running', seen_at = now(), attempt = attempt + 1, phase = 'reading', share = 0"
        " WHERE id = :id AND (state = 'waiting' OR (state = 'running' AND seen_at < now() - make_interval(secs => :silence)))"
        " RETURNING id, event, state, asked::text AS asked, plan::text AS plan, phase, share, gap, error, attempt, asked_by,"
        " asked_at, ended_at, 0::float8 AS silent",
        id=route_id,
        silence=SILENCE,
    )
    if row is None:
        if await TourRoute.exists().where(TourRoute.id == route_id, TourRoute.state == RouteState.RUNNING.value):
            await jobs.enqueue(JOB, payload, after=timedelta(seconds=SILENCE + 1))  # its worker may just have died
        return
    try:
        await _compute(row)
    except Cancelled:
        log.info("route_cancelled", route=route_id)
    except (SolverDied, BadProblem) as died:
        log.warning("planner_died", route=route_id, said=str(died))
        await _end(row, "failed", error="planner")
    except Exception:
        await _end(row, "failed", error="unexpected")
        raise


async def _end(row: RouteRow, state: str, *, error: str = "", plan: bytes = b"{}", gap: float | None = None) -> bool:
    """End the run if it is still ours."""
    return bool(
        await execute(
            "UPDATE tour_route SET state = :state, error = :error, plan = :plan::jsonb, gap = :gap, share = 1, ended_at = :now"
            " WHERE id = :id AND attempt = :attempt AND state = 'running'",
            state=state,
            error=error,
            plan=plan.decode(),
            gap=gap,
            now=clock.now(),
            id=row.id,
            attempt=row.attempt,
        )
    )


async def _compute(row: RouteRow) -> None:
    async def beat(progress: Progress) -> bool:
        ours = await execute(
            "UPDATE tour_route SET seen_at = now(), phase = :phase, share = :share, gap = :gap WHERE id = :id"
            " AND attempt = :attempt AND state = 'running'",
            phase=progress.phase,
            share=progress.share,
            gap=progress.gap,
            id=row.id,
            attempt=row.attempt,
        )
        return ours == 1

    event, asked = await event_by_id(row.event), json.loads(row.asked)
    people = await _people(event)
    candidates = await _candidates(event, asked["cities"], asked["hours"])
    frame = await _frame(event, candidates)
    tour = problem(frame, people, candidates, await _matches(event, people, candidates))
    found = proposal(frame, people, candidates, await plan_apart(tour, beat))
    await _end(row, "done", plan=msgspec.json.encode(found), gap=found.gap)


async def _frame(event: EventRow, candidates: Sequence[Candidate]) -> Frame:
    plan = await queries.plan_of(event.id)
    start = plan.start or (candidates[0].city if candidates else event.unit_code)
    days = len(days_of(event.starts_at, event.ends_at, event.timezone))
    finish = plan.finish or plan.start or start
    return Frame(days, plan.begins, plan.ends, plan.per_day, plan.seats, plan.most_groups, start, finish)


async def _people(event: EventRow) -> list[Traveller]:
    """Everybody who may come: with a place, accepted or invited."""
    rows = [row for row in await member_queries.members_of(event.id) if row.state in (*rules.COMING, *rules.OPEN)]
    known = await fetch_as(
        _Days,
        "SELECT id AS registration, days FROM registration WHERE id = ANY(:ids::bigint[]) AND days <> '{}'",
        ids=[row.registration for row in rows if row.registration],
    )
    days = days_of(event.starts_at, event.ends_at, event.timezone)
    there = {one.registration: tuple(at for at, day in enumerate(days) if day in one.days) for one in known}
    return [
        Traveller(row.id, row.name_native or row.name_passport, there.get(row.registration or 0, ()))
        for row in sorted(rows, key=lambda row: row.id)
    ]


def is_kept(stop: StopRow) -> bool:
    """Whether a proposal leaves a stop where it is: it is pinned, or its host has confirmed."""
    return stop.pinned or stop.state == StopState.CONFIRMED


async def _candidates(event: EventRow, cities: Sequence[str], hours: float) -> list[Candidate]:
    """Standing stops in a city, and employers of the chosen cities that none of them visits."""
    days, found, visited = days_of(event.starts_at, event.ends_at, event.timezone), [], set()
    for stop in await queries.stops_of(event.id):
        wanted = stop.unit and stop.state in rules.LIVE_STOPS and (stop.kind in rules.HOSTED or stop.pinned)
        if stop.state == StopState.DECLINED or not wanted:
            continue
        local = stop.starts_at.astimezone(ZoneInfo(event.timezone))
        if is_kept(stop) and local.date() not in days:
            continue
        visited.add(stop.organisation)
        found.append(
            Candidate(
                f"s{stop.id}",
                stop.unit,
                round((stop.ends_at - stop.starts_at).total_seconds() / 3600, 2),
                stop.title_zh,
                stop.title_en,
                stop.id,
                stop.organisation,
                stop.places,
                is_kept(stop),
                days.index(local.date()) if local.date() in days else 0,
                local.hour + local.minute / 60,
            )
        )
    return found + [
        Candidate(f"e{one.id}", one.unit, hours, one.name_zh, one.name_en, None, one.id)
        for one in await queries.employers_for(event.id)
        if one.unit in cities and one.id not in visited
    ]


async def _matches(
    event: EventRow, people: Sequence[Traveller], candidates: Sequence[Candidate]
) -> dict[tuple[int, int], float]:
    """(member, organisation) → the best score of a listing, for those who have a profile."""
    organisations = [one.organisation for one in candidates if one.organisation is not None]
    listings = await fetch_as(
        _Listing,
        "SELECT id, organisation FROM listing WHERE event = ANY(:events::bigint[]) AND state = 'published'"
        " AND organisation = ANY(:organisations::bigint[]) ORDER BY id",
        events=[one for one in (event.id, event.parent) if one is not None],
        organisations=organisations,
    )
    ids = {one.id for one in people}
    talents = {row.talent: row.id for row in await member_queries.members_of(event.id) if row.talent and row.id in ids}
    scores = await pair_scores.scores([(one.id, talent) for one in listings for talent in talents])
    owner = {one.id: one.organisation for one in listings}
    best: dict[tuple[int, int], float] = {}
    for (listing, talent), score in scores.items():
        pair = talents[talent], owner[listing]
        best[pair] = max(best.get(pair, 0.0), score)
    return best


async def proposal_of(event_id: int, route_id: int, *, lock: bool = False) -> tuple[RouteRow, Proposal]:
    """A proposal that is complete. Raises NotFound."""
    row = None
    if 0 < route_id < 2**63:
        sql = f"{_ROW} WHERE id = :id AND event = :event" + (" FOR UPDATE" if lock else "")
        row = await fetch_one_as(RouteRow, sql, id=route_id, event=event_id)
    if row is None or row.state not in (RouteState.DONE, RouteState.ACCEPTED):
        raise NotFound
    return row, msgspec.json.decode(row.plan, type=Proposal)


def moment(event: EventRow, day: int, hour: float) -> datetime:
    """The hour of a day of the tour, counted from 0."""
    first = days_of(event.starts_at, event.ends_at, event.timezone)[0] + timedelta(days=day)
    midnight = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(event.timezone))
    return midnight + timedelta(minutes=round(hour * 60))
