"""Which pairs meet, whatever the slot: a b-matching as a linear programme, whole by its structure, with its dual as proof.

A person takes at most `most` meetings and at most one a free slot; an employer at most `most` and at most its tables a free
slot. That is a bipartite constraint matrix, totally unimodular: the simplex method ends in whole numbers. When everybody
is free in every slot, the chosen pairs can always be put into slots (Kőnig), so the choice is the best plan there is.

The bound is computed from the solver's dual prices, rounded to whole numbers, in exact integer arithmetic: any prices
prove a bound, so that it holds whatever the solver's tolerances did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numpy.typing import NDArray

from fairs.meetings.solver.house import Side, slots_of
from fairs.meetings.solver.lp import Ints, Model, Stop, optimum
from fairs.meetings.solver.timetable import NOWHERE, Timetable

SHORT_PRICE = 1_000
"""A missing meeting of a minimum costs so many times the largest score: more than any chain of exchanges can bring."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Pairs to be held besides those that sit already, and what is proved by the prices of people and employers."""

    pairs: list[int]
    person_price: Ints
    employer_price: Ints
    short: int
    """Meetings that the minimums lack in this choice; no choice lacks fewer."""
    short_price: int
    value: int
    """Bound on (scores − short_price · short) over all choices, those that sit already included."""

    def bound(self, short: int) -> int:
        """No plan that lacks at most `short` meetings of minimums is worth more."""
        return self.value + self.short_price * short


def choose(
    table: Timetable,
    *,
    musts: Sequence[int] = (),
    minimums: bool = True,
    scores: bool = True,
    stop: Stop | None = None,
) -> Choice:
    """The best pairs to add to a timetable in which only the pins sit; `musts` are taken in any case, minimums before
    scores. Without `scores` the least number of missing meetings is all that is asked, and a price of one is one missing
    meeting. Raises Cancelled when `stop` says so."""
    house = table.house
    pairs = np.array([p for p in range(len(house.left)) if can_meet(table, p)], dtype=np.int64)
    people, employers = _people_left(table), _employers_left(table)
    if not minimums:
        people, employers = (_Rows(rows.room, np.zeros_like(rows.need)) for rows in (people, employers))
    return _solve(table, pairs, people, employers, frozenset(musts), scores, stop)


def can_meet(table: Timetable, pair: int) -> bool:
    """Whether a pair that does not sit has a slot in which both are free now."""
    house = table.house
    return table.slot[pair] == NOWHERE and bool(
        table.person_open[house.left[pair]] & table.employer_open[house.right[pair]]
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Room that is left at one side, and how much of it the minimums need."""

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
    people: _Rows,
    employers: _Rows,
    musts: frozenset[int],
    scores: bool,
    stop: Stop | None,
) -> Choice:
    house = table.house
    left = np.array(house.left, dtype=np.int64)[pairs]
    right = np.array(house.right, dtype=np.int64)[pairs]
    score = np.array(house.score, dtype=np.int64)[pairs] * scores
    forced = np.array([p in musts for p in pairs.tolist()], dtype=bool)
    price = SHORT_PRICE * max(1, int(np.abs(score).max(initial=0))) if scores else 1
    needy = np.flatnonzero(np.concatenate([people.need, employers.need]))
    count = len(people.room)
    model = Model(
        profit=np.concatenate([score, np.full(len(needy), -price)]).astype(float),
        lower=np.concatenate([forced, np.zeros(len(needy))]).astype(float),
        upper=np.concatenate([np.ones(len(pairs)), np.concatenate([people.need, employers.need])[needy]]).astype(float),
        starts=np.concatenate([2 * np.arange(len(pairs) + 1), 2 * len(pairs) + 1 + np.arange(len(needy))]),
        rows=np.concatenate([np.stack([left, count + right], axis=1).ravel(), needy]),
        row_lower=np.concatenate([people.need, employers.need]).astype(float),
        row_upper=np.concatenate([people.room, employers.room]).astype(float),
    )
    answer = optimum(model, stop)
    taken = answer.values[: len(pairs)] > 0.5
    prices = np.rint(answer.row_worth).astype(np.int64).clip(min=-price)
    value = _proved(model, prices, score, forced, left, count + right)
    held = sum(house.score[p] for p in table.seated()) * scores
    short = int(np.rint(answer.values[len(pairs) :]).sum())
    return Choice(pairs[taken].tolist(), prices[:count], prices[count:], short, price, value + held)


def _proved(model: Model, prices: Ints, score: Ints, forced: NDArray[np.bool_], left: Ints, right: Ints) -> int:
    """Weak duality in whole numbers: what the prices of room are worth, and what each pair is worth beyond its two prices.

    A negative price is that of a minimum; it is cut to the price of a missing meeting, so that the variables that count
    missing meetings are worth nothing beyond it.
    """
    worth = int(prices.clip(min=0) @ model.row_upper.astype(np.int64))
    worth += int(prices.clip(max=0) @ model.row_lower.astype(np.int64))
    beyond = score - prices[left] - prices[right]
    return worth + int(np.where(forced, beyond, beyond.clip(min=0)).sum())
