from datetime import date

import pytest

from fairs.core.i18n import language
from fairs.listings import labels, rules
from fairs.listings.rules import Filters


def test_filters_are_read_from_an_address_and_nonsense_is_left_out() -> None:
    asked = {
        "q": "  wheat \x00 小麦  ",
        "kind": "animals",
        "category": "8",
        "discipline": "0812",
        "city": "410100'; DROP",
        "degree": "doctor",
        "engagement": "full_time",
        "urgent": "yes",
        "sort": "random",
        "page": "3",
    }
    found = rules.read_filters(asked)
    assert found == Filters(q="wheat 小麦", discipline="0812", degree="doctor", engagement="full_time", urgent="1")
    assert found.query == {
        "q": "wheat 小麦",
        "discipline": "0812",
        "degree": "doctor",
        "engagement": "full_time",
        "urgent": "1",
    }
    assert "degree" not in found.without("degree")


def test_every_typed_word_becomes_a_pattern_with_its_signs_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    rules.OTHER_WORDS.set(lambda word: ["wheat", "triticum aestivum"] if word == "小麦" else [])
    assert Filters(q="1.0% 小麥 a_b").patterns == ["(?:1\\.0%)", "(?:小麦|\\mwheat|\\mtriticum\\ aestivum)", "(?:a_b)"]
    assert len(Filters(q=" ".join("abcdefghijklm")).patterns) == 8


def test_a_very_long_search_is_cut() -> None:
    assert len(rules.plain("x" * 10_240)) == 100


def test_a_listing_is_over_after_its_last_day() -> None:
    today = date(2018, 10, 27)
    assert [rules.is_over(day, today) for day in (None, date(2018, 10, 27), date(2018, 10, 26))] == [False, False, True]


def test_pay_reads_as_a_range_in_both_languages() -> None:
    cases = [(30, 50), (30, 30), (30, None), (None, 50), (None, None)]
    with language("en"):
        assert [labels.pay("people", low, high) for low, high in cases] == [
            "300,000–500,000 CNY a year",
            "300,000 CNY a year",
            "from 300,000 CNY a year",
            "up to 500,000 CNY a year",
            "",
        ]
        assert labels.pay("project", 300, 1200) == "3,000,000–12,000,000 CNY in total"
    with language("zh"):
        assert labels.pay("people", 30, 50) == "30–50万元/年"
        assert labels.pay("people", 30, None) == "30万元/年起"
        assert labels.pay("people", None, 30) == "30万元/年以内"
