"""Pages of now: the gates with their devices, who is inside, and the list for an evacuation."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.checkin import inside, labels, live, queries
from fairs.checkin.controllers import SCAN_ROLES, managed_event
from fairs.checkin.gate_pages import GATES
from fairs.checkin.inside import Place
from fairs.checkin.rows import PersonInside, ScannedEvent
from fairs.core import clock
from fairs.core.i18n import N_, pick
from fairs.core.pagination import Page, last_page, window
from fairs.core.search_keys import squash
from fairs.core.sheets import Column
from fairs.events.running import RUNNERS
from fairs.registrations.labels import category_label
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, render

INSIDE = "/organise/editions/{slug:str}/inside"
WATCHERS = access.roles(*SCAN_ROLES)
_COLUMNS = [
    Column(N_("Place inside")),
    Column(N_("Name in their own script")),
    Column(N_("Name as in the passport")),
    Column(N_("Organisation")),
    Column(N_("Category")),
    Column(N_("Phone ends with")),
    Column(N_("Reg. no.")),
    Column(N_("Inside since")),
]
PART = 1000  # rows of an export written at once


@get(GATES, name="gates_live", opt=RUNNERS)
async def gates_live(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """Each gate now, and the devices; htmx reads it again every ten seconds, without a script the reader does."""
    event = await managed_event(actor, slug)
    now = await live.live(event)
    names = {item.gate.id: pick(item.gate.name_zh, item.gate.name_en) for item in now.gates}
    words = {**labels.WORDS, **labels.moments(event.timezone)}
    return render(request, "checkin/gates_live.html", event=event, live=now, names=names, now=clock.now(), **words)


def _query(request: AnyRequest) -> dict[str, str]:
    given = {name: str(request.query_params.get(name, "")).replace("\0", "").strip()[:60] for name in ("q", "place")}
    return {name: value for name, value in given.items() if value}


async def _found(
    event: ScannedEvent, query: dict[str, str]
) -> tuple[list[Place], list[tuple[Place, list[PersonInside]]]]:
    """All places, and those chosen with the people inside who match the search."""
    places = inside.places_of(await inside.gates_of(event.id))
    chosen = [place for place in places if query.get("place") in {None, place.gates[0].code}]
    typed = squash(query.get("q", ""))
    by_area: dict[int, list[PersonInside]] = {}
    for row in await inside.people(chosen, event.timezone):
        if not typed or typed in squash(f"{row.name_native} {row.name_passport} {row.organisation} {row.number}"):
            by_area.setdefault(row.area, []).append(row)
    return places, [(place, by_area.get(place.area, [])) for place in chosen]


@get(INSIDE, name="inside", opt=WATCHERS)
async def inside_page(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """People inside, by place, for those who run the event and its staff."""
    event = await queries.event_for(actor, slug)
    query = _query(request)
    places, found = await _found(event, query)
    rows = [(place, row) for place, people in found for row in people]
    number, size, _ = window(page_number(request), None)
    number = last_page(number, size, len(rows))
    shown = rows[(number - 1) * size : number * size]
    tails = await inside.with_tails([row for _, row in shown])
    page = Page([(place, row) for (place, _), row in zip(shown, tails, strict=True)], number, size, len(rows))
    return render(
        request,
        "checkin/inside.html",
        event=event,
        query=query,
        places=[(place.gates[0].code, pick(place.name_zh, place.name_en)) for place in places],
        page=page,
        persons=len({row.registration for _, row in rows}),
        category_label=category_label,
        runs=actor.runs(event),
    )


@get(f"{INSIDE}/print", name="inside_print", opt=WATCHERS)
async def inside_print(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """The whole list to be printed, one part for each place."""
    event = await queries.event_for(actor, slug)
    _, found = await _found(event, _query(request))
    return render(
        request,
        "checkin/inside_print.html",
        event=event,
        found=[(place, await inside.with_tails(people)) for place, people in found if people],
        persons=len({row.registration for _, people in found for row in people}),
        category_label=category_label,
        now=clock.now(),
        **labels.moments(event.timezone),
    )


@get(f"{INSIDE}.csv", name="inside_csv", opt=WATCHERS)
async def inside_csv(request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]) -> Stream:
    """The list as CSV."""
    event = await queries.event_for(actor, slug)
    _, found = await _found(event, _query(request))
    return downloads.long_table(f"inside-{event.slug}-{clock.now():%Y%m%d-%H%M}", _COLUMNS, _lines(found))


async def _lines(found: Sequence[tuple[Place, list[PersonInside]]]) -> AsyncIterator[list[list[Any]]]:
    for place, people in found:
        for first in range(0, len(people), PART):
            part = await inside.with_tails(people[first : first + PART])
            yield [
                [
                    pick(place.name_zh, place.name_en),
                    row.name_native,
                    row.name_passport,
                    row.organisation,
                    category_label(row.category),
                    row.phone,
                    row.number,
                    row.since,
                ]
                for row in part
            ]


HANDLERS: list[Any] = [gates_live, inside_page, inside_print, inside_csv]
