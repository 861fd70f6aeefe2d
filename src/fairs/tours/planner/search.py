"""The search: groups and routes are improved in turn, from many beginnings, within a fixed amount of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from fairs.meetings.solver.lp import Stop
from fairs.tours.planner.instance import Bools, Floats, Instance
from fairs.tours.planner.patterns import Patterns, Route
from fairs.tours.planner.routes import find_route, stop_values
from fairs.tours.planner.seating import scored, seat, shares

_ROUNDS = 12
_STEP = 120_000
"""Elementary steps that one step of the search for a route costs besides its patterns."""
_SEED = 20181103


@dataclass(frozen=True, slots=True)
class Draft:
    """Routes and people by group, compared by the number of must stops and by the sum of scores."""

    routes: list[Route]
    members: list[Bools]
    musts: int
    objective: int

    @property
    def rank(self) -> tuple[int, int]:
        """What is better is larger."""
        return self.musts, self.objective


def held(house: Instance, routes: Sequence[Route]) -> set[int]:
    """The must stops on the way."""
    return {one for route in routes for leg in route for one in leg.stops if house.must[one]}


def draft_of(house: Instance, routes: list[Route], members: list[Bools]) -> Draft:
    """Groups with nobody in them are left out."""
    kept = [g for g, who in enumerate(members) if who.any()]
    routes, members = [routes[g] for g in kept], [members[g] for g in kept]
    return Draft(routes, members, len(held(house, routes)), scored(house, routes, members))


class Search:
    """One search; `spent` counts its work."""

    def __init__(self, house: Instance, ways: Patterns, stop: Stop | None) -> None:
        self.house, self.ways, self.stop = house, ways, stop
        self.chance = Random(_SEED)
        self.likes = shares(house.score.astype(np.float64)) if house.score.size else house.score.astype(np.float64)
        self.spent = 0
        self.best = Draft([], [], 0, 0)

    def begin_with(self, routes: list[Route]) -> None:
        """Routes that hold the musts, each with at least one person, are a beginning."""
        caps = [self.house.seats] * len(routes)
        members = seat(self.house, routes, caps, self.stop)
        for who in members:
            spare = [other for other in members if other.sum() > 1]
            if not who.any():
                unplaced = np.flatnonzero(~np.any(members, axis=0) & self.house.free.any(axis=1))
                if len(unplaced):
                    who[unplaced[0]] = True
                elif spare:
                    person = int(np.flatnonzero(spare[0])[0])
                    spare[0][person], who[person] = False, True
        self.best = draft_of(self.house, routes, members)
        self.improve(members, caps)

    def run(self, work: int, told: Callable[[float], None]) -> Draft:
        """The best draft from beginnings of all sizes, then by changing one group of the best."""
        for attempt in range(10_000):
            told(min(1.0, self.spent / work))
            if self.spent >= work or not self.house.groups:
                break
            if attempt % 2 == 0 or not self.best.routes:
                self._begin(attempt // 2)
            else:
                self._shake(attempt)
        return self.best

    def improve(self, members: list[Bools], caps: list[int], routes: list[Route] | None = None) -> Draft | None:
        """Routes for the groups, groups for the routes, until nothing gets better. None when there is no way to the end."""
        house = self.house
        now: list[Route] = list(routes) if routes else [()] * len(members)
        reached: Draft | None = None
        for turn in range(_ROUNDS):
            if turn or not routes:
                for group, who in enumerate(members):
                    found = self._route(group, who, now)
                    if found is None:
                        return None
                    now[group] = found
            members = seat(house, now, caps, self.stop)
            self.spent += 4_000 * len(members) * len(house.score)
            after = draft_of(house, now, members)
            if reached is not None and after.rank <= reached.rank:
                break
            reached = after
            if after.rank > self.best.rank:
                self.best = after
        return reached

    def _route(self, group: int, who: Bools, now: list[Route]) -> Route | None:
        others = held(self.house, [route for other, route in enumerate(now) if other != group])
        extra = self._bonus(others)
        values = stop_values(self.house, who, extra)
        near = max(0.5, 5e-4 * self.best.objective / max(1, len(now)))
        found = find_route(self.house, self.ways, values, near)
        if found is None:
            return None
        self.spent += found.steps * (self.ways.cost * self.house.days + _STEP)
        if now[group]:
            old = sum(float(values[day, one]) for day, leg in enumerate(now[group]) for one in leg.stops)
            if old >= found.worth:
                return now[group]
        return found.route

    def _bonus(self, others: set[int]) -> Floats:
        """Must stops that nobody else visits come before all scores."""
        large = float(self.house.score.sum()) + 1.0
        return np.array([large if must and s not in others else 0.0 for s, must in enumerate(self.house.must)])

    def _begin(self, number: int) -> None:
        """People who like the same come together, in groups of a size that rotates through the numbers of places."""
        house = self.house
        sizes = sorted({min(int(one), house.seats) for one in house.places} | {house.seats}, reverse=True)
        cap = sizes[(number // 2) % len(sizes)] if number % 2 else house.seats
        caps = [cap] * house.groups
        if number % 4 == 3 and len(sizes) > 1:
            caps = [house.seats, *[cap] * (house.groups - 1)]
        members = self._alike(caps)
        if self.improve(members, caps) and cap < house.seats:
            last = self.best
            self.improve(last.members, [house.seats] * len(last.members), last.routes)

    def _alike(self, caps: list[int]) -> list[Bools]:
        people = len(self.house.score)
        seeds = self._seeds(len(caps))
        near = self.likes @ self.likes[seeds].T
        members = [np.zeros(people, dtype=np.bool_) for _ in caps]
        order = np.argsort(-(near.max(axis=1) - np.sort(near, axis=1)[:, -2 if len(caps) > 1 else -1]), kind="stable")
        for person in order:
            for group in np.argsort(-near[person], kind="stable"):
                if members[group].sum() < caps[group]:
                    members[group][person] = True
                    break
        return members

    def _seeds(self, count: int) -> list[int]:
        """People far from each other, the first drawn."""
        seeds = [self.chance.randrange(len(self.likes))]
        while len(seeds) < count:
            near = (self.likes @ self.likes[seeds].T).max(axis=1)
            near[seeds] = np.inf
            few = np.argsort(near, kind="stable")[: max(1, len(near) // 4)]
            left = [int(one) for one in few if int(one) not in seeds]
            if not left:
                left = [one for one in range(len(near)) if one not in seeds]
            seeds.append(self.chance.choice(left))
        return seeds

    def _shake(self, attempt: int) -> None:
        """A third of the people of the best draft change their group, or one group is made anew of those who like one thing."""
        house, best = self.house, self.best
        members = [who.copy() for who in best.members]
        while len(members) < house.groups:
            members.append(np.zeros(len(house.score), dtype=np.bool_))
        if attempt % 4 == 1:
            for person in range(len(house.score)):
                if self.chance.random() < 0.3:
                    for who in members:
                        who[person] = False
                    group = self.chance.randrange(len(members))
                    if members[group].sum() < house.seats:
                        members[group][person] = True
        else:
            group, seed = self.chance.randrange(len(members)), self.chance.randrange(len(house.score))
            few = np.argsort(-(self.likes @ self.likes[seed]), kind="stable")[: self.chance.randint(1, house.seats)]
            for who in members:
                who[few] = False
            members[group][:] = False
            members[group][few] = True
        self.improve(members, [house.seats] * len(members))
