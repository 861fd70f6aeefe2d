import hashlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairs.agreements import document

PARTIES: dict[str, Any] = {
    "event": {"zh": "大会", "en": "Conference"},
    "employer": {"zh": "洛阳轴承研究院", "en": "Luoyang Bearing Institute", "uscc": "91410100MA40000000"},
    "talent": {"passport": "Maria", "native": "", "nationality": {"code": "ES", "zh": "西班牙", "en": "Spain"}},
    "witness": {"zh": "洛阳市", "en": "Luoyang"},
}
TERMS: dict[str, Any] = {
    "title": {"zh": "意向书", "en": "Letter of intent"},
    "content": {"zh": "研发轴承。", "en": "Bearings."},
    "engagement": {"key": "flexible", "zh": "柔性引进", "en": "Flexible (part-year) appointment"},
    "heads": 1,
    "amount_cny": 1200000,
    "months_per_year": 1,
    "next_step_by": "2018-12-15",
}


def _shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shuffled(value[key]) for key in reversed(list(value))}
    return value


def test_hash_does_not_depend_on_the_order_of_keys() -> None:
    composed = document.compose("YX-2018-0001", 1, PARTIES, TERMS)
    assert document.canonical(composed) == document.canonical(_shuffled(composed))


def test_hash_is_that_of_the_canonical_text_and_survives_a_round_trip() -> None:
    text = document.canonical(document.compose("YX-2018-0001", 1, PARTIES, TERMS))
    assert document.digest(text) == hashlib.sha256(text.encode("utf-8")).digest()
    assert document.canonical(document.read(text)) == text
    assert " :" not in json.dumps(json.loads(text), separators=(",", ":"))


def test_hash_of_a_known_document_stays_what_it_was() -> None:
    """A change here means that papers in people's hands can no longer be checked: raise FORM instead."""
    text = document.canonical(document.compose("YX-2018-0001", 1, PARTIES, TERMS))
    assert document.digest(text).hex() == "d59012e2cfa4b1c555a231c38eeb92c39e349c40423f48746e76603bc8ec26d2"


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_every_change_of_the_text_changes_the_hash(first: str, second: str) -> None:
    def digest(content: str) -> bytes:
        terms = TERMS | {"content": {"zh": content, "en": "x"}}
        return document.digest(document.canonical(document.compose("YX-2018-0001", 1, PARTIES, terms)))

    import unicodedata

    same = unicodedata.normalize("NFC", first) == unicodedata.normalize("NFC", second)
    assert (digest(first) == digest(second)) == same


def test_articles_say_the_terms_in_both_languages() -> None:
    found = document.articles(document.compose("YX-2018-0001", 1, PARTIES, TERMS))
    assert [article.number for article in found] == [1, 2, 3, 4, 5, 6, 7]
    assert (found[1].text_zh, found[1].text_en) == (
        "引进方式为柔性引进，涉及 1 人。每年在当地工作约 1 个月。拟投入金额为人民币 1,200,000 元。",
        "Flexible (part-year) appointment, for 1 person. Time on site: about 1 month a year. "
        "The amount intended is CNY 1,200,000.",
    )
    assert "2018-12-15" in found[2].text_zh
    assert "2018-12-15" in found[2].text_en


def test_articles_leave_out_what_was_not_agreed() -> None:
    terms = TERMS | {"amount_cny": None, "months_per_year": None, "next_step_by": None}
    found = document.articles(document.compose("YX-2018-0001", 1, PARTIES, terms))
    assert found[1].text_zh == "引进方式为柔性引进，涉及 1 人。"
    assert "another" not in found[2].text_en
    assert "settle the next step" in found[2].text_en
