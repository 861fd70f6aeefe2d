"""Sheets of a tour: name lists for a hotel, a host and the police, and links to the sheets of drivers and interpreters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.events.queries import event_by_id, event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.notifications.services import base_url
from fairs.tours import member_queries
from fairs.tours import queries as tours
from fairs.tours.emails import title_of
from fairs.tours.forms import ReasonForm
from fairs.tours.logistics import answered, labels, rules
from fairs.tours.logistics import queries as logistics
from fairs.tours.logistics.checks import own_nights_at
from fairs.tours.logistics.hotel_pages import coming
from fairs.tours.logistics.rules import nights_between
from fairs.tours.pages import PATH, facts_of
from fairs.tours.papers import letters, links, queries
from fairs.tours.papers.rows import OpenLink
from fairs.tours.printing import place_of
from fairs.tours.rules import LIVE_STOPS, people_at
from fairs.tours.tables import StopKind
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

SHEETS = f"{PATH}/sheets"


async def _sheets(
    request: AnyRequest, event: EventRow, *, made: str = "", status: int = 200, reason: Bound[ReasonForm] | None = None
) -> Response[Any]:
    vehicles, interpreters = await logistics.vehicles_of(event.id), await logistics.interpreters_of(event.id)
    names = {("vehicle", one.id): f"{one.name} {one.driver_name}".strip() for one in vehicles}
    names |= {("interpreter", one.id): one.name for one in interpreters}
    return render(
        request,
        "tours/sheets.html",
        status=status,
        event=event,
        made=made,
        hotels=await logistics.hotels_of(event.id),
        stops=[stop for stop in await tours.stops_of(event.id) if stop.state in LIVE_STOPS],
        vehicles=vehicles,
        interpreters=interpreters,
        links=await queries.links_of(event.id),
        names=names,
        reason=reason or blank(ReasonForm),
        title_of=title_of,
        moment=i18n.format_moment,
        headers={"cache-control": "private, no-store"},
    )


@get(SHEETS, name="tour_sheets", opt=RUNNERS)
async def tour_sheets(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Everything that can be printed or sent."""
    return await _sheets(request, await event_for(actor, slug))


@post(f"{SHEETS}/links", name="make_sheet_link", opt=RUNNERS, status_code=200)
async def make_sheet_link(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes a link, and shows it once."""
    event = await event_for(actor, slug)
    whose, _, typed = str((await request.form()).get("whose") or "").partition(":")
    if whose not in ("vehicle", "interpreter") or not typed.isdecimal() or len(typed) > 18:
        said = N_("Choose a driver or an interpreter")
        return redirect(request, "tour_sheets", slug=slug, flash=said, kind="warning")
    try:
        code = await links.make(slug, **{whose: int(typed)}, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_sheets", slug=slug, flash=refused.message, kind="warning")
    return await _sheets(request, event, made=f"{base_url()}/sheet/{code}")


@post(SHEETS + "/links/{link_id:int}/revoke", name="revoke_sheet_link", opt=RUNNERS, status_code=303)
async def revoke_sheet_link(
    request: Request[Any, Any, Any], slug: FromPath[str], link_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends a link."""
    await links.revoke(slug, link_id, by=actor)
    return redirect(request, "tour_sheets", slug=slug, flash=N_("The link has ended."))


async def _list(
    request: AnyRequest,
    event: EventRow,
    heading: object,
    note: str,
    heads: Sequence[object],
    rows: Sequence[Any],
    *,
    printed: bool | None = None,
) -> Response[Any]:
    """The list as a page, or as a PDF when that is asked for."""
    if printed or (printed is None and request.query_params.get("form") == "pdf"):
        from fairs.tours.papers.list_printing import print_names  # loads libraries for half a second

        title = f"{heading} · {pick(event.title_zh, event.title_en)}"
        told = [[str(cell) for cell in row] for row in rows]
        made = await asyncio.to_thread(print_names, title, note, [str(head) for head in heads], told)
        headers = {"content-disposition": 'inline; filename="list.pdf"', "cache-control": "private, no-store"}
        headers |= {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
        return Response(made, media_type="application/pdf", status_code=200, headers=headers)
    return render(
        request,
        "tours/name_list.html",
        event=event,
        heading=heading,
        note=note,
        heads=heads,
        rows=rows,
        sheet=request.url.path if printed is None else "",
        headers={"cache-control": "private, no-store"},
    )


def _nights(nights: Sequence[date]) -> str:
    """The first to the last night, with their number."""
    if not nights:
        return "0"
    last = f" – {i18n.format_day(nights[-1])}" if len(nights) > 1 else ""
    return f"{len(nights)}: {i18n.format_day(nights[0])}{last}"


@get(SHEETS + "/hotels/{hotel_id:int}", name="hotel_sheet", opt=RUNNERS)
async def hotel_sheet(
    request: Request[Any, Any, Any], slug: FromPath[str], hotel_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The rooming list of a hotel: room, names, and what the kitchen must know."""
    event = await event_for(actor, slug)
    hotel = await logistics.hotel_of(event.id, hotel_id)
    people = await coming(event.id)
    needed = await answered.needed(event.id, people, await logistics.needs_of(event.id))
    by_id = {row.id: row for row in people}
    rooms = {one.id: one.name for one in await logistics.rooms_of(event.id)}
    own, everybody = await own_nights_at(event, hotel), nights_between(hotel.first_night, hotel.last_night)
    rows = [
        [rooms[one.room], by_id[one.member].name_passport, by_id[one.member].name_native]
        + [_nights(own.get(one.member, everybody))]
        + [getattr(needed.get(one.member), name, "") for name in ("food", "access")]
        for one in await logistics.sleepers_of(event.id)
        if one.hotel == hotel.id and one.member in by_id
    ]
    order = {name: at for at, name in enumerate(rooms.values())}
    rows.sort(key=lambda cells: (order[cells[0]], cells[1]))
    heads = (
        N_("Hotel room"),
        N_("Name as in the passport"),
        N_("Name in own script"),
        N_("Nights"),
        N_("May not eat"),
        N_("Needs to get about"),
    )
    note = f"{i18n.format_day(hotel.first_night)} – {i18n.format_day(hotel.last_night)}"
    return await _list(request, event, pick(hotel.name_zh, hotel.name_en), note, heads, rows)


@get(SHEETS + "/stops/{stop_id:int}", name="stop_sheet", opt=RUNNERS)
async def stop_sheet(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who comes to a stop, for its host; at a meal with what they may not eat."""
    event = await event_for(actor, slug)
    stop = await tours.stop_of(event.id, stop_id)
    people = await member_queries.people_at(event.id, stop.id)
    heads: list[object] = [N_("Name as in the passport"), N_("Name in own script"), N_("Institution"), N_("Tour group")]
    rows = [[row.name_passport, row.name_native, row.affiliation, row.group_name] for row in people]
    if stop.kind == StopKind.MEAL:
        needed = await answered.needed(event.id, people, await logistics.needs_of(event.id))
        heads.append(N_("May not eat"))
        rows = [[*cells, getattr(needed.get(row.id), "food", "")] for cells, row in zip(rows, people, strict=True)]
    note = i18n.format_span(stop.starts_at, stop.ends_at, event.timezone)
    return await _list(request, event, title_of(stop), note, heads, rows)


@post(f"{SHEETS}/police", name="police_sheet", opt=access.confirmed(RUNNERS), status_code=200)
async def police_sheet(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The list for the registration with the police: names, passports, hotels; the reason is in the log."""
    event = await event_for(actor, slug)
    data = await request.form()
    form = bind(ReasonForm, data)
    if not form.ok:
        return await _sheets(request, event, status=422, reason=form)
    passports = await letters.open_passports(slug, form.value.reason, by=actor)
    hotels = {one.id: one for one in await logistics.hotels_of(event.id)}
    sleeping: dict[int, list[str]] = {}
    for one in await logistics.sleepers_of(event.id):
        hotel = hotels[one.hotel]
        told = f"{pick(hotel.name_zh, hotel.name_en)} {hotel.first_night.isoformat()}–{hotel.last_night.isoformat()}"
        sleeping.setdefault(one.member, []).append(told)
    lang = i18n.current_lang()
    rows = []
    for row in await coming(event.id):
        passport = passports.get(row.id)
        country = passport.nationality if passport else row.nationality
        rows.append(
            [
                row.name_passport,
                row.name_native,
                catalogues.label("countries", country, lang) if country else "",
                passport.number if passport else "",
                passport.born.isoformat() if passport else "",
                passport.expires.isoformat() if passport else "",
                "; ".join(sleeping.get(row.id, [])),
            ]
        )
    heads = (
        N_("Name as in the passport"),
        N_("Name in own script"),
        N_("Nationality"),
        N_("Number of the passport"),
        N_("Date of birth"),
        N_("Valid until"),
        N_("Hotel and nights"),
    )
    return await _list(
        request, event, N_("Registration with the police"), "", heads, rows, printed=data.get("form") == "pdf"
    )


@dataclass(frozen=True)
class Leg:
    """Something that a driver or an interpreter does."""

    starts_at: datetime
    ends_at: datetime | None
    title: str
    place: str
    people: int
    contact: str = ""
    names: Sequence[str] = ()


async def _legs(event: EventRow, link: OpenLink) -> tuple[str, list[Leg]]:
    """Whose sheet it is, and everything on it in order of time."""
    sizes = await tours.sizes(event.id)
    stops = [stop for stop in await tours.stops_of(event.id) if stop.state in LIVE_STOPS]
    legs: list[Leg] = []
    if link.vehicle is not None:
        row = await logistics.vehicle_of(event.id, link.vehicle)
        name = f"{row.name} {row.plate}".strip()
        chosen = [stop for stop in stops if stop.id in row.stops]
        for ride in await logistics.pickups_of(event.id):
            if ride.id in row.pickups:
                people = await logistics.travellers(event.id, ride.direction, {"pickup": str(ride.id)})
                names = [
                    " · ".join(part for part in (one.name_passport, one.number, one.terminal) if part) for one in people
                ]
                title = str(labels.DIRECTIONS[ride.direction])
                legs.append(Leg(ride.leaves_at, None, title, ride.place, ride.people, "", names))
    else:
        speaker = await logistics.interpreter_of(event.id, link.interpreter or 0)
        name = speaker.name
        as_ruled = rules.Speaker(speaker.id, speaker.name, speaker.grp, frozenset(speaker.stops))
        chosen = [stop for stop in stops if rules.works_at(as_ruled, facts_of(stop))]
    for stop in chosen:
        contact = " ".join(part for part in (stop.host_name, stop.host_phone) if part)
        people_there = people_at(frozenset(stop.groups), sizes)
        legs.append(Leg(stop.starts_at, stop.ends_at, title_of(stop), place_of(stop), people_there, contact))
    return name, sorted(legs, key=lambda leg: leg.starts_at)


LEG_HEADS = (N_("When"), N_("What"), N_("Where"), N_("People"), N_("Contact there"), N_("Who is fetched or brought"))


def _told(leg: Leg, zone: str) -> list[str]:
    """A leg as a row of the printed sheet."""
    when = i18n.format_moment(leg.starts_at, zone)
    if leg.ends_at:
        when = i18n.format_span(leg.starts_at, leg.ends_at, zone)
    return [when, leg.title, leg.place, str(leg.people), leg.contact, "; ".join(leg.names)]


@get("/sheet/{sheet_code:str}", name="tour_sheet", opt=access.public())
async def tour_sheet(request: Request[Any, Any, Any], sheet_code: FromPath[str]) -> Response[Any]:
    """The sheet of a driver or an interpreter: the code in the address is the key, until the link ends."""
    link = await queries.open_link(sheet_code)
    event = await event_by_id(link.event)
    name, legs = await _legs(event, link)
    await links.note_opened(link.id)
    if request.query_params.get("form") == "pdf":
        return await _list(
            request, event, name, "", LEG_HEADS, [_told(leg, event.timezone) for leg in legs], printed=True
        )
    days: dict[Any, list[Leg]] = {}
    for leg in legs:
        days.setdefault(i18n.format_day(leg.starts_at, event.timezone), []).append(leg)
    return render(
        request,
        "tours/sheet.html",
        event=event,
        name=name,
        days=days,
        until=link.expires_at,
        moment=i18n.format_moment,
        headers={"cache-control": "private, no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"},
    )


HANDLERS: list[Any] = [
    tour_sheets,
    make_sheet_link,
    revoke_sheet_link,
    hotel_sheet,
    stop_sheet,
    police_sheet,
    tour_sheet,
]
