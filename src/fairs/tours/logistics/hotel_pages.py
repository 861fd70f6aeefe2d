"""Hotels of a tour: rooms, who sleeps where, wishes, what people eat and need."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.rules import days_of
from fairs.events.running import RUNNERS
from fairs.tours import member_queries
from fairs.tours.logistics import answered, hotels, labels, queries
from fairs.tours.logistics.checks import own_nights_at
from fairs.tours.logistics.forms import HotelForm, RoomsForm
from fairs.tours.pages import PATH
from fairs.tours.rows import MemberRow
from fairs.tours.rules import COMING
from fairs.web.templating import AnyRequest, redirect, render

HOTELS = f"{PATH}/hotels"
HOTEL = PATH + "/hotels/{hotel_id:int}"


async def coming(event_id: int) -> list[MemberRow]:
    """Everybody with a place, by name."""
    return [row for row in await member_queries.members_of(event_id) if row.state in COMING]


@get(HOTELS, name="tour_hotels", opt=RUNNERS)
async def tour_hotels(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All hotels with how far their rooms are given, and what the kitchens are told."""
    event = await event_for(actor, slug)
    people = await coming(event.id)
    needs = await queries.needs_of(event.id)
    needed = await answered.needed(event.id, people, needs)
    return render(
        request,
        "tours/hotels.html",
        event=event,
        hotels=await queries.hotels_of(event.id),
        people=people,
        meals=answered.meals(people, needed),
        special=[(row, needed[row.id]) for row in people if row.id in needed],
        said=sum(1 for row in people if row.id in needs),
    )


async def _hotel(
    request: AnyRequest,
    event: EventRow,
    hotel_id: int,
    *,
    status: int = 200,
    form: Bound[HotelForm] | None = None,
    rooms_form: Bound[RoomsForm] | None = None,
) -> Response[Any]:
    hotel = await queries.hotel_of(event.id, hotel_id)
    people = await coming(event.id)
    by_id = {row.id: row for row in people}
    inside: dict[int, list[MemberRow]] = defaultdict(list)
    kept = set()
    for one in await queries.sleepers_of(event.id):
        if one.hotel == hotel.id and one.member in by_id:
            inside[one.room].append(by_id[one.member])
            if one.kept:
                kept.add(one.member)
    placed = {row.id for found in inside.values() for row in found}
    return render(
        request,
        "tours/hotel.html",
        status=status,
        event=event,
        hotel=hotel,
        form=form or versions.opened(HotelForm, hotels.stored_hotel(hotel)),
        rooms_form=rooms_form or blank(RoomsForm),
        rooms=[(room, inside[room.id]) for room in await queries.rooms_of(event.id) if room.hotel == hotel.id],
        without=[row for row in people if row.id not in placed],
        kept=kept,
        own_nights=await own_nights_at(event, hotel),
        needs=await queries.needs_of(event.id),
        wishes=labels.ROOMS,
        sexes=labels.SEXES,
    )


def _new(request: AnyRequest, event: EventRow, form: Bound[HotelForm], status: int = 200) -> Response[Any]:
    return render(
        request,
        "tours/handled.html",
        status=status,
        event=event,
        form=form,
        heading=N_("Add a hotel"),
        action=("add_tour_hotel", {}),
        gone=None,
        confirm="",
        back="tour_hotels",
    )


@get(f"{HOTELS}/new", name="new_tour_hotel", opt=RUNNERS)
async def new_tour_hotel(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new hotel, for all nights of the tour."""
    event = await event_for(actor, slug)
    days = days_of(event.starts_at, event.ends_at, event.timezone)
    form = blank(HotelForm, first_night=days[0], last_night=days[-2] if len(days) > 1 else days[0])
    return _new(request, event, form)


@post(f"{HOTELS}/new", name="add_tour_hotel", opt=RUNNERS, status_code=303)
async def add_tour_hotel(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a hotel."""
    event = await event_for(actor, slug)
    form = bind(HotelForm, await request.form())
    status, hotel = await attempt(form, lambda: hotels.save_hotel(slug, None, form.value, by=actor))
    if status:
        return _new(request, event, form, status)
    return redirect(
        request, "tour_hotel", slug=slug, hotel_id=hotel, flash=N_("The hotel is there. Now add its rooms.")
    )


@get(HOTEL, name="tour_hotel", opt=RUNNERS)
async def tour_hotel(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A hotel: who sleeps in which room, and who has none."""
    return await _hotel(request, await event_for(actor, slug), hotel_id)


@post(HOTEL, name="save_tour_hotel", opt=RUNNERS, status_code=303)
async def save_tour_hotel(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores name, address and nights."""
    event = await event_for(actor, slug)
    row = await queries.hotel_of(event.id, hotel_id)
    form = submitted(HotelForm, await request.form(), hotels.stored_hotel(row))
    status, _ = await attempt(form, lambda: hotels.save_hotel(slug, hotel_id, form.value, seen=form.version, by=actor))
    if status:
        return await _hotel(request, event, hotel_id, status=status, form=form)
    return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=N_("Saved."))


@post(f"{HOTEL}/remove", name="remove_tour_hotel", opt=RUNNERS, status_code=303)
async def remove_tour_hotel(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a hotel with its rooms."""
    await hotels.remove_hotel(slug, hotel_id, by=actor)
    return redirect(request, "tour_hotels", slug=slug, flash=N_("The hotel is gone."))


@post(f"{HOTEL}/rooms", name="add_tour_rooms", opt=RUNNERS, status_code=303)
async def add_tour_rooms(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds rooms."""
    event = await event_for(actor, slug)
    await queries.hotel_of(event.id, hotel_id)
    form = bind(RoomsForm, await request.form())
    status, number = await attempt(form, lambda: hotels.add_rooms(slug, hotel_id, form.value, by=actor))
    if status:
        return await _hotel(request, event, hotel_id, status=status, rooms_form=form)
    said = N_("Rooms: %(number)s", number=number)
    return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said)


@post(HOTEL + "/rooms/{room_id:int}/remove", name="remove_tour_room", opt=RUNNERS, status_code=303)
async def remove_tour_room(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    hotel_id: FromPath[int],
    room_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Removes a room."""
    await hotels.remove_room(slug, hotel_id, room_id, by=actor)
    return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=N_("The room is gone."))


@post(f"{HOTEL}/propose", name="propose_rooms", opt=RUNNERS, status_code=303)
async def propose_rooms(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives rooms by the rule; who was put into one by hand stays there."""
    given, left = await hotels.propose(slug, hotel_id, by=actor)
    said = N_("With a room now: %(given)s, without one: %(left)s", given=given, left=left)
    kind = "warning" if left else "success"
    return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said, kind=kind)


def _ids(found: Sequence[Any]) -> list[int]:
    return [int(one) for one in found if isinstance(one, str) and one.isdecimal() and len(one) < 19]


@post(f"{HOTEL}/put", name="put_into_room", opt=RUNNERS, status_code=303)
async def put_into_room(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Puts the ticked people into a room, or into none."""
    await event_for(actor, slug)
    data = await request.form()
    ids, rooms = _ids(data.getall("member", [])), _ids([data.get("room")])
    if not ids:
        said: object = N_("Tick the people first")
        return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said, kind="warning")
    if not rooms and data.get("room") != "none":
        said = N_("Choose a room")
        return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said, kind="warning")
    try:
        number = await hotels.put_into_room(slug, hotel_id, ids, rooms[0] if rooms else None, by=actor)
    except (Conflict, NotFound) as refused:
        said = refused.message if isinstance(refused, Conflict) else N_("This room is no longer there")
        await queries.hotel_of((await event_for(actor, slug)).id, hotel_id)
        return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said, kind="warning")
    said = N_("People changed: %(number)s", number=number)
    return redirect(request, "tour_hotel", slug=slug, hotel_id=hotel_id, flash=said)


HANDLERS: list[Any] = [
    tour_hotels,
    new_tour_hotel,
    add_tour_hotel,
    tour_hotel,
    save_tour_hotel,
    remove_tour_hotel,
    add_tour_rooms,
    remove_tour_room,
    propose_rooms,
    put_into_room,
]
