"""Musts come first: as many as can be held at all get a slot, and whoever cannot is told the smallest reason that proves it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fairs.meetings.solver.cells import Programme, cells_of
from fairs.meetings.solver.contradictions import explain, lost_must
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Unmet
from fairs.meetings.solver.seat import seat_all
from fairs.meetings.solver.timetable import NOWHERE, Timetable

_CELLS = 30_000
"""Largest group of entangled musts whose timetable is settled exactly; beyond it the search by paths stands."""
_FINE = 1000.0


@dataclass(frozen=True, slots=True)
class Musts:
    """The musts that sit; of these the ones that every plan as good as this one holds; and the others with their reasons."""

    held: list[int]
    certain: list[int]
    lost: list[Unmet]


def seat_musts(table: Timetable, stop: Stop | None = None) -> Musts:
    """Seats as many musts as can be held beside the pins."""
    house = table.house
    musts = [p for p, must in enumerate(house.must) if must and table.slot[p] == NOWHERE]
    free = {p: table.person_open[house.left[p]] & table.employer_open[house.right[p]] for p in musts}
    lost, unsure = [_alone(table, p) for p in musts if not free[p]], frozenset[int]()
    open_musts = [p for p in musts if free[p]]
    before = table.mark()
    limited = _within_limits(table, open_musts)
    failed = set(seat_all(table, limited)) | (set(open_musts) - set(limited))
    if failed:
        table.back(before)
        unsure = _settle(table, open_musts, failed, lost, stop)
    table.settle()
    held = [p for p in musts if table.slot[p] != NOWHERE]
    return Musts(held, [p for p in held if p not in unsure], lost)


def _within_limits(table: Timetable, musts: Sequence[int]) -> list[int]:
    """The musts that pass nobody's limit, best scores first: what is over goes to the exact search."""
    house, kept = table.house, []
    people, employers = list(table.person_count), list(table.employer_count)
    for pair in sorted(musts, key=lambda p: (-house.score[p], p)):
        person, employer = house.left[pair], house.right[pair]
        if people[person] < house.people.most[person] and employers[employer] < house.employers.most[employer]:
            people[person] += 1
            employers[employer] += 1
            kept.append(pair)
    return kept


def _settle(
    table: Timetable, musts: list[int], failed: set[int], lost: list[Unmet], stop: Stop | None
) -> frozenset[int]:
    """Seats groups of musts that share people or employers, one after the other; adds to `lost` what has no place.

    Returns the musts of groups that lost one: another plan might lose another one of the group instead; and all of them
    when it is not proved of a group that it loses the fewest.
    """
    unsure: set[int] = set()
    for group in groups(table, musts):
        if not failed.intersection(group):
            seat_all(table, group)
            continue
        proved = _seat_group(table, group, stop)
        missing = [pair for pair in group if table.slot[pair] == NOWHERE]
        if missing:
            unsure.update(group if proved else musts)
        for pair in missing:
            lost.append(explain(table, group, pair, stop) if proved else lost_must(table, pair, "must_not_found", {}))
    return frozenset(unsure)


def groups(table: Timetable, pairs: Iterable[int]) -> list[list[int]]:
    """Pairs joined by a common person or employer, in order of their first member."""
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


def _seat_group(table: Timetable, group: list[int], stop: Stop | None) -> bool:
    """Seats as many of a group as can be, the better ones first; True when that many is proved to be the most."""
    cells = cells_of(table, group)
    if len(cells) <= _CELLS:
        one = _FINE * (len(group) + 1)  # number before score: all the scores of a group together weigh less than one must
        largest = max(1, max(abs(table.house.score[p]) for p in group))
        value = {p: one + _FINE * (1 + table.house.score[p] / largest) / 2 for p in group}
        placed = Programme(table, cells, needs=False).solve([value[c.pair] for c in cells], stop=stop)
        if placed is not None:
            for pair, slot in placed.slots.items():
                table.put(pair, slot)
            return int((placed.bound + 0.5) // one) <= len(placed.slots)
    seat_all(table, _within_limits(table, group))
    return False


def _alone(table: Timetable, pair: int) -> Unmet:
    """A must that would not even have a place alone."""
    return lost_must(table, pair, "must_behind_pins" if table.house.common(pair) else "must_apart", {})
