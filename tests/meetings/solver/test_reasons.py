"""Each reason for an unmet wish, in the smallest hall that has it."""

import pytest

from fairs.meetings.solver.problem import Candidate, Employer, Options, Pair, Pin, Problem
from fairs.meetings.solver.reasons import SENTENCES
from fairs.meetings.solver.solve import solve
from tests.meetings.solver.made import hall


def _people(*free: tuple[int, ...] | None, least: int = 0) -> tuple[Candidate, ...]:
    return tuple(Candidate(f"c{at}", hours, min=least) for at, hours in enumerate(free, start=1))


def _firms(*tables: int, free: tuple[int, ...] | None = None, most: int | None = None) -> tuple[Employer, ...]:
    return tuple(Employer(f"e{at}", free, count, most) for at, count in enumerate(tables, start=1))


def _musts(*ends: tuple[int, int]) -> tuple[Pair, ...]:
    return tuple(Pair(f"c{i}", f"e{j}", 10, must=True) for i, j in ends)


def _pairs(*ends: tuple[int, int]) -> tuple[Pair, ...]:
    return tuple(Pair(f"c{i}", f"e{j}", 10) for i, j in ends)


def _pins(*places: tuple[int, int, int]) -> tuple[Pin, ...]:
    return tuple(Pin(f"c{i}", f"e{j}", slot) for i, j, slot in places)


CASES: dict[str, tuple[Problem, str]] = {
    "pin_person_away": (
        Problem(2, _people((0,)), _firms(1), (), _pins((1, 1, 1))),
        "c1 is not free in slot 1.",
    ),
    "pin_employer_away": (
        Problem(2, _people(None), _firms(1, free=(0,)), (), _pins((1, 1, 1))),
        "e1 is not there in slot 1.",
    ),
    "pin_no_such_table": (
        Problem(2, _people(None), _firms(2), (), (Pin("c1", "e1", 0, 2),)),
        "e1 has 2 tables, and the table asked for is not one of them.",
    ),
    "pin_twice": (
        Problem(2, _people(None), _firms(1), (), _pins((1, 1, 0), (1, 1, 1))),
        "c1 and e1 are pinned twice; the meeting in slot 0 stands.",
    ),
    "pin_person_taken": (
        Problem(2, _people(None), _firms(1, 1), (), _pins((1, 1, 0), (1, 2, 0))),
        "c1 is pinned with e1 in slot 0 already.",
    ),
    "pin_tables_taken": (
        Problem(2, _people(None, None), _firms(1), (), _pins((1, 1, 0), (2, 1, 0))),
        "All 1 tables of e1 are pinned in slot 0 already.",
    ),
    "pin_table_taken": (
        Problem(2, _people(None, None), _firms(2), (), (Pin("c1", "e1", 0, 1), Pin("c2", "e1", 0, 1))),
        "Table 1 of e1 is pinned in slot 0 already.",
    ),
    "pin_person_full": (
        Problem(2, (Candidate("c1", max=1),), _firms(1, 1), (), _pins((1, 1, 0), (1, 2, 1))),
        "c1 takes at most 1 meetings, and as many are pinned.",
    ),
    "pin_employer_full": (
        Problem(2, _people(None, None), _firms(1, most=1), (), _pins((1, 1, 0), (2, 1, 1))),
        "e1 takes at most 1 meetings, and as many are pinned.",
    ),
    "must_apart": (
        Problem(2, _people((0,)), _firms(1, free=(1,)), _musts((1, 1))),
        "c1 and e1 are never free in the same slot.",
    ),
    "must_behind_pins": (
        Problem(1, _people(None, None), _firms(1), _musts((1, 1)), _pins((2, 1, 0))),
        "In every slot in which c1 and e1 are both free, one of them has a pinned meeting.",
    ),
    "must_person_limit": (
        Problem(3, (Candidate("c1", max=1),), _firms(1, 1), _musts((1, 1), (1, 2))),
        "c1 can take 1 more meetings and has 2 musts.",
    ),
    "must_employer_limit": (
        Problem(3, _people(None, None), _firms(1, most=1), _musts((1, 1), (2, 1))),
        "e1 can take 1 more meetings and has 2 musts.",
    ),
    "must_person_slots": (
        Problem(4, _people((0, 1)), _firms(1, 1, 1), _musts((1, 1), (1, 2), (1, 3))),
        "c1 has 2 free slots for 3 musts with e1, e2, e3.",
    ),
    "must_employer_seats": (
        Problem(9, _people((0, 1), (0, 1), (0, 1), None), _firms(1), _musts((1, 1), (2, 1), (3, 1), (4, 1))),
        "e1 has 2 free table-slots for 3 musts with c1, c2, c3.",
    ),
    # e2 and e3 are there in slot 0 only, which leaves slot 1 for two meetings at the one table of e1
    "must_together": (
        Problem(
            2,
            _people((0, 1), (0, 1)),
            (Employer("e1", (0, 1)), Employer("e2", (0,)), Employer("e3", (0,))),
            _musts((1, 1), (2, 1), (1, 2), (2, 3)),
        ),
        "These 4 musts cannot all be held, whatever the order: c1–e1, c2–e1, c1–e2, c2–e3.",
    ),
    "min_limit": (
        Problem(3, (Candidate("c1", max=1, min=2),), _firms(1, 1), _pairs((1, 1), (1, 2))),
        "A minimum of 2 is more than the 1 meetings that are allowed.",
    ),
    "min_slots": (
        Problem(3, (Candidate("c1", (1,), min=2),), _firms(1, 1), _pairs((1, 1), (1, 2))),
        "A minimum of 2 is more than the 1 meetings that fit into the free slots.",
    ),
    "min_pairs": (
        Problem(3, (Candidate("c1", min=2),), (Employer("e1", (0,)), Employer("e2", (0,))), _pairs((1, 1), (1, 2))),
        "Of 2 listed who could be met, at most 1 fit into the common free slots; 2 are asked for.",
    ),
    "min_crowded": (
        Problem(2, _people(None, None, None, least=1), _firms(1), _pairs((1, 1), (2, 1), (3, 1))),
        "c1, c2, c3 need 3 meetings, and those they may meet have room for 2.",
    ),
    # the same hall: by numbers alone everybody could have two meetings
    "min_timetable": (
        Problem(
            2,
            _people((0, 1), (0, 1), least=2),
            (Employer("e1", (0, 1)), Employer("e2", (0,)), Employer("e3", (0,))),
            _pairs((1, 1), (2, 1), (1, 2), (2, 3)),
        ),
        "There is room, but no timetable gives everybody the minimum; every one was ruled out.",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_unmet_wish_is_told_with_its_reason(code: str) -> None:
    problem, sentence = CASES[code]
    plan = solve(problem)
    assert {u.reason for u in plan.unmet} == {code}
    assert sentence in {u.why for u in plan.unmet}
    assert all(u.proved for u in plan.unmet)


def test_what_was_not_settled_is_told_as_such() -> None:
    problem, _ = CASES["min_timetable"]
    unsettled = solve(problem, Options(exact_cells=0)).unmet
    assert {(u.reason, u.proved) for u in unsettled} == {("min_not_found", False)}


def test_every_reason_has_a_case() -> None:
    assert set(SENTENCES) == {*CASES, "must_not_found", "min_not_found"}


def test_long_lists_name_the_first_and_count_the_others() -> None:
    people = tuple(Candidate(f"c{i}", min=1) for i in range(9))
    plan = solve(Problem(1, people, _firms(1), tuple(Pair(c.id, "e1", 1) for c in people)))
    assert {u.why for u in plan.unmet} == {
        "c0, c1, c2, c3, c4, c5 and 3 more need 9 meetings, and those they may meet have room for 1."
    }


def test_musts_of_a_larger_hall_are_lost_only_with_a_true_contradiction() -> None:
    problem = hall(people=80, employers=12, slots=6, free=0.5, musts=0.9, seed=3)
    plan = solve(problem)
    lost = [u for u in plan.unmet if u.reason == "must_employer_seats"]
    assert lost
    for one in lost:
        names, seats = one.facts["names"], one.facts["room"]
        assert isinstance(names, tuple)
        assert len(names) == one.facts["musts"]
        assert isinstance(seats, int)
        firm = next(e for e in problem.employers if e.id == one.employer)
        hours = {
            slot
            for person in problem.candidates
            if person.id in names
            for slot in set(person.available or ()) & set(firm.available or ())
        }
        assert len(hours) * firm.tables == seats < len(names)
