"""The page on which a route is proposed: from the people, what fits them and the drives; then taken over into the itinerary."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.tours import labels, queries, route_accepting, route_runs, route_words
from fairs.tours.forms import RouteForm
from fairs.tours.pages import PATH
from fairs.tours.route_problem import Proposal
from fairs.tours.rows import RouteRow
from fairs.tours.tables import RouteState
from fairs.units import catalogues
from fairs.web.templating import AnyRequest, redirect, render

HERE = f"{PATH}/route"
LEFT_SHOWN = 60


async def _page(
    request: AnyRequest, event: EventRow, form: Bound[RouteForm] | None = None, status: int = 200
) -> Response[Any]:
    row = await route_runs.latest(event.id)
    plan = await queries.plan_of(event.id)
    live = row is not None and row.state in (RouteState.WAITING, RouteState.RUNNING)
    if form is None:
        visited = list(dict.fromkeys(stop.unit for stop in await queries.stops_of(event.id) if stop.unit))
        form = blank(RouteForm, cities=visited or [one.unit for one in await queries.employers_for(event.id)])
    return render(
        request,
        "tours/route.html",
        status=status,
        event=event,
        form=form,
        plan=plan,
        row=row,
        live=live,
        badge_of=labels.ROUTES,
        phases=route_words.PHASES,
        error=route_words.ERRORS.get(row.error, "") if row else "",
        shown=_shown(event, row),
        hours=labels.hours,
    )


def _shown(event: EventRow, row: RouteRow | None) -> dict[str, Any] | None:
    """The proposal as the page has it: groups with their days, what is left out and why."""
    if row is None or row.state not in (RouteState.DONE, RouteState.ACCEPTED):
        return None
    found = msgspec.json.decode(row.plan, type=Proposal)
    names, lang = route_words.named(found), i18n.current_lang()
    by_key = {one.key: one for one in found.candidates}
    visited = {visit.key for group in found.groups for day in group.days for visit in day.visits}
    groups = [
        {
            "people": [names[str(person)] for person in group.people],
            "days": [
                {
                    "date": route_runs.moment(event, day.day, 0),
                    "visits": [
                        {
                            "title": names[visit.key],
                            "city": catalogues.label("units", by_key[visit.key].city, lang),
                            "starts_at": route_runs.moment(event, day.day, visit.begins),
                            "ends_at": route_runs.moment(event, day.day, visit.ends),
                            "kept": by_key[visit.key].kept,
                            "new": by_key[visit.key].stop is None,
                        }
                        for visit in day.visits
                    ],
                    "night": catalogues.label("units", day.night, lang),
                }
                for day in group.days
            ],
        }
        for group in found.groups
    ]
    return {
        "groups": groups,
        "left": [route_words.why(one, names) for one in found.left[:LEFT_SHOWN]],
        "more": max(0, len(found.left) - LEFT_SHOWN),
        "objective": found.objective,
        "bound": found.bound,
        "gap": route_accepting.told_gap(found.gap),
        "cancelled": [
            names[one.key] for one in found.candidates if one.stop and not one.kept and one.key not in visited
        ],
    }


@get(HERE, name="tour_route", opt=RUNNERS)
async def tour_route(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The last proposal, or how far it is."""
    return await _page(request, await event_for(actor, slug))


@post(HERE, name="propose_route", opt=RUNNERS, status_code=303)
async def propose_route(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for a route."""
    event = await event_for(actor, slug)
    form = bind(RouteForm, await request.form())
    if not form.ok:
        return await _page(request, event, form, 422)
    try:
        await route_runs.enqueue_route(slug, form.value, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _page(request, event, form, refused.status)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _page(request, event, form, refused.status)
    return redirect(request, "tour_route", slug=slug)


@post(f"{HERE}/stop", name="stop_route", opt=RUNNERS, status_code=303)
async def stop_route(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stops the planning."""
    try:
        await route_runs.cancel_route(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_route", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "tour_route", slug=slug, flash=N_("Stopped. The itinerary is as it was."))


@post(HERE + "/{route_id:int}/accept", name="accept_route", opt=RUNNERS, status_code=303)
async def accept_route(
    request: Request[Any, Any, Any], slug: FromPath[str], route_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the proposal over into the itinerary."""
    try:
        number = await route_accepting.accept_route(slug, route_id, by=actor)
    except (Conflict, Invalid) as refused:
        return redirect(request, "tour_route", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "tour", slug=slug, flash=N_("The route is taken over: %(number)s stops.", number=number))


HANDLERS: list[Any] = [tour_route, propose_route, stop_route, accept_route]
