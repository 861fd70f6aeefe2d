"""A member's own tours: the invitation, the itinerary with what is new, as PDF and as a calendar; it opens without a network."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.notifications import calendars
from fairs.notifications.calendars import CONTENT_TYPE
from fairs.tours import changes, itineraries, labels, member_queries, members, printing, rules
from fairs.tours.emails import title_of
from fairs.tours.pages import by_day
from fairs.tours.tables import MemberState, StopState
from fairs.web import access
from fairs.web.own_page_worker import worker
from fairs.web.templating import redirect, render

SCOPE = "/me/tours/"
SHEETS = ("tokens", "base", "layout", "forms", "tables", "components", "menus", "print", "tours")
FILES = (*(f"css/{name}.css" for name in SHEETS), "js/fairs.js", "js/pass.js", "icons/mark.svg", "icons/icons.svg")
PAGES = ("base.html", "tours/itinerary.html")
ANSWERS: dict[str, object] = {
    MemberState.ACCEPTED: N_("I accept"),
    MemberState.DECLINED: N_("I cannot come"),
    MemberState.CONFIRMED: N_("I will come"),
    MemberState.TRAVELLING: N_("I am on my way"),
    MemberState.WITHDRAWN: N_("I can no longer come"),
}
SAID: dict[str, object] = {
    MemberState.ACCEPTED: N_("Thank you. The organiser now gives the places."),
    MemberState.DECLINED: N_("Thank you for telling us."),
    MemberState.CONFIRMED: N_("Thank you. We are looking forward to you."),
    MemberState.TRAVELLING: N_("Have a good journey."),
    MemberState.WITHDRAWN: N_("Your place goes to somebody else. Thank you for telling us."),
}


@get("/itinerary-worker.js", name="itinerary_worker", opt=access.public())
async def itinerary_worker() -> Response[bytes]:
    """The worker of itineraries on phones: asked for anew each time, so that a release arrives."""
    return worker(scope=SCOPE, prefix="fairs-tour-", page="", files=FILES, templates=PAGES)


@get("/me/tours", name="my_tours", opt=access.signed_in())
async def my_tours(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Tours that the viewer was invited to."""
    rows = await member_queries.own_tours(actor)
    return render(request, "tours/my_tours.html", rows=rows, states=labels.MEMBER_STATES)


@get("/me/tours/{member_id:int}", name="my_tour", opt=access.signed_in())
async def my_tour(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The invitation to answer, then the itinerary with what is new."""
    event, row, stops = await itineraries.own_itinerary(actor, member_id)
    standing = [stop for stop in stops if stop.state != StopState.CANCELLED]
    news = await member_queries.news_of(row.id) if row.state in rules.COMING else []
    return render(
        request,
        "tours/itinerary.html",
        event=event,
        row=row,
        days=[(day, found) for day, found in by_day(event, standing) if found],
        news=[(one, changes.lines(one.before, one.after, event.timezone)) for one in news],
        unread=sum(1 for one in news if one.read_at is None),
        words=labels.NEWS,
        states=labels.MEMBER_STATES,
        kinds=labels.STOP_KINDS,
        answers=[(target, ANSWERS[target]) for target in rules.OWN_STEPS.get(row.state, ())],
        place_of=printing.place_of,
        title_of=title_of,
        coming=row.state in rules.COMING,
        hours=labels.hours,
        viewer=i18n.viewer_span,
        headers={"cache-control": "private, no-store"},
    )


@post("/me/tours/{member_id:int}/answer", name="answer_tour", opt=access.signed_in(), status_code=303)
async def answer_tour(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The person's answer."""
    await member_queries.own_member(actor, member_id)
    target = str((await request.form()).get("target") or "")
    if target not in ANSWERS:
        return redirect(request, "my_tour", member_id=member_id)
    try:
        await members.answer(member_id, MemberState(target), by=actor)
    except Conflict as refused:
        return redirect(request, "my_tour", member_id=member_id, flash=refused.message, kind="warning")
    return redirect(request, "my_tour", member_id=member_id, flash=SAID[target])


@post("/me/tours/{member_id:int}/read", name="tour_read", opt=access.signed_in(), status_code=303)
async def tour_read(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The person has read what is new."""
    await members.acknowledge(member_id, by=actor)
    return redirect(request, "my_tour", member_id=member_id, flash=N_("Thank you: we know that you have read it."))


@get("/me/tours/{member_id:int}/itinerary.ics", name="tour_calendar", opt=access.signed_in())
async def tour_calendar(member_id: FromPath[int], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The stops as a calendar file."""
    event, row, stops = await itineraries.own_itinerary(actor, member_id)
    if not stops:
        raise NotFound
    headers = {"content-disposition": f'attachment; filename="{event.slug}.ics"', "cache-control": "private, no-store"}
    entries = await itineraries.calendar_entries(event, row, stops)
    content = calendars.calendar(entries, name=i18n.pick(event.title_zh, event.title_en))
    return Response(content, media_type=CONTENT_TYPE, headers=headers)


@get("/me/tours/{member_id:int}/itinerary.pdf", name="tour_pdf", opt=access.signed_in())
async def tour_pdf(member_id: FromPath[int], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The itinerary on paper."""
    event, row, stops = await itineraries.own_itinerary(actor, member_id)
    days = by_day(event, [stop for stop in stops if stop.state != StopState.CANCELLED])
    if not stops:
        raise NotFound
    content = await asyncio.to_thread(printing.itinerary_pdf, event, row, days, actor.timezone)
    headers = {"content-disposition": f'attachment; filename="{event.slug}.pdf"', "cache-control": "private, no-store"}
    return Response(content, media_type="application/pdf", headers=headers)


HANDLERS: list[Any] = [itinerary_worker, my_tours, my_tour, answer_tour, tour_read, tour_calendar, tour_pdf]
