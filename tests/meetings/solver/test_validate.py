"""The judge refuses every kind of illegal or untrue plan."""

from dataclasses import replace

import pytest

from fairs.meetings.solver.problem import Candidate, Employer, Kind, Meeting, Pair, Pin, Plan, Problem, Unmet
from fairs.meetings.solver.validate import faults

PROBLEM = Problem(
    3,
    (Candidate("c1", (0, 1)), Candidate("c2", max=1), Candidate("c3", min=1)),
    (Employer("e1", (0, 1), tables=1, max=2), Employer("e2", tables=2)),
    (
        Pair("c1", "e1", 5, must=True),
        Pair("c1", "e2", 3),
        Pair("c2", "e1", 4),
        Pair("c2", "e2", 2),
        Pair("c3", "e2", 1),
    ),
    (Pin("c2", "e2", 2, 1),),
)
GOOD = Plan((Meeting("c1", "e1", 0, 0), Meeting("c3", "e2", 2, 0), Meeting("c2", "e2", 2, 1)), 8, 10, 0.2, ())


def _with(*meetings: Meeting, objective: int) -> Plan:
    return replace(GOOD, meetings=(*GOOD.meetings, *meetings), objective=objective, bound=20, gap=1.0)


def test_good_plan_has_no_faults() -> None:
    assert faults(PROBLEM, GOOD) == []


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (_with(Meeting("c3", "e1", 1, 0), objective=8), "c3 and e1 are not listed"),
        (_with(Meeting("c9", "e1", 1, 0), objective=8), "c9 and e1 are not listed"),
        (_with(Meeting("c1", "e2", 3, 0), objective=11), "slot 3 of c1 and e2 is outside the day"),
        (_with(Meeting("c1", "e2", 2, 0), objective=11), "c1 is not free in slot 2"),
        (_with(Meeting("c2", "e1", 2, 0), objective=12), "e1 is not there in slot 2"),
        (_with(Meeting("c1", "e2", 1, 2), objective=11), "e2 has no table 2"),
        (_with(Meeting("c1", "e1", 1, 0), objective=13), "c1 and e1 meet 2 times"),
        (_with(Meeting("c1", "e2", 0, 0), objective=11), "c1 has 2 meetings in slot 0"),
        (_with(Meeting("c2", "e1", 0, 0), objective=12), "e1 has 2 meetings in slot 0"),
        (_with(Meeting("c2", "e1", 0, 0), objective=12), "table 0 of e1 is used 2 times in slot 0"),
        (_with(Meeting("c2", "e1", 1, 0), objective=12), "c2 has 2 meetings, at most 1 are allowed"),
        (replace(GOOD, objective=9), "the objective is told as 9, it is 8"),
        (replace(GOOD, bound=7), "the bound 7 is below the objective 8"),
        (replace(GOOD, gap=0.1), "the gap 0.1 is told too small"),
        (
            replace(GOOD, meetings=GOOD.meetings[:2], objective=6, gap=1.0),
            "the pin of c2 and e2 in slot 2 is lost without a word",
        ),
        (
            replace(GOOD, meetings=(*GOOD.meetings[:2], Meeting("c2", "e2", 1, 1))),
            "the pin of c2 and e2 in slot 2 is lost without a word",
        ),
        (
            replace(GOOD, meetings=GOOD.meetings[1:], objective=3, gap=1.0),
            "the must c1 and e1 is lost without a word",
        ),
        (
            replace(GOOD, unmet=(Unmet(Kind.MUST, "must_apart", {}, "why", "c1", "e1"),)),
            "the must c1 and e1 is told as unmet, and held",
        ),
        (
            replace(GOOD, meetings=(GOOD.meetings[0], GOOD.meetings[2]), objective=7, gap=1.0),
            f"minimums are told as {{}}, lacking are {{({Kind.MIN_CANDIDATE!r}, 'c3'): 1}}",
        ),
        (
            replace(
                GOOD,
                meetings=(GOOD.meetings[0], GOOD.meetings[2]),
                objective=7,
                gap=1.0,
                unmet=(Unmet(Kind.MIN_CANDIDATE, "min_limit", {}, "", "c3"),),
            ),
            "an unmet wish has no reason",
        ),
    ],
)
def test_bad_plan_is_refused(plan: Plan, fault: str) -> None:
    assert [found for found in faults(PROBLEM, plan) if found.startswith(fault)], faults(PROBLEM, plan)
