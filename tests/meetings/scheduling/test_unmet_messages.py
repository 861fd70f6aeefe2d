from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from fairs.core import i18n
from fairs.meetings.scheduling import pages, unmet_messages
from fairs.meetings.scheduling.rows import Names, Slot
from fairs.meetings.solver import reasons
from fairs.meetings.solver.problem import Fact, Kind, Unmet

NINE = datetime(2018, 10, 27, 1, 0, tzinfo=UTC)
SLOTS = [Slot(n, NINE + timedelta(minutes=30 * n), NINE + timedelta(minutes=30 * n + 20)) for n in range(3)]
NAMES = {
    "t1": Names("t1", "玛丽亚", "Maria"),
    "t2": Names("t2", "王伟", "Wang Wei"),
    "o7": Names("o7", "河南大学", "Henan University"),
}


def test_every_reason_and_kind_of_the_solver_has_its_words() -> None:
    assert set(unmet_messages.SENTENCES) == set(reasons.SENTENCES)
    assert set(unmet_messages.KINDS) == {str(kind) for kind in Kind}


@pytest.mark.parametrize("code", sorted(reasons.SENTENCES))
def test_sentence_uses_facts_that_the_solver_gives_and_is_chinese_in_chinese(code: str) -> None:
    given = {name for _, name, _, _ in Formatter().parse(reasons.SENTENCES[code]) if name}
    facts: dict[str, Fact] = dict.fromkeys(given, 3)
    facts |= dict.fromkeys(given & {"candidate", "other"}, "t1")
    facts |= {"employer": "o7"} if "employer" in given else {}
    facts |= {"names": ("t1", "t2")} if "names" in given else {}
    told = Unmet(Kind.MUST, code, facts, why="", candidate="t1", employer="o7")
    [row] = unmet_messages.kept([told], [*SLOTS, *SLOTS])
    with i18n.language("en"):
        english = unmet_messages.shown(row, NAMES, "Asia/Shanghai").why
    with i18n.language("zh"):
        chinese = unmet_messages.shown(row, NAMES, "Asia/Shanghai").why
    assert "%" not in english + chinese
    assert english.isascii()
    assert chinese.endswith("。")
    assert not any(word in chinese for word in ("t1", "o7", "Maria", "meeting"))


def test_hours_and_names_stand_for_numbers_and_keys() -> None:
    told = Unmet(Kind.PINNED, "pin_person_taken", {"candidate": "t1", "other": "o7", "slot": 2}, "", "t1", "o7", 2)
    [row] = unmet_messages.kept([told], SLOTS)
    assert row["facts"]["slot"] == SLOTS[2].starts_at.isoformat()
    assert unmet_messages.keys([row]) == {"t1", "o7"}
    with i18n.language("en"):
        shown = unmet_messages.shown(row, NAMES, "Asia/Shanghai")
    assert shown.who == "Maria – Henan University"
    assert shown.why.startswith("Maria meets Henan University at ")
    assert "10:00" in shown.why


def test_long_lists_are_cut_and_counted_and_pairs_are_named() -> None:
    names = tuple(f"t{1 + n % 2}–o7" for n in range(9))
    told = Unmet(Kind.MUST, "must_together", {"musts": 9, "names": names}, "", "t1", "o7")
    [row] = unmet_messages.kept([told], SLOTS)
    assert (len(row["facts"]["names"]), row["facts"]["more"]) == (unmet_messages.NAMED, 3)
    with i18n.language("zh"):
        assert unmet_messages.shown(row, NAMES, "Asia/Shanghai").why.endswith("王伟 – 河南大学等，另有 3 个。")


def test_who_sits_in_another_meeting_has_no_name() -> None:
    row = {"kind": "must", "reason": "must_apart", "facts": {"candidate": "m5-1", "employer": "o7"}, "employer": "o7"}
    with i18n.language("en"):
        shown = unmet_messages.shown(row, NAMES, "Asia/Shanghai")
    assert (shown.who, shown.why) == (
        "Henan University",
        "somebody in another meeting and Henan University are never free in the same slot.",
    )


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (0.0, "Proved best: no other timetable serves these wishes better."),
        (0.000001, "At most 0.01 % below the best that could be possible."),
        (0.02501, "At most 2.51 % below the best that could be possible."),
        (None, ""),
    ],
)
def test_gap_is_told_in_words_and_never_too_small(gap: float | None, words: str) -> None:
    with i18n.language("en"):
        assert pages.gap_in_words(gap) == words
