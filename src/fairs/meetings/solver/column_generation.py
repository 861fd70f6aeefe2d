"""Large choices by column generation: solve with the likely pairs, then use the prices to add pairs wrongly left out.

A person who takes six of five hundred listed meetings needs few of them considered. Prices of the small programme show
which of the others would gain; when none would, its solution is that of the whole one, with the same proof.
"""

import numpy as np
from numpy.typing import NDArray

from fairs.meetings.solver.lp import Answer, Ints, Model, Stop, optimum

LARGE = 60_000
"""Number of columns from which column generation is faster."""
_SPARE = 4
_CALLED = 8
_CLEAR = 1e-6
Floats = NDArray[np.float64]


def priced_optimum(model: Model, stop: Stop | None = None, *, large: int = LARGE) -> Answer:
    """The optimum of a programme with bounded columns; feasible with the columns that have a lower bound or a loss."""
    if len(model.profit) < large:
        return optimum(model, stop)
    entries = np.repeat(np.arange(len(model.profit)), np.diff(model.starts))
    wanted = 2.0 * model.row_upper + _SPARE
    active = (model.lower > 0) | (model.profit < 0) | _best(model, entries, model.profit, wanted)
    while True:
        columns = np.flatnonzero(active)
        answer = optimum(_part(model, columns), stop)
        gain = model.profit - np.bincount(entries, answer.row_worth[model.rows], len(model.profit))
        left_out = ~active & (gain > _CLEAR)
        if not left_out.any():
            break
        called = _best(model, entries, np.where(left_out, gain, -np.inf), np.full(len(wanted), float(_CALLED)))
        active |= called & left_out
    values = np.zeros(len(model.profit))
    values[columns] = answer.values
    return Answer(values, answer.row_worth, answer.objective, answer.bound)


def _best(model: Model, entries: Ints, worth: Floats, wanted: Floats) -> NDArray[np.bool_]:
    """Columns that are among the `wanted` best of any of their rows; ties by number."""
    order = np.lexsort((entries, -worth[entries], model.rows))
    rows = model.rows[order]
    place = np.arange(len(order)) - np.searchsorted(rows, np.arange(len(wanted)))[rows]
    found = np.zeros(len(worth), dtype=bool)
    found[entries[order[place < wanted[rows]]]] = True
    return found


def _part(model: Model, columns: Ints) -> Model:
    sizes = np.diff(model.starts)[columns]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    at = np.arange(starts[-1]) + np.repeat(model.starts[columns] - starts[:-1], sizes)
    return Model(
        model.profit[columns],
        model.lower[columns],
        model.upper[columns],
        starts,
        model.rows[at],
        model.row_lower,
        model.row_upper,
    )
