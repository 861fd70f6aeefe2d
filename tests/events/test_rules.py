from datetime import UTC, date, datetime, timedelta

import pytest

from fairs.events import rules
from fairs.events.tables import EventState

DAY = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("slug", ["abc", "hnzcyz-2018", "a" * 60, "2018"])
def test_slug_accepted(slug: str) -> None:
    assert rules.is_slug(slug)


@pytest.mark.parametrize(
    "slug", ["", "ab", "a" * 61, "Abc", "a--b", "-abc", "abc-", "a b", "大会", "abc\n", "abc\x00", "../x", "new"]
)
def test_slug_refused(slug: str) -> None:
    assert not rules.is_slug(slug)


@pytest.mark.parametrize(
    ("state", "target", "legal"),
    [
        ("draft", "published", True),
        ("draft", "closed", False),
        ("published", "closed", True),
        ("published", "draft", True),
        ("closed", "follow_up", True),
        ("published", "archived", False),
        ("cancelled", "published", False),
        ("closed", "published", True),
        ("closed", "draft", False),
        ("draft", "draft", True),
        ("published", "gone", False),
    ],
)
def test_steps_of_an_event(state: str, target: str, legal: bool) -> None:
    assert rules.may_become(state, target) is legal


def test_days_are_those_of_the_place_and_midnight_belongs_to_the_day_before() -> None:
    evening = datetime(2018, 10, 27, 15, 0, tzinfo=UTC)  # 23:00 in Zhengzhou
    assert rules.days_of(evening, evening + HOUR, "Asia/Shanghai") == [date(2018, 10, 27)]
    assert rules.days_of(evening, evening + 2 * HOUR, "Asia/Shanghai") == [date(2018, 10, 27), date(2018, 10, 28)]
    assert rules.days_of(evening, evening + HOUR, "America/New_York") == [date(2018, 10, 27)]


def test_session_lies_on_a_day_of_the_event() -> None:
    event = (DAY, DAY + 32 * HOUR, "Asia/Shanghai")
    assert rules.lies_within(DAY - HOUR, DAY, *event)
    assert rules.lies_within(DAY + 30 * HOUR, DAY + 33 * HOUR, *event)
    assert not rules.lies_within(DAY - 48 * HOUR, DAY - 47 * HOUR, *event)
    assert not rules.lies_within(DAY + 30 * HOUR, DAY + 48 * HOUR, *event)


def test_the_running_span_is_nearer_than_the_next_and_the_last() -> None:
    now = DAY + HOUR
    running, coming, later = ((DAY + n * 24 * HOUR, DAY + n * 24 * HOUR + 8 * HOUR) for n in (0, 5, 9))
    old, older = ((DAY - n * 24 * HOUR, DAY - n * 24 * HOUR + HOUR) for n in (5, 9))
    spans = [older, later, running, old, coming]
    assert sorted(spans, key=lambda span: rules.nearness(span[0], span[1], now)) == [running, coming, later, old, older]


def test_every_state_has_steps_and_what_it_allows() -> None:
    assert set(rules.STEPS) == set(rules.ALLOWS) == set(EventState)
    assert set(rules.PUBLIC) == set(EventState) - {EventState.DRAFT}
    assert set(rules.RUNNING) | set(rules.LATER_ORDER) == set(EventState)
    assert all(rules.allows(state, rules.Act.SCAN) for state in rules.RUNNING)
