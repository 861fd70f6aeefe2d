"""Vehicles and interpreters of a tour, and where they are at work."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.fields import Choice
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations import phones
from fairs.tours import queries as tours
from fairs.tours.emails import title_of
from fairs.tours.logistics import queries, vehicles
from fairs.tours.logistics.forms import InterpreterForm, VehicleForm
from fairs.tours.pages import PATH
from fairs.tours.rules import LIVE_STOPS
from fairs.units import catalogues
from fairs.web.templating import AnyRequest, redirect, render

VEHICLES = f"{PATH}/vehicles"
VEHICLE = PATH + "/vehicles/{vehicle_id:int}"
INTERPRETERS = f"{PATH}/interpreters"
INTERPRETER = PATH + "/interpreters/{interpreter_id:int}"


def offer(form: Bound[Any], name: str, choices: Sequence[Choice]) -> None:
    """Offer what this tour has in a field."""
    form[name].spec = replace(form[name].spec, choices=lambda: list(choices))


async def _stop_choices(event: EventRow) -> list[Choice]:
    return [
        (str(stop.id), f"{i18n.format_moment(stop.starts_at, event.timezone, 'short')} {title_of(stop)}", "")
        for stop in await tours.stops_of(event.id)
        if stop.state in LIVE_STOPS
    ]


@get(VEHICLES, name="tour_vehicles", opt=RUNNERS)
async def tour_vehicles(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All vehicles and interpreters with where they are at work."""
    event = await event_for(actor, slug)
    lang = i18n.current_lang()
    return render(
        request,
        "tours/vehicles.html",
        event=event,
        vehicles=await queries.vehicles_of(event.id),
        interpreters=await queries.interpreters_of(event.id),
        opened=phones.opened,
        language=lambda code: catalogues.label("languages", code, lang),
    )


async def _vehicle(
    request: AnyRequest, event: EventRow, form: Bound[VehicleForm], vehicle: int | None, status: int = 200
) -> Response[Any]:
    offer(form, "stops", await _stop_choices(event))
    if vehicle is None:
        where_to, gone = "add_tour_vehicle", ""
    else:
        where_to, gone = "save_tour_vehicle", "remove_tour_vehicle"
    return render(
        request,
        "tours/handled.html",
        status=status,
        event=event,
        form=form,
        heading=N_("Vehicle") if vehicle else N_("Add a vehicle"),
        action=(where_to, {"vehicle_id": vehicle} if vehicle else {}),
        gone=(gone, {"vehicle_id": vehicle}) if vehicle else None,
        confirm=N_("Remove this vehicle? What it was to drive then has none."),
        back="tour_vehicles",
    )


@get(f"{VEHICLES}/new", name="new_tour_vehicle", opt=RUNNERS)
async def new_tour_vehicle(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new vehicle."""
    return await _vehicle(request, await event_for(actor, slug), blank(VehicleForm), None)


@get(VEHICLE, name="tour_vehicle", opt=RUNNERS)
async def tour_vehicle(
    request: Request[Any, Any, Any], slug: FromPath[str], vehicle_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a vehicle."""
    event = await event_for(actor, slug)
    row = await queries.vehicle_of(event.id, vehicle_id)
    form = versions.opened(VehicleForm, vehicles.stored_vehicle(row))
    return await _vehicle(request, event, form, vehicle_id)


async def _save_vehicle(request: AnyRequest, actor: Actor, slug: str, vehicle_id: int | None) -> Response[Any]:
    event, sent = await event_for(actor, slug), await request.form()
    if vehicle_id is None:
        form = bind(VehicleForm, sent)
    else:
        stored = vehicles.stored_vehicle(await queries.vehicle_of(event.id, vehicle_id))
        form = submitted(VehicleForm, sent, stored)
    status, _ = await attempt(
        form, lambda: vehicles.save_vehicle(slug, vehicle_id, form.value, seen=form.version, by=actor)
    )
    if status:
        return await _vehicle(request, event, form, vehicle_id, status)
    return redirect(request, "tour_vehicles", slug=slug, flash=N_("Saved."))


@post(f"{VEHICLES}/new", name="add_tour_vehicle", opt=RUNNERS, status_code=303)
async def add_tour_vehicle(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a vehicle."""
    return await _save_vehicle(request, actor, slug, None)


@post(VEHICLE, name="save_tour_vehicle", opt=RUNNERS, status_code=303)
async def save_tour_vehicle(
    request: Request[Any, Any, Any], slug: FromPath[str], vehicle_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a vehicle."""
    return await _save_vehicle(request, actor, slug, vehicle_id)


@post(f"{VEHICLE}/remove", name="remove_tour_vehicle", opt=RUNNERS, status_code=303)
async def remove_tour_vehicle(
    request: Request[Any, Any, Any], slug: FromPath[str], vehicle_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a vehicle."""
    await vehicles.remove_vehicle(slug, vehicle_id, by=actor)
    return redirect(request, "tour_vehicles", slug=slug, flash=N_("The vehicle is gone."))


async def _interpreter(
    request: AnyRequest, event: EventRow, form: Bound[InterpreterForm], interpreter: int | None, status: int = 200
) -> Response[Any]:
    offer(form, "stops", await _stop_choices(event))
    offer(form, "group", [(row.name, row.name, "") for row in await tours.groups_of(event.id)])
    ids = {"interpreter_id": interpreter} if interpreter else {}
    return render(
        request,
        "tours/handled.html",
        status=status,
        event=event,
        form=form,
        heading=N_("Interpreter") if interpreter else N_("Add an interpreter"),
        action=("save_tour_interpreter" if interpreter else "add_tour_interpreter", ids),
        gone=("remove_tour_interpreter", ids) if interpreter else None,
        confirm=N_("Remove this interpreter?"),
        back="tour_vehicles",
    )


@get(f"{INTERPRETERS}/new", name="new_tour_interpreter", opt=RUNNERS)
async def new_tour_interpreter(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new interpreter."""
    return await _interpreter(request, await event_for(actor, slug), blank(InterpreterForm), None)


@get(INTERPRETER, name="tour_interpreter", opt=RUNNERS)
async def tour_interpreter(
    request: Request[Any, Any, Any], slug: FromPath[str], interpreter_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of an interpreter."""
    event = await event_for(actor, slug)
    row = await queries.interpreter_of(event.id, interpreter_id)
    form = versions.opened(InterpreterForm, vehicles.stored_interpreter(row))
    return await _interpreter(request, event, form, interpreter_id)


async def _save_interpreter(request: AnyRequest, actor: Actor, slug: str, interpreter_id: int | None) -> Response[Any]:
    event, sent = await event_for(actor, slug), await request.form()
    if interpreter_id is None:
        form = bind(InterpreterForm, sent)
    else:
        stored = vehicles.stored_interpreter(await queries.interpreter_of(event.id, interpreter_id))
        form = submitted(InterpreterForm, sent, stored)
    status, _ = await attempt(
        form, lambda: vehicles.save_interpreter(slug, interpreter_id, form.value, seen=form.version, by=actor)
    )
    if status:
        return await _interpreter(request, event, form, interpreter_id, status)
    return redirect(request, "tour_vehicles", slug=slug, query="#interpreters", flash=N_("Saved."))


@post(f"{INTERPRETERS}/new", name="add_tour_interpreter", opt=RUNNERS, status_code=303)
async def add_tour_interpreter(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds an interpreter."""
    return await _save_interpreter(request, actor, slug, None)


@post(INTERPRETER, name="save_tour_interpreter", opt=RUNNERS, status_code=303)
async def save_tour_interpreter(
    request: Request[Any, Any, Any], slug: FromPath[str], interpreter_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores an interpreter."""
    return await _save_interpreter(request, actor, slug, interpreter_id)


@post(f"{INTERPRETER}/remove", name="remove_tour_interpreter", opt=RUNNERS, status_code=303)
async def remove_tour_interpreter(
    request: Request[Any, Any, Any], slug: FromPath[str], interpreter_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes an interpreter."""
    await vehicles.remove_interpreter(slug, interpreter_id, by=actor)
    return redirect(request, "tour_vehicles", slug=slug, query="#interpreters", flash=N_("The interpreter is gone."))


HANDLERS: list[Any] = [
    tour_vehicles,
    new_tour_vehicle,
    add_tour_vehicle,
    tour_vehicle,
    save_tour_vehicle,
    remove_tour_vehicle,
    new_tour_interpreter,
    add_tour_interpreter,
    tour_interpreter,
    save_tour_interpreter,
    remove_tour_interpreter,
]
