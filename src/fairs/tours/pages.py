"""The itinerary of a tour for who runs it, with everything that is to be settled; asking all hosts; the release; what was told."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.rules import days_of
from fairs.events.running import RUNNERS
from fairs.registrations import phones
from fairs.tours import distances, emails, hosting, labels, member_queries, queries, rules, services
from fairs.tours.logistics import checks
from fairs.tours.rows import StopRow
from fairs.web.templating import AnyRequest, redirect, render, reverse

PATH = "/organise/editions/{slug:str}/tour"
WAYS = {  # kinds of conflicts that are settled on a page of their own
    rules.Warned.VEHICLE_FULL: "tour_vehicles",
    rules.Warned.PICKUP_FULL: "tour_arrivals",
    rules.Warned.NO_VEHICLE: "tour_arrivals",
    rules.Warned.VEHICLE_TWICE: "tour_vehicles",
    rules.Warned.ROOM: "tour_hotels",
    rules.Warned.TWO_ROOMS: "tour_hotels",
    rules.Warned.LATE: "tour_arrivals",
    rules.Warned.INTERPRETER: "tour_vehicles",
    rules.Warned.LETTER: "tour_letters",
    rules.Warned.NIGHT: "tour_hotels",
}


def facts_of(stop: StopRow) -> rules.Facts:
    """The stop as conflicts see it."""
    return rules.Facts(
        stop.id,
        stop.kind,
        stop.state,
        stop.starts_at,
        stop.ends_at,
        stop.unit,
        stop.hosted,
        frozenset(stop.groups),
        stop.places,
    )


async def conflicts_of(event: EventRow, stops: list[StopRow]) -> list[rules.Conflict]:
    """The conflicts of a tour as it is."""
    span = (event.starts_at, event.ends_at, event.timezone)
    facts, sizes = [facts_of(stop) for stop in stops], await queries.sizes(event.id)
    found = rules.conflicts(facts, sizes, span, distances.drive_hours)
    found += await checks.conflicts_of(event, facts, sizes)
    return sorted(found, key=lambda one: one.kind not in rules.URGENT)


def told_conflicts(
    request: AnyRequest, event: EventRow, found: list[rules.Conflict], stops: list[StopRow]
) -> list[dict[str, Any]]:
    """Conflicts as sentences, each with its way out as a link."""
    named = {
        stop.id: f"{emails.title_of(stop)} ({i18n.format_moment(stop.starts_at, event.timezone)})" for stop in stops
    }
    told = []
    for one in found:
        facts = {name: f"{value:g}" if isinstance(value, float) else value for name, value in one.numbers.items()}
        facts |= {"stop": named.get(one.stop or 0, ""), "other": named.get(one.other or 0, "")}
        way = reverse(request, "tour_people", slug=event.slug) + "?group=none"
        if one.kind in WAYS:
            way = reverse(request, WAYS[one.kind], slug=event.slug)
        elif one.kind == rules.Warned.NO_LETTER:
            way = reverse(request, "member_letter", slug=event.slug, member_id=one.numbers["member"])
        elif one.stop is not None:
            stop_id = one.other if one.kind == rules.Warned.TRAVEL and one.other else one.stop
            way = reverse(request, "edit_stop", slug=event.slug, stop_id=stop_id)
        sentence = labels.CONFLICTS[one.kind](**facts)
        told.append(
            {"urgent": one.kind in rules.URGENT, "sentence": sentence, "href": way, "way": labels.WAYS_OUT[one.kind]}
        )
    return told


def by_day(event: EventRow, stops: list[StopRow]) -> list[tuple[date, list[StopRow]]]:
    """The days of a tour, each with its stops; days outside it too when something is on them."""
    found: dict[date, list[StopRow]] = {day: [] for day in days_of(event.starts_at, event.ends_at, event.timezone)}
    for stop in stops:
        found.setdefault(days_of(stop.starts_at, stop.ends_at, event.timezone)[0], []).append(stop)
    return sorted(found.items())


@get(PATH, name="tour", opt=RUNNERS)
async def tour_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The itinerary by day, with everything that is to be settled."""
    event = await event_for(actor, slug)
    stops = await queries.stops_of(event.id)
    return render(
        request,
        "tours/tour.html",
        event=event,
        days=by_day(event, stops),
        stops=stops,
        conflicts=told_conflicts(request, event, await conflicts_of(event, stops), stops),
        plan=await queries.plan_of(event.id),
        counts=await queries.state_counts(event.id),
        coming=sum((await queries.sizes(event.id)).values()),
        unasked=sum(1 for stop in stops if hosting.is_to_ask(stop)),
        kinds=labels.STOP_KINDS,
        states=labels.STOP_STATES,
        hours=labels.hours,
        moment=i18n.format_moment,
    )


@post(f"{PATH}/ask", name="ask_hosts", opt=RUNNERS, status_code=303)
async def ask_hosts(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks every host who has not been asked."""
    stops, mails = await hosting.ask_all(slug, by=actor)
    return redirect(
        request, "tour", slug=slug, flash=N_("Stops asked about: %(stops)s, mails: %(mails)s", stops=stops, mails=mails)
    )


@post(f"{PATH}/release", name="release_tour", opt=RUNNERS, status_code=303)
async def release_tour(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows the itinerary to its people; from now on they are told of changes."""
    try:
        told = await services.release(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "tour", slug=slug, flash=refused.message, kind="warning")
    return redirect(
        request, "tour", slug=slug, flash=N_("The itinerary is released. People told: %(number)s", number=told)
    )


@get(f"{PATH}/told", name="tour_told", opt=RUNNERS)
async def tour_told(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What the members were told, and who has not read it."""
    event = await event_for(actor, slug)
    news = await member_queries.news_counts(event.id)
    asked = request.query_params.get("news", "")
    chosen = next((one for one in news if str(one.id) == asked), None)
    return render(
        request,
        "tours/told.html",
        event=event,
        news=news,
        chosen=chosen,
        unread=await member_queries.unread_of(event.id, chosen.id if chosen else 0),
        words=labels.NEWS,
        opened=phones.opened,
    )


HANDLERS: list[Any] = [tour_page, ask_hosts, release_tour, tour_told]
