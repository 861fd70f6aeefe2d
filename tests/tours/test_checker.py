from collections.abc import Callable
from dataclasses import replace

import pytest

from fairs.tours.planner.checker import faults
from fairs.tours.planner.problem import Day, Group, Groups, Kind, Pace, Person, Plan, Score, Stop, Tour, Unmet, Visit

TOUR = Tour(
    2,
    (9.0, 17.0),
    Pace(2),
    Groups(2, 2),
    "a",
    "a",
    (Person("p"), Person("q", days=(1,)), Person("r")),
    (Stop("s", "b", 2.0, 1, (0,), must=True), Stop("t", "b", 1.0, 2), Stop("u", "a", 1.0, 5, must=True)),
    (Score("p", "s", 5), Score("q", "s", 50), Score("q", "t", 7)),
    {"a": {"b": 1.5}},
)
FIRST = Day(0, (Visit("s", 10.5, 12.5),), "b")
SECOND = Day(1, (Visit("t", 9.0, 10.0), Visit("u", 11.5, 12.5)), "a")
LEGAL = Plan(
    (Group(("p", "q"), (FIRST, SECOND)),), 12, 12, 0.0, (Unmet(Kind.PERSON, "person_away", {}, "Away.", person="r"),)
)


def _days(*days: Day) -> Plan:
    return replace(LEGAL, groups=(Group(("p", "q"), days),))


def test_a_legal_plan_has_no_faults() -> None:
    assert faults(TOUR, LEGAL) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(LEGAL, groups=LEGAL.groups * 3), "3 groups"),
        (replace(LEGAL, groups=LEGAL.groups * 2), "p is in 2 groups"),
        (replace(LEGAL, groups=(replace(LEGAL.groups[0], people=("p", "q", "r")),), unmet=()), "has 3 people"),
        (replace(LEGAL, groups=(*LEGAL.groups, Group((), (Day(0, (), "a"), Day(1, (), "a"))))), "has 0 people"),
        (replace(LEGAL, groups=(replace(LEGAL.groups[0], people=("p", "x")),)), "x is not among the people"),
        (_days(FIRST), "the tour has 2"),
        (_days(SECOND, FIRST), "its days are [1, 0]"),
        (_days(replace(FIRST, stops=(Visit("s", 10.4, 12.4),)), SECOND), "before the drive from a ends"),
        (_days(replace(FIRST, stops=(Visit("s", 10.5, 12.0),)), SECOND), "lasts 1.5 hours"),
        (_days(replace(FIRST, stops=(Visit("s", 10.5, 12.5), Visit("t", 12.0, 13.0))), Day(1, (), "a")), "t begins at 12.0"),
        (_days(replace(FIRST, stops=(Visit("s", 14.0, 16.0),), night="a"), Day(1, (), "a")), "ends in a after 17.0"),
        (_days(FIRST, replace(SECOND, night="b")), "ends in b, not in a"),
        (_days(replace(FIRST, night="x"), SECOND), "the city x"),
        (_days(Day(0, (), "b"), Day(1, (Visit("s", 9.0, 11.0),), "a")), "s does not receive on day 1"),
        (_days(FIRST, replace(SECOND, stops=(*SECOND.stops, Visit("t", 14.0, 15.0)))), "3 stops on day 1"),
        (_days(FIRST, replace(SECOND, stops=(Visit("t", 9.0, 10.0), Visit("t", 10.0, 11.0)))), "t is visited 2 times"),
        (_days(FIRST, replace(SECOND, stops=(Visit("x", 9.0, 10.0),))), "there is no stop x"),
        (replace(LEGAL, objective=62), "it is 12"),
        (replace(LEGAL, bound=11), "the bound 11 is below"),
        (replace(LEGAL, bound=24), "the gap 0.0 is told too small"),
        (replace(LEGAL, unmet=()), "the person r is left out without a word"),
        (_days(Day(0, (), "a"), SECOND), "the must s is left out without a word"),
        (replace(LEGAL, unmet=(*LEGAL.unmet, Unmet(Kind.MUST, "", {}, "Far.", stop="s"))), "the must s is told as unmet, and served"),
        (replace(LEGAL, unmet=(replace(LEGAL.unmet[0], why=""),)), "nothing explains"),
    ],
)  # fmt: skip
def test_every_violation_is_named(wrong: Plan, said: str) -> None:
    assert said in "; ".join(faults(TOUR, wrong))


def _two_groups(begin: float) -> Plan:
    other = Group(("r",), (Day(0, (Visit("s", begin, begin + 2),), "b"), Day(1, (), "a")))
    return replace(LEGAL, groups=(*LEGAL.groups, other), unmet=())


@pytest.mark.parametrize(("begin", "crowded"), [(12.4, True), (10.5, True), (12.5, False)])
def test_places_count_for_all_who_are_there_at_one_time(begin: float, crowded: bool) -> None:
    assert any("2 people at s" in said for said in faults(TOUR, _two_groups(begin))) == crowded


def test_somebody_present_needs_a_place() -> None:
    here = replace(TOUR, people=(Person("p"), Person("q"), Person("r")))
    assert "2 people at s on day 0" in "; ".join(faults(here, LEGAL))


@pytest.mark.parametrize(
    "change", [lambda tour: replace(tour, hours=(9.0, 12.0)), lambda tour: replace(tour, pace=Pace(1))]
)
def test_the_same_plan_is_illegal_for_another_tour(change: Callable[[Tour], Tour]) -> None:
    assert faults(change(TOUR), LEGAL)
