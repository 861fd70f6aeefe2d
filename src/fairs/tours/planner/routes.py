"""The best route of one group of people: which stops on which day, and where the nights are."""

from dataclasses import dataclass

import numpy as np

from fairs.tours.planner.instance import Bools, Floats, Instance
from fairs.tours.planner.patterns import NEVER, Leg, Patterns, Route

_TOKEN = 1e-3
"""What a stop must be worth before anybody drives there."""


@dataclass(frozen=True, slots=True)
class Found:
    """A route, what it is worth, and how much the best one can be worth."""

    route: Route
    worth: float
    bound: float
    steps: int = 1


def stop_values(house: Instance, members: Bools, extra: Floats) -> Floats:
    """By day and stop: the scores of those present, with `extra` by stop, and NEVER where the group may not go."""
    there = house.free & members[:, None]
    values = there.T.astype(np.float64) @ house.score - _TOKEN + extra
    present = there.sum(axis=0)
    allowed = house.on.T & (present[:, None] <= house.places[None, :])
    return np.where(allowed, values, NEVER)


def find_route(house: Instance, ways: Patterns, values: Floats, near: float = 0.5, rounds: int = 12) -> Found | None:
    """A route that visits no stop twice; None when no route leads from the start to the end.

    Stops that the best chain of days visits more than once get a price, until none is left or the rounds are over,
    or the route is within `near` of the best one.
    """
    price = np.zeros(values.shape[1])
    best: Found | None = None
    bound = np.inf
    for step in range(rounds):
        shown = np.maximum(values - price, NEVER)
        worth = ways.worth(shown)
        total, nights, table = ways.best_route(worth, house.start, house.end)
        if total <= NEVER / 2:
            return None
        bound = min(bound, total + float(price.sum()))
        picked = [ways.picked(worth, table, shown, day, *pair) for day, pair in enumerate(nights)]
        count = np.bincount([one for stops in picked for one in stops], minlength=len(price))
        route = _without_repeats(ways, values, nights, picked)
        worth_of = sum(float(values[day, one]) for day, leg in enumerate(route) for one in leg.stops)
        if best is None or worth_of > best.worth + 1e-6:
            best = Found(route, worth_of, bound)
        if count.max(initial=0) <= 1 and not price.any():
            break
        if bound - best.worth < near:
            break
        slope = np.where(price > 0, count - 1, np.maximum(count - 1, 0))
        norm = float((slope**2).sum())
        if not norm:
            break
        price = np.maximum(0.0, price + (total + float(price.sum()) - best.worth + 1) / norm * slope / (1 + step / 10))
    return Found(best.route, best.worth, bound, step + 1) if best else None


def _without_repeats(
    ways: Patterns, values: Floats, nights: list[tuple[int, int]], picked: list[tuple[int, ...]]
) -> Route:
    """Each repeated stop stays on its most valuable day; the other days are filled anew with what is left."""
    days = range(len(picked))
    owner: dict[int, int] = {}
    for day in days:
        for one in picked[day]:
            if one not in owner or values[day, one] > values[owner[one], one]:
                owner[one] = day
    chosen = [tuple(one for one in picked[day] if owner[one] == day) for day in days]
    for day in days:
        if len(chosen[day]) == len(picked[day]):
            continue
        rest = values[day].copy()
        rest[[one for other in days if other != day for one in chosen[other]]] = NEVER
        chosen[day] = ways.between(rest, *nights[day])
    return tuple(Leg(*nights[day], chosen[day]) for day in days)
