from datetime import UTC, date, datetime, timedelta

from fairs.meetings import rules

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


def test_outcome_can_be_told_from_half_an_hour_before() -> None:
    early = NINE - timedelta(minutes=30)
    assert rules.outcome_due("scheduled", NINE, early)
    assert not rules.outcome_due("scheduled", NINE, early - timedelta(seconds=1))
    assert not rules.outcome_due("cancelled", NINE, NINE)


def test_timetable_has_every_slot_and_table_and_keeps_a_meeting_whose_slot_is_gone() -> None:
    hour = timedelta(hours=1)
    slots = [{"starts_at": NINE, "ends_at": NINE + hour}, {"starts_at": NINE + 24 * hour, "ends_at": NINE + 25 * hour}]
    first = {"starts_at": NINE, "ends_at": NINE + hour, "table_number": 7}
    orphan = {"starts_at": NINE + 3 * hour, "ends_at": NINE + 4 * hour, "table_number": 3}
    assert rules.timetable(slots, [first, orphan], [7], "Asia/Shanghai") == [
        rules.Day(
            date(2018, 10, 27),
            (3, 7),
            ((NINE, NINE + hour, (None, first)), (NINE + 3 * hour, NINE + 4 * hour, (orphan, None))),
        ),
        rules.Day(date(2018, 10, 28), (3, 7), ((NINE + 24 * hour, NINE + 25 * hour, (None, None)),)),
    ]
