"""Something of everything of a tour, for the small fair."""

from datetime import date, datetime, timedelta
from typing import Any

from fairs.core import clock, db
from fairs.tours import members as tour_members
from fairs.tours import services as tours
from fairs.tours.forms import GroupForm, QuotaForm, StopForm
from fairs.tours.hosting import ask_all
from fairs.tours.logistics import hotels, pickups, trips
from fairs.tours.logistics.forms import HotelForm, InterpreterForm, RoomsForm, TripForm, VehicleForm
from fairs.tours.logistics.tables import Direction
from fairs.tours.logistics.vehicles import save_interpreter, save_vehicle
from fairs.tours.papers import letters, links
from fairs.tours.papers.forms import PassportForm, RequestForm
from fairs.tours.results import expenses
from fairs.tours.results.forms import HostExpenseForm
from tests.agreements import scene
from tests.fair import tomorrow


async def _journeys(slug: str, of: scene.Scene) -> dict[str, Any]:
    """A vehicle, a pick-up, a hotel, an interpreter, a letter and a sheet of the tour: path parameter → value."""
    member = await db.fetchval("SELECT max(id) FROM tour_member")
    vehicle = await save_vehicle(slug, None, VehicleForm(name="Coach", seats=45), by=of.organiser)
    speaker = InterpreterForm(name="Li", languages=["en"])
    hotel_form = HotelForm(name_en="Inn", first_night=clock.now().date(), last_night=clock.now().date())
    hotel = await hotels.save_hotel(slug, None, hotel_form, by=of.organiser)
    await hotels.add_rooms(slug, hotel, RoomsForm(names="801"), by=of.organiser)
    trip = TripForm(number="CZ1", at=tomorrow(), place="CGO", fetched=True)
    await trips.save_trip(slug, member, Direction.ARRIVAL, trip, by=of.organiser)
    await pickups.propose(slug, by=of.organiser)
    born, expires = date(1980, 1, 1), clock.now().date() + timedelta(days=900)
    passport = PassportForm(number="E12345", nationality="ES", born=born, expires=expires)
    await letters.save_passport(slug, member, passport, by=of.organiser)
    await letters.request_for(slug, member, RequestForm(kind="F"), by=of.organiser)
    code = await links.make(slug, vehicle=vehicle, by=of.organiser)
    return {
        "vehicle_id": vehicle,
        "interpreter_id": await save_interpreter(slug, None, speaker, by=of.organiser),
        "hotel_id": hotel,
        "room_id": await db.fetchval("SELECT max(id) FROM tour_room"),
        "pickup_id": await db.fetchval("SELECT max(id) FROM tour_pickup"),
        "letter_id": await db.fetchval("SELECT max(id) FROM tour_letter"),
        "link_id": await db.fetchval("SELECT max(id) FROM tour_sheet_link"),
        "journey_part": "arrival",
        "act": "issue",
        "visa": "F",
        "sheet_code": code,
    }


async def some(slug: str, event: int, of: scene.Scene, morning: datetime) -> dict[str, Any]:
    """Something of a tour in the fair: path parameter → id."""
    group = await tours.add_group(slug, GroupForm(name="A"), by=of.organiser)
    await tours.set_quota(slug, QuotaForm(unit="410300", places=5), by=of.organiser)
    noon = morning + timedelta(hours=1)
    visit = StopForm(title_en="Visit", unit="410300", employer=str(of.organisation), starts_at=morning, ends_at=noon)
    stop = await tours.add_stop(slug, visit, by=of.organiser)
    await ask_all(slug, by=of.organiser)
    await tour_members.take_over(slug, by=of.organiser)
    spent = HostExpenseForm(day=morning.date(), kind="meal", amount="120.50")
    await expenses.save_hosted(stop, None, spent, by=of.bureau)
    plan = '{"candidates":[],"people":[],"groups":[],"left":[],"objective":0,"bound":0,"gap":0}'
    return {
        **await _journeys(slug, of),
        "group_id": group,
        "stop_id": stop,
        "quota_id": await db.fetchval("SELECT max(id) FROM tour_quota"),
        "expense_id": await db.fetchval("SELECT max(id) FROM tour_expense"),
        "member_id": await db.fetchval("SELECT max(id) FROM tour_member"),
        "route_id": await db.fetchval(
            "INSERT INTO tour_route (event, state, plan) VALUES ($1, 'done', $2::jsonb) RETURNING id", event, plan
        ),
    }
