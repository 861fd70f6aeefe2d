"""From the people, stops and employers of a tour to the planner's problem, and from its plan to hours. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import msgspec

from fairs.tours.distances import drive_hours, hours_between
from fairs.tours.planner.problem import Groups, Pace, Person, Plan, Score, Stop, Tour

BASE = 50  # what any visit is worth to anybody, so that a day is filled although nobody fits
OF_MATCH = 10  # a match of 0 to 100 is worth so many times as much
BY_HEAD = 50  # what a stop without listings is worth to anybody besides


class Candidate(msgspec.Struct, frozen=True):
    """A stop that may be in the route: an existing one (`stop`) or an employer that could be visited.

    `kept`: pinned, or confirmed by its host: it stays at `begins` (hour) of `day`.
    """

    key: str
    city: str
    hours: float
    title_zh: str
    title_en: str
    stop: int | None = None
    organisation: int | None = None
    places: int | None = None
    kept: bool = False
    day: int = 0
    begins: float = 0.0


class Traveller(msgspec.Struct, frozen=True):
    """A member: on which days there (empty: all)."""

    id: int
    name: str
    days: tuple[int, ...] = ()


class Frame(msgspec.Struct, frozen=True):
    """What the tour keeps to."""

    days: int
    begins: float
    ends: float
    per_day: int
    seats: int
    groups: int
    start: str
    finish: str


def problem(
    frame: Frame,
    people: Sequence[Traveller],
    candidates: Sequence[Candidate],
    matches: Mapping[tuple[int, int], float],
) -> Tour:
    """The planner's problem. `matches`: (member, organisation) → the best score, 0 to 100."""
    cities = sorted({frame.start, frame.finish, *(one.city for one in candidates)})
    room = max(frame.seats * frame.groups, 1)
    stops = tuple(
        Stop(
            one.key,
            one.city,
            max(min(one.hours, frame.ends - frame.begins), 0.25),
            room if one.places is None else one.places,
            (one.day,) if one.kept else None,
            one.kept,
        )
        for one in candidates
    )
    scores = []
    for one in candidates:
        for person in people:
            worth = BASE + (BY_HEAD if one.organisation is None else 0)
            if one.organisation is not None:
                worth += round(OF_MATCH * matches.get((person.id, one.organisation), 0.0))
            scores.append(Score(str(person.id), one.key, worth))
    return Tour(
        days=frame.days,
        hours=(frame.begins, frame.ends),
        pace=Pace(frame.per_day),
        groups=Groups(frame.groups, frame.seats),
        start=frame.start,
        end=frame.finish,
        people=tuple(Person(str(one.id), days=one.days or None) for one in people),
        stops=stops,
        scores=tuple(scores),
        travel={one: dict(row) for one, row in hours_between(cities).items()},
    )


class Visit(msgspec.Struct, frozen=True):
    """A stop of a group's day with its hours."""

    key: str
    begins: float
    ends: float


class GroupDay(msgspec.Struct, frozen=True):
    """A day of a group; it ends in the city `night`."""

    day: int
    visits: tuple[Visit, ...]
    night: str


class Group(msgspec.Struct, frozen=True):
    """Who travels together, and their days."""

    people: tuple[int, ...]
    days: tuple[GroupDay, ...]


class Left(msgspec.Struct, frozen=True):
    """Something that is not in the route: a code of the planner's reasons, or of ours, with its names and numbers."""

    reason: str
    facts: dict[str, str | int | float | tuple[str, ...]]
    key: str = ""
    person: int | None = None


class Proposal(msgspec.Struct, frozen=True):
    """What is kept of a plan: everything that its page shows, and that is taken over."""

    candidates: tuple[Candidate, ...]
    people: tuple[Traveller, ...]
    groups: tuple[Group, ...]
    left: tuple[Left, ...]
    objective: int
    bound: int
    gap: float


@dataclass(frozen=True)
class _Item:
    key: str
    city: str
    hours: float
    fixed: float | None


def proposal(frame: Frame, people: Sequence[Traveller], candidates: Sequence[Candidate], plan: Plan) -> Proposal:
    """The plan with the stops that stay at their hour; what does not fit beside them is left out, with the reason."""
    by_key = {one.key: one for one in candidates}
    left = [
        Left(one.reason, dict(one.facts), one.stop or "", int(one.person) if one.person else None) for one in plan.unmet
    ]
    groups = []
    for group in plan.groups:
        city, days = frame.start, []
        for day in group.days:
            items = [_item(by_key[visit.stop]) for visit in day.stops]
            visits, dropped = lay_out(items, city, day.night, (frame.begins, frame.ends), drive_hours)
            left += [Left("beside_kept", {"stop": key}, key) for key in dropped]
            days.append(GroupDay(day.day, visits, day.night))
            city = day.night
        groups.append(Group(tuple(int(one) for one in group.people), tuple(days)))
    visited = {visit.key for group in groups for day in group.days for visit in day.visits}
    told = visited | {one.key for one in left}
    left += [Left("less_worth", {"stop": one.key}, one.key) for one in candidates if one.key not in told]
    return Proposal(tuple(candidates), tuple(people), tuple(groups), tuple(left), plan.objective, plan.bound, plan.gap)


def _item(one: Candidate) -> _Item:
    return _Item(one.key, one.city, one.hours, one.begins if one.kept else None)


def lay_out(
    items: Sequence[_Item],
    start: str,
    night: str,
    hours: tuple[float, float],
    drive: Callable[[str, str], float],
) -> tuple[tuple[Visit, ...], list[str]]:
    """Hours of a day's stops in the order that ends first, kept stops at their own; and what does not fit beside them.

    A day without kept stops is as the planner has it. Kept stops are never left out.
    """
    dropped: list[str] = []
    standing = list(items)
    while True:
        orders = permutations(standing) if any(one.fixed is not None for one in standing) else [tuple(standing)]
        found = [way for order in orders if (way := _way(order, start, night, hours, drive)) is not None]
        if found:
            best = min(found, key=lambda way: (way[-1].ends if way else 0.0, [one.key for one in way]))
            return best, dropped
        movable = [one for one in standing if one.fixed is None]
        if not movable:  # kept stops that are in each other's way: the conflicts say so
            kept = sorted(standing, key=lambda one: (one.fixed or 0.0, one.key))
            return tuple(Visit(one.key, one.fixed or 0.0, (one.fixed or 0.0) + one.hours) for one in kept), dropped
        standing.remove(movable[-1])
        dropped.append(movable[-1].key)


def _way(
    order: Sequence[_Item], start: str, night: str, hours: tuple[float, float], drive: Callable[[str, str], float]
) -> tuple[Visit, ...] | None:
    """The hours of this order; None when it does not work out."""
    now, city, visits = hours[0], start, []
    for one in order:
        arrives = now + drive(city, one.city)
        begins = arrives if one.fixed is None else one.fixed
        if begins < arrives - 1e-9:
            return None
        visits.append(Visit(one.key, begins, begins + one.hours))
        now, city = begins + one.hours, one.city
    return tuple(visits) if now + drive(city, night) <= hours[1] + 1e-9 else None
