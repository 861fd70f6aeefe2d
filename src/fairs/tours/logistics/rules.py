"""Decisions about journeys and rooms without a database: pick-ups bundled by time, who sleeps with whom, and conflicts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from fairs.tours.logistics.tables import Direction, RoomWish
from fairs.tours.rules import Conflict, Facts, Warned, people_at
from fairs.tours.tables import StopState


@dataclass(frozen=True, slots=True)
class Comer:
    """Somebody to be fetched or brought: when and where."""

    member: int
    at: datetime
    place: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """People who ride together, and when the vehicle leaves."""

    place: str
    leaves_at: datetime
    members: tuple[int, ...]


def bundles(
    comers: Iterable[Comer], direction: Direction, *, wait: timedelta, ahead: timedelta, seats: int
) -> list[Bundle]:
    """The fewest rides by place, in order of time: nobody waits longer than `wait`, none has more people than `seats`.

    An arrival leaves when the last of its people is there; a departure leaves `ahead` of the first of its people.
    """
    by_place: dict[str, list[Comer]] = defaultdict(list)
    for comer in comers:
        by_place[comer.place].append(comer)
    found = []
    for place in sorted(by_place):
        together: list[Comer] = []
        for comer in sorted(by_place[place], key=lambda one: (one.at, one.member)):
            if together and (comer.at - together[0].at > wait or len(together) >= seats):
                found.append(_bundle(place, together, direction, ahead))
                together = []
            together.append(comer)
        found.append(_bundle(place, together, direction, ahead))
    return sorted(found, key=lambda one: (one.leaves_at, one.place))


def _bundle(place: str, together: Sequence[Comer], direction: Direction, ahead: timedelta) -> Bundle:
    leaves = together[-1].at if direction == Direction.ARRIVAL else together[0].at - ahead
    return Bundle(place, leaves, tuple(one.member for one in together))


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who sleeps in a hotel. `names`: by which others may ask for this person, folded; `mate`: who is asked for, folded."""

    member: int
    sex: str = ""
    wish: str = RoomWish.ANY
    mate: str = ""
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Beds:
    """A room with its beds and who is in it already."""

    room: int
    beds: int
    members: tuple[int, ...] = ()


def _ask_each_other(one: Guest, other: Guest) -> bool:
    return bool(one.mate and other.mate) and one.mate in other.names and other.mate in one.names


def may_share(one: Guest, other: Guest) -> bool:
    """Whether two people may be put into one room: they ask for each other, or both are told to be of the same sex."""
    return _ask_each_other(one, other) or bool(one.sex and one.sex == other.sex)


def pairs_of(guests: Sequence[Guest]) -> list[tuple[Guest, Guest]]:
    """Those who ask for each other."""
    found: list[tuple[Guest, Guest]] = []
    taken: set[int] = set()
    for at, one in enumerate(guests):
        other = next((other for other in guests[at + 1 :] if _ask_each_other(one, other)), None)
        if other is not None and not taken & {one.member, other.member}:
            found.append((one, other))
            taken |= {one.member, other.member}
    return found


class _Free:
    """Empty rooms that are taken one after the other, the smallest that fits first."""

    def __init__(self, rooms: Sequence[Beds]) -> None:
        self.rooms = sorted((room for room in rooms if not room.members), key=lambda room: (room.beds, room.room))
        self.found: dict[int, int] = {}

    def take(self, people: Sequence[Guest]) -> bool:
        """Put people together into a room; False: none is left."""
        room = next((room for room in self.rooms if room.beds >= len(people)), None)
        if room is None:
            return False
        self.rooms.remove(room)
        self.found.update({one.member: room.room for one in people})
        return True


def rooms_for(guests: Sequence[Guest], rooms: Sequence[Beds]) -> tuple[dict[int, int], list[int]]:
    """member → room, and who is left without one.

    First those who ask for each other, then who wants a room alone, then pairs of the same sex; somebody whose sex is not told
    shares with nobody who has not asked for it. Who is in a room already stays there.
    """
    there = {member for room in rooms for member in room.members}
    open_ = [guest for guest in guests if guest.member not in there]
    free = _Free(rooms)
    for pair in pairs_of(open_):
        free.take(pair)
    for one in open_:
        if one.wish == RoomWish.SINGLE and one.member not in free.found:
            free.take([one])
    sharing = [one for one in open_ if one.wish != RoomWish.SINGLE]
    _join_halves(sharing, guests, rooms, free.found)
    for sex in ("f", "m"):
        same = [one for one in sharing if one.sex == sex and one.member not in free.found]
        while len(same) > 1 and free.take(same[:2]):
            same = same[2:]
    for one in sharing:
        if one.member not in free.found:
            free.take([one])
    return free.found, [one.member for one in open_ if one.member not in free.found]


def _join_halves(
    sharing: Sequence[Guest], guests: Sequence[Guest], rooms: Sequence[Beds], found: dict[int, int]
) -> None:
    """Fill beds beside people who were put there by hand, unless one of them wants to be alone."""
    known = {one.member: one for one in guests}
    for room in rooms:
        inside = [known[member] for member in room.members if member in known]
        if not inside or len(inside) < len(room.members) or any(one.wish == RoomWish.SINGLE for one in inside):
            continue
        for one in sharing:
            fits = len(inside) < room.beds and all(may_share(one, other) for other in inside)
            if fits and one.member not in found:
                found[one.member] = room.room
                inside.append(one)


@dataclass(frozen=True, slots=True)
class Ride:
    """A vehicle at work: at a stop, or at a pick-up."""

    vehicle: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Sleeping:
    """A room with its sleepers over its nights."""

    name: str
    beds: int
    first: date
    last: date
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """An interpreter: the group that is accompanied, and stops."""

    id: int
    name: str
    group: int | None
    stops: frozenset[int]


@dataclass(frozen=True)
class Case:
    """Everything by which conflicts of a journey are found."""

    stops: Sequence[Facts]
    sizes: Mapping[int | None, int]
    vehicles: Mapping[int, tuple[str, int]]  # id → name, seats
    at_stops: Mapping[int, Sequence[int]]  # stop → vehicles
    pickups: Sequence[tuple[int | None, int, datetime, str]]  # vehicle, people, leaves at, where
    rooms: Sequence[Sleeping] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    arrivals: Sequence[tuple[int, int | None, datetime]] = ()  # member, group, at
    interpreters: Sequence[Speaker] = ()
    letters: Sequence[int] = ()  # members who wait for a letter
    unlettered: Sequence[tuple[int, int]] = ()  # members from abroad without one, and the days that are left
    stays: Mapping[int, tuple[date | None, date | None]] = field(
        default_factory=dict
    )  # member → first and last day there
    say_day: Callable[[date], str] = date.isoformat


RIDE = timedelta(hours=1)  # a pick-up keeps its vehicle for so long


def conflicts(case: Case) -> list[Conflict]:
    """All conflicts of vehicles, rooms, arrivals, interpreters and letters."""
    standing = [stop for stop in case.stops if stop.state != StopState.CANCELLED]
    return [
        *_full(case, standing),
        *_vehicle_twice(case, standing),
        *_rooms(case),
        *_late(case, standing),
        *_interpreters(case, standing),
        *(Conflict(Warned.LETTER, numbers={"person": case.names[one]}) for one in case.letters if one in case.names),
        *_unlettered(case),
        *_nights(case),
    ]


def _unlettered(case: Case) -> list[Conflict]:
    return [
        Conflict(Warned.NO_LETTER, numbers={"person": case.names[member], "days": days, "member": member})
        for member, days in case.unlettered
        if member in case.names
    ]


def nights_between(first: date, last: date) -> list[date]:
    """All nights from the first to the last."""
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def own_nights(nights: Sequence[date], comes: date | None, goes: date | None) -> list[date]:
    """Those of these nights that somebody needs who comes and goes on these days; None: with everybody."""
    return [night for night in nights if (comes is None or night >= comes) and (goes is None or night < goes)]


def _nights(case: Case) -> list[Conflict]:
    """People without a bed in nights for which others have one, one conflict for each person."""
    beds: dict[int, set[date]] = defaultdict(set)
    for room in case.rooms:
        for member in room.members:
            beds[member].update(nights_between(room.first, room.last))
    given = sorted(set().union(*beds.values()))
    found = []
    for member, name in case.names.items():
        missing = [
            night for night in own_nights(given, *case.stays.get(member, (None, None))) if night not in beds[member]
        ]
        if missing:
            numbers = {"person": name, "nights": len(missing), "day": case.say_day(missing[0])}
            found.append(Conflict(Warned.NIGHT, numbers=numbers))
    return found


def _full(case: Case, stops: Sequence[Facts]) -> list[Conflict]:
    found = []
    for stop in stops:
        riding = [case.vehicles[one] for one in case.at_stops.get(stop.id, ())]
        seats, people = sum(seats for _, seats in riding), people_at(stop.groups, case.sizes)
        if riding and people > seats:
            numbers = {"vehicle": ", ".join(name for name, _ in riding), "seats": seats, "people": people}
            found.append(Conflict(Warned.VEHICLE_FULL, stop.id, numbers=numbers))
    for vehicle, people, _, where in case.pickups:
        if vehicle is not None and people > case.vehicles[vehicle][1]:
            name, seats = case.vehicles[vehicle]
            found.append(
                Conflict(
                    Warned.PICKUP_FULL, numbers={"vehicle": name, "seats": seats, "people": people, "where": where}
                )
            )
        elif vehicle is None and people:
            found.append(Conflict(Warned.NO_VEHICLE, numbers={"where": where, "people": people}))
    return found


def _vehicle_twice(case: Case, stops: Sequence[Facts]) -> list[Conflict]:
    rides = [
        Ride(vehicle, stop.starts_at, stop.ends_at) for stop in stops for vehicle in case.at_stops.get(stop.id, ())
    ]
    rides += [
        Ride(vehicle, leaves, leaves + RIDE)
        for vehicle, people, leaves, _ in case.pickups
        if vehicle is not None and people
    ]
    found: dict[int, Conflict] = {}
    for at, one in enumerate(rides):
        for other in rides[at + 1 :]:
            if one.vehicle == other.vehicle and one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                name = case.vehicles[one.vehicle][0]
                found.setdefault(one.vehicle, Conflict(Warned.VEHICLE_TWICE, numbers={"vehicle": name}))
    return list(found.values())


def _rooms(case: Case) -> list[Conflict]:
    found = []
    for room in case.rooms:
        if len(room.members) > room.beds:
            numbers = {"room": room.name, "beds": room.beds, "people": len(room.members)}
            found.append(Conflict(Warned.ROOM, numbers=numbers))
    nights: dict[int, list[Sleeping]] = defaultdict(list)
    for room in case.rooms:
        for member in room.members:
            nights[member].append(room)
    for member, rooms in nights.items():
        for at, one in enumerate(rooms):
            if any(one.first <= other.last and other.first <= one.last for other in rooms[at + 1 :]):
                found.append(Conflict(Warned.TWO_ROOMS, numbers={"person": case.names.get(member, "")}))
                break
    return found


def _late(case: Case, stops: Sequence[Facts]) -> list[Conflict]:
    found = []
    for member, group, at in case.arrivals:
        own = [stop for stop in stops if not stop.groups or group in stop.groups]
        first = min(own, key=lambda stop: (stop.starts_at, stop.id), default=None)
        if first is not None and at > first.starts_at:
            found.append(Conflict(Warned.LATE, first.id, numbers={"person": case.names.get(member, "")}))
    return found


def works_at(one: Speaker, stop: Facts) -> bool:
    """Whether an interpreter is at a stop: assigned to it, or with a group that is there."""
    with_group = one.group is not None and (not stop.groups or one.group in stop.groups)
    return stop.id in one.stops or with_group


def _interpreters(case: Case, stops: Sequence[Facts]) -> list[Conflict]:
    found = []
    for one in case.interpreters:
        work = sorted((stop for stop in stops if works_at(one, stop)), key=lambda stop: (stop.starts_at, stop.id))
        for at, stop in enumerate(work):
            twice = next((other for other in work[at + 1 :] if other.starts_at < stop.ends_at), None)
            if twice is not None:
                found.append(Conflict(Warned.INTERPRETER, stop.id, twice.id, {"person": one.name}))
    return found
