from datetime import UTC, date, datetime, timedelta

from fairs.meetings import rules
from fairs.meetings.rows import AtTable, FreeTable, SlotRow

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)  # 09:00 in Zhengzhou


def test_mutual_needs_both_sides() -> None:
    said = [None, "no", "meet", "must"]
    mutual = {(a, b) for a in said for b in said if rules.is_mutual(a, b)}
    assert mutual == {("meet", "meet"), ("meet", "must"), ("must", "meet"), ("must", "must")}


def test_spans_follow_each_other_with_the_gap_between() -> None:
    minute = timedelta(minutes=1)
    assert rules.spans(NINE, 20, 3, gap=5) == [
        (NINE, NINE + 20 * minute),
        (NINE + 25 * minute, NINE + 45 * minute),
        (NINE + 50 * minute, NINE + 70 * minute),
    ]


def test_overlap_is_told_from_touching_and_from_the_same_span() -> None:
    hour = timedelta(hours=1)
    held = [(NINE, NINE + hour)]
    assert not rules.overlaps((NINE, NINE + hour), held)
    assert not rules.overlaps((NINE + hour, NINE + 2 * hour), held)
    assert rules.overlaps((NINE + hour / 2, NINE + 2 * hour), held)
    assert rules.overlaps((NINE, NINE + hour / 2), held)


def _slots(*minutes: int) -> list[tuple[datetime, datetime]]:
    return [(NINE + timedelta(minutes=at), NINE + timedelta(minutes=at + 20)) for at in minutes]


def _best(own: list[tuple[datetime, datetime]], free: list[int], grid: list[int], most: int = 3) -> int:
    rows = [SlotRow(starts_at=start, ends_at=end, id=1) for start, end in _slots(*free)]
    found = rules.best_slot(rows, own, _slots(*grid), most)
    return int((found.starts_at - NINE).total_seconds() // 60)


GRID = [0, 20, 40, 60, 80, 140, 160]  # a break of forty minutes after the fifth


def test_first_meeting_of_a_day_is_early() -> None:
    assert _best([], [40, 20, 160], GRID) == 20


def test_meeting_goes_where_it_leaves_no_gap() -> None:
    assert _best(_slots(60), [0, 20, 80, 160], GRID) == 80
    assert _best(_slots(0, 40), [20, 60], GRID) == 20


def test_break_of_the_hall_is_no_gap_and_rests() -> None:
    assert rules.idle_slots(_slots(80, 140), _slots(*GRID)) == 0
    assert rules.longest_row(_slots(40, 60, 80, 140), _slots(*GRID)) == 3
    assert rules.longest_row(_slots(0, 40, 60), _slots(*GRID)) == 2
    assert rules.longest_row([], _slots(*GRID)) == 0


def test_fourth_meeting_in_a_row_is_avoided_unless_nothing_else_is_free() -> None:
    assert _best(_slots(0, 20, 40), [60, 80], GRID) == 80
    assert _best(_slots(0, 20, 40), [60], GRID) == 60
    assert _best(_slots(0, 20, 40), [60, 80], GRID, most=4) == 60


def test_another_day_is_no_gap() -> None:
    assert rules.idle_slots(_slots(0, 24 * 60), _slots(*GRID)) == 0


def test_least_used_table_is_taken() -> None:
    tables = [
        FreeTable(starts_at=NINE, ends_at=NINE, hall_table=number, number=number, uses=uses)
        for number, uses in ((3, 2), (9, 1), (4, 1))
    ]
    assert rules.best_table(tables) is tables[2]


def test_outcome_can_be_told_from_half_an_hour_before() -> None:
    early = NINE - timedelta(minutes=30)
    assert rules.outcome_due("scheduled", NINE, early)
    assert not rules.outcome_due("scheduled", NINE, early - timedelta(seconds=1))
    assert not rules.outcome_due("cancelled", NINE, NINE)


def test_timetable_has_every_slot_and_table_and_keeps_a_meeting_whose_slot_is_gone() -> None:
    hour = timedelta(hours=1)
    slots = [
        SlotRow(starts_at=NINE, ends_at=NINE + hour, id=1),
        SlotRow(starts_at=NINE + 24 * hour, ends_at=NINE + 25 * hour, id=2),
    ]
    first = AtTable(starts_at=NINE, ends_at=NINE + hour, table_number=7)
    orphan = AtTable(starts_at=NINE + 3 * hour, ends_at=NINE + 4 * hour, table_number=3)
    assert rules.timetable(slots, [first, orphan], [7], "Asia/Shanghai") == [
        rules.Day(
            date(2018, 10, 27),
            (3, 7),
            ((NINE, NINE + hour, (None, first)), (NINE + 3 * hour, NINE + 4 * hour, (orphan, None))),
        ),
        rules.Day(date(2018, 10, 28), (3, 7), ((NINE + 24 * hour, NINE + 25 * hour, (None, None)),)),
    ]
