"""The proof: how much the best plan can be worth at most."""

from collections.abc import Callable

import numpy as np

from fairs.tours.planner.instance import EPS, Floats, Instance
from fairs.tours.planner.patterns import Patterns, TooMany, make_patterns
from fairs.tours.planner.prices import ByDay, ByStop, Prices, best_days
from fairs.tours.planner.search import Draft

_PATIENCE = 8
"""Steps without a better bound before the steps become shorter."""
_SHORTEST = 1e-3
_STEPS = 200
_LARGE = 40_000_000
"""Most gains by person and pattern that are kept in memory."""


def ways_of_proof(house: Instance, limit: int, *, alike: bool) -> Patterns | None:
    """Patterns that leave out no day of any plan: drives by the shortest detour, lengths rounded down where there are too many."""
    for grain in (0.0, 0.25, 0.5, 1.0):
        hours = np.floor(house.hours / grain + EPS) * grain if grain else house.hours
        for travel in (house.travel, shortest(house.travel)):
            try:
                return make_patterns(house, travel, hours, limit, alike=alike)
            except TooMany:
                if not alike:
                    return None
    return None


def shortest(travel: Floats) -> Floats:
    """Driving hours by way of other cities where that is faster."""
    table = travel.copy()
    for middle in range(len(table)):
        table = np.minimum(table, table[:, middle, None] + table[None, middle, :])
    return table


def prove(house: Instance, draft: Draft, work: int, limit: int, told: Callable[[float], None]) -> int:
    """A bound of the objective of all plans, by the better prices from step to step."""
    bound = best_days(house)
    if bound <= draft.objective:
        return bound
    spent = 0.0
    for relaxation in _relaxations(house, limit):
        steps = max(3, min(_STEPS, int((work - spent) / relaxation.cost)))
        begin = _first_prices(house, draft)
        if isinstance(relaxation, ByStop):
            begin /= house.per_day
        found = _descend(relaxation, begin, draft.objective, steps, told)
        bound = min(bound, int(found * (1 + 1e-12) + 1e-4))
        break
    return max(bound, draft.objective)


def _relaxations(house: Instance, limit: int) -> list[Prices]:
    """The tighter one, or the one for large tours; none when the days can be filled in too many ways."""
    ways = ways_of_proof(house, limit, alike=False)
    if ways is not None and len(ways.parts) * len(house.score) * house.days <= 10 * _LARGE:
        by_day = ByDay(house, ways)
        if sum(gain.size for gain in by_day.gain) <= _LARGE:
            return [by_day]
    ways = ways_of_proof(house, limit, alike=True)
    return [] if ways is None else [ByStop(house, ways)]


def _first_prices(house: Instance, draft: Draft) -> Floats:
    """Most of what each person gains by day in the draft."""
    price = np.zeros(house.free.shape)
    for route, who in zip(draft.routes, draft.members, strict=True):
        for day, leg in enumerate(route):
            if leg.stops:
                price[who, day] = 0.85 * house.score[who][:, list(leg.stops)].sum(axis=1)
    return price * house.free


def _descend(relaxation: Prices, price: Floats, target: int, steps: int, told: Callable[[float], None]) -> float:
    """The least bound of some steps along subgradients, each as long as the distance to the objective allows."""
    best, pace, waited = np.inf, 0.5, 0
    kept = price
    for step in range(steps):
        told(step / steps)
        offer = relaxation.offer(price)
        if offer.bound < best - 0.5:
            best, kept, waited = offer.bound, price, 0
        else:
            waited += 1
        if best < target + 1 or pace < _SHORTEST:
            break
        if waited >= _PATIENCE:
            pace, waited, price = pace * 0.6, 0, kept
            continue
        slope = 1.0 - relaxation.house.groups * offer.taken
        price = np.maximum(0.0, price - pace * (offer.bound - target) / float((slope**2).sum()) * slope)
    return float(best)
