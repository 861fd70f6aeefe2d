"""One table of the hall: the page for who looks after it, its gate, and what its scanner shows."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor, Device
from fairs.checkin import queries as gates
from fairs.checkin.api import answer
from fairs.checkin.queries import event_for
from fairs.core.errors import Invalid
from fairs.core.forms import bind
from fairs.core.i18n import N_
from fairs.events.queries import event_for as event_to_run
from fairs.events.running import RUNNERS
from fairs.meetings.attendance import one_table, queries
from fairs.meetings.attendance.controllers import ABSENT, KINDS, PATH, STAFF, STATES
from fairs.meetings.attendance.forms import TableGateForm
from fairs.meetings.attendance.rows import Attended
from fairs.web import access
from fairs.web.problems import problems
from fairs.web.templating import AnyRequest, redirect, render

GATES = "/organise/editions/{slug:str}/table-gates"


@get(f"{PATH}/tables/{{table_number:int}}", name="table_now", opt=STAFF)
async def table_now(
    request: Request[Any, Any, Any], slug: FromPath[str], table_number: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The meeting at one table now: who is there, until when is waited, what comes next."""
    event = await event_for(actor, slug)
    return render(
        request,
        "meetings/table_now.html",
        event=event,
        table_now=await one_table.now_at(event.id, event.timezone, table_number),
        tables=await queries.tables_of(event.id),
        hour=lambda moment: f"{moment.astimezone(ZoneInfo(event.timezone)):%H:%M}",
        states=STATES,
        kinds=KINDS,
        absent=ABSENT,
    )


async def _gates(
    request: AnyRequest, actor: Actor, slug: str, refused: object = "", status: int = 200
) -> Response[Any]:
    event = await event_to_run(actor, slug)
    return render(
        request,
        "meetings/table_gates.html",
        status=status,
        event=event,
        gates=await queries.table_gates(event.id),
        tables=await queries.tables_of(event.id),
        refused=refused,
    )


@get(GATES, name="table_gates", opt=RUNNERS)
async def table_gates(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gates of kind table, each with its table."""
    return await _gates(request, actor, slug)


@post(GATES, name="assign_table_gate", opt=RUNNERS, status_code=303)
async def assign_table_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Says at which table a gate stands."""
    event = await event_to_run(actor, slug)
    form = bind(TableGateForm, await request.form())
    if not form.ok:
        return await _gates(request, actor, slug, N_("Choose one from the list"), 422)
    try:
        await one_table.assign(event.id, form.value.gate, form.value.number, by=actor)
    except Invalid as refused:
        return await _gates(request, actor, slug, N_("Choose one from the list"), refused.status)
    return redirect(request, "table_gates", slug=slug, flash=N_("Saved."))


@get(
    "/api/v1/checkin/gates/{code:str}/table",
    name="api_table",
    opt=access.device_token(),
    summary="The meetings of a gate's table",
    description="Of a gate that stands at one table: its meetings of now and the next one, with when each side was seen, and until when "
    "the one that is there waits. `table` is null at all other gates.",
    tags=["checkin"],
    responses=problems(401, 403, 404),
)
async def get_table(code: FromPath[str], device: NamedDependency[Device]) -> Response[bytes]:
    """What a scanner at one table shows."""
    event = await gates.device_event(device)
    gate = await one_table.gate_at(event.id, (await gates.gate_of(device, code)).code)
    if gate is None or gate.number is None:
        return answer({"table": None, "now": [], "next": None})
    found = await one_table.now_at(event.id, event.timezone, gate.number)
    coming = _told(found, found.next[0]) if found.next else None
    return answer({"table": gate.number, "now": [_told(found, row) for row in found.now], "next": coming})


def _told(found: one_table.TableNow, row: Attended) -> dict[str, Any]:
    return {
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "state": row.state,
        "candidate": row.name_native or row.name_passport,
        "employer_zh": row.organisation_zh,
        "employer_en": row.organisation_en or row.organisation_zh,
        "candidate_at": row.talent_at,
        "employer_at": row.employer_at,
        "missing": found.missing(row),
        "until": found.until(row),
    }


HANDLERS: list[Any] = [table_now, table_gates, assign_table_gate, get_table]
