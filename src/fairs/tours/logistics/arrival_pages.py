"""Arrivals and departures of a tour, and the pick-ups that are bundled from them."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations import phones
from fairs.tours import importing as tables
from fairs.tours.logistics import importing, labels, pickups, queries, trips
from fairs.tours.logistics.forms import HandlingForm, PickupForm
from fairs.tours.logistics.tables import Direction
from fairs.tours.logistics.vehicle_pages import offer
from fairs.tours.pages import PATH
from fairs.web import downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ARRIVALS = f"{PATH}/arrivals"
ONE = PATH + "/pickups/{pickup_id:int}"
SIZE = 50


def _query(request: AnyRequest) -> tuple[Direction, dict[str, str]]:
    given = request.query_params
    typed = str(given.get("direction", ""))
    direction = Direction(typed) if typed in tuple(Direction) else Direction.ARRIVAL
    query = {"direction": direction.value} if direction != Direction.ARRIVAL else {}
    if given.get("known", "") in ("yes", "no"):
        query["known"] = given["known"]
    if (pickup := str(given.get("pickup", ""))) == "none" or (pickup.isdecimal() and len(pickup) < 19):
        query["pickup"] = pickup
    if given.get("sort", "") in queries.ORDERS:
        query["sort"] = given["sort"]
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        query["q"] = text
    return direction, query


async def _page(
    request: AnyRequest, event: EventRow, handling: Bound[HandlingForm] | None = None, status: int = 200
) -> Response[Any]:
    direction, query = _query(request)
    settings = await queries.handling_of(event.id)
    pick_ups = await queries.pickups_of(event.id)
    everybody = await queries.travellers(event.id, direction)
    return render(
        request,
        "tours/arrivals.html",
        status=status,
        event=event,
        direction=direction,
        query=query,
        page=await queries.travellers_page(
            event.id, direction, query, sort=query.get("sort", ""), number=page_number(request), size=SIZE
        ),
        total=len(everybody),
        known=sum(1 for row in everybody if row.at is not None),
        waiting=sum(1 for row in everybody if row.fetched and row.pickup is None),
        pickups=[row for row in pick_ups if row.direction == direction],
        vehicles=await queries.vehicles_of(event.id),
        handling=handling or blank(HandlingForm, wait=settings.wait, ahead=settings.ahead),
        directions=labels.DIRECTIONS,
        modes=labels.MODES,
        moment=i18n.format_moment,
    )


@get(ARRIVALS, name="tour_arrivals", opt=RUNNERS)
async def tour_arrivals(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who arrives, or leaves, when and where; and the pick-ups."""
    return await _page(request, await event_for(actor, slug))


@get(f"{ARRIVALS}.xlsx", name="tour_arrivals_workbook", opt=RUNNERS)
async def tour_arrivals_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list as a workbook, as it is filtered."""
    event = await event_for(actor, slug)
    direction, query = _query(request)
    heads = (
        (N_("Name in Latin letters"), 24),
        (N_("Name in own script"), 14),
        (N_("Tour group"), 8),
        (N_("Travels by"), 10),
        (N_("Flight or train"), 12),
        (N_("Day and time there"), 18),
        (N_("Time zone of the place"), 18),
        (N_("Airport or station"), 24),
        (N_("Terminal or exit"), 12),
        (N_("The vehicle leaves"), 18),
    )
    rows = [
        [
            row.name_passport,
            row.name_native,
            row.group_name,
            str(labels.MODES[row.mode]) if row.mode else "",
            row.number,
            row.at.astimezone(ZoneInfo(row.timezone)).strftime("%Y-%m-%d %H:%M") if row.at else "",
            row.timezone,
            row.place,
            row.terminal,
            row.leaves_at.astimezone(ZoneInfo(event.timezone)).strftime("%Y-%m-%d %H:%M") if row.leaves_at else "",
        ]
        for row in await queries.travellers(event.id, direction, query)
    ]
    columns = [Column(head, width) for head, width in heads]
    return await downloads.table(f"{event.slug}-{direction.value}s", columns, rows)


def _ways(direction: Direction) -> str:
    return f"?direction={direction.value}"


@post(f"{ARRIVALS}/act", name="tour_arrivals_act", opt=RUNNERS, status_code=303)
async def tour_arrivals_act(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Puts the ticked people into a pick-up, a new one, or none."""
    await event_for(actor, slug)
    data = await request.form()
    typed = str(data.get("direction") or "")
    direction = Direction(typed) if typed in tuple(Direction) else Direction.ARRIVAL
    ids = [int(one) for one in data.getall("member", []) if isinstance(one, str) and one.isdecimal() and len(one) < 19]
    to = str(data.get("to") or "")
    if not ids:
        said: object = N_("Tick the people first")
        return redirect(request, "tour_arrivals", slug=slug, query=_ways(direction), flash=said, kind="warning")
    if to not in ("new", "none") and not (to.isdecimal() and len(to) < 19):
        said = N_("Choose a pick-up")
        return redirect(request, "tour_arrivals", slug=slug, query=_ways(direction), flash=said, kind="warning")
    try:
        number = await pickups.move_people(slug, ids, direction, to, by=actor)
    except (Conflict, NotFound) as refused:
        said = refused.message if isinstance(refused, Conflict) else N_("This pick-up is no longer there")
        return redirect(request, "tour_arrivals", slug=slug, query=_ways(direction), flash=said, kind="warning")
    said = N_("People changed: %(number)s", number=number)
    return redirect(request, "tour_arrivals", slug=slug, query=_ways(direction), flash=said)


@post(f"{ARRIVALS}/rule", name="save_tour_handling", opt=RUNNERS, status_code=303)
async def save_tour_handling(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores how long people wait at most, and how early a vehicle leaves."""
    event = await event_for(actor, slug)
    form = bind(HandlingForm, await request.form())
    if not form.ok:
        return await _page(request, event, form, 422)
    await pickups.save_handling(slug, form.value, by=actor)
    return redirect(request, "tour_arrivals", slug=slug, query="#pickups", flash=N_("Saved."))


@post(f"{ARRIVALS}/propose", name="propose_pickups", opt=RUNNERS, status_code=303)
async def propose_pickups(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Bundles the people by time and gives vehicles that are free."""
    try:
        made = await pickups.propose(slug, by=actor)
        given = await pickups.spread_vehicles(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_arrivals", slug=slug, flash=refused.message, kind="warning")
    said = N_("Pick-ups made: %(made)s, with a vehicle: %(given)s", made=made, given=given)
    return redirect(request, "tour_arrivals", slug=slug, query="#pickups", flash=said)


async def _one(
    request: AnyRequest, event: EventRow, pickup_id: int, form: Bound[PickupForm] | None = None, status: int = 200
) -> Response[Any]:
    row = await queries.pickup_of(event.id, pickup_id)
    vehicles = await queries.vehicles_of(event.id)
    if form is None:
        vehicle = str(row.vehicle or "")
        form = blank(PickupForm, in_zone=event.timezone, leaves_at=row.leaves_at, vehicle=vehicle)
    offer(form, "vehicle", [(str(one.id), f"{one.name} · {one.plate} · {one.seats}", "") for one in vehicles])
    people = await queries.travellers(event.id, row.direction, {"pickup": str(row.id)})
    return render(
        request,
        "tours/pickup.html",
        status=status,
        event=event,
        row=row,
        form=form,
        people=people,
        directions=labels.DIRECTIONS,
        modes=labels.MODES,
        opened=phones.opened,
        moment=i18n.format_moment,
    )


@get(ONE, name="tour_pickup", opt=RUNNERS)
async def tour_pickup(
    request: Request[Any, Any, Any], slug: FromPath[str], pickup_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A pick-up with its people."""
    return await _one(request, await event_for(actor, slug), pickup_id)


@post(ONE, name="save_tour_pickup", opt=RUNNERS, status_code=303)
async def save_tour_pickup(
    request: Request[Any, Any, Any], slug: FromPath[str], pickup_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Another hour or vehicle."""
    event = await event_for(actor, slug)
    row = await queries.pickup_of(event.id, pickup_id)
    form = bind(PickupForm, await request.form(), zone=event.timezone)
    if not form.ok:
        return await _one(request, event, pickup_id, form, 422)
    try:
        await pickups.save_pickup(slug, pickup_id, form.value, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _one(request, event, pickup_id, form, refused.status)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _one(request, event, pickup_id, form, refused.status)
    return redirect(request, "tour_arrivals", slug=slug, query=_ways(row.direction), flash=N_("Saved."))


@post(f"{ONE}/remove", name="remove_tour_pickup", opt=RUNNERS, status_code=303)
async def remove_tour_pickup(
    request: Request[Any, Any, Any], slug: FromPath[str], pickup_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the pick-up away."""
    await pickups.remove_pickup(slug, pickup_id, by=actor)
    said = N_("The pick-up is gone; its people are in none.")
    return redirect(request, "tour_arrivals", slug=slug, flash=said)


def _table(request: AnyRequest, event: EventRow, *, status: int = 200, **shown: Any) -> Response[Any]:
    given: dict[str, Any] = {"text": "", "errors": [], "found": [], **shown}
    return render(
        request,
        "tours/trips_import.html",
        status=status,
        event=event,
        columns=importing.TRIP_COLUMNS,
        directions=labels.DIRECTIONS,
        modes=labels.MODES,
        **given,
    )


@get(f"{ARRIVALS}/import", name="import_trips", opt=RUNNERS)
async def import_trips(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where a table of journeys is pasted, or a file chosen."""
    return _table(request, await event_for(actor, slug))


@post(f"{ARRIVALS}/import", name="read_trips", opt=RUNNERS, status_code=303)
async def read_trips(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what the table would store; with `confirm` stores all of it, or nothing."""
    event = await event_for(actor, slug)
    data = await request.form()
    text, upload, confirmed = str(data.get("text") or ""), data.get("file"), bool(data.get("confirm"))
    try:
        if isinstance(upload, UploadFile) and upload.filename:
            table = await importing.read_trip_file(await upload.read(), upload.filename, event.timezone)
        else:
            table = importing.read_trips(text, event.timezone)
    except Invalid as refused:
        errors = [(0, str(message)) for found in refused.fields.values() for message in found]
        return _table(request, event, status=refused.status, text=text, errors=errors)
    except DomainError as refused:
        return _table(request, event, status=refused.status, text=text, errors=[(0, str(refused.message))])
    dry = bool(table.errors) or not confirmed
    stored = await tables.stored(table, trips.store_table(slug, table.forms, dry=dry, by=actor))
    if table.errors:
        return _table(request, event, status=422, text=table.text, errors=sorted(set(table.errors)))
    if confirmed:
        return redirect(request, "tour_arrivals", slug=slug, flash=N_("Journeys stored: %(number)s", number=stored))
    return _table(request, event, text=table.text, found=table.forms)


HANDLERS: list[Any] = [
    tour_arrivals,
    tour_arrivals_workbook,
    tour_arrivals_act,
    save_tour_handling,
    propose_pickups,
    tour_pickup,
    save_tour_pickup,
    remove_tour_pickup,
    import_trips,
    read_trips,
]
