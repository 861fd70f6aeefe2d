"""What a calendar is told next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fairs.calendars.rules import GONE_FOR, PAST_FOR, Line, next_lines
from fairs.notifications.calendars import Entry, Status

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(uid: str = "a", title: str = "Forum", sequence: int = 0, ends: datetime = NOW + DAY) -> Entry:
    return Entry(uid, sequence, ends - timedelta(hours=1), ends, title)


def test_what_stays_the_same_keeps_its_number_and_time() -> None:
    first = next_lines({}, [entry(sequence=3)], NOW)
    again = next_lines(first, [replace(entry(sequence=3), stamp=NOW)], NOW + DAY / 2)
    assert again == first
    assert first["a"].entry.sequence == 3
    assert first["a"].changed_at == NOW


def test_a_change_gets_a_higher_number() -> None:
    first = next_lines({}, [entry()], NOW)
    second = next_lines(first, [entry(title="Forum B")], NOW + timedelta(hours=1))
    assert second["a"].entry.sequence == 1
    assert second["a"].changed_at == NOW + timedelta(hours=1)
    assert next_lines(second, [entry(title="Forum C", sequence=9)], NOW)["a"].entry.sequence == 9


def test_what_is_no_more_is_cancelled_for_a_while_and_then_goes() -> None:
    lines = next_lines({}, [entry(ends=NOW + 90 * DAY)], NOW)
    lines = next_lines(lines, [], NOW + DAY)
    assert (lines["a"].entry.status, lines["a"].entry.sequence) == (Status.CANCELLED, 1)
    assert next_lines(lines, [], NOW + 2 * DAY) == lines
    assert next_lines(lines, [], NOW + DAY + GONE_FOR) == {}


def test_what_comes_back_is_told_with_a_higher_number() -> None:
    lines = next_lines(next_lines({}, [entry()], NOW), [], NOW)
    back = next_lines(lines, [entry()], NOW)
    assert (back["a"].entry.status, back["a"].entry.sequence, back["a"].gone_at) == (Status.CONFIRMED, 2, None)


def test_what_is_long_over_goes_without_a_word() -> None:
    old = entry(ends=NOW - PAST_FOR - DAY)
    assert next_lines({}, [old], NOW) == {}
    assert next_lines({"a": Line(old, NOW)}, [], NOW) == {}


@given(
    st.lists(
        st.dictionaries(st.sampled_from("abc"), st.tuples(st.sampled_from("xyz"), st.integers(0, 5)), max_size=3),
        max_size=12,
    )
)
def test_a_number_never_falls_and_rises_with_every_change(days: list[dict[str, tuple[str, int]]]) -> None:
    lines: dict[str, Line] = {}
    for at, day in enumerate(days):
        before = lines
        current = [entry(uid, title, sequence, NOW + 90 * DAY) for uid, (title, sequence) in day.items()]
        lines = next_lines(before, current, NOW + timedelta(hours=at))
        for uid, line in lines.items():
            if uid in before and before[uid].entry != line.entry:
                assert line.entry.sequence > before[uid].entry.sequence
        assert set(before) <= set(lines), "nothing goes unseen within days"
