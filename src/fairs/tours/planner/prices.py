"""Prices of people's days, and the best route for them: the two relaxations from which the bound is proved.

A price of a person's day is paid once, whichever group the person is in; every group then earns what its people gain above their price.
The sum of all prices and of the best such route for each group is at least the objective of any plan, whatever the prices.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fairs.tours.planner.instance import Floats, Instance, Ints
from fairs.tours.planner.patterns import NEVER, Patterns


@dataclass(frozen=True, slots=True)
class Offer:
    """The bound for some prices, and whose days the best route takes."""

    bound: float
    taken: Floats


class Prices(Protocol):
    """A relaxation: `offer` is the bound for prices by person and day."""

    house: Instance
    cost: int

    def offer(self, price: Floats) -> Offer:
        """The bound for these prices."""


def sizes_of_groups(house: Instance) -> list[tuple[int, int]]:
    """Ranges (above, up to) of how large a group is: a larger group may not go where there are few places."""
    most = min(house.seats, len(house.score))
    sizes = sorted({min(int(one), most) for one in house.places} | {most})
    return list(zip([0, *sizes[:-1]], sizes, strict=True))


class ByDay:
    """Each person chooses a group anew each morning, and pays for the whole day."""

    def __init__(self, house: Instance, ways: Patterns) -> None:
        self.house, self.ways, self.sizes = house, ways, sizes_of_groups(house)
        people, stops = house.score.shape
        nobody = np.concatenate((house.score, np.zeros((people, 1), dtype=np.int64)), axis=1)
        kinds = np.append(ways.kinds[:, 0], stops)
        chosen = kinds[np.minimum(ways.parts // ways.kinds.shape[1], len(ways.kinds))]
        on = np.concatenate((house.on, np.ones((1, house.days), dtype=np.bool_)))
        self.places = np.append(house.places, np.iinfo(np.int64).max)[chosen].min(axis=1)
        self.open = [np.flatnonzero(on[chosen, day].all(axis=1)) for day in range(house.days)]
        self.gain = [
            nobody[:, chosen[rows]].sum(axis=2).T.astype(np.float64) * house.free[:, day]
            for day, rows in enumerate(self.open)
        ]
        self.cost = sum(gain.size for gain in self.gain) * 8 + ways.cost * house.days * len(self.sizes)

    def offer(self, price: Floats) -> Offer:
        """The bound for a price of each person's day."""
        above = [np.maximum(gain - price[:, day], 0.0) for day, gain in enumerate(self.gain)]
        sums = [np.cumsum(-np.sort(-one, axis=1), axis=1) for one in above]
        best: tuple[float, int, list[int]] = (NEVER, 0, [])
        for number in range(len(self.sizes)):
            worth = self._worth(sums, number)
            total, nights, table = self.ways.best_route(worth, self.house.start, self.house.end)
            if total > best[0]:
                chosen = [self.ways.chosen(worth, table, day, *pair) for day, pair in enumerate(nights)]
                best = (total, number, chosen)
        taken = np.zeros_like(price)
        for day, pattern in enumerate(best[2]):
            gain = above[day][np.searchsorted(self.open[day], pattern)]
            first = np.argsort(-gain, kind="stable")[: min(self.sizes[best[1]][1], int(self.places[pattern]))]
            taken[first[gain[first] > 0], day] = 1.0
        return Offer(float(price.sum()) + self.house.groups * max(0.0, best[0]), taken)

    def _worth(self, sums: list[Floats], number: int) -> Floats:
        """What a group of this size gains by pattern and day: those with the largest gains find a place."""
        least, most = self.sizes[number]
        worth = np.full((self.house.days, len(self.places)), NEVER)
        for day, rows in enumerate(self.open):
            places = self.places[rows]
            fits = places > least - int((~self.house.free[:, day]).sum())
            taken = sums[day][np.arange(len(rows)), np.minimum(places, most) - 1]
            worth[day, rows] = np.where(fits, taken, NEVER)
        return worth


class ByStop:
    """Each person chooses a group anew for each stop, and pays for as many stops as fit into a day: weaker, for large tours."""

    def __init__(self, house: Instance, ways: Patterns) -> None:
        self.house, self.ways = house, ways
        self.most = np.minimum(house.places, min(house.seats, len(house.score)))
        self.deep = ways.parts.shape[1]
        self.deep = min(house.per_day, int(ways.kinds.shape[1] * self.deep))
        self.cost = house.score.size * house.days * 8 + ways.cost * house.days

    def offer(self, price: Floats) -> Offer:
        """The bound for a price of each of a person's places at stops of a day."""
        house = self.house
        values = np.full((house.days, len(house.places)), NEVER)
        above: list[Floats] = []
        for day in range(house.days):
            gain = np.where(house.free[:, day, None], np.maximum(house.score - price[:, day, None], 0.0), 0.0)
            sums = np.cumsum(-np.sort(-gain, axis=0), axis=0)
            values[day] = np.where(house.on[:, day], sums[self.most - 1, np.arange(len(self.most))], NEVER)
            above.append(gain)
        worth = self.ways.worth(values)
        total, nights, table = self.ways.best_route(worth, house.start, house.end)
        taken = np.zeros_like(price)
        if total > NEVER / 2:
            for day, pair in enumerate(nights):
                for one in self.ways.picked(worth, table, values, day, *pair):
                    first = np.argsort(-above[day][:, one], kind="stable")[: self.most[one]]
                    taken[first[above[day][first, one] > 0], day] += 1.0 / house.per_day
        return Offer(house.per_day * float(price.sum()) + house.groups * max(0.0, total), taken)


def best_days(house: Instance) -> int:
    """The sum of the best scores of each person's days, as if everybody travelled alone and were everywhere at once."""
    total: Ints = np.zeros(len(house.score), dtype=np.int64)
    for day in range(house.days):
        shown: Ints = np.where(house.on[:, day], house.score, 0)
        shown = -np.sort(-shown, axis=1)[:, : house.per_day]
        total += np.where(house.free[:, day], shown.sum(axis=1), 0)
    total = np.minimum(total, -np.sort(-house.score, axis=1)[:, : house.per_day * house.days].sum(axis=1))
    return int(-np.sort(-total)[: house.groups * house.seats].sum())
