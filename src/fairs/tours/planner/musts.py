"""Must stops: how many fit into the tour at all, routes that hold as many, and why the others cannot be held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairs.meetings.solver.lp import INFINITY, Stop, maximise
from fairs.tours.planner.exact import Rows
from fairs.tours.planner.instance import EPS, Bools, Instance
from fairs.tours.planner.patterns import Leg, Patterns, Route, TooMany, make_patterns
from fairs.tours.planner.problem import Fact, Kind, Unmet
from fairs.tours.planner.reasons import unmet

_COLUMNS = 20_000


@dataclass(frozen=True, slots=True)
class Most:
    """Routes with as many must stops as were found; `proved`: no tour holds more."""

    routes: list[Route]
    count: int
    proved: bool


def reach(house: Instance) -> tuple[Bools, Bools]:
    """By day: the cities in which a group can begin it, and those in which it may end it."""
    direct = house.travel <= house.length + EPS
    begin = np.zeros((house.days, len(direct)), dtype=np.bool_)
    end = np.zeros_like(begin)
    begin[0, house.start] = end[-1, house.end] = True
    for day in range(1, house.days):
        begin[day] = (begin[day - 1][:, None] & direct).any(axis=0)
        end[-1 - day] = (direct & end[-day][None, :]).any(axis=1)
    return begin, end


def needed(house: Instance, stop: int, day: int) -> float:
    """The least hours of a day with this stop between nights that lead from the start to the end; infinite without such nights."""
    begin, end = reach(house)
    there, back = house.travel[begin[day], house.city[stop]], house.travel[house.city[stop], end[day]]
    if not len(there) or not len(back):
        return float("inf")
    return float(there.min() + house.hours[stop] + back.min())


def most_musts(house: Instance, nodes: int, stop: Stop | None = None) -> Most | None:
    """The largest number of must stops on routes of all groups together. None when there are too many ways to tell."""
    alone = np.flatnonzero(house.must & (house.on & _possible(house)).any(axis=1))
    only = replace(house, on=house.on & np.isin(np.arange(len(house.must)), alone)[:, None])
    try:
        ways = make_patterns(only, house.travel, house.hours, _COLUMNS, alike=False)
    except TooMany:
        return None
    return _flow(only, ways, nodes, stop)


def _possible(house: Instance) -> Bools:
    """By stop and day: whether a group can be there at all."""
    table = np.zeros_like(house.on)
    for one in np.flatnonzero(house.must):
        for day in np.flatnonzero(house.on[one]):
            table[one, day] = needed(house, int(one), int(day)) <= house.length + EPS
    return table


def _flow(house: Instance, ways: Patterns, nodes: int, stop: Stop | None) -> Most | None:
    """Groups flow from night to night; each must counts once."""
    begin, end = reach(house)
    stops = [ways.stops_of(number, np.zeros(len(house.hours))) for number in range(len(ways.parts))]
    rows = Rows()
    legs: list[tuple[int, Leg]] = []
    for day in range(house.days):
        for number, chosen in enumerate(stops):
            if house.on[list(chosen), day].all():
                fits = ways.fits[ways.set_of[number]] >= ways.rank_of[number]
                for a, b in np.argwhere(fits & begin[day][:, None] & end[day][None, :]):
                    legs.append((day, Leg(int(a), int(b), chosen)))
                    rows.column(float(len(chosen)), 1.0 if chosen else float(house.groups))
        if len(legs) > _COLUMNS:
            return None
    first = [(at, 1.0) for at, (day, _) in enumerate(legs) if day == 0]
    rows.row(first, 0.0, float(house.groups))
    for day in range(house.days - 1):
        for city in range(len(house.travel)):
            came = [(at, 1.0) for at, (one, leg) in enumerate(legs) if one == day and leg.night == city]
            left = [(at, -1.0) for at, (one, leg) in enumerate(legs) if one == day + 1 and leg.origin == city]
            rows.row([*came, *left], 0.0, 0.0)
    for one in np.flatnonzero(house.must):
        rows.row([(at, 1.0) for at, (_, leg) in enumerate(legs) if one in leg.stops], -INFINITY, 1.0)
    found = maximise(rows.model(0), whole=True, nodes=nodes, stop=stop)
    if found is None or len(found.values) != len(legs):
        return None
    count = round(found.objective)
    return Most(_routes(house, legs, found.values), count, found.bound < count + 1 - 1e-6)


def _routes(house: Instance, legs: Sequence[tuple[int, Leg]], values: "np.typing.NDArray[np.float64]") -> list[Route]:
    """The flow taken apart into one route for each group."""
    left = {at: round(value) for at, value in enumerate(values) if value > 0.5}
    routes: list[Route] = []
    while len(routes) < house.groups:
        route: list[Leg] = []
        where = house.start
        for day in range(house.days):
            at = next((at for at, n in left.items() if n and legs[at][0] == day and legs[at][1].origin == where), None)
            if at is None:
                return routes
            left[at] -= 1
            route.append(legs[at][1])
            where = legs[at][1].night
        routes.append(tuple(route))
    return routes


def explain_musts(house: Instance, lost: Sequence[int], most: Most | None, held: int) -> list[Unmet]:
    """Why these must stops are on no route."""
    tour, begin = house.tour, reach(house)[0]
    told: list[Unmet] = []
    facts: dict[str, Fact]
    for one in lost:
        stop = tour.stops[one]
        days = [int(day) for day in np.flatnonzero(house.on[one])]
        hours = {day: needed(house, one, day) for day in days}
        if not house.groups:
            told.append(unmet(Kind.MUST, "must_nobody", stop=stop.id))
        elif not reach(house)[1][0, house.start] or not begin[-1].any():
            told.append(no_way(house, Kind.MUST, stop=stop.id))
        elif not days:
            told.append(unmet(Kind.MUST, "must_closed", stop=stop.id))
        elif house.hours[one] > house.length + EPS:
            facts = {"hours": float(house.hours[one]), "day_hours": house.length}
            told.append(unmet(Kind.MUST, "must_long", stop=stop.id, facts=facts))
        elif min(hours.values()) > house.length + EPS:
            day = min(days, key=lambda number: (hours[number], number))
            least = hours[day]
            if least == float("inf"):
                told.append(unmet(Kind.MUST, "must_no_night", stop=stop.id, facts={"city": stop.city}))
            else:
                facts = {"city": stop.city, "best_day": day, "needed": round(least, 2), "day_hours": house.length}
                told.append(unmet(Kind.MUST, "must_far", stop=stop.id, facts=facts))
        elif most is not None and most.proved and held >= most.count:
            others = tuple(tour.stops[int(two)].id for two in np.flatnonzero(house.must))
            room = {"most": most.count, "musts": len(others), "groups": house.groups, "days": house.days}
            told.append(unmet(Kind.MUST, "must_together", stop=stop.id, facts={**room, "names": others}))
        else:
            told.append(unmet(Kind.MUST, "must_not_found", stop=stop.id))
    return told


def no_way(house: Instance, kind: Kind, *, stop: str | None = None, person: str | None = None) -> Unmet:
    """No group can travel at all."""
    facts: dict[str, Fact] = {
        "origin": house.cities[house.start],
        "target": house.cities[house.end],
        "days": house.days,
        "drive": round(float(house.travel[house.start, house.end]), 2),
        "day_hours": house.length,
    }
    return unmet(kind, "no_way", stop=stop, person=person, facts=facts)
