"""Minimums: how far each can be reached alone, how many meetings must be missing in total, and who competes for them.

The least number missing is a linear programme of its own; its dual prices are the certificate. Those with a negative price
need more meetings than there is capacity for among the partners whom they may meet.
"""

from collections import defaultdict

from fairs.meetings.solver.assignment_lp import Choice, Demand, can_meet, choose
from fairs.meetings.solver.instance import Side
from fairs.meetings.solver.irreducible_conflicts import most_held
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.problem import Fact, Kind, Unmet
from fairs.meetings.solver.reasons import unmet
from fairs.meetings.solver.timetable import Timetable

Node = tuple[Kind, int]
"""A person or employer with a minimum: the kind is the side, the number the index there."""


def tighten(table: Timetable) -> None:
    """Reduces each minimum to what that person or employer could have if no one else had wishes, beside the pins."""
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
    """The most meetings beside the pins, up to the minimum; for one person or one employer, all others being free."""
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
    base: Timetable, table: Timetable, demand: Demand, *, settled: bool, stop: Stop | None
) -> list[Unmet]:
    """One entry per person or employer below the minimum. `base` has only the pins; `settled`: no fewer can be missing."""
    sides = _lacking(table)
    if not sides:
        return []
    crowd = _Crowd(base, table, demand, stop)
    return [_explain(base, table, side, crowd, settled=settled) for side in sides]


def _lacking(table: Timetable) -> list[Node]:
    people, employers = table.house.people, table.house.employers
    return [
        *((Kind.MIN_CANDIDATE, at) for at, asked in enumerate(people.asked) if table.person_count[at] < asked),
        *((Kind.MIN_EMPLOYER, at) for at, asked in enumerate(employers.asked) if table.employer_count[at] < asked),
    ]


def _explain(base: Timetable, table: Timetable, who: Node, crowd: "_Crowd", *, settled: bool) -> Unmet:
    kind, at = who
    person = kind is Kind.MIN_CANDIDATE
    side = table.house.people if person else table.house.employers
    held = (table.person_count if person else table.employer_count)[at]
    reason, facts = _alone(base, side, who, held) or crowd.reason(who, settled=settled)
    candidate, employer = (side.ids[at], None) if person else (None, side.ids[at])
    return unmet(kind, reason, candidate=candidate, employer=employer, missing=side.asked[at] - held, facts=facts)


def _alone(base: Timetable, side: Side, who: Node, held: int) -> tuple[str, dict[str, Fact]] | None:
    """The obstacle that does not depend on others; None when the minimum could be reached alone."""
    kind, at = who
    asked = side.asked[at]
    if asked > side.most[at]:
        return "min_limit", {"least": asked, "most": side.most[at]}
    if asked > side.room(at):
        return "min_slots", {"least": asked, "room": side.room(at)}
    if asked > side.least[at] and held >= side.least[at]:
        ends = base.house.left if kind is Kind.MIN_CANDIDATE else base.house.right
        pairs = sum(end == at and (can_meet(base, pair) or base.fixed[pair]) for pair, end in enumerate(ends))
        return "min_pairs", {"least": asked, "pairs": pairs, "room": side.least[at]}
    return None


class _Crowd:
    """The certificate of the least number missing: who needs meetings and who competes for them, joined by their pairs."""

    def __init__(self, base: Timetable, table: Timetable, demand: Demand, stop: Stop | None) -> None:
        self.base, self.table = base, table
        self.choice: Choice = choose(base, demand, scores=False, stop=stop)
        self.missing = _missing(table)
        self.reached = sum(self.missing.values()) == self.choice.short
        self.links = self._links()

    def price(self, node: Node) -> int:
        """Below 0: one more required meeting is one more missing. Above 0: one more place is one fewer missing."""
        kind, at = node
        return int((self.choice.person_price if kind is Kind.MIN_CANDIDATE else self.choice.employer_price)[at])

    def _links(self) -> dict[Node, list[Node]]:
        """Those in need, each with the competitors whom they may meet, and the reverse."""
        links: dict[Node, list[Node]] = defaultdict(list)
        for pair, ends in enumerate(zip(self.table.house.left, self.table.house.right, strict=True)):
            one, other = (Kind.MIN_CANDIDATE, ends[0]), (Kind.MIN_EMPLOYER, ends[1])
            if self.price(one) * self.price(other) < 0 and can_meet(self.base, pair):
                links[one].append(other)
                links[other].append(one)
        return links

    def reason(self, who: Node, *, settled: bool) -> tuple[str, dict[str, Fact]]:
        """Code and facts for one who lacks meetings."""
        if not self.reached or self.price(who) >= 0:
            return ("min_timetable" if settled else "min_not_found"), {}
        kind = who[0]
        side = self.table.house.people if kind is Kind.MIN_CANDIDATE else self.table.house.employers
        group = sorted(at for side_of, at in self._joined(who) if side_of is kind and self.price((kind, at)) < 0)
        needed = sum(side.least[at] for at in group)
        missing = sum(self.missing.get((kind, at), 0) for at in group)
        return "min_crowded", {"names": tuple(side.ids[at] for at in group), "needed": needed, "room": needed - missing}

    def _joined(self, start: Node) -> list[Node]:
        found, queue = {start}, [start]
        for node in queue:
            for beyond in self.links[node]:
                if beyond not in found:
                    found.add(beyond)
                    queue.append(beyond)
        return queue


def _missing(table: Timetable) -> dict[Node, int]:
    """Meetings missing compared with what each could have alone."""
    people, employers = table.house.people, table.house.employers
    found = {(Kind.MIN_CANDIDATE, at): n - table.person_count[at] for at, n in enumerate(people.least)}
    found |= {(Kind.MIN_EMPLOYER, at): n - table.employer_count[at] for at, n in enumerate(employers.least)}
    return {node: missing for node, missing in found.items() if missing > 0}
