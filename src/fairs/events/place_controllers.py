"""Pages of an edition's rooms and gates 场地与核验点."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, Choice, bind, blank
from fairs.core.i18n import N_, format_span, pick
from fairs.core.saving import attempt, submitted
from fairs.events import labels, pasting, places, queries, services
from fairs.events.place_forms import GateForm, RoomForm, stored_gate, stored_room
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.events.tables import EventState, GateKind
from fairs.web.templating import AnyRequest, redirect, render

PLACES = "/organise/editions/{slug:str}/places"
FIELDS = {"code_taken": "code"}


@get(PLACES, name="places", opt=RUNNERS)
async def places_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The rooms and the gates of an edition."""
    event = await queries.event_for(actor, slug)
    return await _page(request, event)


async def _page(request: AnyRequest, event: EventRow, *, refused: object = "", status: int = 200) -> Response[Any]:
    rooms, gates = await queries.rooms_of(event.id), await queries.gates_of(event.id)
    seen = {"rooms": rooms, "gates": gates, "refused": refused, **labels.WORDS}
    return render(request, "events/places.html", status=status, event=event, **seen)


def _with(form: Bound[Any], refused: DomainError) -> Bound[Any]:
    """The form with a service's error beside its field."""
    if isinstance(refused, Conflict):
        form.add_error(FIELDS.get(refused.code, ""), refused.message)
    elif isinstance(refused, Invalid):
        if not form.has_errors:
            form.add_errors(refused)
    else:
        raise refused
    return form


def _room_form(
    request: AnyRequest, event: EventRow, form: Bound[RoomForm], *, code: str = "", status: int = 200
) -> Response[Any]:
    return render(request, "events/room_form.html", status=status, event=event, form=form, code=code)


@get(f"{PLACES}/rooms/new", name="new_room", opt=RUNNERS)
async def new_room(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    return _room_form(request, await queries.event_for(actor, slug), blank(RoomForm))


@post(f"{PLACES}/rooms/new", name="create_room", opt=RUNNERS, status_code=303)
async def create_room(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a room."""
    event = await queries.event_for(actor, slug)
    form = bind(RoomForm, await request.form())
    try:
        await services.add_room(event.id, form.value, by=actor)
    except DomainError as refused:
        return _room_form(request, event, _with(form, refused), status=refused.status)
    return redirect(request, "places", slug=slug, flash=N_("The room is added."))


@get(f"{PLACES}/rooms/{{room_code:str}}/edit", name="edit_room", opt=RUNNERS)
async def edit_room(
    request: Request[Any, Any, Any], slug: FromPath[str], room_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    event = await queries.event_for(actor, slug)
    room = await queries.room_by_code(event.id, room_code)
    return _room_form(request, event, versions.opened(RoomForm, stored_room(room)), code=room_code)


@post(f"{PLACES}/rooms/{{room_code:str}}/edit", name="update_room", opt=RUNNERS, status_code=303)
async def update_room(
    request: Request[Any, Any, Any], slug: FromPath[str], room_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values."""
    event = await queries.event_for(actor, slug)
    room = await queries.room_by_code(event.id, room_code)
    form = submitted(RoomForm, await request.form(), stored_room(room))

    async def act() -> None:
        await places.update_room(slug, room_code, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, _with)
    if status:
        return _room_form(request, event, form, code=room_code, status=status)
    return redirect(request, "places", slug=slug, flash=N_("Saved."))


@post(f"{PLACES}/rooms/{{room_code:str}}/delete", name="delete_room", opt=RUNNERS, status_code=303)
async def delete_room(
    request: Request[Any, Any, Any], slug: FromPath[str], room_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a room that nothing uses."""
    event = await queries.event_for(actor, slug)
    try:
        await places.delete_room(slug, room_code, by=actor)
    except Conflict as refused:
        return await _page(request, event, refused=refused.message, status=refused.status)
    return redirect(request, "places", slug=slug, flash=N_("The room is removed."))


@get(f"{PLACES}/rooms/paste", name="paste_rooms", opt=RUNNERS)
async def paste_rooms(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A field for lines copied from a sheet."""
    event = await queries.event_for(actor, slug)
    return render(request, "events/paste_rooms.html", event=event, text="", pasted=None)


@post(f"{PLACES}/rooms/paste", name="add_rooms", opt=RUNNERS, status_code=303)
async def add_rooms(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what was read; adds all of it once that is confirmed and nothing is wrong."""
    event = await queries.event_for(actor, slug)
    sent = await request.form()
    text = str(sent.get("text") or "")[:200_000]
    pasted = pasting.read_rooms(text, [room.code for room in await queries.rooms_of(event.id)])
    if not (pasted.ok and sent.get("confirm")) or sent.get("back"):
        status = 200 if pasted.ok or sent.get("back") else 422
        shown = None if sent.get("back") else pasted
        return render(request, "events/paste_rooms.html", status=status, event=event, text=text, pasted=shown)
    number = await places.add_rooms(slug, [row.form.value for row in pasted.rows], by=actor)
    return redirect(request, "places", slug=slug, flash=N_("%(number)s rooms are added.", number=number))


async def _gate_form(
    request: AnyRequest, event: EventRow, form: Bound[GateForm], *, code: str = "", status: int = 200
) -> Response[Any]:
    """The form with this event's rooms and sessions to choose from."""
    sessions = await queries.sessions_of(event.id)
    _choose(
        form,
        "session",
        [(item.code, f"{pick(item.title_zh, item.title_en)} · {_when(item, event)}", item.code) for item in sessions],
    )
    rooms = await queries.rooms_of(event.id)
    _choose(form, "room", [(room.code, pick(room.name_zh, room.name_en), room.code) for room in rooms])
    return render(request, "events/gate_form.html", status=status, event=event, form=form, code=code)


def _when(session: Any, event: EventRow) -> str:
    return format_span(session.starts_at, session.ends_at, event.timezone)


def _choose(form: Bound[Any], name: str, choices: list[Choice]) -> None:
    """Show a field of codes as a list of the event's own."""
    form[name].spec = replace(form[name].spec, widget="select", choices=lambda: choices)


@get(f"{PLACES}/gates/new", name="new_gate", opt=RUNNERS)
async def new_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    event = await queries.event_for(actor, slug)
    kind = GateKind.ZONE if event.state != EventState.DRAFT else GateKind.ENTRY
    return await _gate_form(request, event, blank(GateForm, in_zone=event.timezone, kind=kind.value))


@post(f"{PLACES}/gates/new", name="create_gate", opt=RUNNERS, status_code=303)
async def create_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a gate."""
    event = await queries.event_for(actor, slug)
    form = bind(GateForm, await request.form(), zone=event.timezone)
    try:
        await services.add_gate(event.id, form.value, by=actor)
    except DomainError as refused:
        return await _gate_form(request, event, _with(form, refused), status=refused.status)
    return redirect(request, "places", slug=slug, query="#gates", flash=N_("The gate is added."))


@get(f"{PLACES}/gates/{{gate_code:str}}/edit", name="edit_gate", opt=RUNNERS)
async def edit_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], gate_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values, in the event's own time."""
    event = await queries.event_for(actor, slug)
    stored = stored_gate(await queries.gate_by_code(event.id, gate_code))
    form = blank(GateForm, in_zone=event.timezone, **stored)
    form.version = versions.version_of(GateForm, stored)
    return await _gate_form(request, event, form, code=gate_code)


@post(f"{PLACES}/gates/{{gate_code:str}}/edit", name="update_gate", opt=RUNNERS, status_code=303)
async def update_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], gate_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values: they count from the next scan on."""
    event = await queries.event_for(actor, slug)
    stored = stored_gate(await queries.gate_by_code(event.id, gate_code))
    form = submitted(GateForm, await request.form(), stored, zone=event.timezone)

    async def act() -> None:
        await places.update_gate(slug, gate_code, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, _with)
    if status:
        return await _gate_form(request, event, form, code=gate_code, status=status)
    return redirect(request, "places", slug=slug, query="#gates", flash=N_("Saved: it counts from the next scan on."))


@post(f"{PLACES}/gates/{{gate_code:str}}/switch", name="switch_gate", opt=RUNNERS, status_code=303)
async def switch_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], gate_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a gate out of use, or into use again."""
    event = await queries.event_for(actor, slug)
    on = (await request.form()).get("on") == "1"
    try:
        await places.switch_gate(slug, gate_code, on=on, by=actor)
    except Conflict as refused:
        return await _page(request, event, refused=refused.message, status=refused.status)
    flash = N_("The gate is in use again.") if on else N_("The gate is switched off.")
    return redirect(request, "places", slug=slug, query="#gates", flash=flash)


@post(f"{PLACES}/gates/{{gate_code:str}}/delete", name="delete_gate", opt=RUNNERS, status_code=303)
async def delete_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], gate_code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a gate at which nobody was scanned."""
    event = await queries.event_for(actor, slug)
    try:
        await places.delete_gate(slug, gate_code, by=actor)
    except Conflict as refused:
        return await _page(request, event, refused=refused.message, status=refused.status)
    return redirect(request, "places", slug=slug, query="#gates", flash=N_("The gate is removed."))


HANDLERS: list[Any] = [
    places_page,
    new_room,
    create_room,
    edit_room,
    update_room,
    delete_room,
    paste_rooms,
    add_rooms,
    new_gate,
    create_gate,
    edit_gate,
    update_gate,
    switch_gate,
    delete_gate,
]
