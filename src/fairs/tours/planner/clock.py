"""The hours of a plan: the order of the stops of each day, and later hours where two groups would crowd one stop."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from fairs.tours.planner.instance import EPS, Bools, Floats, Instance
from fairs.tours.planner.patterns import NEVER, Leg, Patterns, Route
from fairs.tours.planner.routes import find_route, stop_values

Slot = tuple[int, float, float]
"""A stop with the hours at which it begins and ends."""
Busy = dict[tuple[int, int], list[tuple[float, float, int]]]
Timetable = list[list[list[Slot]]]
_ORDERS = 120
"""Most orders of one day that are tried."""


def orders(house: Instance, leg: Leg) -> list[tuple[int, ...]]:
    """Orders of a day's stops that end in time, the shortest drive first."""
    found = []
    for order in _arrangements(house, leg.stops):
        drive, where = 0.0, leg.origin
        for one in order:
            drive += float(house.travel[where, house.city[one]])
            where = int(house.city[one])
        drive += float(house.travel[where, leg.night])
        if drive + float(house.hours[list(order)].sum()) <= house.length + EPS:
            found.append((round(drive, 9), order))
    return [order for _, order in sorted(found)[:_ORDERS]]


def _arrangements(house: Instance, stops: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All orders of a few stops; of many stops those in which each city is visited once."""
    if len(stops) <= 6:
        yield from permutations(stops)
        return
    cities = sorted({int(house.city[one]) for one in stops})
    for order in permutations(cities):
        yield tuple(one for city in order for one in stops if house.city[one] == city)


@dataclass(frozen=True, slots=True)
class Jam:
    """A group that finds no hours on a day because of the groups before it, and where it meets them."""

    group: int
    day: int
    stops: tuple[int, ...]


def set_hours(house: Instance, routes: Sequence[Route], members: Sequence[Bools]) -> Timetable | Jam:
    """The hours of all groups, the largest group first."""
    busy: Busy = {}
    table: Timetable = [[] for _ in routes]
    for group in sorted(range(len(routes)), key=lambda one: (-int(members[one].sum()), one)):
        for day, leg in enumerate(routes[group]):
            present = int((members[group] & house.free[:, day]).sum())
            slots = _set_day(house, leg, day, present, busy)
            if slots is None:
                return Jam(group, day, tuple(one for one in leg.stops if (day, one) in busy))
            for one, begin, end in slots:
                busy.setdefault((day, one), []).append((begin, end, present))
            table[group].append(slots)
    return table


def _set_day(house: Instance, leg: Leg, day: int, present: int, busy: Busy) -> list[Slot] | None:
    for order in orders(house, leg):
        slots = list(_timed(house, leg, order, day, present, busy))
        where, clock = (int(house.city[slots[-1][0]]), slots[-1][2]) if slots else (leg.origin, house.first_hour)
        if clock + float(house.travel[where, leg.night]) <= house.first_hour + house.length + EPS:
            return slots
    return None


def _timed(
    house: Instance,
    leg: Leg,
    order: Sequence[int],
    day: int,
    present: int,
    busy: Busy,
) -> Iterator[Slot]:
    """Each stop as early as the drive and the other groups allow."""
    clock, where = house.first_hour, leg.origin
    for one in order:
        clock += float(house.travel[where, house.city[one]])
        others = busy.get((day, one), [])
        length = float(house.hours[one])
        for begin in sorted([clock, *(end for _, end, _ in others if end > clock)]):
            if _most(others, begin, begin + length) + present <= house.places[one]:
                clock = begin
                break
        yield one, clock, clock + length
        clock, where = clock + length, int(house.city[one])


def _most(others: Sequence[tuple[float, float, int]], begin: float, end: float) -> int:
    """The most people of other groups at one time between two hours."""
    times = [begin, *(start for start, _, _ in others if begin < start < end)]
    return max(sum(count for start, stop, count in others if start <= time < stop) for time in times)


def without_crowds(
    house: Instance, ways: Patterns, routes: list[Route], members: list[Bools]
) -> tuple[list[Route], Timetable]:
    """The hours; a group that cannot avoid the others takes another way, without the stop from which it gains least on that day."""
    routes = list(routes)
    barred = [np.zeros((house.days, len(house.hours))) for _ in routes]
    while True:
        found = set_hours(house, routes, members)
        if not isinstance(found, Jam):
            return routes, found
        who = members[found.group] & house.free[:, found.day]
        one = min(found.stops, key=lambda stop: (house.must[stop], int(house.score[who, stop].sum()), stop))
        barred[found.group][found.day, one] = NEVER
        routes[found.group] = _other_way(house, ways, routes, members, found.group, barred[found.group])


def _other_way(
    house: Instance, ways: Patterns, routes: list[Route], members: list[Bools], group: int, barred: Floats
) -> Route:
    """The best route of a group without what is barred; if none is better, the old one without it."""
    others = {one for other, route in enumerate(routes) if other != group for leg in route for one in leg.stops}
    large = float(house.score.sum()) + 1.0
    extra = np.array([large if must and s not in others else 0.0 for s, must in enumerate(house.must)])
    values = np.maximum(stop_values(house, members[group], extra) + barred, NEVER)
    kept = tuple(
        Leg(leg.origin, leg.night, tuple(one for one in leg.stops if not barred[day, one]))
        for day, leg in enumerate(routes[group])
    )
    worth = sum(float(values[day, one]) for day, leg in enumerate(kept) for one in leg.stops)
    found = find_route(house, ways, values)
    return found.route if found and found.worth > worth else kept
