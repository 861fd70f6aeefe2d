"""The dashboard, its live numbers, and the rows behind every number."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import sheets
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.events.choosing import asked_fair
from fairs.events.queries import event_by_slug
from fairs.reports import pages, queries, shared
from fairs.reports.counting import Measure, group_name
from fairs.reports.snapshots import controllers as snapshot_controllers
from fairs.reports.targets import controllers as target_controllers
from fairs.reports.tours import pages as tour_pages
from fairs.reports.tours import thanks_pages
from fairs.web import access, downloads, sse
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render, reverse

READERS = access.roles(Role.ORGANISER, Role.ADMIN, Role.BUREAU)
KEPT = ("q", "unit", "sort", "page", "day")


def _query(request: AnyRequest) -> dict[str, str]:
    return {key: request.query_params[key] for key in KEPT if request.query_params.get(key)}


@get("/dashboard", name="current_dashboard", opt=READERS)
async def current_dashboard(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Redirects to the dashboard of the chosen fair."""
    fair = await asked_fair(request, actor)
    if fair is None:
        return render(request, "reports/no_fair.html")
    return redirect(request, "dashboard", slug=fair.slug)


@get("/e/{slug:str}/dashboard", name="dashboard", opt=READERS)
async def dashboard(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The fair's current numbers."""
    event = await event_by_slug(slug, viewer=actor)
    query = _query(request)
    board = await pages.dashboard(
        actor, event, unit=query.get("unit", ""), sort=query.get("sort", ""), day=query.get("day", "")
    )
    return render(request, "reports/dashboard.html", event=event, board=board, query=query)


@get("/e/{slug:str}/dashboard/stream", name="dashboard_stream", opt=READERS)
async def dashboard_stream(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Stream:
    """Server-sent events `numbers`: measure → number, first all, then changes."""
    event = await event_by_slug(slug, viewer=actor)
    scope = await queries.scope_for(actor, event, request.query_params.get("unit") or "")

    events = shared.FEEDS.stream(
        f"event:{event.id}",
        shared.key_of(scope),
        lambda: queries.numbers(scope),
        (actor.session_id, actor.account_id),
    )
    return Stream(events, media_type=sse.SSE_TYPE, headers=sse.SSE_HEADERS)


def _address(request: AnyRequest, measure: Measure, ref: int | str | None) -> str:
    """The address that a row links to."""
    if measure.route is None or ref is None:
        return ""
    route, parameter = measure.route
    return reverse(request, route, **{parameter: ref})


@get("/e/{slug:str}/dashboard/{measure:str}", name="measure_rows", opt=READERS)
async def measure_rows(
    request: Request[Any, Any, Any], slug: FromPath[str], measure: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The rows behind a number."""
    counted = queries.measure_named(measure)
    event = await event_by_slug(slug, viewer=actor)
    query = _query(request)
    scope = await queries.scope_for(actor, event, query.get("unit", ""))
    page = await queries.rows(
        scope, counted, q=query.get("q", "")[:100], sort=query.get("sort", ""), page=page_number(request)
    )
    rows = []
    for row in page.rows:
        label, detail = pages.shown(counted, row)
        unit = pick(row.unit_zh, row.unit_en)
        href = _address(request, counted, row.ref) if actor.sees_everything or not counted.for_province else ""
        rows.append({"label": label, "detail": detail, "unit": unit, "at": row.at, "value": row.value, "href": href})
    units = await queries.units_in(await queries.scope_for(actor, event))
    return render(
        request,
        "reports/rows.html",
        event=event,
        measure=counted,
        group=group_name(counted.group),
        number=await queries.number(scope, counted),
        page=page,
        rows=rows,
        query=query,
        units=[(unit.code, pick(unit.name_zh, unit.name_en)) for unit in units] if len(units) > 1 else [],
    )


@get("/e/{slug:str}/dashboard/{measure:str}/rows.xlsx", name="measure_export", opt=READERS)
async def measure_export(
    request: Request[Any, Any, Any], slug: FromPath[str], measure: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The searched and sorted rows as a spreadsheet."""
    counted = queries.measure_named(measure)
    event = await event_by_slug(slug, viewer=actor)
    query = _query(request)
    scope = await queries.scope_for(actor, event, query.get("unit", ""))
    found = await queries.all_rows(scope, counted, q=query.get("q", "")[:100], sort=query.get("sort", ""))
    columns = [
        sheets.Column(counted.name, 40),
        sheets.Column(N_("Detail"), 40),
        sheets.Column(N_("Reporting unit"), 24),
        sheets.Column(N_("Counted on"), 18),
        sheets.Column(counted.unit_of_counting, 14),
    ]
    body = [
        [
            *pages.shown(counted, row),
            pick(row.unit_zh, row.unit_en),
            row.at.date() if counted.by_day else row.at,
            row.value,
        ]
        for row in found
    ]
    return await downloads.table(f"{event.slug}-{counted.key}", columns, body, sheet=counted.key)


HANDLERS: list[Any] = [
    current_dashboard,
    dashboard,
    dashboard_stream,
    measure_rows,
    measure_export,
    *target_controllers.HANDLERS,
    *snapshot_controllers.HANDLERS,
    *tour_pages.HANDLERS,
    *thanks_pages.HANDLERS,
]
