"""Smooths a finished timetable: same meetings, better hours. Fewer idle gaps in a day and no long rows without a break.

Only slots change, so the objective does not. A meeting moves to another slot, or swaps with another one of the same
employer, if that reduces the total discomfort of all people and employers affected.
"""

from dataclasses import dataclass
from itertools import pairwise

from fairs.meetings.solver.instance import Instance, slots_of
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Cancelled
from fairs.meetings.solver.timetable import NOWHERE, Timetable

IDLE = 1
"""Discomfort of a free slot between the first and the last meeting."""
TIRING = 2
"""Discomfort of each meeting beyond the most in a row."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """`joined`: the slots that the next one follows without a rest. `days`: the slots of each day."""

    joined: int
    days: tuple[int, ...]

    @classmethod
    def of(cls, house: Instance) -> "Pauses":
        """The pauses of a problem."""
        broken = house.rests | house.nights
        edges = sorted({0, house.slots, *house.nights})
        return cls(
            sum(1 << slot for slot in range(house.slots) if slot + 1 not in broken),
            tuple((1 << end) - (1 << begin) for begin, end in pairwise(edges)),
        )


def discomfort(busy: int, free: int, most_in_a_row: int, pauses: Pauses) -> int:
    """Discomfort of one person or employer: `busy` and `free` are disjoint sets of slots. Zero for an empty timetable."""
    idle = 0
    for day in pauses.days:
        held = busy & day
        if held:
            low = (held & -held).bit_length() - 1
            idle += (free & ~held & (((1 << held.bit_length()) - 1) >> low << low)).bit_count()
    long = busy
    for _ in range(most_in_a_row):
        long = busy & pauses.joined & long >> 1
    return IDLE * idle + TIRING * long.bit_count()


class Days:
    """The days of all people and employers as sets of busy slots."""

    def __init__(self, table: Timetable, most_in_a_row: int) -> None:
        self.table, self.most, self.pauses = table, most_in_a_row, Pauses.of(table.house)
        slots = range(table.house.slots)
        self.person = [sum(1 << s for s in slots if row[s] != NOWHERE) for row in table.at_person]
        self.employer = [sum(1 << s for s in slots if row[s]) for row in table.at_employer]
        self.cost = [self.of_person(i, busy) for i, busy in enumerate(self.person)]

    def of_person(self, person: int, busy: int) -> int:
        """The person's discomfort with these busy slots."""
        return discomfort(busy, self.table.house.people.free[person], self.most, self.pauses)

    def of_employer(self, employer: int, busy: int) -> int:
        """An employer's slot is idle when no table is used in it; its people take turns, so long rows do not count."""
        return discomfort(busy, self.table.house.employers.free[employer], self.table.house.slots, self.pauses)

    def total(self) -> int:
        """Total discomfort of all people and employers."""
        return sum(self.of_person(i, busy) for i, busy in enumerate(self.person)) + sum(
            self.of_employer(j, busy) for j, busy in enumerate(self.employer)
        )

    def apply(self, change: "Change") -> None:
        """Moves meetings, all at once, and updates the days."""
        house, table = self.table.house, self.table
        before = [table.take(pair) for pair, _ in change]
        for (pair, slot), old in zip(change, before, strict=True):
            table.put(pair, slot)
            person = house.left[pair]
            self.person[person] ^= (1 << old) | (1 << slot)
            self.cost[person] = self.of_person(person, self.person[person])
        for (pair, slot), old in zip(change, before, strict=True):
            employer = house.right[pair]
            for touched in (old, slot):
                used = bool(table.at_employer[employer][touched])
                self.employer[employer] = self.employer[employer] & ~(1 << touched) | used << touched


def polish(table: Timetable, *, rounds: int, most_in_a_row: int, stop: Stop | None = None) -> None:
    """Rounds over all people with discomfort, until nothing improves or `rounds` are over."""
    days = Days(table, most_in_a_row)
    for _ in range(rounds):
        moved = False
        for person, cost in enumerate(list(days.cost)):
            if cost:
                if stop is not None and stop():
                    raise Cancelled
                moved |= _smooth(days, person)
        moved |= _gather(days)
        table.settle()
        if not moved:
            return


def _smooth(days: Days, person: int) -> bool:
    """Makes the best single changes of one person's day, one after the other."""
    moved = False
    while True:
        change = _best_change(days, person)
        if change is None:
            return moved
        days.apply(change)
        moved = True


Change = tuple[tuple[int, int], ...]  # (pair, new slot)


def _best_change(days: Days, person: int) -> Change | None:
    table, house = days.table, days.table.house
    best: int = 0
    chosen: Change | None = None
    busy, cost, free, most = days.person[person], days.cost[person], house.people.free[person], days.most
    for pair in table.at_person[person]:
        if pair == NOWHERE or table.fixed[pair]:
            continue
        here = 1 << table.slot[pair]
        for slot in slots_of(table.person_open[person] & house.employers.free[house.right[pair]]):
            own = cost - discomfort(busy ^ here ^ (1 << slot), free, most, days.pauses)
            if own <= 0:  # of two that swap, one gains by itself: the pair is found from that one
                continue
            gain, change = _change(days, pair, slot, own, best)
            if gain > best:
                best, chosen = gain, change
    return chosen


def _change(days: Days, pair: int, slot: int, own: int, beat: int) -> tuple[int, Change]:
    """The best way to move a meeting to `slot`, where its person is free and gains `own`: to a free seat, or by swapping
    with another meeting of the employer. Only a gain above `beat` is considered."""
    table, house = days.table, days.table.house
    employer, before = house.right[pair], table.slot[pair]
    here, there = 1 << before, 1 << slot
    if table.employer_open[employer] & there:
        theirs = days.employer[employer]
        after = theirs | there if len(table.at_employer[employer][before]) > 1 else (theirs | there) & ~here
        return own + days.of_employer(employer, theirs) - days.of_employer(employer, after), ((pair, slot),)
    best: int = beat
    chosen: Change = ()
    for other in table.at_employer[employer][slot]:
        neighbour = house.left[other]
        # a swap can at best remove all discomfort of the other person: skip the rest
        if own + days.cost[neighbour] <= best or table.fixed[other] or not table.person_open[neighbour] & here:
            continue
        gain = own + days.cost[neighbour] - days.of_person(neighbour, days.person[neighbour] ^ here ^ there)
        if gain > best:
            best, chosen = gain, ((pair, slot), (other, before))
    return best, chosen


def _gather(days: Days) -> bool:
    """Moves single meetings of employers whose day has idle slots, if that gains."""
    moved = False
    for employer, busy in enumerate(days.employer):
        if not days.of_employer(employer, busy):
            continue
        for slot in slots_of(busy):
            for pair in tuple(days.table.at_employer[employer][slot]):
                moved |= _move_within(days, pair)
    return moved


def _move_within(days: Days, pair: int) -> bool:
    table, house = days.table, days.table.house
    if table.fixed[pair]:
        return False
    person, here = house.left[pair], 1 << table.slot[pair]
    best: int = 0
    chosen: Change | None = None
    for slot in slots_of(table.person_open[person] & table.employer_open[house.right[pair]]):
        own = days.cost[person] - days.of_person(person, days.person[person] ^ here ^ (1 << slot))
        gain, change = _change(days, pair, slot, own, best)
        if gain > best:
            best, chosen = gain, change
    if chosen is None:
        return False
    days.apply(chosen)
    return True
