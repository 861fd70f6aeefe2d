"""Pages on which who runs an event rehearses its gates, and the numbers as a table to download."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.checkin.labels import reason_word
from fairs.checkin.rehearsal import history, queries, services
from fairs.checkin.rehearsal.crowd import Assumptions
from fairs.checkin.rehearsal.forms import RehearsalForm
from fairs.checkin.rehearsal.rows import RehearsalRow
from fairs.checkin.rehearsal.simulation import SPAN, Result, Station, StationKind
from fairs.checkin.tables import RehearsalState
from fairs.core import clock, i18n
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import Page, last_page, window
from fairs.core.sheets import Column
from fairs.events import rules
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.web import downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

LIVE = frozenset({RehearsalState.WAITING, RehearsalState.PLAYING})
COLUMNS = (
    Column(N_("Line of people"), 28),
    Column(N_("From")),
    Column(N_("People who came")),
    Column(N_("Longest line")),
)
STATIONS = {StationKind.DESK: N_("Badge desk"), StationKind.PRINTER: N_("Printers")}


def result_of(row: RehearsalRow) -> Result | None:
    """The result, once the rehearsal is done."""
    return msgspec.json.decode(row.result, type=Result) if row.result else None


def name_of(station: Station) -> str:
    """The line's name in the language of the page."""
    return (
        i18n.pick(station.name_zh, station.name_en) if station.kind == StationKind.GATE else str(STATIONS[station.kind])
    )


def columns_of(result: Result, station: Station, zone: str, what: str) -> list[dict[str, object]]:
    """The rows of a chart: `came` or `line` of each ten minutes."""
    numbers = getattr(station, what)
    return [
        {"label": i18n.format_moment(result.begins + timedelta(seconds=SPAN * at), zone, "time"), "value": number}
        for at, number in enumerate(numbers)
    ]


async def _list(
    request: AnyRequest,
    event: EventRow,
    form: Bound[RehearsalForm],
    *,
    status: int = 200,
    refused: object = "",
    running: bool = False,
) -> Response[Any]:
    total = await queries.count_of(event.id)
    number, size, _ = window(page_number(request), None)
    number = last_page(number, size, total)
    rows = await queries.rehearsals_of(event.id, size, (number - 1) * size)
    shown = [(row, result_of(row)) for row in rows]
    return render(
        request,
        "checkin/rehearsals.html",
        status=status,
        event=event,
        form=form,
        refused=refused,
        running=running,
        measured=await history.measured(event.id),
        page=Page(shown, number, size, total),
        days=rules.days_of(event.starts_at, event.ends_at, event.timezone),
    )


@get("/organise/editions/{slug:str}/rehearsals", name="rehearsals", opt=RUNNERS)
async def rehearsals(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The rehearsals of an event, and the form of the next one."""
    event = await event_for(actor, slug)
    first = rules.days_of(event.starts_at, event.ends_at, event.timezone)[0]
    found = await history.measured(event.id)
    shares: dict[str, Any] = dict(history.shares(found)) if found else {}
    return await _list(request, event, blank(RehearsalForm, day=first.isoformat(), **shares))


@post("/organise/editions/{slug:str}/rehearsals", name="ask_rehearsal", opt=RUNNERS, status_code=303)
async def ask_rehearsal(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Starts a rehearsal."""
    event = await event_for(actor, slug)
    sent = await request.form()
    form = bind(RehearsalForm, sent)
    if form.ok and form.value.day not in rules.days_of(event.starts_at, event.ends_at, event.timezone):
        form.add_error("day", N_("Choose a day of the event"))
    if not form.ok:
        return await _list(request, event, form, status=422)
    if event.starts_at <= clock.now() < event.ends_at and not sent.get("meanwhile"):
        return await _list(request, event, form, status=409, running=True)
    try:
        made = await services.ask(event.id, form.value.plan, by=actor)
    except Conflict as refused:
        return await _list(request, event, form, status=refused.status, refused=refused.message)
    return redirect(request, "rehearsal", slug=slug, rehearsal_id=made)


@get("/organise/editions/{slug:str}/rehearsals/{rehearsal_id:int}", name="rehearsal", opt=RUNNERS)
async def rehearsal(
    request: Request[Any, Any, Any], slug: FromPath[str], rehearsal_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One rehearsal: while it plays its progress, then the lines."""
    event = await event_for(actor, slug)
    row = await queries.rehearsal_by_id(event.id, rehearsal_id)
    return render(
        request,
        "checkin/rehearsal.html",
        event=event,
        row=row,
        live=row.state in LIVE,
        result=result_of(row),
        given=msgspec.json.decode(row.given, type=Assumptions),
        name_of=name_of,
        columns_of=columns_of,
        reason_word=reason_word,
    )


@get("/organise/editions/{slug:str}/rehearsals/{rehearsal_id:int}/lines.xlsx", name="rehearsal_sheet", opt=RUNNERS)
async def rehearsal_sheet(
    slug: FromPath[str], rehearsal_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Arrivals and lines of each ten minutes as a spreadsheet."""
    event = await event_for(actor, slug)
    result = result_of(await queries.rehearsal_by_id(event.id, rehearsal_id))
    if result is None:
        raise NotFound
    rows = [
        (name_of(station), came["label"], came["value"], line["value"])
        for station in result.stations
        for came, line in zip(
            columns_of(result, station, event.timezone, "came"),
            columns_of(result, station, event.timezone, "line"),
            strict=True,
        )
    ]
    return await downloads.table(f"{event.slug}-rehearsal-{rehearsal_id}", COLUMNS, rows, sheet="lines")


HANDLERS: list[Any] = [rehearsals, ask_rehearsal, rehearsal, rehearsal_sheet]
