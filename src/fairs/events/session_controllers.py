"""Pages on which organisers add sessions to a programme and move them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events import confirming, moving, programme, queries, rules
from fairs.events.forms import SessionForm, read_session
from fairs.events.rows import EventRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render, reverse

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
FIELDS = {"code_taken": "code", "room_taken": "room"}


async def _form(
    request: AnyRequest, event: EventRow, form: Bound[SessionForm], *, code: str = "", status: int = 200
) -> Response[Any]:
    rooms = await queries.rooms_of(event.id)
    return render(request, "events/session_form.html", status=status, event=event, form=form, code=code, rooms=rooms)


@get("/organise/editions/{slug:str}/sessions/new", name="new_session", opt=ORGANISERS)
async def new_session(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form, on the first day."""
    event = await queries.event_for(actor, slug)
    form = blank(SessionForm, in_zone=event.timezone, kind=rules.USUAL_SESSION, starts_at=event.starts_at)
    return await _form(request, event, form)


@post("/organise/editions/{slug:str}/sessions/new", name="create_session", opt=ORGANISERS, status_code=303)
async def create_session(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a session to the programme."""
    event = await queries.event_for(actor, slug)
    form = read_session(await request.form(), event.timezone)
    try:
        await programme.add_session(event.id, form.value, by=actor)
    except DomainError as refused:
        return await _form(request, event, _with(form, refused), status=refused.status)
    return redirect(request, "edition", slug=slug, query="#sessions", flash=N_("The session is in the programme."))


@get("/organise/editions/{slug:str}/sessions/{code:str}/edit", name="edit_session", opt=ORGANISERS)
async def edit_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values, in the event's own time."""
    event = await queries.event_for(actor, slug)
    session = await queries.session_by_code(event.id, code)
    stored = {**asdict(session), "room": session.room_code or "", "unit": session.unit_code or ""}
    return await _form(request, event, blank(SessionForm, in_zone=event.timezone, **stored), code=code)


@post("/organise/editions/{slug:str}/sessions/{code:str}/edit", name="update_session", opt=ORGANISERS, status_code=303)
async def update_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values, after the affected people were shown."""
    event = await queries.event_for(actor, slug)
    session = await queries.session_by_code(event.id, code)
    data = await request.form()
    form = read_session(data, event.timezone)
    if data.get("back"):
        return await _form(request, event, form, code=code)
    try:
        confirmed = str(data.get("confirm") or "")
        await programme.update_session(slug, code, form.value, by=actor, confirmed=confirmed)
    except moving.Unconfirmed as refused:
        action = reverse(request, "update_session", slug=slug, code=code)
        return confirming.page(request, event, refused, data, action, session)
    except DomainError as refused:
        return await _form(request, event, _with(form, refused), code=code, status=refused.status)
    return redirect(request, "edition", slug=slug, query="#sessions", flash=N_("Saved."))


def _with(form: Bound[SessionForm], refused: DomainError) -> Bound[SessionForm]:
    """The form with a service's error beside its field."""
    if isinstance(refused, Conflict) and refused.code in FIELDS:
        form.add_error(FIELDS[refused.code], refused.message)
    elif isinstance(refused, Invalid):
        if not form.has_errors:
            form.add_errors(refused)
    else:
        raise refused
    return form


HANDLERS: list[Any] = [new_session, create_session, edit_session, update_session]
