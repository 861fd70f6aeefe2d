from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fairs.meetings.scheduling import build_problem
from fairs.meetings.scheduling.apply_plan import Diary, what_fits
from fairs.meetings.scheduling.build_problem import Hall, Planned, Wish
from fairs.meetings.scheduling.rows import ExistingMeeting, HallTable, Slot
from fairs.meetings.scheduling.shared_tables import share
from fairs.meetings.scheduling.weights import DEFAULT, Weights
from fairs.meetings.solver.problem import Candidate, Employer, Meeting, Pair, Pin
from fairs.meetings.solver.solve import solve

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)  # 09:00 in Zhengzhou
MINUTE = timedelta(minutes=1)
SLOTS = tuple(Slot(n, NINE + 25 * n * MINUTE, NINE + (25 * n + 20) * MINUTE) for n in range(3))
A, B = 100, 200  # employers: A with two tables of its own, B with none
TABLES = (HallTable(11, 1, A), HallTable(12, 2, A), HallTable(13, 3, None))


def standing(
    talent: int, organisation: int, table: int, at: datetime, minutes: int = 20, event: int = 1
) -> ExistingMeeting:
    return ExistingMeeting(talent * 10, event, organisation, talent, table, at, at + minutes * MINUTE)


def test_score_tells_a_must_from_a_match_and_knows_what_is_not_known() -> None:
    rules = Weights(meeting=10, per_match_point=2, must=100, unknown_match=40)
    found = [rules.score(match, musts) for match, musts in ((0.0, 0), (100.0, 0), (None, 0), (33.3, 2), (250.0, 0))]
    assert found == [10, 210, 90, 277, 210]


def test_hall_becomes_a_problem() -> None:
    wishes = (Wish(1, A, 7, 0, 60.0), Wish(1, A, 8, 1, 20.0), Wish(2, A, 9, 0, None), Wish(2, B, 5, 2, 80.0))
    made = build_problem.draft(Hall(1, SLOTS, TABLES, (), wishes))
    assert made.problem.slots == 3
    assert made.problem.candidates == (Candidate("t1", None, min=1), Candidate("t2", None, min=1))
    assert made.problem.employers == (
        Employer("o100", None, tables=2, min=1),
        Employer("o200", (0, 1, 2), tables=1, min=1),
    )
    assert made.problem.pairs == (
        Pair("t1", "o100", DEFAULT.score(20.0, 1), must=True),  # the must, though the other listing fits better
        Pair("t2", "o100", DEFAULT.score(None, 0)),
        Pair("t2", "o200", DEFAULT.score(80.0, 2), must=True),
    )
    assert made.problem.pinned == ()


def test_lunch_is_a_rest_and_the_next_morning_a_new_day() -> None:
    starts = [NINE, NINE + 20 * MINUTE, NINE + 100 * MINUTE, NINE + timedelta(days=1)]
    slots = tuple(Slot(n, at, at + 20 * MINUTE) for n, at in enumerate(starts))
    made = build_problem.draft(Hall(1, slots, TABLES, (), (Wish(1, A, 7, 0),)))
    assert (made.problem.rests, made.problem.nights) == ((2, 3), (3,))


def test_standing_meetings_are_pinned_at_their_tables() -> None:
    held = (standing(1, A, 12, SLOTS[1].starts_at), standing(3, B, 13, SLOTS[0].starts_at))
    made = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(2, A, 9, 0), Wish(1, B, 5, 0))))
    assert made.problem.pinned == (Pin("t1", "o100", 1, 1), Pin("t3", "o200", 0, 0))
    assert [one.id for one in made.problem.candidates] == ["t1", "t2", "t3"]
    assert [one.min for one in made.problem.candidates] == [1, 1, 0]
    assert made.problem.employers[1] == Employer("o200", (0, 1, 2), tables=1, min=1)


def test_common_table_in_use_is_not_given_out_again() -> None:
    held = (standing(3, B, 13, SLOTS[0].starts_at),)
    made = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(1, 300, 5, 0),)))
    assert Employer("o300", (1, 2), tables=1, min=1) in made.problem.employers


def test_meeting_beside_the_slots_keeps_person_and_table_busy() -> None:
    """Ten minutes into the first slot and out of the second: both are gone for the person, and for table 2."""
    held = (standing(1, A, 12, SLOTS[0].starts_at + 10 * MINUTE, minutes=20),)
    problem = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(1, A, 9, 0), Wish(2, A, 9, 0)))).problem
    assert problem.candidates == (
        Candidate("t1", (2,), min=1),
        Candidate("t2", None, min=1),
        Candidate("m10-0", (0,)),
        Candidate("m10-1", (1,)),
    )
    assert problem.pinned == (Pin("m10-0", "o100", 0, 1), Pin("m10-1", "o100", 1, 1))


def test_meeting_at_another_event_takes_the_person_and_one_of_the_employers_tables() -> None:
    held = (standing(1, A, 99, SLOTS[2].starts_at, event=2), standing(4, A, 12, SLOTS[2].starts_at))
    problem = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(1, A, 9, 0), Wish(2, A, 9, 0)))).problem
    assert problem.candidates[0] == Candidate("t1", (0, 1), min=1)
    assert problem.pinned == (Pin("t4", "o100", 2, 1), Pin("m10-2", "o100", 2, 0))


def test_second_meeting_of_the_same_two_is_kept_without_a_second_pin() -> None:
    held = (standing(1, A, 11, SLOTS[0].starts_at), standing(1, A, 11, SLOTS[1].starts_at))
    problem = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(1, B, 9, 0), Wish(2, A, 9, 0)))).problem
    assert problem.pinned == (Pin("t1", "o100", 0, 0), Pin("m10-1", "o100", 1, 0))
    assert problem.candidates[0] == Candidate("t1", (0, 2), min=1)


def test_employer_at_two_shared_tables_at_once_is_pinned_at_one() -> None:
    tables = (*TABLES, HallTable(14, 4, None))
    held = (standing(1, B, 13, SLOTS[0].starts_at), standing(2, B, 14, SLOTS[0].starts_at))
    problem = build_problem.draft(Hall(1, SLOTS, tables, held, (Wish(2, A, 9, 0), Wish(3, 300, 9, 0)))).problem
    assert problem.pinned == (Pin("t1", "o200", 0, 0),)
    assert Candidate("t2", (1, 2), min=1) in problem.candidates
    assert Employer("o300", (1, 2), tables=1, min=1) in problem.employers


def test_plan_becomes_meetings_without_the_pins() -> None:
    held = (standing(1, A, 12, SLOTS[1].starts_at),)
    made = build_problem.draft(Hall(1, SLOTS, TABLES, held, (Wish(2, A, 9, 0), Wish(2, B, 5, 0))))
    plan = [Meeting("t2", "o200", 2, 0), Meeting("t1", "o100", 1, 1), Meeting("t2", "o100", 0, 1)]
    assert made.planned(plan) == [Planned(2, A, 9, SLOTS[0], 12), Planned(2, B, 5, SLOTS[2], None)]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=6),
    st.dictionaries(st.integers(1, 9), st.integers(0, 7), min_size=1, max_size=9),
    st.randoms(use_true_random=False),
)
def test_common_tables_are_shared_out_legally_and_to_the_end(
    seats: list[int], wanted: dict[int, int], chance: Random
) -> None:
    slots = range(len(seats))
    open_in = {one: [slot for slot in slots if chance.random() < 0.8] for one in wanted}
    given_out = share(seats, wanted, open_in)
    shuffled = dict(sorted(wanted.items(), reverse=True))
    assert share(seats, shuffled, open_in) == given_out
    for one, kept in given_out.items():
        assert set(kept) <= set(open_in[one])
    for slot in slots:
        users = sum(slot in kept for kept in given_out.values())
        could = sum(slot in open_in[one] and wanted[one] > 0 for one in wanted)
        assert users == min(seats[slot], could)


def test_shares_follow_what_is_wanted() -> None:
    everywhere = {one: range(4) for one in (1, 2, 3)}
    assert {one: len(kept) for one, kept in share([1, 1, 1, 1], {1: 4, 2: 2, 3: 1}, everywhere).items()} == {
        1: 3,
        2: 1,
        3: 0,
    }
    assert share([3] * 4, {1: 1, 2: 1, 3: 1}, everywhere) == dict.fromkeys((1, 2, 3), (0, 1, 2, 3))


def test_diary_tells_overlaps() -> None:
    diary = Diary()
    diary.take(1, NINE, NINE + 20 * MINUTE)
    diary.take(1, NINE + 40 * MINUTE, NINE + 60 * MINUTE)
    spans = ((-20, 0), (-20, 1), (20, 40), (19, 21), (39, 41), (10, 50), (60, 80))
    free = [diary.is_free(1, Slot(0, NINE + a * MINUTE, NINE + b * MINUTE)) for a, b in spans]
    assert free == [True, False, True, False, False, False, True]
    assert diary.is_free(2, SLOTS[0])


def test_only_what_is_still_free_is_booked_and_common_tables_are_used_evenly() -> None:
    tables = (*TABLES, HallTable(14, 4, None))
    plan = [
        Planned(1, A, 9, SLOTS[0], 11),  # taken by somebody meanwhile
        Planned(2, A, 9, SLOTS[0], 12),
        Planned(3, B, 5, SLOTS[0], None),  # sits elsewhere meanwhile
        Planned(4, B, 5, SLOTS[1], None),
        Planned(5, B, 5, SLOTS[2], None),
        Planned(6, 300, 6, SLOTS[2], None),
        Planned(7, 400, 6, SLOTS[2], None),  # no common table left
        Planned(8, B, 5, SLOTS[2], None),  # the employer is sitting already
        Planned(9, A, 9, SLOTS[2], 77),  # the table is gone
    ]
    held = [standing(50, A, 11, NINE), standing(3, 500, 99, NINE + 15 * MINUTE, event=2)]
    rows = what_fits(1, plan, tables, held)
    assert [(row.talent, row.hall_table, row.number) for row in rows] == [
        (2, 12, 2),
        (4, 13, 3),
        (5, 14, 4),
        (6, 13, 3),
    ]
    assert [(row.starts_at, row.ends_at) for row in rows[:2]] == [
        (SLOTS[0].starts_at, SLOTS[0].ends_at),
        (SLOTS[1].starts_at, SLOTS[1].ends_at),
    ]


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_stands_the_solver_keeps_it_and_everything_planned_fits(chance: Random) -> None:
    """Halls with meetings on and beside the grid, at own and common tables and elsewhere: no pin is ever refused."""
    draw = chance.randrange
    slots = tuple(Slot(n, NINE + 25 * n * MINUTE, NINE + (25 * n + 20) * MINUTE) for n in range(4))
    people, seats = Diary(), Diary()
    held: list[ExistingMeeting] = []
    for _ in range(draw(12)):
        talent, table, event = draw(1, 7), draw(11, 15), draw(1, 3)
        owner = {11: A, 12: A}.get(table, (draw(2) and B) or 300)
        at = NINE + (25 * draw(4) if draw(2) else draw(100)) * MINUTE
        slot = Slot(0, at, at + 20 * MINUTE)
        table = table if event == 1 else 90 + len(held)
        if people.is_free(talent, slot) and seats.is_free(table, slot):
            people.take(talent, slot.starts_at, slot.ends_at)
            seats.take(table, slot.starts_at, slot.ends_at)
            held.append(ExistingMeeting(len(held) + 1, event, owner, talent, table, slot.starts_at, slot.ends_at))
    met = {(one.talent, one.organisation) for one in held if one.event == 1}
    pairs = {(draw(1, 7), (A, B, 300)[draw(3)]) for _ in range(draw(12))} - met
    tables = (*TABLES, HallTable(14, 4, None))
    made = build_problem.draft(
        Hall(1, slots, tables, tuple(held), tuple(Wish(*pair, 1, draw(2)) for pair in sorted(pairs)))
    )
    plan = solve(made.problem)
    assert [one for one in plan.unmet if one.kind == "pinned"] == []
    planned = made.planned(plan.meetings)
    assert len(what_fits(1, planned, tables, held)) == len(planned)
