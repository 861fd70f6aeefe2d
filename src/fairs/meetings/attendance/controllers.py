"""The staff's page of an event's meetings: who has come, who is missing, and how to put it right."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm
from fairs.checkin.queries import event_for
from fairs.checkin.rows import ManagedEvent
from fairs.core import versions
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, nowhere, submitted
from fairs.core.wishes import Side
from fairs.events.running import RUNNERS
from fairs.meetings import queries as meetings
from fairs.meetings.attendance import queries, services
from fairs.meetings.attendance.forms import WaitsForm
from fairs.meetings.rows import MeetingRow
from fairs.meetings.tables import MeetingState
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

STAFF = access.roles(Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
PATH = "/organise/editions/{slug:str}/attendance"
ONE = PATH + "/{meeting_id:int}"
SIZE = 50
STATES: dict[str, object] = {
    MeetingState.SCHEDULED: N_("Scheduled"),
    MeetingState.HELD: N_("Held"),
    MeetingState.NO_SHOW: N_("Not present"),
}
KINDS = {MeetingState.SCHEDULED: "progress", MeetingState.HELD: "success", MeetingState.NO_SHOW: "warning"}
ABSENT: dict[str, object] = {
    Side.TALENT: N_("the candidate did not come"),
    Side.EMPLOYER: N_("the employer did not come"),
}


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    query = {
        "q": str(given.get("q", "")).replace("\0", "")[:100].strip(),
        "state": given.get("state", "") if given.get("state") in STATES else "",
        "when": "now" if given.get("when") == "now" else "",
    }
    return {name: value for name, value in query.items() if value}


async def _page(
    request: AnyRequest,
    actor: Actor,
    event: ManagedEvent,
    waits: Bound[WaitsForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    await services.bring_up(event.id)
    query, runs = _query(request), actor.runs(event)
    if waits is None and runs:
        stored = await queries.waits_of(event.id)
        names = WaitsForm.__struct_fields__
        waits = versions.opened(WaitsForm, {name: getattr(stored, name) for name in names})
    return render(
        request,
        "meetings/attendance.html",
        status=status,
        event=event,
        page=await queries.attended_page(event.id, query, number=page_number(request), size=SIZE),
        query=query,
        counts=await queries.state_counts(event.id),
        waits=waits,
        runs=runs,
        states=STATES,
        kinds=KINDS,
        absent=ABSENT,
    )


@get(PATH, name="attendance", opt=STAFF)
async def attendance_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The meetings of an event with who was seen at the tables."""
    return await _page(request, actor, await event_for(actor, slug))


@post(f"{PATH}/waits", name="save_waits", opt=RUNNERS, status_code=303)
async def save_waits(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Changes how long the event waits for the second side."""
    event = await event_for(actor, slug)
    if not actor.runs(event):
        raise NotFound
    stored = await queries.waits_of(event.id)
    known = {name: getattr(stored, name) for name in WaitsForm.__struct_fields__}
    form = submitted(WaitsForm, await request.form(), known)

    async def act() -> None:
        await services.set_waits(event.id, form.value, seen=form.version, by=actor)

    status, _ = await attempt(form, act, nowhere)
    if status:
        return await _page(request, actor, event, form, status)
    return redirect(request, "attendance", slug=slug, flash=N_("Saved."))


@post(f"{ONE}/arrived", name="note_arrival", opt=STAFF, status_code=303)
async def note_arrival(
    request: Request[Any, Any, Any], slug: FromPath[str], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Notes that one side is at the table, without a scan."""
    event = await event_for(actor, slug)
    await _meeting(event, meeting_id)
    sent = await request.form()
    side, number = sent.get("side"), str(sent.get("table") or "")
    flash: object = N_("Choose one from the list")
    noted = False
    if side in set(Side):
        try:
            await services.note_arrival(event.id, meeting_id, Side(side), by=actor)
            flash, noted = N_("Noted as arrived."), True
        except Conflict as refused:
            flash = refused.message
    kind = "success" if noted else "warning"
    if number.isascii() and number.isdigit() and len(number) < 6:
        return redirect(request, "table_now", slug=slug, table_number=int(number), flash=flash, kind=kind)
    query = f"?when=now#meeting-{meeting_id}" if noted else ""
    return redirect(request, "attendance", slug=slug, flash=flash, kind=kind, query=query)


async def _meeting(event: ManagedEvent, meeting_id: int) -> MeetingRow:
    """A meeting of this event. Raises NotFound."""
    row = await meetings.meeting_by_id(meeting_id)
    if row.event != event.id:
        raise NotFound
    return row


def _undo(
    request: AnyRequest, event: ManagedEvent, row: MeetingRow, form: Bound[UndoForm], status: int = 200
) -> Response[Any]:
    return render(
        request, "meetings/attendance_undo.html", status=status, event=event, meeting=row, form=form, states=STATES
    )


@get(f"{ONE}/undo", name="undo_attendance_page", opt=STAFF)
async def undo_attendance_page(
    request: Request[Any, Any, Any], slug: FromPath[str], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for the reason."""
    event = await event_for(actor, slug)
    return _undo(request, event, await _meeting(event, meeting_id), blank(UndoForm))


@post(f"{ONE}/undo", name="undo_attendance", opt=STAFF, status_code=303)
async def undo_attendance(
    request: Request[Any, Any, Any], slug: FromPath[str], meeting_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes back what the scans say of a meeting."""
    event = await event_for(actor, slug)
    row = await _meeting(event, meeting_id)
    form = bind(UndoForm, await request.form())
    if not form.ok:
        return _undo(request, event, row, form, 422)
    try:
        await services.undo(event.id, meeting_id, reason=form.value.reason, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return _undo(request, event, row, form, refused.status)
    except (Conflict, Forbidden) as refused:
        form.add_error("", refused.message)
        return _undo(request, event, row, form, refused.status)
    return redirect(
        request, "attendance", slug=slug, flash=N_("The meeting is scheduled again; scans do not change it any more.")
    )


HANDLERS: list[Any] = [attendance_page, save_waits, note_arrival, undo_attendance_page, undo_attendance]
