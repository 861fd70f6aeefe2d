"""The page on which somebody accepts or declines an offered place, and the list of offers of those who run the event."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pagination import MAX_PAGE_SIZE, Page, window
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.rules import is_over
from fairs.events.running import RUNNERS
from fairs.notifications.services import told
from fairs.registrations import queries
from fairs.registrations import services as registrations
from fairs.registrations.labels import category_label, fair_hours, state_label
from fairs.registrations.offering import services
from fairs.registrations.offering.queries import ORDERS, counts_of, offers_of
from fairs.registrations.offering.rows import OfferRow
from fairs.registrations.pools.queries import event_places
from fairs.registrations.pools.tables import OfferState
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ROWS = 25
COLUMNS = (
    Column(N_("Registration number"), 14),
    Column(N_("Native name"), 16),
    Column(N_("Name in Latin letters"), 26),
    Column(N_("Category"), 14),
    Column(N_("State"), 16),
    Column(N_("Accept until"), 18),
    Column(N_("Offered on"), 18),
    Column(N_("Ended on"), 18),
    Column(N_("Chosen by"), 20),
)
STATES: dict[OfferState, tuple[str, object]] = {
    OfferState.OPEN: ("progress", N_("Not answered yet")),
    OfferState.ACCEPTED: ("success", N_("Accepted")),
    OfferState.DECLINED: ("neutral", N_("Declined")),
    OfferState.LAPSED: ("warning", N_("Lapsed")),
    OfferState.WITHDRAWN: ("neutral", N_("Ended by the staff")),
}


def deadline(row: RegistrationRow) -> dict[str, str]:
    """Until when a place is kept: in the event's time, and in the viewer's where that differs."""
    assert row.offer_until is not None
    there = f"{i18n.format_moment(row.offer_until, row.timezone)} {i18n.zone_name(row.timezone, row.offer_until)}"
    return {"event": there, "own": i18n.viewer_moment(row.offer_until, row.timezone) or ""}


@get("/me/fairs/{number:str}/offer", name="my_offer", opt=access.signed_in())
async def my_offer(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The offered place with its deadline, to accept or to decline."""
    return _offer_page(request, actor, await queries.registration_by_number(actor, number))


def _offer_page(
    request: AnyRequest, actor: Actor, row: RegistrationRow, *, refused: object = "", status: int = 200
) -> Response[Any]:
    is_open = row.state == RegistrationState.OFFERED and row.offer_until is not None and row.offer_until > clock.now()
    return render(
        request,
        "registrations/offering/offer.html",
        status=status,
        row=row,
        refused=refused,
        is_open=is_open and not is_over(row.ends_at, clock.now(), demo=row.event_demo),
        until=deadline(row) if is_open else None,
        back=list_of(actor, row),
        own=queries.is_own(actor, row),
        state_label=state_label,
        category_label=category_label,
        fair_hours=fair_hours,
    )


@post("/me/fairs/{number:str}/offer/accept", name="accept_offer", opt=access.signed_in(), status_code=303)
async def accept_offer(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the place."""
    row = await queries.registration_by_number(actor, number)
    try:
        await services.accept(row.id, by=actor)
    except Conflict as refused:
        row = await queries.registration_by_number(actor, number)
        return _offer_page(request, actor, row, refused=refused.message, status=refused.status)
    by_mail = N_("The place is yours. The badge is on its way by mail.")
    route, values = list_of(actor, row)
    return redirect(request, route, flash=told(by_mail, N_("The place is yours. The badge is here.")), **values)


@post("/me/fairs/{number:str}/offer/decline", name="decline_offer", opt=access.signed_in(), status_code=303)
async def decline_offer(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives the place to the next in line, and ends the registration. Whoever answers for the person cancels with a reason."""
    row = await queries.registration_by_number(actor, number)
    if not queries.is_own(actor, row):
        raise NotFound
    if row.state != RegistrationState.OFFERED:
        return _offer_page(request, actor, row, refused=services.NO_OFFER, status=409)
    await registrations.cancel(row.id, by=actor)
    flash = N_("You have declined the place; it goes to the next in line. Within ten minutes it can be undone.")
    return redirect(request, "my_registrations", flash=flash)


@get("/organise/editions/{slug:str}/offers", name="place_offers", opt=RUNNERS)
async def place_offers(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The offers of an event: open, accepted, declined, lapsed."""
    event = await event_for(actor, slug)
    query = _query(request)
    page = await _page_of(event, query, window(page_number(request), ROWS))
    return render(
        request,
        "registrations/offering/offers.html",
        event=event,
        page=page,
        query=query,
        counts=await counts_of(event.id),
        places=await event_places(event.id),
        states=STATES,
        category_label=category_label,
    )


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    found = {name: str(given.get(name, "")) for name in ("state", "q", "sort")}
    found["q"] = found["q"].replace("\0", "")[:100].strip()
    allowed: dict[str, Collection[str]] = {"state": tuple(OfferState), "sort": ORDERS}
    return {name: value for name, value in found.items() if value and value in allowed.get(name, (value,))}


async def _page_of(event: EventRow, query: Mapping[str, str], at: tuple[int, int, int]) -> Page[OfferRow]:
    return await offers_of(
        event.id, state=query.get("state", ""), q=query.get("q", ""), sort=query.get("sort", ""), window=at
    )


@get("/organise/editions/{slug:str}/offers.csv", name="offers_export", opt=access.confirmed(RUNNERS))
async def offers_export(request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]) -> Stream:
    """The filtered list as a file."""
    event = await event_for(actor, slug)
    return downloads.long_table(f"offers-{event.slug}", COLUMNS, _rows(event, _query(request)))


async def _rows(event: EventRow, query: Mapping[str, str]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    number, last = 1, 1
    while number <= last:
        page = await _page_of(event, query, window(number, MAX_PAGE_SIZE))
        yield [
            (
                row.number,
                row.name_native,
                row.name_passport,
                category_label(row.category),
                str(STATES[row.state][1]),
                row.until,
                row.made_at,
                row.ended_at,
                row.made_by or "",
            )
            for row in page.rows
        ]
        number, last = number + 1, page.pages


@post(
    "/organise/editions/{slug:str}/registrations/{number:str}/offer",
    name="offer_place",
    opt=RUNNERS,
    status_code=303,
)
async def offer_place(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Offers a place to somebody of the waiting list, whoever stands before."""
    event = await event_for(actor, slug)
    row = await queries.registration_by_number(actor, number)
    if row.event != event.id:
        raise NotFound
    typed = str((await request.form()).get("hours") or "").strip()
    hours = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None
    flash: object = told(N_("The place is offered. The person is told by mail."), N_("The place is offered."))
    kind = "success"
    try:
        if typed and hours is None:
            raise Invalid(fields={"hours": [services.HOURS]})
        await services.offer(row.id, hours, by=actor)
    except Conflict as refused:
        flash, kind = refused.message, "warning"
    except Invalid:
        flash, kind = services.HOURS, "warning"
    return redirect(request, "registration_sheet", slug=slug, number=row.number, flash=flash, kind=kind)


HANDLERS: list[Any] = [my_offer, accept_offer, decline_offer, place_offers, offers_export, offer_place]
