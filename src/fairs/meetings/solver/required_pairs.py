"""Musts come first: as many as possible get a slot, and each of the others gets the smallest reason that proves it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fairs.meetings.solver.assignment_lp import ONE_PAIR, Demand, can_meet, most_of, worth_of_numbers
from fairs.meetings.solver.irreducible_conflicts import Contradictions, lost_must
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Unmet
from fairs.meetings.solver.slot_assignment import seat_all
from fairs.meetings.solver.timetable import NOWHERE, Timetable
from fairs.meetings.solver.timetable_milp import Programme, cells_of

_CELLS = 30_000
"""Largest group of connected musts whose timetable is solved exactly; larger groups keep the result of the path search."""


@dataclass(frozen=True, slots=True)
class Musts:
    """The seated musts, what every plan with as many musts has in common, and the musts of groups that were too large
    to prove that no more of them could be seated."""

    held: list[int]
    common: Demand
    unproved: frozenset[int]

    @property
    def all_sure(self) -> bool:
        """Whether no other choice of musts would be as good."""
        return not self.unproved and not self.common.at_least


def seat_musts(table: Timetable, stop: Stop | None = None) -> Musts:
    """Seats as many musts as possible beside the pins."""
    musts = _open_musts(table)
    before = table.mark()
    likely = most_of(table, musts, stop)
    failed = set(seat_all(table, likely))
    unproved = frozenset[int]()
    if failed:
        table.back(before)
        unproved = _settle(table, musts, frozenset(likely), failed, stop)
    table.settle()
    seated = [p for p in musts if table.slot[p] != NOWHERE]
    if unproved:
        return Musts(seated, Demand(), unproved)
    lossy = [group for group in groups(table, musts) if any(table.slot[p] == NOWHERE for p in group)]
    sets = tuple((frozenset(group), sum(table.slot[p] != NOWHERE for p in group)) for group in lossy)
    return Musts(seated, Demand(frozenset(seated).difference(*(members for members, _ in sets)), sets), unproved)


def _open_musts(table: Timetable) -> list[int]:
    return [p for p, must in enumerate(table.house.must) if must and can_meet(table, p)]


def lost_musts(base: Timetable, table: Timetable, unproved: frozenset[int], stop: Stop | None) -> list[Unmet]:
    """The reasons of all musts without a slot in the finished timetable; `base` has only the pins."""
    house, found = base.house, list[Unmet]()
    musts = _open_musts(base)
    reasons = Contradictions(base, musts, stop)
    held_beside: dict[int, list[int] | None] = {}
    for group in groups(base, musts):
        seated = [p for p in group if table.slot[p] != NOWHERE]
        held_beside |= dict.fromkeys(group, None if group[0] in unproved else seated)
    for pair in [p for p, must in enumerate(house.must) if must and table.slot[p] == NOWHERE]:
        if pair in held_beside:
            found.append(reasons.explain(pair, held_beside[pair]))
        else:
            found.append(lost_must(house, pair, "must_behind_pins" if house.common(pair) else "must_apart", {}))
    return found


def _settle(
    table: Timetable, musts: list[int], likely: frozenset[int], failed: set[int], stop: Stop | None
) -> frozenset[int]:
    """Seats groups of musts that share people or employers, one after the other; `likely` is the largest set that the limits
    allow. Returns the musts of groups for which it is not proved that they lose the fewest."""
    unproved = set[int]()
    for group in groups(table, musts):
        within = [pair for pair in group if pair in likely]
        if not failed.intersection(group):
            seat_all(table, within)
        elif not _seat_group(table, group, within, stop):
            unproved.update(group)
    return frozenset(unproved)


def groups(table: Timetable, pairs: Iterable[int]) -> list[list[int]]:
    """Pairs connected by a common person or employer, in order of their first member."""
    house = table.house
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    members = sorted(pairs)
    for pair in members:
        parent[root(("person", house.left[pair]))] = root(("employer", house.right[pair]))
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for pair in members:
        found[root(("person", house.left[pair]))].append(pair)
    return list(found.values())


def _seat_group(table: Timetable, group: list[int], likely: list[int], stop: Stop | None) -> bool:
    """Seats as many of a group as possible, the better ones first; True when that number is proved to be the maximum."""
    cells = cells_of(table, group)
    if len(cells) <= _CELLS:
        worth = worth_of_numbers(np.array([table.house.score[p] for p in group], dtype=np.int64))
        value = dict(zip(group, worth.tolist(), strict=True))
        placed = Programme(table, cells, needs=False).solve([float(value[c.pair]) for c in cells], stop=stop)
        if placed is not None:
            for pair, slot in placed.slots.items():
                table.put(pair, slot)
            return int((placed.bound + 0.5) // (ONE_PAIR * (len(group) + 1))) <= len(placed.slots)
    return not seat_all(table, likely)
