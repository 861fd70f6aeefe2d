"""The tour as arrays, read strictly: each mistake of the input is one sentence that names the place."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairs.meetings.solver.instance import BadProblem
from fairs.tours.planner.problem import SCORE_LIMIT, Stop, Tour

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EPS = 1e-9
"""Hours by which a day may be exceeded on paper: sums of binary fractions are not exact."""
_MOST = {"days": 60, "people": 20_000, "stops": 5_000, "groups.max": 500, "pace.per_day": 24, "cities": 200}


@dataclass(frozen=True, slots=True)
class Instance:
    """Arrays by person, stop, city and day. `groups` is how many can be made of the people who are there at all."""

    tour: Tour
    cities: tuple[str, ...]
    travel: Floats
    city: Ints
    hours: Floats
    places: Ints
    on: Bools
    must: Bools
    free: Bools
    score: Ints
    groups: int
    seats: int
    start: int
    end: int
    first_hour: float
    length: float
    per_day: int

    @property
    def days(self) -> int:
        """How many days the tour has."""
        return int(self.on.shape[1])


def read(tour: Tour) -> Instance:
    """The tour as arrays. Raises BadProblem for the first mistake."""
    for wrong in _mistakes(tour):
        raise BadProblem(wrong)
    cities = _cities(tour)
    at = {name: number for number, name in enumerate(cities)}
    people = {one.id: number for number, one in enumerate(tour.people)}
    stops = {one.id: number for number, one in enumerate(tour.stops)}
    score = np.zeros((len(people), len(stops)), dtype=np.int64)
    for one in tour.scores:
        score[people[one.person], stops[one.stop]] = one.score
    free = _days([one.days for one in tour.people], tour.days)
    return Instance(
        tour,
        cities,
        _table(tour, cities),
        np.array([at[one.city] for one in tour.stops], dtype=np.int64),
        np.array([one.hours for one in tour.stops], dtype=np.float64),
        np.array([one.places for one in tour.stops], dtype=np.int64),
        _days([one.days for one in tour.stops], tour.days),
        np.array([one.must for one in tour.stops], dtype=np.bool_),
        free,
        score,
        min(tour.groups.max, int(free.any(axis=1).sum())),
        tour.groups.seats,
        at[tour.start],
        at[tour.end],
        float(tour.hours[0]),
        float(tour.hours[1] - tour.hours[0]),
        tour.pace.per_day,
    )


def _cities(tour: Tour) -> tuple[str, ...]:
    """All cities of the tour in the order in which they are named."""
    named = [tour.start, tour.end, *(one.city for one in tour.stops)]
    for origin, row in (tour.travel or {}).items():
        named += [origin, *row]
    return tuple(dict.fromkeys(named))


def _table(tour: Tour, cities: Sequence[str]) -> Floats:
    at = {name: number for number, name in enumerate(cities)}
    table = np.zeros((len(cities), len(cities)))
    for origin, row in (tour.travel or {}).items():
        for target, hours in row.items():
            if origin != target:
                table[at[origin], at[target]] = table[at[target], at[origin]] = hours
    return table


def _days(given: Sequence[tuple[int, ...] | None], days: int) -> Bools:
    table = np.zeros((len(given), days), dtype=np.bool_)
    for row, chosen in zip(table, given, strict=True):
        row[list(range(days) if chosen is None else chosen)] = True
    return table


def _mistakes(tour: Tour) -> Iterator[str]:
    """Everything wrong with the input, the outer numbers first: what comes later relies on them."""
    yield from _wrong_numbers(tour)
    yield from _wrong_ids("people", [one.id for one in tour.people])
    yield from _wrong_ids("stops", [one.id for one in tour.stops])
    yield from _wrong_travel(tour)
    for place, one in enumerate(tour.stops):
        yield from _wrong_stop(f"stops[{place}] ({one.id})", one, tour.days)
    for place, person in enumerate(tour.people):
        yield from _wrong_days(f"people[{place}] ({person.id})", person.days, tour.days)
    yield from _wrong_scores(tour)


def _wrong_numbers(tour: Tour) -> Iterator[str]:
    sizes = {
        "days": tour.days,
        "people": len(tour.people),
        "stops": len(tour.stops),
        "groups.max": tour.groups.max,
        "pace.per_day": tour.pace.per_day,
        "cities": len(_cities(tour)),
    }
    yield from (f"{name}: {size} is more than {_MOST[name]}" for name, size in sizes.items() if size > _MOST[name])
    least = {"days": 1, "pace.per_day": 1, "groups.max": 1}
    yield from (f"{name}: {sizes[name]} is less than {few}" for name, few in least.items() if sizes[name] < few)
    if not 1 <= tour.groups.seats <= _MOST["people"]:
        yield f"groups.seats: {tour.groups.seats} is not between 1 and {_MOST['people']}"
    first, last = tour.hours
    if not (math.isfinite(first) and math.isfinite(last) and 0 <= first < last <= 24):
        yield f"hours: a day from {first:g} to {last:g} is not between 0 and 24 and forward"
    yield from (f"{name}: a city needs a name" for name in ("start", "end") if not getattr(tour, name))


def _wrong_ids(name: str, ids: Iterable[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for place, one in enumerate(ids):
        if not one:
            yield f"{name}[{place}]: the id is empty"
        if one in seen:
            yield f"{name}[{place}]: the id {one} is that of {name}[{seen[one]}] already"
        seen[one] = place


def _wrong_travel(tour: Tour) -> Iterator[str]:
    table = tour.travel or {}
    for origin, row in table.items():
        for target, hours in row.items():
            place = f"travel.{origin}.{target}"
            if not (math.isfinite(hours) and 0 <= hours <= 1_000):
                yield f"{place}: {hours:g} hours of driving are not between 0 and 1,000"
            if origin == target and hours:
                yield f"{place}: the way inside a city takes 0 hours, not {hours:g}"
            back = table.get(target, {}).get(origin, hours)
            if back != hours:
                yield f"{place}: {hours:g} hours, and {back:g} back; the way takes as long in both directions"
    cities = _cities(tour)
    for number, one in enumerate(cities):
        for other in cities[:number]:
            if other not in table.get(one, {}) and one not in table.get(other, {}):
                yield f"travel: the hours between {other} and {one} are missing"


def _wrong_stop(place: str, one: Stop, days: int) -> Iterator[str]:
    if not one.city:
        yield f"{place}: a stop needs a city"
    if not (math.isfinite(one.hours) and 0 <= one.hours <= 24):
        yield f"{place}: a stop of {one.hours:g} hours is not between 0 and 24"
    if not 1 <= one.places <= 1_000_000:
        yield f"{place}: {one.places} places are not between 1 and 1,000,000"
    yield from _wrong_days(place, one.days, days)


def _wrong_days(place: str, chosen: tuple[int, ...] | None, days: int) -> Iterator[str]:
    yield from (f"{place}: day {day} is not one of 0 to {days - 1}" for day in chosen or () if not 0 <= day < days)
    if chosen is not None and len(set(chosen)) != len(chosen):
        yield f"{place}: a day is named twice"


def _wrong_scores(tour: Tour) -> Iterator[str]:
    people, stops = {one.id for one in tour.people}, {one.id for one in tour.stops}
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(tour.scores):
        if one.person not in people:
            yield f"scores[{place}]: there is no person {one.person}"
        if one.stop not in stops:
            yield f"scores[{place}]: there is no stop {one.stop}"
        if not 0 <= one.score <= SCORE_LIMIT:
            yield f"scores[{place}]: {one.score} is not between 0 and {SCORE_LIMIT:,}"
        if (one.person, one.stop) in seen:
            yield f"scores[{place}]: {one.person} and {one.stop} have a score already"
        seen.add((one.person, one.stop))
