"""Why people are in no group."""

import numpy as np

from fairs.tours.planner.instance import Bools, Instance
from fairs.tours.planner.musts import no_way
from fairs.tours.planner.patterns import Route
from fairs.tours.planner.problem import Kind, Unmet
from fairs.tours.planner.reasons import unmet


def explain_people(house: Instance, routes: list[Route], members: list[Bools]) -> list[Unmet]:
    """One reason for each person without a group, with the numbers of this plan."""
    placed = np.any(members, axis=0) if members else np.zeros(len(house.score), dtype=np.bool_)
    return [_why(house, routes, members, int(person)) for person in np.flatnonzero(~placed)]


def _why(house: Instance, routes: list[Route], members: list[Bools], person: int) -> Unmet:
    name = house.tour.people[person].id
    if not house.free[person].any():
        return unmet(Kind.PERSON, "person_away", person=name)
    if not routes:
        return no_way(house, Kind.PERSON, person=name)
    if len(routes) == house.groups and all(who.sum() >= house.seats for who in members):
        facts = {"seats": house.groups * house.seats, "groups": house.groups}
        return unmet(Kind.PERSON, "person_seats", person=name, facts=facts)
    full: list[str] = []
    for route, who in zip(routes, members, strict=True):
        if who.sum() >= house.seats:
            continue
        blocked = [
            house.tour.stops[one].id
            for day, leg in enumerate(route)
            if house.free[person, day]
            for one in leg.stops
            if (who & house.free[:, day]).sum() >= house.places[one]
        ]
        if not blocked:
            return unmet(Kind.PERSON, "person_not_found", person=name)
        full += blocked
    if len(routes) < house.groups:
        return unmet(Kind.PERSON, "person_not_found", person=name)
    return unmet(Kind.PERSON, "person_places", person=name, facts={"names": tuple(dict.fromkeys(full))})
