"""The planner's entry point: must stops, search, exact search of small tours, proof, hours, reasons."""

import time
from dataclasses import replace

import numpy as np

from fairs.meetings.solver.problem import Cancelled, IsCancelled, Progress, Report, gap_of
from fairs.tours.planner.bound import prove
from fairs.tours.planner.checker import faults
from fairs.tours.planner.clock import Timetable, without_crowds
from fairs.tours.planner.exact import settle, size_of
from fairs.tours.planner.instance import EPS, Bools, Instance, read
from fairs.tours.planner.left_out import explain_people
from fairs.tours.planner.musts import Most, explain_musts, most_musts, reach
from fairs.tours.planner.patterns import Patterns, Route, TooMany, make_patterns
from fairs.tours.planner.problem import Day, Group, Options, Plan, Tour, Visit
from fairs.tours.planner.search import Draft, Search, draft_of, held

DEFAULT = Options()


class IllegalPlan(RuntimeError):
    """The checker refused the planner's own plan: a bug in the planner; no plan is returned."""


def plan(
    tour: Tour,
    options: Options = DEFAULT,
    *,
    report: Report | None = None,
    cancelled: IsCancelled | None = None,
) -> Plan:
    """The best plan found, with its proof. The same tour and options give the same plan on every machine.

    Raises BadProblem for an inconsistent tour, Cancelled when `cancelled` returns True.
    """
    begin = time.monotonic()
    found = _Run(read(tour), options, report, cancelled).plan()
    wrong = faults(tour, found)
    if wrong:
        raise IllegalPlan("; ".join(wrong[:5]))
    return replace(found, seconds=round(time.monotonic() - begin, 3))


class _Run:
    """One planning, phase by phase."""

    def __init__(self, house: Instance, options: Options, report: Report | None, cancelled: IsCancelled | None) -> None:
        self.house, self.options, self.report, self.stop = house, options, report, cancelled
        self.draft = Draft([], [], 0, 0)
        self.bound: int | None = None
        self.most: Most | None = None
        self.ways: Patterns

    def plan(self) -> Plan:
        """All phases in order."""
        house = self.house
        self._tell("days", 0.0)
        table: Timetable = []
        routes: list[Route] = []
        if house.groups and reach(house)[1][0, house.start]:
            self._musts()
            self.ways = _ways_of_search(house, self.options.patterns)
            self._search()
            self._tell("hours", 0.95)
            routes, table = without_crowds(house, self.ways, self.draft.routes, self.draft.members)
            self.draft = draft_of(house, routes, self.draft.members)
        else:
            self.bound = 0
        members = self.draft.members
        lost = [int(one) for one in np.flatnonzero(house.must) if int(one) not in held(house, routes)]
        unmet = explain_musts(house, lost, self.most, self.draft.musts)
        unmet += explain_people(house, self.draft.routes, members)
        bound = max(self.bound or 0, self.draft.objective)
        self._tell("done", 1.0)
        groups = tuple(_told(house, route, who, days) for route, who, days in zip(routes, members, table, strict=True))
        return Plan(groups, self.draft.objective, bound, gap_of(self.draft.objective, bound), tuple(unmet))

    def _musts(self) -> None:
        """How many musts fit at all."""
        if self.house.must.any():
            self._tell("musts", 0.02)
            self.most = most_musts(self.house, self.options.nodes, self.stop)

    def _search(self) -> None:
        house, options = self.house, self.options
        exact = self._exact_patterns()
        work = options.work if exact is None else options.work // 10
        search = Search(house, self.ways, self.stop)
        if self.most is not None and self.most.routes:
            search.begin_with(self.most.routes)
        self.draft = search.run(work, lambda share: self._tell("search", 0.05 + 0.5 * share, search.best))
        if exact is not None:
            self._tell("exact", 0.55)
            self._settle(exact)
        if self.bound is None or self.bound > self.draft.objective:
            self._tell("proof", 0.60)
            told = prove(
                house,
                self.draft,
                options.proof,
                options.patterns,
                lambda share: self._tell("proof", 0.6 + 0.35 * share),
            )
            self.bound = min(told, told if self.bound is None else self.bound)

    def _exact_patterns(self) -> Patterns | None:
        """The days of a tour that is small enough to be solved exactly."""
        house = self.house
        try:
            ways = make_patterns(house, house.travel, house.hours, self.options.exact_columns, alike=False)
        except TooMany:
            return None
        return ways if size_of(house, ways) <= self.options.exact_columns else None

    def _settle(self, ways: Patterns) -> None:
        house = self.house
        musts = max(self.draft.musts, self.most.count if self.most else 0)
        beat = self.draft.objective if self.draft.musts == musts else -1
        found = settle(house, ways, musts, beat, self.options.nodes, self.stop)
        if found is None or found.bound < 0:
            return
        if found.routes:
            other = draft_of(house, found.routes, found.members)
            self.draft = max(self.draft, other, key=lambda draft: draft.rank)
        self.bound = max(found.bound, self.draft.objective)

    def _tell(self, phase: str, share: float, best: Draft | None = None) -> None:
        if self.stop is not None and self.stop():
            raise Cancelled
        if self.report is not None:
            objective = (best or self.draft).objective
            gap = None if self.bound is None else gap_of(objective, max(self.bound, objective))
            self.report(Progress(phase, round(share, 3), objective, self.bound, gap))


def _ways_of_search(house: Instance, limit: int) -> Patterns:
    """Patterns of legal days only: lengths rounded up, and at last fewer stops a day, where there are too many."""
    for most in range(house.per_day, 0, -1):
        for grain in (0.0, 0.25, 0.5, 1.0):
            hours = np.ceil(house.hours / grain - EPS) * grain if grain else house.hours
            try:
                rough = most == 1 and grain == 1.0
                return make_patterns(replace(house, per_day=most), house.travel, hours, 10**9 if rough else limit)
            except TooMany:
                continue
    raise IllegalPlan("a single stop a day can be chosen in too many ways")


def _told(house: Instance, route: Route, who: Bools, days: list[list[tuple[int, float, float]]]) -> Group:
    tour = house.tour
    return Group(
        tuple(tour.people[int(person)].id for person in np.flatnonzero(who)),
        tuple(
            Day(day, tuple(Visit(tour.stops[one].id, begin, end) for one, begin, end in slots), house.cities[leg.night])
            for day, (leg, slots) in enumerate(zip(route, days, strict=True))
        ),
    )
