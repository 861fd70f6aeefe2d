"""Minimums: how far each can be reached by its own, how many meetings must be missing in all, and who stands in whose way.

The least number missing is a linear programme of its own; its prices are the certificate. Those with a negative price need
more meetings than there is room for among those whom they may meet.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from fairs.meetings.solver.choose import Choice, can_meet, choose
from fairs.meetings.solver.contradictions import most_held
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Kind, Unmet
from fairs.meetings.solver.reasons import Fact, unmet
from fairs.meetings.solver.timetable import Timetable


@dataclass(frozen=True, slots=True)
class _Side:
    """One side with what its sentences need."""

    kind: Kind
    at: int
    pairs: list[int]


def tighten(table: Timetable) -> None:
    """Cuts each minimum to what that person or employer could have if nobody else wanted anything, beside the pins."""
    people, employers = _pairs_by_side(table)
    for at, least in enumerate(table.house.people.least):
        if least:
            table.house.people.least[at] = table.person_count[at] + own_most(table, people[at], at, None, least)
    for at, least in enumerate(table.house.employers.least):
        if least:
            table.house.employers.least[at] = table.employer_count[at] + own_most(table, employers[at], None, at, least)


def _pairs_by_side(table: Timetable) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    people: dict[int, list[int]] = defaultdict(list)
    employers: dict[int, list[int]] = defaultdict(list)
    for pair in range(len(table.house.left)):
        if can_meet(table, pair):
            people[table.house.left[pair]].append(pair)
            employers[table.house.right[pair]].append(pair)
    return people, employers


def own_most(table: Timetable, pairs: list[int], person: int | None, employer: int | None, least: int) -> int:
    """The most meetings beside the pins, up to the minimum; for one person or one employer, the others all being free."""
    house = table.house
    if person is not None:
        left = min(least, house.people.most[person]) - table.person_count[person]
        room = dict.fromkeys(range(house.slots), 1)
    else:
        at = employer or 0
        left = min(least, house.employers.most[at]) - table.employer_count[at]
        seats = house.employers.seats[at]
        room = {slot: seats - len(table.at_employer[at][slot]) for slot in range(house.slots)}
    return min(left, most_held(table, pairs, room, left)) if left > 0 else 0


def explain_minimums(
    base: Timetable, table: Timetable, musts: list[int], *, settled: bool, stop: Stop | None
) -> list[Unmet]:
    """One entry for everybody below their minimum. `base` holds the pins alone; `settled`: nothing less can be missing."""
    sides = _lacking(table)
    if not sides:
        return []
    crowd = _Crowd(base, table, musts, stop)
    return [_explain(base, table, side, crowd, settled=settled) for side in sides]


def _lacking(table: Timetable) -> list[tuple[Kind, int]]:
    people, employers = table.house.people, table.house.employers
    return [
        *((Kind.MIN_CANDIDATE, at) for at, asked in enumerate(people.asked) if table.person_count[at] < asked),
        *((Kind.MIN_EMPLOYER, at) for at, asked in enumerate(employers.asked) if table.employer_count[at] < asked),
    ]


def _explain(base: Timetable, table: Timetable, who: tuple[Kind, int], crowd: "_Crowd", *, settled: bool) -> Unmet:
    kind, at = who
    person = kind is Kind.MIN_CANDIDATE
    side = table.house.people if person else table.house.employers
    held = (table.person_count if person else table.employer_count)[at]
    asked, reason, facts = side.asked[at], "", dict[str, Fact]()
    ends = table.house.left if person else table.house.right
    pairs = [p for p in range(len(ends)) if ends[p] == at and (can_meet(base, p) or base.fixed[p])]
    if asked > side.most[at]:
        reason, facts = "min_limit", {"least": asked, "most": side.most[at]}
    elif asked > side.room(at):
        reason, facts = "min_slots", {"least": asked, "room": side.room(at)}
    elif asked > side.least[at] and held >= side.least[at]:
        reason, facts = "min_pairs", {"least": asked, "pairs": len(pairs), "room": side.least[at]}
    else:
        reason, facts = crowd.reason(kind, at, settled=settled)
    name = side.ids[at]
    who_is = {"candidate": name} if person else {"employer": name}
    return unmet(kind, reason, missing=asked - held, facts=facts, **who_is)


class _Crowd:
    """The certificate of the least number missing: who needs, in whose way, joined by the pairs between them."""

    def __init__(self, base: Timetable, table: Timetable, musts: list[int], stop: Stop | None) -> None:
        self.table, house = table, table.house
        self.choice: Choice = choose(base, musts=musts, scores=False, stop=stop)
        self.missing = _missing(table)
        self.reached = sum(self.missing.values()) == self.choice.short
        person_price, employer_price = self.choice.person_price.tolist(), self.choice.employer_price.tolist()
        price: Callable[[tuple[Kind, int]], int] = lambda node: (
            person_price[node[1]] if node[0] is Kind.MIN_CANDIDATE else employer_price[node[1]]
        )
        links: dict[tuple[Kind, int], list[tuple[Kind, int]]] = defaultdict(list)
        for pair in range(len(house.left)):
            a, b = (Kind.MIN_CANDIDATE, house.left[pair]), (Kind.MIN_EMPLOYER, house.right[pair])
            if price(a) * price(b) < 0 and can_meet(base, pair):
                links[a].append(b)
                links[b].append(a)
        self.price, self.links = price, links

    def reason(self, kind: Kind, at: int, *, settled: bool) -> tuple[str, dict[str, Fact]]:
        """Code and facts for one who lacks meetings."""
        if not self.reached or self.price((kind, at)) >= 0:
            return ("min_timetable" if settled else "min_not_found"), {}
        side, other = self.table.house.people, self.table.house.employers
        if kind is Kind.MIN_EMPLOYER:
            side, other = other, side
        group = [node for node in self._joined((kind, at)) if node[0] is kind and self.price(node) < 0]
        needed = sum(side.least[node[1]] for node in group)
        missing = sum(self.missing.get(node, 0) for node in group)
        names = tuple(side.ids[node[1]] for node in sorted(group))
        return "min_crowded", {"names": names, "needed": needed, "room": needed - missing}

    def _joined(self, start: tuple[Kind, int]) -> list[tuple[Kind, int]]:
        found, queue = {start}, [start]
        for node in queue:
            for beyond in self.links[node]:
                if beyond not in found:
                    found.add(beyond)
                    queue.append(beyond)
        return queue


def _missing(table: Timetable) -> dict[tuple[Kind, int], int]:
    """Meetings missing to what each could have by its own."""
    people, employers = table.house.people, table.house.employers
    found = {(Kind.MIN_CANDIDATE, at): n - table.person_count[at] for at, n in enumerate(people.least)}
    found |= {(Kind.MIN_EMPLOYER, at): n - table.employer_count[at] for at, n in enumerate(employers.least)}
    return {node: missing for node, missing in found.items() if missing > 0}
