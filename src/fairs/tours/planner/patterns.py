"""All ways to fill one day: which kinds of stops in which cities fit between two nights; and the best tour made of such days.

Stops of one city that take equally long are of one kind. A pattern says how many stops of which kinds; which ones is decided by their
worth, the most valuable first. Patterns of the same cities and the same length are a class: whether they fit
between two nights depends on the class only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fairs.tours.planner.instance import EPS, Floats, Instance, Ints

NEVER = -1e15
"""The worth of what must not be."""


class TooMany(Exception):
    """There are more patterns than the limit."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One day of a route: the cities of the nights before and after, and the stops in no order."""

    origin: int
    night: int
    stops: tuple[int, ...]


Route = tuple[Leg, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns sorted by class. `fits[c, a, b]` is the longest class of the cities c that fits between the nights a and b, −1 if none."""

    kinds: Ints
    """Stops by kind, padded with a stop that is worth nothing."""
    parts: Ints
    """By pattern: places in the flat table of (kind, how many), padded with the place of nothing."""
    set_of: Ints
    rank_of: Ints
    fits: Ints
    flat: Ints
    """`fits` as places in the table of classes, a row for each set of cities."""
    widest: int

    @property
    def cost(self) -> int:
        """Elementary steps to evaluate all patterns for one day."""
        return int(self.parts.size + self.fits.size + self.kinds.size)

    def worth(self, values: Floats) -> Floats:
        """The worth of each pattern by day, from that of each stop by day."""
        flat = self._prefixes(values)
        total = np.zeros((len(values), len(self.parts)))
        for column in self.parts.T:
            total += flat[:, column]
        return total

    def _prefixes(self, values: Floats) -> Floats:
        """By day and (kind, how many): the sum of the most valuable stops."""
        size = self.kinds.shape[1]
        wide = np.concatenate((values, np.full((len(values), 1), NEVER)), axis=1)
        best = -np.sort(-wide[:, self.kinds], axis=2)
        sums = np.maximum(np.cumsum(best, axis=2), NEVER)
        return np.concatenate(
            (sums.reshape(len(values), -1)[:, : len(self.kinds) * size], np.zeros((len(values), 1))), axis=1
        )

    def by_nights(self, worth: Floats) -> tuple[Floats, Floats]:
        """The best pattern of a day between each two nights, and the table by class that it was read from."""
        days, sets = len(worth), len(self.fits)
        table = np.full((days, sets, self.widest + 1), NEVER)
        place = self.set_of * (self.widest + 1) + self.rank_of
        begins = np.flatnonzero(np.concatenate(([True], place[1:] != place[:-1])))
        table.reshape(days, -1)[:, place[begins]] = np.maximum.reduceat(worth, begins, axis=1)
        table[:, :, : self.widest] = np.maximum.accumulate(table[:, :, : self.widest], axis=2)
        nights = self.fits.shape[1]
        best = np.stack([one.reshape(-1).take(self.flat).max(axis=0) for one in table])
        return best.reshape(days, nights, nights), table

    def between(self, values: Floats, origin: int, night: int) -> tuple[int, ...]:
        """The best stops of one day between two nights, for the worth of each stop on that day."""
        worth = self.worth(values[None, :])[0]
        worth[self.rank_of > self.fits[self.set_of, origin, night]] = NEVER * 10
        return self.stops_of(int(worth.argmax()), values)

    def picked(
        self, worth: Floats, table: Floats, values: Floats, day: int, origin: int, night: int
    ) -> tuple[int, ...]:
        """The stops of the best pattern of a day between two nights."""
        return self.stops_of(self.chosen(worth, table, day, origin, night), values[day])

    def chosen(self, worth: Floats, table: Floats, day: int, origin: int, night: int) -> int:
        """The number of the best pattern of a day between two nights."""
        ranks = self.fits[:, origin, night]
        cities = int(table[day, np.arange(len(ranks)), ranks].argmax())
        begin, end = np.searchsorted(self.set_of, (cities, cities + 1))
        end = begin + int(np.searchsorted(self.rank_of[begin:end], ranks[cities], side="right"))
        return int(begin + worth[day, begin:end].argmax())

    def stops_of(self, pattern: int, values: Floats) -> tuple[int, ...]:
        """The most valuable stops that a pattern asks for."""
        size = self.kinds.shape[1]
        found: list[int] = []
        for part in self.parts[pattern]:
            kind, more = divmod(int(part), size)
            if kind < len(self.kinds):
                stops = [int(one) for one in self.kinds[kind] if one < len(values)]
                found += sorted(stops, key=lambda one: (-values[one], one))[: more + 1]
        return tuple(sorted(found))

    def best_route(self, worth: Floats, start: int, end: int) -> tuple[float, list[tuple[int, int]], Floats]:
        """The best chain of days: its worth, its nights and the table by class. NEVER or less when there is none."""
        best, table = self.by_nights(worth)
        return (*best_chain(best, start, end), table)


def best_chain(best: Floats, start: int, end: int) -> tuple[float, list[tuple[int, int]]]:
    """The best sequence of nights from the start to the end for the worth of each day between two nights."""
    reached = np.full(best.shape[1], NEVER * 100)
    reached[start] = 0.0
    came: list[Ints] = []
    for one in best:
        sums = reached[:, None] + one
        came.append(sums.argmax(axis=0))
        reached = sums.max(axis=0)
    at, nights = end, []
    for back in reversed(came):
        nights.append((int(back[at]), at))
        at = int(back[at])
    return float(reached[end]), nights[::-1]


def make_patterns(house: Instance, travel: Floats, hours: Floats, limit: int, *, alike: bool = True) -> Patterns:
    """All patterns for these driving hours and lengths of stops. `alike`: stops of a kind are one, otherwise each is its own.

    Raises TooMany above the limit.
    """
    kinds = _kinds(house, hours, alike=alike)
    padded = _padded(kinds, house)
    by_city: dict[int, list[int]] = {}
    for number, stops in enumerate(kinds):
        by_city.setdefault(int(house.city[stops[0]]), []).append(number)
    size = padded.shape[1]
    choices = {
        city: _in_city(
            [(one, len(kinds[one]), float(hours[kinds[one][0]])) for one in here],
            house.per_day,
            house.length,
            limit,
            size,
        )
        for city, here in by_city.items()
    }
    rows: list[tuple[tuple[int, int], tuple[int, ...]]] = []
    fits: list[Floats] = []
    lengths: list[list[float]] = []
    nothing = len(kinds) * padded.shape[1]
    again = is_crooked(travel)
    sets = _city_sets(travel, sorted(by_city), house.length, house.per_day, limit, again=again)
    for number, (named, drive) in enumerate(sets):
        room = house.length - float(drive.min()) + EPS
        cities = sorted(set(named))
        counts = [named.count(one) for one in cities] if again else None
        found = _fillings([choices[one] for one in cities], house.per_day, room, counts, limit)
        if len(rows) + len(found) > limit:
            raise TooMany
        classes = sorted({length for length, _ in found})
        rank = {length: place for place, length in enumerate(classes)}
        rows += sorted(((number, rank[length]), parts) for length, parts in found)
        lengths.append(classes)
        fits.append(drive)
    ranked = [
        np.searchsorted(np.array(classes), house.length - drive + EPS, side="right") - 1
        for classes, drive in zip(lengths, fits, strict=True)
    ]
    deep = max(1, max(len(parts) for _, parts in rows))
    parts = np.array([[*one, *[nothing] * (deep - len(one))] for _, one in rows], dtype=np.int64)
    places = np.array([place for place, _ in rows], dtype=np.int64)
    fitting = np.stack(ranked)
    widest = max(1, max(len(one) for one in lengths))
    flat = np.where(fitting < 0, widest, fitting).reshape(len(fitting), -1)
    flat += np.arange(len(fitting))[:, None] * (widest + 1)
    return Patterns(padded, parts, places[:, 0], places[:, 1], fitting, flat, widest)


def _kinds(house: Instance, hours: Floats, *, alike: bool) -> list[list[int]]:
    kinds: dict[tuple[int, float, int], list[int]] = {}
    for stop in range(len(hours)):
        if house.on[stop].any() and hours[stop] <= house.length + EPS:
            kinds.setdefault((int(house.city[stop]), float(hours[stop]), 0 if alike else stop), []).append(stop)
    return list(kinds.values())


def _padded(kinds: Sequence[Sequence[int]], house: Instance) -> Ints:
    longest = max([1, *(len(stops) for stops in kinds)])
    return np.array(
        [[*stops, *[len(house.hours)] * (longest - len(stops))] for stops in kinds], dtype=np.int64
    ).reshape(len(kinds), longest)


def _city_sets(
    travel: Floats, cities: Sequence[int], length: float, most: int, limit: int, *, again: bool
) -> Iterator[tuple[tuple[int, ...], Floats]]:
    """Sets of cities that fit into a day, with the shortest drive through all of them between each two nights.

    `again`: a city is named once for each stop in it, since the way over another city and back may be the shorter one.
    """
    yield (), travel
    level: dict[tuple[int, ...], dict[int, Floats]] = {(one,): {one: travel[:, one]} for one in cities}
    for _ in range(most):
        after: dict[tuple[int, ...], dict[int, Floats]] = {}
        for chosen, ways in level.items():
            drive = np.minimum.reduce([way[:, None] + travel[last][None, :] for last, way in ways.items()])
            if float(drive.min()) <= length + EPS:
                yield chosen, drive
            elif not again:
                continue
            for more in cities:
                if more > chosen[-1] or (again and more == chosen[-1]):
                    after[*chosen, more] = {}
            if len(after) > limit:
                raise TooMany
        for chosen in after:
            for last in chosen:
                place = chosen.index(last)
                before = level.get((*chosen[:place], *chosen[place + 1 :]))
                if before:
                    after[chosen][last] = np.minimum.reduce(
                        [way + travel[prior, last] for prior, way in before.items()]
                    )
        level = {chosen: ways for chosen, ways in after.items() if ways}


Filling = tuple[int, float, tuple[int, ...]]
"""How many stops, their hours, and the parts."""


def _in_city(kinds: Sequence[tuple[int, int, float]], most: int, length: float, limit: int, size: int) -> list[Filling]:
    """All choices of at least one stop of the kinds (number, stops, hours of each) of one city."""
    found: list[Filling] = [(0, 0.0, ())]
    for number, stops, each in kinds:
        found += [
            (taken + more, hours + more * each, (*parts, number * size + more - 1))
            for taken, hours, parts in found
            for more in range(1, min(most - taken, stops) + 1)
            if hours + more * each <= length + EPS
        ]
        if len(found) > limit + 1:
            raise TooMany
    return found[1:]


def _fillings(
    cities: Sequence[Sequence[Filling]], most: int, room: float, counts: Sequence[int] | None, limit: int
) -> list[tuple[float, tuple[int, ...]]]:
    """Patterns with at least one stop in each of some cities, or with as many as `counts` says: the hours and the parts."""
    found: list[Filling] = [(0, 0.0, ())]
    for place, options in enumerate(cities):
        later = len(cities) - place - 1
        useful = [one for one in options if counts is None or one[0] == counts[place]]
        after: list[Filling] = []
        for taken, hours, parts in found:
            after += [
                (taken + more, hours + longer, (*parts, *others))
                for more, longer, others in useful
                if taken + more + later <= most and hours + longer <= room
            ]
            if len(after) > limit:
                raise TooMany
        found = after
    return [(round(hours, 9), parts) for _, hours, parts in found]


def is_crooked(travel: Floats) -> bool:
    """Whether a way over a third city is somewhere shorter than the direct one."""
    over = (travel[:, :, None] + travel[None, :, :]).min(axis=1)
    return bool((over < travel - EPS).any())
