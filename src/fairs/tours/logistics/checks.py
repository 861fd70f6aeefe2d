"""What is to be settled about journeys, rooms, vehicles and interpreters: read here, decided by the rules."""

from collections import defaultdict
from collections.abc import Sequence

from fairs.core.i18n import current_lang, format_moment, pick
from fairs.events.rows import EventRow
from fairs.tours import member_queries
from fairs.tours import rules as tour_rules
from fairs.tours.logistics import queries, rules
from fairs.tours.logistics.labels import DIRECTIONS
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
    )
    return rules.conflicts(case)


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
