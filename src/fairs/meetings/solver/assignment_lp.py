"""Which pairs meet, without slots: a b-matching as a linear programme, integral by its structure, with its dual as proof.

A person takes at most `most` meetings and at most one per free slot; an employer at most `most` and at most its tables per
free slot. That is a bipartite constraint matrix, totally unimodular: the simplex method ends in integers. When all
are free in every slot, the chosen pairs can always be put into slots (Kőnig), so the choice is the best plan possible.

The bound is computed from the solver's dual prices, rounded to integers, in exact integer arithmetic: any prices
prove a bound, so it is valid whatever the solver's tolerances.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fairs.meetings.solver.capacity_cuts import Crowding, Cut
from fairs.meetings.solver.column_generation import priced_optimum
from fairs.meetings.solver.instance import Side, slots_of
from fairs.meetings.solver.lp import Ints, Model, Stop
from fairs.meetings.solver.timetable import NOWHERE, Timetable

ONE_PAIR = 1_000
CUT_ROUNDS = 5
"""Times that a choice is repeated because one's own hours do not allow it; the rest is left to the repair."""
SHORT_PRICE = 1_000
"""A missing meeting of a minimum costs this many times the largest score: more than any chain of exchanges can gain."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Pairs to add to the seated ones, and what is proved by the prices of people and employers."""

    pairs: list[int]
    person_price: Ints
    employer_price: Ints
    short: int
    """Meetings missing from the minimums in this choice; no choice lacks fewer."""
    short_price: int
    value: int
    """Bound on (scores − short_price · short) over all choices, the pins' scores included."""

    def bound(self, short: int) -> int:
        """No plan that lacks at most `short` meetings of minimums has a higher value."""
        return self.value + self.short_price * short


@dataclass(frozen=True, slots=True)
class Demand:
    """Constraints of a choice: pairs that are always taken, and sets of which at least so many are taken."""

    pairs: frozenset[int] = frozenset()
    at_least: tuple[tuple[frozenset[int], int], ...] = ()


def choose(
    table: Timetable,
    demand: Demand = Demand(),
    *,
    minimums: bool = True,
    scores: bool = True,
    stop: Stop | None = None,
) -> Choice:
    """The best pairs to add to a timetable with only the pins: the demand always, minimums before scores.

    With sets in the demand the solution may be fractional: then use its bound, not its pairs. Without `scores`
    only the number of missing meetings is minimised, and a price of one is one missing meeting. Raises Cancelled
    when `stop` returns True.
    """
    house = table.house
    pairs = np.array([p for p in range(len(house.left)) if can_meet(table, p)], dtype=np.int64)
    people, employers = _people_left(table), _employers_left(table)
    if not minimums:
        people, employers = (_Rows(rows.room, np.zeros_like(rows.need)) for rows in (people, employers))
    score = np.array(house.score, dtype=np.int64)[pairs] * scores
    crowding, cuts = Crowding(table, pairs.tolist()), dict[Cut, None]()
    choice = _solve(table, pairs, score, people, employers, demand, (), stop)
    for _ in range(CUT_ROUNDS):
        broken = [cut for cut in crowding.cuts(choice.pairs) if cut not in cuts]
        if not broken:
            break
        cuts |= dict.fromkeys(broken)
        choice = _solve(table, pairs, score, people, employers, demand, tuple(cuts), stop)
    return replace(choice, value=choice.value + table.objective * scores)


def most_of(table: Timetable, pairs: Sequence[int], stop: Stop | None = None) -> list[int]:
    """The most of these pairs that the limits and the numbers of free slots allow, the better ones where there is a choice.

    No timetable seats more of them; whether one seats these is another question.
    """
    house = table.house
    open_pairs = np.array([p for p in pairs if can_meet(table, p)], dtype=np.int64)
    people, employers = (
        _Rows(rows.room, np.zeros_like(rows.need)) for rows in (_people_left(table), _employers_left(table))
    )
    score = worth_of_numbers(np.array(house.score, dtype=np.int64)[open_pairs])
    return _solve(table, open_pairs, score, people, employers, Demand(), (), stop).pairs


def worth_of_numbers(score: Ints) -> Ints:
    """Values that put the number of pairs before their scores: all the scores together weigh less than one pair."""
    largest = max(1, int(np.abs(score).max(initial=0)))
    fine = (1 + score / largest) / 2
    return np.asarray(ONE_PAIR * (len(score) + 1) + np.rint(ONE_PAIR * fine), dtype=np.int64)


def can_meet(table: Timetable, pair: int) -> bool:
    """Whether an unseated pair has a slot in which both are free now."""
    house = table.house
    return table.slot[pair] == NOWHERE and bool(
        table.person_open[house.left[pair]] & table.employer_open[house.right[pair]]
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Remaining capacity of one side, and how much of it the minimums need."""

    room: Ints
    need: Ints


def _people_left(table: Timetable) -> _Rows:
    seats = [bits.bit_count() for bits in table.person_open]
    return _left(table.house.people, seats, table.person_count)


def _employers_left(table: Timetable) -> _Rows:
    side = table.house.employers
    seats = [
        sum(side.seats[at] - len(table.at_employer[at][slot]) for slot in slots_of(bits))
        for at, bits in enumerate(table.employer_open)
    ]
    return _left(side, seats, table.employer_count)


def _left(side: Side, seats: Sequence[int], counts: Sequence[int]) -> _Rows:
    held = np.array(counts, dtype=np.int64)
    room = np.minimum(np.array(side.most, dtype=np.int64) - held, np.array(seats, dtype=np.int64)).clip(min=0)
    need = (np.array(side.least, dtype=np.int64) - held).clip(min=0)
    return _Rows(room, np.minimum(need, room))


def _solve(
    table: Timetable,
    pairs: Ints,
    score: Ints,
    people: _Rows,
    employers: _Rows,
    demand: Demand,
    cuts: tuple[Cut, ...],
    stop: Stop | None,
) -> Choice:
    house, count, largest = table.house, len(people.room), int(np.abs(score).max(initial=0))
    price = SHORT_PRICE * largest or 1
    need = np.concatenate([people.need, employers.need])
    needy = np.flatnonzero(need)
    left = np.array(house.left, dtype=np.int64)[pairs]
    right = np.array(house.right, dtype=np.int64)[pairs] + count
    members = [members for members, _ in (*demand.at_least, *cuts)]
    columns, rows = _entries(pairs, left, right, needy, members, len(need))
    least = np.array([*(count for _, count in demand.at_least), *[0] * len(cuts)], dtype=np.int64)
    most = np.array([*[len(pairs)] * len(demand.at_least), *(count for _, count in cuts)], dtype=np.int64)
    width = len(pairs) + len(needy)
    forced = np.array([p in demand.pairs for p in pairs.tolist()] + [False] * len(needy), dtype=bool)
    model = Model(
        profit=np.concatenate([score, np.full(len(needy), -price)]).astype(float),
        lower=forced.astype(float),
        upper=np.concatenate([np.ones(len(pairs), dtype=np.int64), need[needy]]).astype(float),
        starts=np.searchsorted(columns, np.arange(width + 1)).astype(np.int64),
        rows=rows,
        row_lower=np.concatenate([need, least]).astype(float),
        row_upper=np.concatenate([people.room, employers.room, most]).astype(float),
    )
    answer = priced_optimum(model, stop)
    value = _proved(model, np.rint(answer.row_worth).astype(np.int64), columns)
    short = int(np.ceil(answer.values[len(pairs) :].sum() - 1e-6))
    taken = pairs[answer.values[: len(pairs)] > 0.5].tolist()
    prices = np.rint(answer.row_worth).astype(np.int64)
    return Choice(taken, prices[:count], prices[count : len(need)], short, price, value)


def _entries(
    pairs: Ints, left: Ints, right: Ints, needy: Ints, sets: Sequence[frozenset[int]], rows: int
) -> tuple[Ints, Ints]:
    """Column and row of every entry, by column: a pair in the rows of its two ends and of its sets, a count
    of missing meetings in the row of its owner."""
    where = {pair: at for at, pair in enumerate(pairs.tolist())} if sets else {}
    places = np.arange(len(pairs))
    columns, entries = [places, places, len(pairs) + np.arange(len(needy))], [left, right, needy]
    for at, members in enumerate(sets):
        inside = np.array(sorted(where[pair] for pair in members if pair in where), dtype=np.int64)
        columns.append(inside)
        entries.append(np.full(len(inside), rows + at))
    order = np.argsort(np.concatenate(columns), kind="stable")
    return np.concatenate(columns)[order].astype(np.int64), np.concatenate(entries)[order].astype(np.int64)


def _proved(model: Model, prices: Ints, columns: Ints) -> int:
    """Weak duality in integers, for any prices of the rows: the value of the rows, plus the value of each column
    beyond the prices of its rows. A price above 0 is paid for a row's capacity, one below 0 for its demand."""
    worth = int(prices.clip(min=0) @ model.row_upper.astype(np.int64))
    worth += int(prices.clip(max=0) @ model.row_lower.astype(np.int64))
    beyond = model.profit.astype(np.int64)
    np.subtract.at(beyond, columns, prices[model.rows])
    most = np.where(beyond > 0, model.upper, model.lower).astype(np.int64)
    return worth + int(beyond @ most)
