"""Who fits the cities of a tour, and the invitation of those who are ticked."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.tours import fitting, queries
from fairs.tours.member_pages import PEOPLE, told
from fairs.units import catalogues
from fairs.web.templating import redirect, render


@get(f"{PEOPLE}/matches", name="tour_matches", opt=RUNNERS)
async def tour_matches(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """People whom the matching proposes for the listings of a city."""
    event = await event_for(actor, slug)
    asked = str(request.query_params.get("unit", ""))
    unit = asked if asked in catalogues.keys("units") else ""
    visited = {stop.unit for stop in await queries.stops_of(event.id) if stop.unit}
    lang = i18n.current_lang()
    units = [(code, label) for code, label, _ in catalogues.choices("units", lang)]
    return render(
        request,
        "tours/matches.html",
        event=event,
        unit=unit,
        city=catalogues.label("units", unit, lang) if unit else "",
        units=sorted(units, key=lambda one: one[0] not in visited),
        listings=await fitting.listings_of(event, unit) if unit else [],
        fits=await fitting.fitting(event, unit) if unit else [],
        field_label=lambda code: catalogues.label("disciplines", code, lang) if code else "",
    )


@post(f"{PEOPLE}/matches", name="invite_matches", opt=RUNNERS, status_code=303)
async def invite_matches(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Invites the people who are ticked."""
    await event_for(actor, slug)
    data = await request.form()
    unit = str(data.get("unit") or "")
    ids = [
        int(text) for text in data.getall("talent", []) if isinstance(text, str) and text.isdecimal() and len(text) < 19
    ]
    query = f"?unit={unit}" if unit in catalogues.keys("units") else ""
    if not ids or not query:
        said = N_("Tick the people first")
        return redirect(request, "tour_matches", slug=slug, query=query, flash=said, kind="warning")
    try:
        done = await fitting.invite_fitting(slug, unit, ids, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_matches", slug=slug, query=query, flash=refused.message, kind="warning")
    worst = "warning" if done.refused else "success"
    return redirect(request, "tour_matches", slug=slug, query=query, flash=told(done), kind=worst)


HANDLERS: list[Any] = [tour_matches, invite_matches]
