"""The draft beside the last release, and what is doubtful: no database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairs.events.planning import rules, speaking
from fairs.events.planning.rows import Plan
from fairs.events.tables import ChangeKind, SpeakerRole

HOUR = timedelta(hours=1)
NINE = datetime(2027, 10, 23, 1, 0, tzinfo=UTC)  # 09:00 in Zhengzhou
DAYS = (NINE, NINE + 32 * HOUR, "Asia/Shanghai")


def plan(code: str = "a", **given: Any) -> Plan:
    values: dict[str, Any] = {
        "session": 1,
        "unit": None,
        "room": 5,
        "code": code,
        "kind": "forum",
        "title_zh": "论坛",
        "title_en": "Forum",
        "starts_at": NINE,
        "ends_at": NINE + HOUR,
        "capacity": None,
        "sign_up": False,
        "changes_until": None,
        "speakers": "",
        "removed": False,
        "reason": "",
        "room_code": "hall",
        "unit_code": None,
    }
    return Plan(**(values | given))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, None),
        ({"starts_at": NINE - HOUR}, ChangeKind.MOVED),
        ({"room": None}, ChangeKind.MOVED),
        ({"title_en": "Another"}, ChangeKind.CHANGED),
        ({"title_en": "Another", "ends_at": NINE + 2 * HOUR}, ChangeKind.MOVED),
        ({"speakers": "wang"}, ChangeKind.CHANGED),
        ({"removed": True, "reason": "ill"}, ChangeKind.CANCELLED),
    ],
)
def test_change_is_told_by_what_differs(given: dict[str, Any], kind: ChangeKind | None) -> None:
    assert rules.change_of(plan(**given), plan()) == kind


def test_draft_stands_in_the_place_of_the_released() -> None:
    released = [plan("a"), plan("b", session=2, starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR)]
    drafted = [
        plan("a", starts_at=NINE + 3 * HOUR, ends_at=NINE + 4 * HOUR),
        plan("c", session=None, starts_at=NINE - HOUR),
    ]
    items = rules.merged(released, drafted)
    assert [(item.plan.code, item.change) for item in items] == [
        ("c", ChangeKind.NEW),
        ("b", None),
        ("a", ChangeKind.MOVED),
    ]
    assert items[2].changed == ["starts_at", "ends_at"]


def told(*plans: Plan, places: int | None = 100) -> list[tuple[str, str, str]]:
    found = rules.warnings(rules.merged([], list(plans)), DAYS, {"hall": places})
    return [(warned.doubt, warned.code, warned.other) for warned in found]


def test_room_is_needed_twice_only_while_both_are_in_it() -> None:
    after = plan("b", starts_at=NINE + HOUR, ends_at=NINE + 2 * HOUR)
    assert told(plan(), after) == []
    across = plan("c", starts_at=NINE + HOUR / 2, ends_at=NINE + 3 * HOUR / 2)
    assert told(plan(), after, across) == [("room_twice", "c", "a"), ("room_twice", "b", "c")]
    gone = plan("c", starts_at=NINE, removed=True, reason="ill")
    assert told(plan(), gone) == []
    assert told(plan(room_code=None), plan("b", room_code=None)) == []


def test_speaker_is_in_one_place_at_a_time() -> None:
    other = plan("b", room_code="small", speakers="li\nwang (host)")
    assert told(plan(speakers="wang"), other) == [("speaker_twice", "b", "a")]


def test_outside_midnight_and_seats() -> None:
    late = plan("a", starts_at=NINE + 14 * HOUR, ends_at=NINE + 16 * HOUR)
    assert told(late) == [("midnight", "a", "")]
    assert told(plan("a", starts_at=NINE - 48 * HOUR, ends_at=NINE - 47 * HOUR)) == [("outside", "a", "")]
    assert told(plan(capacity=101)) == [("capacity", "a", "")]
    assert told(plan(capacity=100)) == []
    assert told(plan(capacity=101), places=None) == []


def test_speakers_are_read_as_people_write_them() -> None:
    text = "wang-li；Li Ming （主持）\n wang-li (HOST);; 张三"
    assert speaking.parse(text) == [
        speaking.Named("wang-li", SpeakerRole.SPEAKER),
        speaking.Named("Li Ming", SpeakerRole.HOST),
        speaking.Named("张三", SpeakerRole.SPEAKER),
    ]
    assert speaking.canonical(text) == "wang-li\nLi Ming (host)\n张三"
    assert speaking.canonical(speaking.canonical(text)) == speaking.canonical(text)


def test_moved_session_keeps_its_length_and_the_end_of_its_sign_up() -> None:
    given = plan(changes_until=NINE - HOUR)
    assert rules.moved_hours(given, NINE + HOUR) == (NINE + HOUR, NINE + 2 * HOUR, NINE)
