"""The requests of counties: their list with its export, and the form of one."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.core.rows import Row, fetch_as
from fairs.core.saving import attempt, only_fields, submitted
from fairs.core.sheets import Column
from fairs.outreach import labels, queries, rules, services
from fairs.outreach.forms import RequestForm
from fairs.outreach.rows import RequestRow
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

OFFICE = access.roles(Role.BUREAU, Role.ORGANISER, Role.ADMIN)
BUREAU = access.roles(Role.BUREAU)
PATH = "/bureau/service"
ONE = PATH + "/{service_id:int}"
SIZE = 50
COLUMNS = (
    Column(N_("Topic"), 36),
    Column(N_("Reporting unit"), 16),
    Column(N_("Where"), 20),
    Column(N_("First day"), 12),
    Column(N_("Last day"), 12),
    Column(N_("State"), 16),
    Column(N_("Experts who go"), 10),
    Column(N_("Days of service"), 10),
    Column(N_("People helped"), 10),
)


class _Unit(Row, frozen=True):
    """A unit of the reader."""

    id: int
    name_zh: str
    name_en: str


def _asked(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    allowed = {"state": tuple(labels.STATES), "sort": tuple(queries.ORDERS)}
    found = {name: str(given[name]) for name, values in allowed.items() if given.get(name, "") in values}
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        found["q"] = text
    return found


@get(PATH, name="service_requests", opt=OFFICE)
async def service_requests(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """What counties ask for: searched, filtered, sorted, by pages."""
    asked = _asked(request)
    return render(
        request,
        "outreach/list.html",
        page=await queries.requests_page(actor, asked, number=page_number(request), size=SIZE),
        query=asked,
        counts=await queries.state_counts(actor),
        states=labels.STATES,
        may_ask=bool(actor.unit_ids),
    )


@get(f"{PATH}.xlsx", name="service_requests_xlsx", opt=OFFICE)
async def service_requests_xlsx(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The list, as filtered, as a workbook."""
    rows = await queries.all_requests(actor, _asked(request))
    return await downloads.table("service", COLUMNS, [_cells(row) for row in rows])


def _cells(row: RequestRow) -> Sequence[Any]:
    return [
        pick(row.topic_zh, row.topic_en),
        pick(row.unit_zh, row.unit_en),
        pick(row.place_zh, row.place_en),
        row.from_day,
        row.to_day,
        str(labels.STATES[row.state][1]),
        row.agreed,
        row.done,
        row.helped,
    ]


async def _form(
    request: AnyRequest,
    actor: Actor,
    form: Bound[RequestForm],
    *,
    row: RequestRow | None = None,
    chosen: tuple[str, str] = ("", ""),
    status: int = 200,
) -> Response[Any]:
    units = await fetch_as(
        _Unit, "SELECT id, name_zh, name_en FROM unit WHERE id = ANY(:ids::bigint[]) ORDER BY id", ids=actor.unit_ids
    )
    return render(
        request,
        "outreach/form.html",
        status=status,
        form=form,
        row=row,
        units=units,
        events=await queries.open_events(),
        chosen=chosen,
    )


@get(f"{PATH}/new", name="new_service_request", opt=BUREAU)
async def new_service_request(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form of a new request."""
    return await _form(request, actor, blank(RequestForm))


@post(f"{PATH}/new", name="ask_service", opt=BUREAU, status_code=303)
async def ask_service(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Asks for experts."""
    data = await request.form()
    form = bind(RequestForm, data)
    slug, unit = str(data.get("event") or ""), str(data.get("unit") or "")
    if form.ok:
        try:
            number = int(unit) if unit.isdecimal() and len(unit) < 19 else 0
            made = await services.ask(slug, number, form.value, by=actor)
        except Conflict as refused:
            form.add_error("", refused.message)
        except NotFound:
            form.add_error("", N_("Choose one from the list"))
        else:
            return redirect(request, "service_request", service_id=made, flash=N_("Asked. The organiser answers here."))
    return await _form(request, actor, form, chosen=(slug, unit), status=422)


@get(f"{ONE}/edit", name="edit_service_request", opt=OFFICE)
async def edit_service_request(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with what is stored."""
    row = await queries.request_for(actor, service_id)
    if row.state not in rules.CHANGEABLE:
        return redirect(request, "service_request", service_id=service_id, flash=services.FIXED, kind="warning")
    return await _form(request, actor, versions.opened(RequestForm, services.stored_request(row)), row=row)


@post(f"{ONE}/edit", name="save_service_request", opt=OFFICE, status_code=303)
async def save_service_request(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores what was changed; what was sent back is asked again."""
    row = await queries.request_for(actor, service_id)
    form = submitted(RequestForm, await request.form(), services.stored_request(row))

    async def act() -> None:
        await services.save(service_id, form.value, seen=form.version, by=actor)

    try:
        status, _ = await attempt(form, act, only_fields)
    except Conflict as refused:
        return redirect(request, "service_request", service_id=service_id, flash=refused.message, kind="warning")
    if status:
        return await _form(request, actor, form, row=row, status=status)
    return redirect(request, "service_request", service_id=service_id, flash=N_("Saved."))


HANDLERS: list[Any] = [
    service_requests,
    service_requests_xlsx,
    new_service_request,
    ask_service,
    edit_service_request,
    save_service_request,
]
