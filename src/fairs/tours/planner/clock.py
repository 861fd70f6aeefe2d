"""The hours of a plan: the order of the stops of each day, and later hours where two groups would crowd one stop."""

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from fairs.tours.planner.instance import EPS, Bools, Instance
from fairs.tours.planner.patterns import Leg, Route

Slot = tuple[int, float, float]
"""A stop with the hours at which it begins and ends."""
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


def set_hours(house: Instance, routes: Sequence[Route], members: Sequence[Bools]) -> Timetable | None:
    """The hours of all groups, the largest group first; None when two groups cannot avoid each other."""
    busy: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
    table: Timetable = [[] for _ in routes]
    for group in sorted(range(len(routes)), key=lambda one: (-int(members[one].sum()), one)):
        for day, leg in enumerate(routes[group]):
            present = int((members[group] & house.free[:, day]).sum())
            slots = _set_day(house, leg, day, present, busy)
            if slots is None:
                return None
            for one, begin, end in slots:
                busy.setdefault((day, one), []).append((begin, end, present))
            table[group].append(slots)
    return table


def _set_day(
    house: Instance, leg: Leg, day: int, present: int, busy: dict[tuple[int, int], list[tuple[float, float, int]]]
) -> list[Slot] | None:
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
    busy: dict[tuple[int, int], list[tuple[float, float, int]]],
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


def without_crowds(house: Instance, routes: list[Route], members: list[Bools]) -> tuple[list[Route], Timetable]:
    """The hours; where groups cannot avoid each other, the stop is left out of the group that gains least from it."""
    routes = list(routes)
    while True:
        table = set_hours(house, routes, members)
        if table is not None:
            return routes, table
        group, day, one = min(_shared(house, routes, members))[1:]
        leg = routes[group][day]
        kept = Leg(leg.origin, leg.night, tuple(stop for stop in leg.stops if stop != one))
        routes[group] = (*routes[group][:day], kept, *routes[group][day + 1 :])


def _shared(house: Instance, routes: Sequence[Route], members: Sequence[Bools]) -> Iterator[tuple[int, int, int, int]]:
    """What each group loses without a stop that it shares with another one on the same day."""
    for day in range(house.days):
        count = np.bincount([s for route in routes for s in route[day].stops], minlength=len(house.hours))
        for group, route in enumerate(routes):
            who = members[group] & house.free[:, day]
            for one in route[day].stops:
                if count[one] > 1:
                    yield int(house.score[who, one].sum()), group, day, one
