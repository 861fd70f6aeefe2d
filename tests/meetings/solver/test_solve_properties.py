"""The solver against brute force on small halls: always legal, best where it says so, unmet exactly what cannot be met."""

from hypothesis import given, settings

from fairs.meetings.solver.problem import Kind, Options, Plan, Problem
from fairs.meetings.solver.solve import solve
from fairs.meetings.solver.validate import faults
from tests.meetings.solver.halls import Worth, best, best_of_same, halls

SEARCH_ONLY = Options(exact_cells=0)
MANY = settings(max_examples=300, deadline=None)


def _worth(problem: Problem, plan: Plan) -> Worth:
    unmet = [u.kind for u in plan.unmet]
    missing = sum(u.missing for u in plan.unmet if u.kind in (Kind.MIN_CANDIDATE, Kind.MIN_EMPLOYER))
    return Worth(
        len(problem.pinned) - unmet.count(Kind.PINNED),
        sum(pair.must for pair in problem.pairs) - unmet.count(Kind.MUST),
        -missing,
        plan.objective,
    )


@MANY
@given(halls())
def test_small_hall_with_everything_is_solved_to_the_best(problem: Problem) -> None:
    plan = solve(problem)
    assert faults(problem, plan) == []
    found, possible = _worth(problem, plan), best(problem)
    if possible.pins == len(problem.pinned):
        assert found == possible
    else:  # of pins that exclude each other the earlier stands, whatever comes of it
        assert found.pins == possible.pins
    assert all(u.proved for u in plan.unmet), plan.unmet


@MANY
@given(halls(all_free=True, wishes=False, pins=False))
def test_hall_where_all_are_free_is_best_without_an_exact_search(problem: Problem) -> None:
    plan = solve(problem, SEARCH_ONLY)
    assert (plan.objective, plan.bound, plan.gap) == (best(problem).objective, plan.objective, 0.0)


@MANY
@given(halls())
def test_bound_is_never_below_what_an_equal_plan_could_reach(problem: Problem) -> None:
    plan = solve(problem, SEARCH_ONLY)
    assert faults(problem, plan) == []
    found, possible = _worth(problem, plan), best(problem)
    if found.pins == len(problem.pinned):
        assert plan.bound >= best_of_same(problem, found.pins, found.musts, found.missing)
    assert found <= possible


@settings(max_examples=60, deadline=None)
@given(halls())
def test_same_problem_gives_the_same_plan(problem: Problem) -> None:
    first, second = solve(problem), solve(problem)
    assert (first.meetings, first.bound, first.unmet) == (second.meetings, second.bound, second.unmet)
