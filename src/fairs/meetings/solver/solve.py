"""The hall solver's entry point: pins, musts, choice, timetable, repair, proof, smoothing, tables; with reasons and a bound."""

import time
from collections.abc import Sequence

from fairs.meetings.solver.assignment_lp import Choice, Demand, choose
from fairs.meetings.solver.comfort_search import polish
from fairs.meetings.solver.exact import settle
from fairs.meetings.solver.fixed_meetings import seat_pins
from fairs.meetings.solver.instance import Instance, read
from fairs.meetings.solver.minimums import explain_minimums, tighten
from fairs.meetings.solver.problem import Cancelled, IsCancelled, Options, Plan, Problem, Progress, Report, gap_of
from fairs.meetings.solver.repair import lacking, repair
from fairs.meetings.solver.required_pairs import Musts, lost_musts, seat_musts
from fairs.meetings.solver.slot_assignment import seat_all
from fairs.meetings.solver.table_assignment import with_tables
from fairs.meetings.solver.timetable import NOWHERE, Timetable
from fairs.meetings.solver.validate import faults

_NEAR = (0.1, 0.5)
"""A repair considers unchosen pairs within these shares of the largest score, the smaller share first."""
DEFAULT = Options()


class IllegalPlan(RuntimeError):
    """The validator refused the solver's own plan: a bug in the solver; no plan is returned."""


def solve(
    problem: Problem,
    options: Options = DEFAULT,
    *,
    report: Report | None = None,
    cancelled: IsCancelled | None = None,
) -> Plan:
    """The best plan found, with its proof. The same problem and options give the same plan on every machine.

    Raises BadProblem for an inconsistent problem, Cancelled when `cancelled` returns True.
    """
    begin = time.monotonic()
    run = _Run(read(problem), options, report, cancelled)
    plan = run.plan(begin)
    wrong = faults(problem, plan)
    if wrong:
        raise IllegalPlan("; ".join(wrong[:5]))
    return plan


class _Run:
    """One search, phase by phase; `bound` is the best known bound of the objective, None before any is known."""

    def __init__(self, house: Instance, options: Options, report: Report | None, cancelled: IsCancelled | None) -> None:
        self.options, self.report, self.stop = options, report, cancelled
        self.table = Timetable(house)
        self.bound: int | None = None
        self.fewest_missing = False

    def plan(self, begin: float) -> Plan:
        """All phases in order."""
        table = self.table
        self._tell("pins", 0.02)
        tables, lost_pins = seat_pins(table)
        tighten(table)
        base = table.copy()
        self._tell("musts", 0.05)
        musts = seat_musts(table, self.stop)
        self._tell("choice", 0.10)
        choice = choose(base, Demand(frozenset(musts.held)), stop=self.stop)
        if musts.all_sure:
            self.bound = choice.bound(choice.short)
        self._tell("timetable", 0.40)
        missed = seat_all(table, [p for p in choice.pairs if table.slot[p] == NOWHERE])
        table.settle()
        if missed:
            self._repair(choice, musts.held)
        self._prove(base, choice, musts)
        table = self.table
        self._tell("comfort", 0.85)
        polish(table, rounds=self.options.polish_rounds, most_in_a_row=self.options.most_in_a_row, stop=self.stop)
        self._tell("reasons", 0.95)
        unmet = lost_musts(base, table, musts.unproved, self.stop)
        unmet += explain_minimums(base, table, musts.common, settled=self.fewest_missing, stop=self.stop)
        bound = table.objective if self.bound is None else max(self.bound, table.objective)
        self._tell("done", 1.0)
        return Plan(
            tuple(with_tables(table, tables)),
            table.objective,
            bound,
            gap_of(table.objective, bound),
            (*lost_pins, *unmet),
            round(time.monotonic() - begin, 3),
        )

    def _repair(self, choice: Choice, musts: Sequence[int]) -> None:
        """First among the pairs nearest to being chosen, then among more pairs."""
        steps = len(_NEAR) * self.options.repair_rounds * max(1, self.table.house.slots)
        done = 0

        def told() -> None:
            nonlocal done
            done += 1
            self._tell("repair", 0.45 + 0.35 * done / steps)

        for share in _NEAR:
            repair(self.table, choice, musts, rounds=self.options.repair_rounds, share=share, told=told, stop=self.stop)

    def _prove(self, base: Timetable, choice: Choice, musts: Musts) -> None:
        """Bounds from the weakest assumptions that this plan needs; for a small hall with a gap the exact solution."""
        self._tell("proof", 0.80)
        table, missing = self.table, lacking(self.table)
        if not musts.all_sure:  # another plan might seat other musts of those that exclude each other
            choice = choose(base, musts.common, stop=self.stop)
        self.bound = choice.bound(missing)
        if missing > choice.short:
            free = choose(base, musts.common, minimums=False, stop=self.stop)
            self.bound = min(self.bound, free.bound(0))
        self.fewest_missing = missing <= choice.short
        if self.bound > table.objective or not self.fewest_missing:
            self._settle(base, musts, missing)

    def _settle(self, base: Timetable, musts: Musts, missing: int) -> None:
        exact = settle(base, musts.held, self.options.exact_cells, self.stop)
        if exact is None:
            return
        table = self.table
        other = base.copy()
        for pair, slot in exact.slots.items():
            other.put(pair, slot)
        if (-lacking(other), other.objective) > (-missing, table.objective):
            self.table = table = other
            table.settle()
        self.fewest_missing = exact.fewest_missing
        self.bound = min(self.bound or exact.bound, exact.bound)

    def _tell(self, phase: str, share: float) -> None:
        if self.stop is not None and self.stop():
            raise Cancelled
        if self.report is not None:
            objective = self.table.objective
            gap = None if self.bound is None else gap_of(objective, max(self.bound, objective))
            self.report(Progress(phase, round(share, 3), objective, self.bound, gap))
