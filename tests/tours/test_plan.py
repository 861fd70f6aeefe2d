from dataclasses import replace

import pytest

from fairs.meetings.solver.problem import Cancelled, Progress
from fairs.tours.planner.checker import faults
from fairs.tours.planner.plan import plan
from fairs.tours.planner.problem import Groups, Kind, Options, Pace, Person, Score, Stop, Tour
from tests.tours.drawn import best_of, tour

QUICK = Options(work=5_000_000, proof=50_000_000)


@pytest.mark.parametrize("seed", range(12))
def test_small_tours_are_proved_best(seed: int) -> None:
    asked = tour(seed, people=4, musts=seed % 3)
    found = plan(asked, QUICK)
    musts, objective = best_of(asked)
    lost = sum(one.kind is Kind.MUST for one in found.unmet)
    assert faults(asked, found) == []
    assert sum(one.must for one in asked.stops) - lost == musts
    assert found.objective <= objective <= found.bound
    crowded = any(one.places < len(asked.people) for one in asked.stops)  # two groups may have to avoid each other
    assert found.gap == 0 or crowded


@pytest.mark.parametrize("seed", [31, 32, 33])
def test_search_without_the_exact_part_is_legal_and_its_bound_holds(seed: int) -> None:
    asked = tour(seed, people=4, stops=4, musts=seed % 3)
    found = plan(asked, replace(QUICK, exact_columns=0))
    musts, objective = best_of(asked)
    assert faults(asked, found) == []
    assert sum(one.must for one in asked.stops) - sum(one.kind is Kind.MUST for one in found.unmet) <= musts
    assert found.objective <= found.bound
    assert objective <= found.bound or any(one.kind is Kind.MUST for one in found.unmet)
    assert found.objective >= 0.8 * objective


@pytest.mark.parametrize("limit", [2, 6, 40])
def test_too_many_ways_to_fill_a_day_cost_quality_and_nothing_else(limit: int) -> None:
    asked = tour(7, people=4)
    found = plan(asked, replace(QUICK, exact_columns=0, patterns=limit))
    assert faults(asked, found) == []
    assert found.bound >= best_of(asked)[1]


def test_two_runs_are_equal_and_report_their_progress() -> None:
    asked = tour(11, people=9, stops=7, musts=1)
    told: list[Progress] = []
    first, second = plan(asked, QUICK, report=told.append), plan(asked, QUICK)
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)
    assert told[-1].phase == "done"
    assert [one.share for one in told] == sorted(one.share for one in told)


def test_planning_stops_when_asked() -> None:
    with pytest.raises(Cancelled):
        plan(tour(1), QUICK, cancelled=lambda: True)


SITE = Stop("s", "c", 2.0, 10, must=True)
HOME = Tour(
    1, (9.0, 17.0), Pace(2), Groups(1, 5), "c", "c", (Person("p"),), (SITE,), (Score("p", "s", 7),), {"c": {"d": 3.0}}
)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (replace(HOME, people=(), scores=()), "must_nobody"),
        (replace(HOME, stops=(replace(SITE, days=()),)), "must_closed"),
        (replace(HOME, stops=(replace(SITE, hours=9.0),)), "must_long"),
        (replace(HOME, stops=(replace(SITE, city="d", hours=3.0),)), "must_far"),
        (replace(HOME, end="d", hours=(9.0, 11.0)), "no_way"),
        (replace(HOME, stops=(SITE, replace(SITE, id="t", hours=7.0)), scores=()), "must_together"),
        (
            replace(
                HOME,
                days=2,
                stops=(replace(SITE, city="d", days=(1,)),),
                end="e",
                travel={"c": {"d": 7.0, "e": 1.0}, "d": {"e": 7.0}},
            ),
            "must_far",
        ),
    ],
)
def test_lost_musts_have_a_proved_reason(asked: Tour, reason: str) -> None:
    found = plan(asked, QUICK)
    lost = [one for one in found.unmet if one.kind is Kind.MUST]
    assert [one.reason for one in lost] == [reason]
    assert all(one.proved and one.why for one in lost)


def test_far_must_names_its_numbers() -> None:
    found = plan(replace(HOME, stops=(replace(SITE, city="d", hours=3.0),)), QUICK)
    assert found.unmet[0].why == (
        "On its best day, 0, s and the drives to d and on take 9 h at least, and a day has 8 h."
    )


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (replace(HOME, people=(Person("p"), Person("q", days=()))), "person_away"),
        (replace(HOME, people=(Person("p"), Person("q")), groups=Groups(1, 1)), "person_seats"),
        (replace(HOME, people=(Person("p"), Person("q")), stops=(replace(SITE, places=1),)), "person_places"),
        (replace(HOME, end="d", hours=(9.0, 11.0), stops=(), scores=()), "no_way"),
    ],
)
def test_people_without_a_group_are_told_why(asked: Tour, reason: str) -> None:
    left = [one for one in plan(asked, QUICK).unmet if one.kind is Kind.PERSON]
    assert [one.reason for one in left] == [reason]
    assert left[0].person == ("p" if reason == "no_way" else "q")


def test_musts_come_before_scores() -> None:
    rich = Stop("rich", "c", 7.0, 10)
    found = plan(replace(HOME, stops=(SITE, rich), scores=(Score("p", "rich", 900),)), QUICK)
    assert [visit.stop for group in found.groups for day in group.days for visit in day.stops] == ["s"]
    assert (found.objective, found.bound) == (0, 0)


def test_two_groups_at_one_stop_follow_each_other() -> None:
    people = tuple(Person(f"p{n}") for n in range(4))
    scores = tuple(Score(one.id, "s", 10) for one in people)
    found = plan(
        replace(HOME, people=people, scores=scores, groups=Groups(2, 2), stops=(replace(SITE, places=2),)), QUICK
    )
    assert sorted(visit.start for group in found.groups for visit in group.days[0].stops) == [9.0, 11.0]
    assert (found.objective, found.gap, found.unmet) == (40, 0, ())
