"""The final proof for a small hall: the whole timetable as one integer programme, minimums first, then scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fairs.meetings.solver.assignment_lp import can_meet
from fairs.meetings.solver.lp import Stop
from fairs.meetings.solver.timetable import Timetable
from fairs.meetings.solver.timetable_milp import Placed, Programme, cells_of


@dataclass(frozen=True, slots=True)
class Settled:
    """Slots of all meetings beside the pins, the maximum value of them and the pins, and whether the number of missing
    meetings is proved to be the smallest."""

    slots: dict[int, int]
    bound: int
    fewest_missing: bool


def settle(base: Timetable, musts: Sequence[int], most_cells: int, stop: Stop | None) -> Settled | None:
    """The best timetable beside the pins in `base` that seats as many of `musts` as are given; None when it is too large
    or no solution was reached."""
    pairs = [p for p in range(len(base.house.left)) if can_meet(base, p)]
    cells = cells_of(base, pairs)
    if not cells or len(cells) > most_cells:
        return None
    programme = Programme(base, cells, needs=True)
    held = (frozenset(p for p in pairs if base.house.must[p]), len(musts)) if musts else None
    fewest = programme.solve([0.0] * len(cells), missing=1.0, least_of=held, stop=stop)
    if fewest is None:
        return None
    missing = round(-fewest.worth)
    scores = [float(base.house.score[cell.pair]) for cell in cells]
    best: Placed | None = programme.solve(scores, most_missing=missing, least_of=held, stop=stop)
    if best is None:
        return None
    bound = math.floor(best.bound + 1e-3) + base.objective
    return Settled(best.slots, bound, round(-fewest.bound) == missing)
