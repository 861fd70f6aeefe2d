"""Small tours, always the same for a seed, and the best plan of one found by trying everything."""

from collections.abc import Iterator
from itertools import combinations_with_replacement, permutations, product
from random import Random

from fairs.tours.planner.problem import Groups, Pace, Person, Score, Stop, Tour

Days = tuple[frozenset[str], ...]


def tour(seed: int, *, people: int = 5, stops: int = 5, cities: int = 3, days: int = 2, musts: int = 0) -> Tour:
    """A tour of few groups with full stops, people who are there for a part, and roads that may be longer than a detour."""
    chance = Random(seed)
    names = [f"c{n}" for n in range(cities)]
    travel: dict[str, dict[str, float]] = {name: {} for name in names}
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            travel[name][other] = chance.choice((0.5, 1.0, 2.0, 4.5))

    def some(most: int) -> tuple[int, ...] | None:
        return None if chance.random() < 0.5 else tuple(sorted(chance.sample(range(days), chance.randint(1, most))))

    found = [Person(f"p{n}", (), some(days)) for n in range(people)]
    sites = [
        Stop(
            f"s{n}",
            chance.choice(names),
            chance.choice((1.0, 1.5, 2.5, 3.0)),
            chance.choice((1, 2, people)),
            some(days),
            n < musts,
        )
        for n in range(stops)
    ]
    scores = [Score(p.id, s.id, chance.randrange(1, 1000)) for p in found for s in sites if chance.random() < 0.8]
    return Tour(
        days,
        (9.0, chance.choice((14.0, 16.0))),
        Pace(chance.choice((1, 2, 3))),
        Groups(2, chance.choice((2, 3, people))),
        names[0],
        chance.choice(names),
        tuple(found),
        tuple(sites),
        tuple(scores),
        travel,
    )


def best_of(asked: Tour) -> tuple[int, int]:
    """The most must stops, and the largest sum of scores with as many: all routes, all ways to seat people."""
    routes = sorted(set(_routes(asked, asked.start, 0)), key=str)
    score = {(one.person, one.stop): one.score for one in asked.scores}
    musts = {one.id for one in asked.stops if one.must}
    gain = [[_gain(person, route, score) for route in routes] for person in asked.people]
    best = (0, 0)
    for pair in combinations_with_replacement(range(len(routes)), asked.groups.max):
        count = len(musts & {one for number in pair for day in routes[number] for one in day})
        if (count, sum(max(0, *(row[number] for number in pair)) for row in gain)) <= best:
            continue
        chosen = [routes[number] for number in pair]
        for seats in product(range(-1, len(pair)), repeat=len(asked.people)):
            if not _fits(asked, chosen, seats):
                continue
            held = musts & {one for g in set(seats) - {-1} for day in chosen[g] for one in day}
            total = sum(gain[p][pair[g]] for p, g in enumerate(seats) if g >= 0)
            best = max(best, (len(held), total))
    return best


def _gain(person: Person, route: Days, score: dict[tuple[str, str], int]) -> int:
    there = range(len(route)) if person.days is None else person.days
    return sum(score.get((person.id, one), 0) for day in there for one in route[day])


def _fits(asked: Tour, routes: list[Days], seats: tuple[int, ...]) -> bool:
    """Whether seats and places are enough."""
    places = {one.id: one.places for one in asked.stops}
    for group, route in enumerate(routes):
        who = [person for person, seat in zip(asked.people, seats, strict=True) if seat == group]
        if len(who) > asked.groups.seats:
            return False
        for day, stops in enumerate(route):
            present = sum(person.days is None or day in person.days for person in who)
            if any(present > places[one] for one in stops):
                return False
    return True


def _routes(asked: Tour, where: str, day: int, before: frozenset[str] = frozenset()) -> Iterator[Days]:
    if day == asked.days:
        if where == asked.end:
            yield ()
        return
    cities = {asked.start, asked.end, *(one.city for one in asked.stops), *(asked.travel or {})}
    for stops, last, clock in _walks(asked, where, day, before):
        for night in sorted(cities):
            if clock + drive(asked, last, night) <= asked.hours[1] + 1e-9:
                for rest in _routes(asked, night, day + 1, before | stops):
                    yield (stops, *rest)


def _walks(asked: Tour, where: str, day: int, before: frozenset[str]) -> Iterator[tuple[frozenset[str], str, float]]:
    open_stops = [one for one in asked.stops if one.id not in before and (one.days is None or day in one.days)]
    for count in range(min(asked.pace.per_day, len(open_stops)) + 1):
        for order in permutations(open_stops, count):
            clock, last = asked.hours[0], where
            for one in order:
                clock += drive(asked, last, one.city) + one.hours
                last = one.city
            yield frozenset(one.id for one in order), last, clock


def drive(asked: Tour, origin: str, target: str) -> float:
    """The hours between two cities."""
    table = asked.travel or {}
    return 0.0 if origin == target else table.get(origin, {}).get(target, table.get(target, {}).get(origin, 99.0))
