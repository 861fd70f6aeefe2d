"""Who travels in which group when the routes are known: a transport problem with limits by group and day."""

import numpy as np

from fairs.meetings.solver.lp import INFINITY, Model, Stop, maximise
from fairs.tours.planner.instance import Bools, Floats, Instance, Ints
from fairs.tours.planner.patterns import Route


def gains(house: Instance, route: Route) -> Ints:
    """By person: the scores along a route, on the days on which they are there."""
    total = np.zeros(len(house.score), dtype=np.int64)
    for day, leg in enumerate(route):
        if leg.stops:
            total += np.where(house.free[:, day], house.score[:, list(leg.stops)].sum(axis=1), 0)
    return total


def room(house: Instance, route: Route) -> Ints:
    """By day: how many people of the group may be present."""
    return np.array([min([house.seats, *(int(house.places[one]) for one in leg.stops)]) for leg in route])


def seat(house: Instance, routes: list[Route], caps: list[int], stop: Stop | None = None) -> list[Bools]:
    """The people of each group with the largest sum of scores; then as many people as possible."""
    people, groups = len(house.score), len(routes)
    if not groups or not people:
        return [np.zeros(people, dtype=np.bool_) for _ in routes]
    worth = np.stack([gains(house, route) for route in routes], axis=1)
    rooms = np.stack([room(house, route) for route in routes])
    limits = [min(cap, house.seats) for cap in caps]
    tight = [[d for d in range(house.days) if rooms[g, d] < limits[g]] for g in range(groups)]
    row_of: dict[tuple[int, int], int] = {}
    upper: list[float] = [*[1.0] * people, *limits]
    for group, days in enumerate(tight):
        for day in days:
            row_of[group, day] = len(upper)
            upper.append(rooms[group, day])
    starts, rows = [0], []
    for person in range(people):
        for group in range(groups):
            rows += [person, people + group]
            rows += [row_of[group, day] for day in tight[group] if house.free[person, day]]
            starts.append(len(rows))
    size = people * groups
    profit = (worth * (people + 1) + 1).reshape(-1).astype(np.float64)
    model = Model(
        profit,
        np.zeros(size),
        np.repeat(house.free.any(axis=1), groups).astype(np.float64),
        np.array(starts, dtype=np.int64),
        np.array(rows, dtype=np.int64),
        np.full(len(upper), -INFINITY),
        np.array(upper, dtype=np.float64),
    )
    found = maximise(model, stop=stop)
    if found is not None and (np.abs(found.values - np.round(found.values)) > 1e-6).any():
        found = maximise(model, whole=True, nodes=50, stop=stop)
    chosen = np.zeros((people, groups)) if found is None else found.values.reshape(people, groups)
    return [chosen[:, group] > 0.5 for group in range(groups)]


def scored(house: Instance, routes: list[Route], members: list[Bools]) -> int:
    """The objective."""
    return int(sum(gains(house, route)[who].sum() for route, who in zip(routes, members, strict=True)))


def shares(values: Floats) -> Floats:
    """Rows scaled to length 1."""
    lengths: Floats = np.maximum(np.sqrt((values**2).sum(axis=1, keepdims=True)), 1e-9)
    scaled: Floats = values / lengths
    return scaled
