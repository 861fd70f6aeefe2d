"""Why a must cannot be seated: the smallest set of musts that contradict each other, found and proved, never guessed.

Searched from simple to complex: the limit of one person or employer; too few slots for the musts of one (a Hall
set of a bipartite matching); last a set of musts of several people that no timetable can seat, made irreducible by
leaving out one after the other.
"""

from collections import defaultdict
from collections.abc import Sequence

from fairs.meetings.solver.instance import Instance, slots_of
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Fact, Kind, Unmet
from fairs.meetings.solver.reasons import unmet
from fairs.meetings.solver.timetable import Timetable
from fairs.meetings.solver.timetable_milp import Programme, cells_of

_SMALL = 40
"""Largest set of musts that is made irreducible; a larger one is reported as it was proved."""


class Contradictions:
    """Explains lost musts; `base` has only the pins, `musts` are all that could have a slot beside them."""

    def __init__(self, base: Timetable, musts: Sequence[int], stop: Stop | None) -> None:
        self.base, self.stop = base, stop
        self.of_person: dict[int, list[int]] = defaultdict(list)
        self.of_employer: dict[int, list[int]] = defaultdict(list)
        for pair in musts:
            self.of_person[base.house.left[pair]].append(pair)
            self.of_employer[base.house.right[pair]].append(pair)

    def explain(self, pair: int, held: Sequence[int] | None) -> Unmet:
        """The reason for one must of a connected group, of which `held` sit and no more can; None: not known."""
        own = self.of_person[self.base.house.left[pair]]
        theirs = self.of_employer[self.base.house.right[pair]]
        alone = _one_sided(self.base, own, theirs, pair)
        if alone is not None:
            return alone
        if held is None:
            return lost_must(self.base.house, pair, "must_not_found", {})
        return _entangled(self.base, held, pair, self.stop)


def lost_must(house: Instance, pair: int, reason: str, facts: dict[str, Fact]) -> Unmet:
    """An unserved must."""
    ends = house.people.ids[house.left[pair]], house.employers.ids[house.right[pair]]
    return unmet(Kind.MUST, reason, candidate=ends[0], employer=ends[1], facts=facts)


def _one_sided(bare: Timetable, own: Sequence[int], theirs: Sequence[int], pair: int) -> Unmet | None:
    """Names the limit if it is tighter than the free slots, else the slots."""
    house = bare.house
    person, employer = house.left[pair], house.right[pair]
    left = house.people.most[person] - bare.person_count[person]
    if len(own) > left < bare.person_open[person].bit_count():
        return lost_must(house, pair, "must_person_limit", {"room": left, "musts": len(own)})
    seats = house.employers.seats[employer]
    room = {slot: seats - len(bare.at_employer[employer][slot]) for slot in range(house.slots)}
    left = house.employers.most[employer] - bare.employer_count[employer]
    if len(theirs) > left < sum(room[slot] for slot in slots_of(bare.employer_open[employer])):
        return lost_must(house, pair, "must_employer_limit", {"room": left, "musts": len(theirs)})
    tight = crowded(bare, own, dict.fromkeys(range(house.slots), 1), pair)
    if tight is not None:
        names = tuple(house.employers.ids[house.right[p]] for p in tight[0])
        return lost_must(house, pair, "must_person_slots", {"room": tight[1], "musts": len(tight[0]), "names": names})
    tight = crowded(bare, theirs, room, pair)
    if tight is not None:
        names = tuple(house.people.ids[house.left[p]] for p in tight[0])
        return lost_must(house, pair, "must_employer_seats", {"room": tight[1], "musts": len(tight[0]), "names": names})
    return None


def most_held(bare: Timetable, pairs: Sequence[int], room: dict[int, int], enough: int) -> int:
    """How many of these pairs of one person or employer fit into that one's places; counted up to `enough`."""
    slots, held = open_slots(bare, pairs), {slot: list[int]() for slot in room}
    count = 0
    for pair in pairs:
        if count >= enough:
            break
        count += augment(pair, slots, room, held, set())
    return count


def crowded(bare: Timetable, pairs: Sequence[int], room: dict[int, int], about: int) -> tuple[list[int], int] | None:
    """A Hall set that contains `about`: pairs of one person or employer that have fewer places than there are pairs.

    `room` are the places of that one in each slot. Returns the pairs and their places, or None when all can be placed.
    """
    slots, held = open_slots(bare, pairs), {slot: list[int]() for slot in room}
    ordered = [p for p in pairs if p != about] + [about]
    for pair in ordered:
        seen: set[int] = set()
        if not augment(pair, slots, room, held, seen) and pair == about:
            return [p for p in pairs if seen.issuperset(slots[p])], sum(room[slot] for slot in seen)
    return None


def open_slots(bare: Timetable, pairs: Sequence[int]) -> dict[int, list[int]]:
    """For each pair the slots in which both are free."""
    house = bare.house
    return {p: slots_of(bare.person_open[house.left[p]] & bare.employer_open[house.right[p]]) for p in pairs}


def augment(
    pair: int, slots: dict[int, list[int]], room: dict[int, int], held: dict[int, list[int]], seen: set[int]
) -> bool:
    """Kuhn's augmenting step; `seen` collects the reached slots."""
    for slot in slots[pair]:
        if slot in seen:
            continue
        seen.add(slot)
        if len(held[slot]) < room[slot]:
            held[slot].append(pair)
            return True
        for other in held[slot]:
            if augment(other, slots, room, held, seen):
                held[slot].remove(other)
                held[slot].append(pair)
                return True
    return False


def _entangled(bare: Timetable, held: Sequence[int], pair: int, stop: Stop | None) -> Unmet:
    """The must contradicts the seated ones, since no more can be seated: reduces that set."""
    house = bare.house
    every = sorted({*held, pair})
    near = {pair}
    while len(near) < len(every):
        people, employers = {house.left[p] for p in near}, {house.right[p] for p in near}
        wider = {p for p in every if house.left[p] in people or house.right[p] in employers}
        if len(wider) == len(near):
            break
        near = wider
        if len(near) > _SMALL or not _holds(bare, sorted(near), stop):
            break
    core = sorted(near) if len(near) <= _SMALL and not _holds(bare, sorted(near), stop) else every
    if len(core) <= _SMALL:
        for one in [p for p in core if p != pair]:
            rest = [p for p in core if p != one]
            if not _holds(bare, rest, stop):
                core = rest
    names = tuple(f"{house.people.ids[house.left[p]]}–{house.employers.ids[house.right[p]]}" for p in core)
    return lost_must(house, pair, "must_together", {"musts": len(core), "names": names})


def _holds(bare: Timetable, pairs: Sequence[int], stop: Stop | None) -> bool:
    """Whether all of these musts can be seated at once; True also when it was not decided."""
    cells = cells_of(bare, pairs)
    placed = Programme(bare, cells, needs=False).solve([1.0] * len(cells), stop=stop)
    return placed is None or placed.bound >= len(pairs) - 0.5
