"""What is to be settled about journeys, rooms, vehicles and interpreters: read here, decided by the rules."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from fairs.core.i18n import current_lang, format_day, format_moment, pick
from fairs.events.rows import EventRow
from fairs.tours import member_queries
from fairs.tours import rules as tour_rules
from fairs.tours.logistics import queries, rules
from fairs.tours.logistics.labels import DIRECTIONS
from fairs.tours.logistics.rows import HotelRow, TripRow
from fairs.tours.logistics.tables import Direction
from fairs.tours.papers import queries as papers
from fairs.tours.rows import MemberRow
from fairs.tours.rules import COMING


def name_of(row: MemberRow) -> str:
    """The name in the current language."""
    return (row.name_native if current_lang() == "zh" else "") or row.name_passport


async def conflicts_of(
    event: EventRow, stops: Sequence[tour_rules.Facts], sizes: dict[int | None, int]
) -> list[tour_rules.Conflict]:
    """All conflicts of the tour's journeys."""
    people = {row.id: row for row in await member_queries.members_of(event.id) if row.state in COMING}
    vehicles = await queries.vehicles_of(event.id)
    at_stops: dict[int, list[int]] = defaultdict(list)
    for vehicle in vehicles:
        for stop in vehicle.stops:
            at_stops[stop].append(vehicle.id)
    trips = await queries.trips_in(event.id)
    case = rules.Case(
        stops=stops,
        sizes=sizes,
        vehicles={row.id: (row.name, row.seats) for row in vehicles},
        at_stops=at_stops,
        pickups=[
            (
                row.vehicle,
                row.people,
                row.leaves_at,
                where(row.direction, row.place, format_moment(row.leaves_at, event.timezone)),
            )
            for row in await queries.pickups_of(event.id)
        ],
        rooms=await _rooms(event.id),
        names={row.id: name_of(row) for row in people.values()},
        arrivals=[
            (row.member, people[row.member].grp, row.at)
            for row in trips
            if row.direction == Direction.ARRIVAL and row.member in people
        ],
        interpreters=[
            rules.Speaker(row.id, row.name, row.grp, frozenset(row.stops))
            for row in await queries.interpreters_of(event.id)
        ],
        letters=await papers.waiting(event.id),
        unlettered=await papers.unlettered(event.id),
        stays=stays_of(event, trips),
        say_day=format_day,
    )
    return rules.conflicts(case)


def stays_of(event: EventRow, trips: Sequence[TripRow]) -> dict[int, tuple[date | None, date | None]]:
    """Member → the day of the first night there, and the day of leaving. Who comes before six sleeps from the day before on."""
    zone = ZoneInfo(event.timezone)
    found: dict[int, tuple[date | None, date | None]] = {}
    for trip in trips:
        comes, goes = found.get(trip.member, (None, None))
        at = trip.at.astimezone(zone)
        if trip.direction == Direction.ARRIVAL:
            found[trip.member] = ((at - timedelta(hours=6)).date(), goes)
        else:
            found[trip.member] = (comes, at.date())
    return found


async def own_nights_at(event: EventRow, hotel: HotelRow) -> dict[int, list[date]]:
    """Member → the nights in a hotel, of those who come later or leave earlier than its nights are."""
    nights = rules.nights_between(hotel.first_night, hotel.last_night)
    stays = stays_of(event, await queries.trips_in(event.id))
    own = {member: rules.own_nights(nights, *days) for member, days in stays.items()}
    return {member: found for member, found in own.items() if found != nights}


def where(direction: Direction, place: str, when: str) -> str:
    """A pick-up in words."""
    return f"{DIRECTIONS[direction]} · {place} · {when}"


async def _rooms(event_id: int) -> list[rules.Sleeping]:
    hotels = {row.id: row for row in await queries.hotels_of(event_id)}
    inside: dict[int, list[int]] = defaultdict(list)
    for one in await queries.sleepers_of(event_id):
        inside[one.room].append(one.member)
    found = []
    for room in await queries.rooms_of(event_id):
        if room.id in inside:
            hotel = hotels[room.hotel]
            name = f"{pick(hotel.name_zh, hotel.name_en)} {room.name}"
            found.append(rules.Sleeping(name, room.beds, hotel.first_night, hotel.last_night, tuple(inside[room.id])))
    return found
