from random import Random

import numpy as np
import pytest

from fairs.meetings.solver.column_generation import priced_optimum
from fairs.meetings.solver.lp import Model, optimum


def _everybody_with_everybody(people: int, employers: int, seed: int) -> Model:
    """A b-matching in which a few employers are wanted by all, so that second and third choices are needed; with a
    minimum for each employer, whose missing meetings cost."""
    chance = Random(seed)
    liked = [chance.randrange(0, 800) for _ in range(employers)]
    pairs = [(i, people + j) for i in range(people) for j in range(employers)]
    score = [liked[j - people] + chance.randrange(0, 200) for _, j in pairs]
    rows = [row for pair in pairs for row in pair] + [people + j for j in range(employers)]
    starts = [*range(0, 2 * len(pairs) + 1, 2), *(2 * len(pairs) + j + 1 for j in range(employers))]
    return Model(
        profit=np.array([*score, *[-1e6] * employers], dtype=float),
        lower=np.zeros(len(pairs) + employers),
        upper=np.array([1] * len(pairs) + [2] * employers, dtype=float),
        starts=np.array(starts, dtype=np.int64),
        rows=np.array(rows, dtype=np.int64),
        row_lower=np.array([0] * people + [2] * employers, dtype=float),
        row_upper=np.array([3] * people + [7] * employers, dtype=float),
    )


@pytest.mark.parametrize("seed", range(6))
def test_pairs_called_in_by_prices_give_the_whole_optimum(seed: int) -> None:
    model = _everybody_with_everybody(60, 40, seed)
    whole, called = optimum(model), priced_optimum(model, large=0)
    assert called.objective == pytest.approx(whole.objective, abs=1e-6)
    assert float(model.profit @ called.values) == pytest.approx(whole.objective, abs=1e-6)
    worth = np.bincount(
        np.repeat(np.arange(len(model.profit)), np.diff(model.starts)), called.row_worth[model.rows], len(model.profit)
    )
    assert ((model.profit - worth)[called.values < 0.5] <= 1e-6).all()
