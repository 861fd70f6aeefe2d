"""Finds choices that cannot be seated because of one person's or employer's hours, and adds constraints that forbid them.

A person may have capacity for twelve meetings but not for these twelve: all but two of the chosen partners are there in
the morning only. For each side of each pair the chosen ones are matched with that one's places; where one is left over, a
Hall set shows which listed pairs share too few of them. As a row of the choice's programme it tightens choice and bound.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fairs.meetings.solver.irreducible_conflicts import augment, open_slots
from fairs.meetings.solver.timetable import Timetable

Cut = tuple[frozenset[int], int]
"""Pairs and the maximum number of them in a plan."""


class Crowding:
    """Finds cuts for a timetable with only the pins."""

    def __init__(self, base: Timetable, pairs: Sequence[int]) -> None:
        self.base, house = base, base.house
        self.of_person: dict[int, list[int]] = defaultdict(list)
        self.of_employer: dict[int, list[int]] = defaultdict(list)
        for pair in pairs:
            self.of_person[house.left[pair]].append(pair)
            self.of_employer[house.right[pair]].append(pair)

    def cuts(self, chosen: Iterable[int]) -> list[Cut]:
        """New cuts that the chosen pairs violate; none when each one's own hours allow its own meetings."""
        house, picked = self.base.house, frozenset(chosen)
        found: dict[Cut, None] = {}
        for person, listed in self.of_person.items():
            room = dict.fromkeys(range(house.slots), 1)
            found |= dict.fromkeys(self._of_one(listed, picked, room, self.base.person_open[person].bit_count()))
        for employer, listed in self.of_employer.items():
            seats = house.employers.seats[employer]
            room = {slot: seats - len(self.base.at_employer[employer][slot]) for slot in range(house.slots)}
            found |= dict.fromkeys(self._of_one(listed, picked, room, self.base.employer_open[employer].bit_count()))
        return list(found)

    def _of_one(self, listed: Sequence[int], picked: frozenset[int], room: dict[int, int], hours: int) -> Iterable[Cut]:
        mine = [pair for pair in listed if pair in picked]
        house, base = self.base.house, self.base
        open_bits = [base.person_open[house.left[p]] & base.employer_open[house.right[p]] for p in mine]
        if all(bits.bit_count() >= min(len(mine), hours) for bits in open_bits):
            return  # all fit in any order
        slots, held = open_slots(base, mine), {slot: list[int]() for slot in room}
        for pair in mine:
            seen: set[int] = set()
            if not augment(pair, slots, room, held, seen):
                hours_of = open_slots(base, listed)
                yield frozenset(p for p in listed if seen.issuperset(hours_of[p])), sum(room[slot] for slot in seen)
