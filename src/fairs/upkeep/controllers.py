"""Pages of the periodic jobs: all of them, the runs of one, a run by hand; the demo's clock."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n, schedule
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.services import SETTINGS
from fairs.upkeep import moving, queries, second_key, services
from fairs.upkeep.forms import MoveForm
from fairs.upkeep.tables import PeriodicState
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
RUNS = 25  # per page
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    PeriodicState.WAITING: ("progress", N_("About to begin")),
    PeriodicState.RUNNING: ("progress", N_("Running")),
    PeriodicState.RETRYING: ("warning", N_("Failed, will be tried again")),
    PeriodicState.DONE: ("success", N_("Done")),
    PeriodicState.FAILED: ("danger", N_("Failed")),
}


def state_badge(state: str) -> tuple[str, str]:
    """(kind of badge, word) of a run's state."""
    kind, word = STATES[state]
    return kind, str(word)


async def _list_page(request: AnyRequest, form: Bound[MoveForm] | None = None, status: int = 200) -> Response[str]:
    return render(
        request,
        "upkeep/jobs.html",
        status=status,
        standings=await queries.standings(),
        zone=schedule.zone().key,
        now=clock.now(),
        moved=clock.moved(),
        form=form or blank(MoveForm, in_zone=schedule.zone().key, moment=clock.now()) if SETTINGS().demo else None,
        state_badge=state_badge,
    )


@get("/organise/clock", name="periodic_jobs", opt=ORGANISERS)
async def periodic_jobs(request: Request[Any, Any, Any]) -> Response[Any]:
    """All periodic jobs with their last and next run."""
    return await _list_page(request)


@get("/organise/clock/{job:str}", name="periodic_job", opt=ORGANISERS)
async def periodic_job(request: Request[Any, Any, Any], job: FromPath[str]) -> Response[Any]:
    """One periodic job and its runs, newest first."""
    if schedule.find(job) is None:
        raise NotFound
    number = page_number(request)
    state = str(request.query_params.get("state", ""))
    state = state if state in STATES else ""
    standing = next(one for one in await queries.standings() if one.job.name == job)
    return render(
        request,
        "upkeep/job.html",
        standing=standing,
        job=standing.job,
        page=await queries.runs_of(job, state=state, window=window(number, RUNS)),
        query={"state": state} if state else {},
        states=[(str(key), str(word)) for key, (_, word) in STATES.items()],
        zone=schedule.zone().key,
        state_badge=state_badge,
    )


@post("/organise/clock/{job:str}/run", name="run_periodic_job", opt=ORGANISERS, status_code=303)
async def run_periodic_job(
    request: Request[Any, Any, Any], job: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Runs a job now; a purge needs a second person."""
    if job == second_key.PURGE:
        return redirect(
            request, "retention", flash=N_("A purge by hand needs two people: ask for it here."), kind="info"
        )
    await services.ask(job, by=actor)
    return redirect(request, "periodic_job", flash=N_("The job will begin at once."), job=job)


@post("/organise/time", name="move_clock", opt=ORGANISERS, status_code=303)
async def move_clock(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Moves the demo's clock; with `real` back to the real time. 404 outside the demo."""
    if not SETTINGS().demo:
        raise NotFound
    data = await request.form()
    if data.get("real"):
        await moving.move_to(None, by=actor)
        return redirect(request, "periodic_jobs", flash=N_("The clock shows the real time again."))
    form = bind(MoveForm, data, zone=schedule.zone().key)
    if not form.ok:
        return await _list_page(request, form, 422)
    await moving.move_to(form.value.moment, by=actor)
    shown = i18n.format_moment(form.value.moment, schedule.zone().key)
    return redirect(request, "periodic_jobs", flash=N_("It is now %(moment)s.", moment=shown))


HANDLERS: list[Any] = [periodic_jobs, periodic_job, run_periodic_job, move_clock]
