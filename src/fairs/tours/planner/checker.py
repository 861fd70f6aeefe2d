"""The checker of plans: reads only the tour and the plan, shares no code with the planner, and returns every violation."""

from collections import Counter
from collections.abc import Iterator

from fairs.tours.planner.problem import Group, Kind, Plan, Tour

_SLACK = 1e-6
"""Hours that are no violation: a thirtieth of a second."""


def faults(tour: Tour, plan: Plan) -> list[str]:
    """Every error in a plan, as sentences; empty for a legal plan with correct numbers."""
    errors = list(_wrong_people(tour, plan))
    for number, group in enumerate(plan.groups):
        errors += [f"group {number}: {said}" for said in _wrong_days(tour, group)]
    errors += _crowded(tour, plan)
    errors += _untold(tour, plan)
    worth = objective_of(tour, plan.groups)
    if worth != plan.objective:
        errors.append(f"the objective is told as {plan.objective}, it is {worth}")
    if plan.bound < plan.objective:
        errors.append(f"the bound {plan.bound} is below the objective {plan.objective}")
    if plan.gap * max(1, abs(plan.bound)) + 1e-6 < plan.bound - plan.objective:
        errors.append(f"the gap {plan.gap} is told too small")
    return errors


def objective_of(tour: Tour, groups: tuple[Group, ...]) -> int:
    """The sum of the scores of people for the stops at which their group is on one of their days."""
    scores = {(one.person, one.stop): one.score for one in tour.scores}
    there = {one.id: set(range(tour.days) if one.days is None else one.days) for one in tour.people}
    return sum(
        scores.get((person, visit.stop), 0)
        for group in groups
        for day in group.days
        for visit in day.stops
        for person in group.people
        if day.day in there.get(person, ())
    )


def _wrong_people(tour: Tour, plan: Plan) -> Iterator[str]:
    """Too many groups, groups too full, people unknown or in two groups."""
    if len(plan.groups) > tour.groups.max:
        yield f"{len(plan.groups)} groups, at most {tour.groups.max} are allowed"
    known = {one.id for one in tour.people}
    count = Counter(person for group in plan.groups for person in group.people)
    yield from (f"{person} is not among the people" for person in count if person not in known)
    yield from (f"{person} is in {times} groups" for person, times in count.items() if times > 1)
    for number, group in enumerate(plan.groups):
        if not 1 <= len(group.people) <= tour.groups.seats:
            yield f"group {number} has {len(group.people)} people, there are {tour.groups.seats} seats"


def _wrong_days(tour: Tour, group: Group) -> Iterator[str]:
    """Days out of order, drives too short, stops on a wrong day, too long or twice, the end in a wrong city."""
    if [day.day for day in group.days] != list(range(tour.days)):
        yield f"its days are {[day.day for day in group.days]}, the tour has {tour.days}"
    stops = {one.id: one for one in tour.stops}
    cities = {tour.start, tour.end, *(one.city for one in tour.stops), *(tour.travel or {})}
    cities |= {city for row in (tour.travel or {}).values() for city in row}
    where = tour.start
    for day in group.days:
        clock = tour.hours[0]
        if len(day.stops) > tour.pace.per_day:
            yield f"{len(day.stops)} stops on day {day.day}, at most {tour.pace.per_day} are allowed"
        for visit in day.stops:
            stop = stops.get(visit.stop)
            if stop is None:
                yield f"there is no stop {visit.stop}"
                continue
            if stop.days is not None and day.day not in stop.days:
                yield f"{visit.stop} does not receive on day {day.day}"
            if visit.start < clock + _drive(tour, where, stop.city) - _SLACK:
                yield f"{visit.stop} begins at {visit.start} on day {day.day}, before the drive from {where} ends"
            if abs(visit.end - visit.start - stop.hours) > _SLACK:
                yield f"{visit.stop} lasts {visit.end - visit.start} hours, not {stop.hours}"
            where, clock = stop.city, visit.end
        if day.night not in cities:
            yield f"the city {day.night} of night {day.day} is not known"
            return
        if clock + _drive(tour, where, day.night) > tour.hours[1] + _SLACK:
            yield f"day {day.day} ends in {day.night} after {tour.hours[1]}"
        where = day.night
    if where != tour.end:
        yield f"the tour ends in {where}, not in {tour.end}"
    count = Counter(visit.stop for day in group.days for visit in day.stops)
    yield from (f"{stop} is visited {times} times" for stop, times in count.items() if times > 1)


def _drive(tour: Tour, origin: str, target: str) -> float:
    if origin == target:
        return 0.0
    table = tour.travel or {}
    there = table.get(origin, {}).get(target)
    return table.get(target, {}).get(origin, float("inf")) if there is None else there


def _crowded(tour: Tour, plan: Plan) -> Iterator[str]:
    """Stops with more people present at one time than they have places, of one group or of several."""
    there = {one.id: set(range(tour.days) if one.days is None else one.days) for one in tour.people}
    for stop in tour.stops:
        visits = [
            (day.day, visit.start, visit.end, sum(day.day in there.get(person, ()) for person in group.people))
            for group in plan.groups
            for day in group.days
            for visit in day.stops
            if visit.stop == stop.id
        ]
        for day, start, end, present in visits:
            together = sum(
                more
                for other, begin, _end, more in visits
                if other == day and begin <= start + _SLACK and start + _SLACK < _end
            )
            if max(present, together) > stop.places:
                yield f"{max(present, together)} people at {stop.id} on day {day} at {start}, there are {stop.places} places"
            if end < start:
                yield f"{stop.id} ends before it begins"


def _untold(tour: Tour, plan: Plan) -> Iterator[str]:
    """Must stops and people that are left out without a word, or told as left out although they are served."""
    held = {visit.stop for group in plan.groups for day in group.days for visit in day.stops}
    placed = {person for group in plan.groups for person in group.people}
    for kind, wanted, served, told in (
        (Kind.MUST, {one.id for one in tour.stops if one.must}, held, [one.stop for one in plan.unmet]),
        (Kind.PERSON, {one.id for one in tour.people}, placed, [one.person for one in plan.unmet]),
    ):
        named = Counter(name for name in told if name is not None)
        yield from (f"the {kind} {name} is left out without a word" for name in sorted(wanted - served - set(named)))
        yield from (f"the {kind} {name} is told as unmet, and served" for name in sorted(served & set(named)))
        yield from (f"the {kind} {name} is told {times} times" for name, times in named.items() if times > 1)
        yield from (f"{name} is told as unmet {kind}, and nobody asked" for name in sorted(set(named) - wanted))
    yield from (f"nothing explains {one}" for one in plan.unmet if not one.why)
