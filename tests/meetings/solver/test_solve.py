from collections import Counter
from dataclasses import replace

import pytest

from fairs.meetings.solver.comfort_search import Pauses, discomfort
from fairs.meetings.solver.instance import BadProblem, read
from fairs.meetings.solver.problem import (
    Cancelled,
    Candidate,
    Employer,
    Kind,
    Options,
    Pair,
    Pin,
    Plan,
    Problem,
    Progress,
)
from fairs.meetings.solver.solve import solve
from fairs.meetings.solver.validate import faults
from tests.meetings.solver.made import hall


def test_hall_where_all_are_free_is_proved_best() -> None:
    problem = hall()
    plan = solve(problem)
    assert faults(problem, plan) == []
    assert (plan.gap, plan.bound, plan.unmet) == (0.0, plan.objective, ())
    assert len(plan.meetings) > 150


@pytest.mark.parametrize("seed", range(5))
def test_hall_with_absences_musts_and_minimums_is_near_the_bound(seed: int) -> None:
    problem = hall(free=0.7, musts=0.14, least=(1, 3), seed=seed)
    plan = solve(problem)
    assert faults(problem, plan) == []
    assert plan.gap <= 0.01
    held = {(m.candidate, m.employer) for m in plan.meetings}
    lost = {(u.candidate, u.employer) for u in plan.unmet if u.kind is Kind.MUST}
    assert {(p.candidate, p.employer) for p in problem.pairs if p.must} - held == lost


def test_crowded_hall_with_many_absences_is_repaired() -> None:
    problem = hall(people=120, employers=24, slots=10, free=0.4, wishes=14)
    plan = solve(problem, Options(exact_cells=0))
    assert faults(problem, plan) == []
    assert 0 < plan.gap <= 0.02


def test_hours_of_one_employer_sharpen_the_bound() -> None:
    people = (*(Candidate(f"c{i}", (0, 1)) for i in range(4)), Candidate("c4", (2, 3)))
    pairs = tuple(Pair(c.id, "e1", 10) for c in people)
    plan = solve(Problem(4, people, (Employer("e1"),), pairs), Options(exact_cells=0))
    assert (plan.objective, plan.bound, plan.gap) == (30, 30, 0.0)


def test_standing_meetings_stay_and_gaps_are_filled() -> None:
    problem = hall(free=0.8)
    before = solve(replace(problem, pairs=problem.pairs[::2]))
    pins = tuple(Pin(m.candidate, m.employer, m.slot, m.table) for m in before.meetings)
    after = solve(replace(problem, pinned=pins))
    assert set(before.meetings) <= set(after.meetings)
    assert len(after.meetings) > len(before.meetings)
    assert after.unmet == ()


def test_progress_only_rises_and_ends_with_the_plan() -> None:
    told: list[Progress] = []
    plan = solve(hall(free=0.5), report=told.append)
    shares = [p.share for p in told]
    assert shares == sorted(shares)
    assert (told[0].bound, told[-1].phase, told[-1].share) == (None, "done", 1.0)
    assert (told[-1].objective, told[-1].bound, told[-1].gap) == (plan.objective, plan.bound, plan.gap)
    assert all(p.bound >= p.objective for p in told if p.bound is not None)


@pytest.mark.parametrize("phase", ["pins", "musts", "choice", "timetable", "repair", "proof", "comfort", "reasons"])
def test_solving_is_cancelled_in_every_phase(phase: str) -> None:
    reached: list[str] = []
    problem = hall(people=120, employers=24, slots=10, free=0.4, wishes=14, musts=0.2, least=(1, 3))
    with pytest.raises(Cancelled):
        solve(problem, report=lambda p: reached.append(p.phase), cancelled=lambda: phase in reached)
    assert reached[-1] == phase


def test_empty_halls_give_empty_plans() -> None:
    assert replace(solve(Problem(0)), seconds=0.0) == Plan((), 0, 0, 0.0, ())
    alone = Problem(4, (Candidate("c1", min=1),), (Employer("e1"),))
    assert [u.kind for u in solve(alone).unmet] == [Kind.MIN_CANDIDATE]
    no_slots = Problem(0, (Candidate("c1"),), (Employer("e1"),), (Pair("c1", "e1", 5, must=True),))
    assert [u.reason for u in solve(no_slots).unmet] == ["must_apart"]


def test_pair_below_zero_is_held_only_for_a_wish() -> None:
    people, employers = (Candidate("c1"), Candidate("c2")), (Employer("e1"),)
    free = Problem(2, people, employers, (Pair("c1", "e1", -5), Pair("c2", "e1", 7)))
    assert [m.candidate for m in solve(free).meetings] == ["c2"]
    asked = replace(free, pairs=(Pair("c1", "e1", -5, must=True), Pair("c2", "e1", 7)))
    assert (len(solve(asked).meetings), solve(asked).objective) == (2, 2)


def test_tables_are_used_evenly_and_pinned_ones_kept() -> None:
    people = tuple(Candidate(f"c{i}") for i in range(7))
    pairs = tuple(Pair(c.id, "e1", 10) for c in people)
    problem = Problem(6, people, (Employer("e1", tables=3),), pairs, (Pin("c6", "e1", 2, 1),))
    plan = solve(problem)
    used = Counter(m.table for m in plan.meetings)
    assert sorted(used.values()) == [2, 2, 3]
    assert [m.table for m in plan.meetings if m.candidate == "c6"] == [1]


def test_days_are_smooth_where_it_costs_no_meeting() -> None:
    problem = hall(slots=12)
    rough, smooth = solve(problem, Options(polish_rounds=0)), solve(problem)
    assert (smooth.objective, smooth.bound) == (rough.objective, rough.bound)
    assert {(m.candidate, m.employer) for m in smooth.meetings} == {(m.candidate, m.employer) for m in rough.meetings}
    assert _discomfort(smooth, problem) < 0.6 * _discomfort(rough, problem)


def _discomfort(plan: Plan, problem: Problem) -> int:
    busy: Counter[str] = Counter()
    for meeting in plan.meetings:
        busy[meeting.candidate] |= 1 << meeting.slot
    return sum(discomfort(slots, (1 << problem.slots) - 1, 3, Pauses.of(read(problem))) for slots in busy.values())


ONE_DAY = Pauses(0b1111111, (0b1111111,))


@pytest.mark.parametrize(
    ("busy", "cost"),
    [(0, 0), (0b1, 0), (0b111, 0), (0b1111, 2), (0b11111, 4), (0b101, 1), (0b1001, 2), (0b1110111, 1)],
)
def test_discomfort_counts_idle_slots_and_long_rows(busy: int, cost: int) -> None:
    assert discomfort(busy, 0b1111111, 3, ONE_DAY) == cost


def test_absence_between_two_meetings_is_not_idle() -> None:
    assert discomfort(0b101, 0b101, 3, ONE_DAY) == 0


@pytest.mark.parametrize(
    ("rests", "nights", "busy", "cost"),
    [
        ((3,), (), 0b11111, 0),
        ((3,), (), 0b100001, 4),
        ((), (3,), 0b11111, 0),
        ((), (3,), 0b100001, 0),
        ((), (3,), 0b101101, 2),
    ],
)
def test_rest_ends_a_row_and_a_night_also_the_day(
    rests: tuple[int, ...], nights: tuple[int, ...], busy: int, cost: int
) -> None:
    pauses = Pauses.of(read(Problem(6, rests=rests, nights=nights)))
    assert discomfort(busy, 0b111111, 3, pauses) == cost


def test_meetings_of_two_days_are_not_drawn_together_over_night() -> None:
    firms = (Employer("e1", (0,)), Employer("e2", (5,)), Employer("e3", (3, 4)))
    problem = Problem(6, (Candidate("c1"),), firms, tuple(Pair("c1", e.id, 10) for e in firms), nights=(3,))
    assert [(m.employer, m.slot) for m in solve(problem).meetings] == [("e1", 0), ("e3", 4), ("e2", 5)]


ONE = (Candidate("c1"),)
FIRM = (Employer("e1"),)


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem(-1), "slots is -1, it must be between 0 and 500"),
        (Problem(True), "slots must be a whole number"),
        (Problem(2, (*ONE, *ONE)), "two candidates have the id c1"),
        (Problem(2, ONE, (*FIRM, *FIRM)), "two employers have the id e1"),
        (Problem(2, (Candidate("c1", (2,)),)), "a free slot of c1 is 2, it must be between 0 and 1"),
        (Problem(2, (Candidate("c1", max=-1),)), "maximum of c1 is -1, it must be 0 or more"),
        (Problem(2, (), (Employer("e1", tables=-1),)), "tables of e1 is -1, it must be between 0 and 2000"),
        (Problem(2, ONE, FIRM, (Pair("c2", "e1", 1),)), "no candidate has the id c2"),
        (Problem(2, ONE, FIRM, (Pair("c1", "e2", 1),)), "no employer has the id e2"),
        (Problem(2, ONE, FIRM, (Pair("c1", "e1", 1), Pair("c1", "e1", 2))), "the pair c1 and e1 is listed twice"),
        (Problem(2, ONE, FIRM, (), (Pin("c1", "e1", 2),)), "pinned slot of c1 and e1 is 2, it must be between 0 and 1"),
        (
            Problem(2, ONE, FIRM, (Pair("c1", "e1", 10**7),)),
            "score of c1 and e1 is 10000000, it must be between -1000000 and 1000000",
        ),
    ],
)
def test_problem_that_contradicts_itself_is_refused(problem: Problem, sentence: str) -> None:
    with pytest.raises(BadProblem) as refused:
        solve(problem)
    assert str(refused.value) == sentence
