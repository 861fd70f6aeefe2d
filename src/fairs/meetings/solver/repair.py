"""Closes the gap when not all are free in every slot: each slot is matched again, repeatedly, with all that is known.

In one slot a person has one meeting and an employer as many as it has tables: a bipartite matching, solved exactly as a
linear programme whose columns are the pairs of that slot and the unseated pairs. Minimums that are not reached are
served first. A round never makes the timetable worse.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from fairs.meetings.solver.assignment_lp import Choice
from fairs.meetings.solver.instance import slots_of
from fairs.meetings.solver.lp import Model, Stop, optimum
from fairs.meetings.solver.slot_assignment import seat
from fairs.meetings.solver.timetable import NOWHERE, Timetable


def worth(table: Timetable, price: int) -> int:
    """The objective minus `price` for every meeting missing from a minimum: a repair never lowers this value."""
    return table.objective - price * lacking(table)


def lacking(table: Timetable) -> int:
    """Meetings missing from the minimums."""
    people, employers = table.house.people, table.house.employers
    return sum(max(0, a - b) for a, b in zip(people.least, table.person_count, strict=True)) + sum(
        max(0, a - b) for a, b in zip(employers.least, table.employer_count, strict=True)
    )


def promising(table: Timetable, choice: Choice, share: float) -> list[list[int]]:
    """For each slot the pairs that might be seated in it: those that the prices of both ends leave within `share` of the
    largest score of being chosen. Pins are excluded."""
    house = table.house
    left, right = np.array(house.left, dtype=np.int64), np.array(house.right, dtype=np.int64)
    score = np.array(house.score, dtype=np.int64)
    beyond = score - choice.person_price[left] - choice.employer_price[right]
    near = np.flatnonzero(beyond >= -share * max(1, int(np.abs(score).max(initial=0))))
    found: list[list[int]] = [[] for _ in range(house.slots)]
    for pair in near.tolist():
        if not table.fixed[pair]:
            for slot in slots_of(house.common(pair)):
                found[slot].append(pair)
    return found


def repair(
    table: Timetable,
    choice: Choice,
    musts: Sequence[int],
    *,
    rounds: int,
    share: float,
    told: Callable[[], None],
    stop: Stop | None = None,
) -> None:
    """Matches slot after slot again until a whole round gains nothing, `rounds` are over or the bound is reached.

    `told` is called after each slot.
    """
    candidates, keep = promising(table, choice, share), frozenset(musts)
    for _ in range(rounds):
        before = worth(table, choice.short_price)
        for slot in range(table.house.slots):
            if worth(table, choice.short_price) >= choice.value:
                return
            _match_slot(table, slot, candidates[slot], keep, choice.short_price, stop)
            table.settle()
            told()
        for pair in choice.pairs:
            if table.slot[pair] == NOWHERE and _within_limits(table, pair):
                seat(table, pair)
        table.settle()
        if worth(table, choice.short_price) == before:
            return


def _within_limits(table: Timetable, pair: int) -> bool:
    house = table.house
    person, employer = house.left[pair], house.right[pair]
    return (
        table.person_count[person] < house.people.most[person]
        and table.employer_count[employer] < house.employers.most[employer]
    )


def _match_slot(
    table: Timetable, slot: int, candidates: Iterable[int], musts: frozenset[int], price: int, stop: Stop | None
) -> None:
    sitting = [p for p in table.at_slot(slot) if not table.fixed[p]]
    for pair in sitting:
        table.take(pair)
    columns = sorted({*sitting, *(p for p in candidates if table.slot[p] == NOWHERE and _has_room(table, p, slot))})
    for pair in _matched(table, slot, columns, musts.intersection(sitting), price, stop):
        table.put(pair, slot)


def _has_room(table: Timetable, pair: int, slot: int) -> bool:
    house = table.house
    person, employer = house.left[pair], house.right[pair]
    return bool(
        table.person_open[person] >> slot & 1
        and table.employer_open[employer] >> slot & 1
        and _within_limits(table, pair)
    )


def _matched(
    table: Timetable, slot: int, columns: list[int], forced: frozenset[int], price: int, stop: Stop | None
) -> list[int]:
    """The best matching of one slot among these pairs; every missing meeting of a minimum costs `price`."""
    if not columns:
        return []
    house = table.house
    people = {person: row for row, person in enumerate(sorted({house.left[p] for p in columns}))}
    employers = {e: len(people) + row for row, e in enumerate(sorted({house.right[p] for p in columns}))}
    room = [1] * len(people) + [_seats_left(table, employer, slot) for employer in employers]
    lack = [max(0, house.people.least[i] - table.person_count[i]) for i in people]
    lack += [max(0, house.employers.least[j] - table.employer_count[j]) for j in employers]
    need = np.minimum(np.array(lack, dtype=np.int64), np.array(room, dtype=np.int64))
    needy = np.flatnonzero(need)
    ends = [row for p in columns for row in (people[house.left[p]], employers[house.right[p]])]
    model = Model(
        profit=np.array([house.score[p] for p in columns] + [-price] * len(needy), dtype=float),
        lower=np.array([p in forced for p in columns] + [False] * len(needy), dtype=float),
        upper=np.concatenate([np.ones(len(columns)), need[needy]]).astype(float),
        starts=np.concatenate([2 * np.arange(len(columns) + 1), 2 * len(columns) + 1 + np.arange(len(needy))]),
        rows=np.concatenate([np.array(ends, dtype=np.int64), needy]),
        row_lower=need.astype(float),
        row_upper=np.array(room, dtype=float),
    )
    answer = optimum(model, stop)
    return [p for p, value in zip(columns, answer.values.tolist(), strict=False) if value > 0.5]


def _seats_left(table: Timetable, employer: int, slot: int) -> int:
    side = table.house.employers
    free = side.seats[employer] - len(table.at_employer[employer][slot])
    return min(free, side.most[employer] - table.employer_count[employer])
