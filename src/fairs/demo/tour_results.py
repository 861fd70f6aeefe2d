"""What came of the tour: meetings that hosts noted at their stops, what everything cost, and the thanks."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from fairs.core.errors import DomainError
from fairs.demo.context import DemoContext
from fairs.meetings.tables import MeetingOutcome
from fairs.reports.tours import thanks
from fairs.tours import member_queries, queries
from fairs.tours.logistics import queries as logistics
from fairs.tours.results import expenses, talks
from fairs.tours.results.forms import ExpenseForm, HostExpenseForm, TalkForm
from fairs.tours.results.queries import listings_at, stop_of_employer
from fairs.tours.results.tables import ExpenseKind
from fairs.tours.rows import StopRow
from fairs.tours.tables import StopKind, StopState

ZONE = ZoneInfo("Asia/Shanghai")
TALKS = 3  # at most, at one stop
RESULTS = (MeetingOutcome.TALKS, MeetingOutcome.INTENT, MeetingOutcome.NONE)


async def create_results(stage: DemoContext) -> None:
    """Everything that is over by now."""
    slug = stage.content.tour.slug
    stops = [stop for stop in await queries.stops_of(stage.events[slug]) if stop.state == StopState.CONFIRMED]
    for stop in stops:
        if stage.past(stop.ends_at):
            with stage.at(stop.ends_at + timedelta(minutes=20)):
                await _talks(stage, stop)
                await _spent_at(stage, stop)
    await _spent(stage)
    ended = stage.moment(stage.content.tour.ends_at) + timedelta(days=1)
    if stage.past(ended):
        with stage.at(ended):
            await thanks.thank(slug, by=stage.organiser)


async def _talks(stage: DemoContext, stop: StopRow) -> None:
    """The host notes whom it talked with; a person who is at another meeting then is left out."""
    keys = {number: key for key, number in stage.organisations.items()}
    actor = stage.employers.get(keys.get(stop.organisation or 0, ""))
    if actor is None:
        return
    people = [row for row in await member_queries.people_at(stop.event, stop.id) if row.talent]
    listings = await listings_at(await stop_of_employer(actor, stop.id))
    if not listings:
        return
    for row in stage.rng.sample(people, min(TALKS, len(people))):
        form = TalkForm(
            member=str(row.id),
            listing=str(stage.rng.choice(listings).id),
            outcome=stage.rng.choice(RESULTS).value,
        )
        try:
            await talks.note_talk(stop.id, form, by=actor)
        except DomainError:
            continue


async def _spent_at(stage: DemoContext, stop: StopRow) -> None:
    """The city pays for the room of its briefing."""
    day = stop.starts_at.astimezone(ZONE).date()
    if stop.kind == StopKind.BRIEFING:
        room = HostExpenseForm(day=day, kind=ExpenseKind.VENUE.value, amount=str(stage.rng.randrange(8, 30) * 100))
        room.note = "会议室、茶歇 room and tea"
        await expenses.save_hosted(stop.id, None, room, by=stage.bureaus[stop.unit])


async def _spent(stage: DemoContext) -> None:
    """Coaches, insurance, a flight and nights, as far as the tour has come."""
    slug = stage.content.tour.slug
    event = stage.events[slug]
    starts = stage.moment(stage.content.tour.starts_at)
    if not stage.past(starts + timedelta(days=1)):
        return
    with stage.at(starts + timedelta(days=1)):
        day = starts.astimezone(ZONE).date()
        for row in await logistics.vehicles_of(event):
            coach = ExpenseForm(day=day, kind=ExpenseKind.VEHICLE.value, amount=str(row.seats * 320))
            coach.about = f"vehicle:{row.id}"
            await expenses.save_expense(slug, None, coach, by=stage.organiser)
        insurance = ExpenseForm(day=day, kind=ExpenseKind.INSURANCE.value, amount="1860", note="境外人员意外险")
        await expenses.save_expense(slug, None, insurance, by=stage.organiser)
        ticket = ExpenseForm(day=day, kind=ExpenseKind.TRAVEL.value, amount="742.60", currency="EUR", note="MUC–CGO")
        await expenses.save_expense(slug, None, ticket, by=stage.organiser)
    for hotel in await logistics.hotels_of(event):
        night = stage.moment(stage.content.tour.starts_at).replace(
            year=hotel.first_night.year, month=hotel.first_night.month, day=hotel.first_night.day
        )
        if stage.past(night + timedelta(days=1)):
            with stage.at(night + timedelta(days=1)):
                spent = ExpenseForm(day=hotel.first_night, kind=ExpenseKind.HOTEL.value, amount=str(hotel.rooms * 398))
                spent.about = f"hotel:{hotel.id}"
                await expenses.save_expense(slug, None, spent, by=stage.organiser)
