"""How one person travels and what the person needs: on a page of the own tour, and for who runs the tour."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.events.queries import event_by_id, event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.tours import member_queries, rules
from fairs.tours.forms import ReasonForm
from fairs.tours.logistics import labels, queries, trips
from fairs.tours.logistics.checks import name_of
from fairs.tours.logistics.forms import NeedForm, TripForm, zone_typed
from fairs.tours.logistics.tables import Direction
from fairs.tours.pages import PATH
from fairs.tours.rows import MemberRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

OWN = "/me/tours/{member_id:int}/journey"
STAFF = PATH + "/people/{member_id:int}/journey"
NEEDS = "needs"
HEADS: dict[str, object] = {
    Direction.ARRIVAL: N_("How I arrive"),
    Direction.DEPARTURE: N_("How I leave"),
    NEEDS: N_("What I need"),
}
KEPT = {"cache-control": "private, no-store"}


async def _summary(
    request: AnyRequest, event: EventRow, row: MemberRow, *, own: bool, status: int = 200, **more: Any
) -> Response[Any]:
    found = await queries.trips_of(row.id)
    pickups = {one.id: one for one in await queries.pickups_of(event.id)}
    vehicles = {one.id: one for one in await queries.vehicles_of(event.id)}
    given: dict[str, Any] = {"contact": "", "reason": None, **more}
    return render(
        request,
        "tours/journey.html",
        status=status,
        event=event,
        row=row,
        own=own,
        name=name_of(row),
        trips=[(direction, found.get(direction)) for direction in Direction],
        pickups=pickups,
        vehicles=vehicles,
        need=await queries.need_of(row.id),
        beds=await _beds(event.id, row.id),
        heads=HEADS,
        directions=labels.DIRECTIONS,
        modes=labels.MODES,
        rooms=labels.ROOMS,
        sexes=labels.SEXES,
        viewer=i18n.viewer_moment,
        moment=i18n.format_moment,
        headers=KEPT,
        **given,
    )


async def _beds(event_id: int, member_id: int) -> list[Any]:
    """Hotels of a member with the name of the room, in order of nights."""
    rooms = {one.id: one for one in await queries.rooms_of(event_id)}
    mine = {one.hotel: rooms[one.room].name for one in await queries.sleepers_of(event_id) if one.member == member_id}
    return [(hotel, mine[hotel.id]) for hotel in await queries.hotels_of(event_id) if hotel.id in mine]


def _form(
    request: AnyRequest, event: EventRow, row: MemberRow, part: str, form: Bound[Any], **more: Any
) -> Response[Any]:
    given: dict[str, Any] = {"status": 200, **more}
    return render(
        request,
        "tours/journey_form.html",
        event=event,
        row=row,
        name=name_of(row),
        part=part,
        form=form,
        heads=HEADS,
        directions=labels.DIRECTIONS,
        headers=KEPT,
        **given,
    )


async def _stored(event: EventRow, row: MemberRow, part: str, *, own: bool) -> dict[str, Any]:
    if part == NEEDS:
        stored = trips.stored_need(await queries.need_of(row.id))
        return stored if own else stored | {"emergency": ""}
    found = (await queries.trips_of(row.id)).get(Direction(part))
    return {"timezone": event.timezone, **trips.stored_trip(found)}


def _part(part: str) -> str:
    if part not in HEADS:
        raise NotFound
    return part


async def _open(request: AnyRequest, event: EventRow, row: MemberRow, part: str, *, own: bool) -> Response[Any]:
    kind: type[Any] = NeedForm if _part(part) == NEEDS else TripForm
    form = versions.opened(kind, await _stored(event, row, part, own=own))
    return _form(request, event, row, part, form, own=own)


async def _save(
    request: AnyRequest, actor: Actor, event: EventRow, row: MemberRow, part: str, *, own: bool
) -> Response[Any]:
    data: Any = await request.form()
    kind: type[Any] = NeedForm if _part(part) == NEEDS else TripForm
    form: Bound[Any] = bind(kind, data, zone=zone_typed(data, event.timezone))
    if not form.ok:
        return _form(request, event, row, part, form, own=own, status=422)
    try:
        if part == NEEDS and own:
            await trips.save_own_need(row.id, form.value, by=actor)
        elif part == NEEDS:
            await trips.save_need(event.slug, row.id, form.value, by=actor)
        elif own:
            await trips.save_own_trip(row.id, Direction(part), form.value, by=actor)
        else:
            await trips.save_trip(event.slug, row.id, Direction(part), form.value, by=actor)
    except Conflict as refused:
        form.add_error("", refused.message)
        return _form(request, event, row, part, form, own=own, status=refused.status)
    said = N_("Saved.")
    if own:
        return redirect(request, "my_journey", member_id=row.id, flash=said)
    return redirect(request, "member_journey", slug=event.slug, member_id=row.id, flash=said)


async def mine(actor: Actor, member_id: int) -> tuple[EventRow, MemberRow]:
    """The viewer with a place on a tour. Raises NotFound."""
    row = await member_queries.own_member(actor, member_id)
    if row.state not in rules.COMING:
        raise NotFound
    return await event_by_id(row.event), row


@get(OWN, name="my_journey", opt=access.signed_in())
async def my_journey(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """How the viewer travels, sleeps, and what the viewer needs."""
    event, row = await mine(actor, member_id)
    return await _summary(request, event, row, own=True)


@get(OWN + "/{journey_part:str}", name="my_journey_part", opt=access.signed_in())
async def my_journey_part(
    request: Request[Any, Any, Any],
    member_id: FromPath[int],
    journey_part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The form of the arrival, the departure or the needs."""
    event, row = await mine(actor, member_id)
    return await _open(request, event, row, journey_part, own=True)


@post(OWN + "/{journey_part:str}", name="save_my_journey_part", opt=access.signed_in(), status_code=303)
async def save_my_journey_part(
    request: Request[Any, Any, Any],
    member_id: FromPath[int],
    journey_part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Stores it."""
    event, row = await mine(actor, member_id)
    return await _save(request, actor, event, row, journey_part, own=True)


@get(STAFF, name="member_journey", opt=RUNNERS)
async def member_journey(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """How a person travels, for who runs the tour."""
    event = await event_for(actor, slug)
    return await _summary(request, event, await member_queries.member_of(event.id, member_id), own=False)


@get(STAFF + "/{journey_part:str}", name="member_journey_part", opt=RUNNERS)
async def member_journey_part(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    member_id: FromPath[int],
    journey_part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The form of the arrival, the departure or the needs of a person."""
    event = await event_for(actor, slug)
    return await _open(request, event, await member_queries.member_of(event.id, member_id), journey_part, own=False)


@post(STAFF + "/{journey_part:str}", name="save_member_journey_part", opt=RUNNERS, status_code=303)
async def save_member_journey_part(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    member_id: FromPath[int],
    journey_part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Stores it."""
    event = await event_for(actor, slug)
    row = await member_queries.member_of(event.id, member_id)
    return await _save(request, actor, event, row, journey_part, own=False)


@post(STAFF + "/{journey_part:str}/remove", name="remove_member_trip", opt=RUNNERS, status_code=303)
async def remove_member_trip(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    member_id: FromPath[int],
    journey_part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Takes a journey away."""
    if journey_part not in tuple(Direction):
        raise NotFound
    await trips.remove_trip(slug, member_id, Direction(journey_part), by=actor)
    return redirect(request, "member_journey", slug=slug, member_id=member_id, flash=N_("The journey is gone."))


@post(PATH + "/people/{member_id:int}/emergency", name="open_emergency_contact", opt=RUNNERS, status_code=200)
async def open_emergency_contact(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows the contact for an emergency once; the reason is in the log."""
    event = await event_for(actor, slug)
    row = await member_queries.member_of(event.id, member_id)
    form = bind(ReasonForm, await request.form())
    if not form.ok:
        return await _summary(request, event, row, own=False, status=422, reason=form)
    contact = await trips.open_emergency(slug, member_id, form.value.reason, by=actor)
    return await _summary(request, event, row, own=False, contact=contact)


HANDLERS: list[Any] = [
    my_journey,
    my_journey_part,
    save_my_journey_part,
    member_journey,
    member_journey_part,
    save_member_journey_part,
    remove_member_trip,
    open_emergency_contact,
]
