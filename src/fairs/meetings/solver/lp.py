"""A small interface to HiGHS: maximise a sparse linear programme, single-threaded and without time limits, so repeatable."""

from collections.abc import Callable
from dataclasses import dataclass

import highspy  # never together with another solver that includes its own HiGHS: their symbols clash in one process
import numpy as np
from numpy.typing import NDArray

from fairs.meetings.solver.problem import Cancelled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Model:
    """Columns with profit and bounds; rows with bounds; the matrix by column (`starts`, `rows`, `entries`: all 1 if left out)."""

    profit: Floats
    lower: Floats
    upper: Floats
    starts: Ints
    rows: Ints
    row_lower: Floats
    row_upper: Floats
    entries: Floats | None = None
    continuous: int = 0
    """How many of the last columns may be broken in an integer programme."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The best point, each row's dual price, and for integer programmes the bound on any solution."""

    values: Floats
    row_worth: Floats
    objective: float
    bound: float


INFINITY = highspy.kHighsInf
_SEED = 7


def maximise(
    model: Model,
    *,
    whole: bool = False,
    nodes: int = 0,
    stop: Stop | None = None,
    impossible: Answer | None = None,
) -> Answer | None:
    """The optimum; None when none was found, `impossible` when it is certain that there is none. `whole`: integer columns, at most `nodes` branches.

    Raises Cancelled when `stop` returns True.
    """
    if not len(model.profit):  # HiGHS reports an empty model neither as optimal nor as infeasible
        fits = bool((model.row_lower <= 0).all() and (model.row_upper >= 0).all())
        return Answer(np.zeros(0), np.zeros(len(model.row_upper)), 0.0, 0.0) if fits else None
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (("output_flag", False), ("threads", 1), ("parallel", "off"), ("random_seed", _SEED)):
        solver.setOptionValue(name, value)
    if whole:
        solver.setOptionValue("mip_rel_gap", 0.0)
        solver.setOptionValue("mip_abs_gap", 1e-4)
        solver.setOptionValue("mip_max_nodes", nodes)
    solver.passModel(_stated(model, whole))
    if stop is not None:
        _listen(solver, stop)
    solver.run()
    if stop is not None and stop():
        raise Cancelled
    return impossible if _is_empty(solver) else _read(solver, whole)


def optimum(model: Model, stop: Stop | None = None) -> Answer:
    """The same for a programme that always has an optimum by construction."""
    answer = maximise(model, stop=stop)
    if answer is None:
        raise RuntimeError("the linear programme of a hall came back without an optimum")
    return answer


def _stated(model: Model, whole: bool) -> highspy.HighsLp:
    stated = highspy.HighsLp()
    stated.num_col_, stated.num_row_ = len(model.profit), len(model.row_upper)
    stated.sense_ = highspy.ObjSense.kMaximize
    stated.col_cost_, stated.col_lower_, stated.col_upper_ = model.profit, model.lower, model.upper
    stated.row_lower_, stated.row_upper_ = model.row_lower, model.row_upper
    stated.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    stated.a_matrix_.start_, stated.a_matrix_.index_ = model.starts, model.rows
    stated.a_matrix_.value_ = np.ones(len(model.rows)) if model.entries is None else model.entries
    if whole:
        whole_ones = len(model.profit) - model.continuous
        stated.integrality_ = [
            *[highspy.HighsVarType.kInteger] * whole_ones,
            *[highspy.HighsVarType.kContinuous] * model.continuous,
        ]
    return stated


def _listen(solver: highspy.Highs, stop: Stop) -> None:
    def ask(event: highspy.HighsCallbackEvent) -> None:
        if event.data_in is not None and stop():
            event.data_in.user_interrupt = True

    for event in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
        event.subscribe(ask)


def _is_empty(solver: highspy.Highs) -> bool:
    """Whether no point meets all rows."""
    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible)


def _read(solver: highspy.Highs, whole: bool) -> Answer | None:
    status, info = solver.getModelStatus(), solver.getInfo()
    limited = status in (highspy.HighsModelStatus.kSolutionLimit, highspy.HighsModelStatus.kIterationLimit)
    if status != highspy.HighsModelStatus.kOptimal and not limited:
        return None
    found = solver.getSolution()
    values = np.array(found.col_value)
    best = float(info.objective_function_value)
    worth = np.zeros(solver.getNumRow()) if whole else np.array(found.row_dual)
    return Answer(values, worth, best, float(info.mip_dual_bound) if whole else best)
