"""Skills: proposed from free text, compared across languages, and phrases that no book has."""

import pytest

from fairs.matching.engine import skills
from fairs.matching.proposals import propose_skills
from fairs.matching.text.alignment import aligned_terms
from fairs.matching.text.shared_terms import TermPair
from tests.matching.texts import PAIRS, declared_listing, declared_profile


@pytest.mark.parametrize(("code", "english", "title", "chinese"), PAIRS)
def test_proposed_skills_are_named_by_the_text(code: str, english: str, title: str, chinese: str) -> None:
    for text in (english, f"{title}\n{chinese}"):
        found = propose_skills(text)
        named = skills.found_in(text)
        assert len(found) == min(3, len(named))
        assert all(skills.keys_of(one.en) <= named or skills.keys_of(one.zh) <= named for one in found)
        assert all(0 < one.strength <= 1 for one in found)
        assert found == sorted(found, key=lambda one: (-one.strength, one.en, one.zh))


def test_tools_are_proposed_as_they_are_written() -> None:
    assert [(one.zh, one.en) for one in propose_skills("擅长 MATLAB 与有限元")] == [
        ("有限元", "finite element"),
        ("MATLAB", "MATLAB"),
    ]
    for text in ("", "🎓 2018", "。，", "x"):
        assert propose_skills(text) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("deep learning", "深度学习", True),
        ("Deep Learning", "深度學習", True),
        ("python", "Python", True),
        ("finite element analysis", "有限元分析", True),
        ("Python 数据分析", "data analysis", True),
        ("R/Bioconductor", "r/bioconductor", True),
        ("deep learning", "Tang poetry", False),
        ("R", "Rust", False),
    ],
)
def test_skills_are_one_across_languages(ours: str, theirs: str, same: bool) -> None:
    assert bool(skills.keys_of(ours) & skills.keys_of(theirs)) is same


def test_skills_of_a_listing_are_declared_or_found_in_its_text() -> None:
    person = declared_profile(skills=("PyTorch", "deep learning"))
    assert skills.common(person, declared_listing()) == [("deep learning", "深度学习")]
    assert skills.common(person, declared_listing(skills=("pytorch",))) == [("PyTorch", "pytorch")]
    assert skills.worth(skills.of(person), skills.NOTHING, 3) is None
    assert skills.worth(frozenset("ab"), frozenset("bcd"), 3) == 0.5
    assert skills.worth(frozenset("abcde"), frozenset("abcxyz"), 3) == 1.0


ENGLISH = "An economist of green bonds and emission trading. I study what carbon markets do to small firms."
CHINESE = "研究碳市场与绿色债券对企业的影响，考虑我国农业。"


def test_phrases_that_no_book_has_are_aligned_word_for_word() -> None:
    found = aligned_terms([ENGLISH], [CHINESE], [])
    assert {(pair.zh, pair.en) for pair in found} == {("碳市场", "carbon markets"), ("绿色债券", "green bonds")}
    assert aligned_terms([CHINESE], [ENGLISH], []) == found


def test_aligned_phrases_do_not_repeat_what_is_told() -> None:
    known = [TermPair("碳市场", "carbon market", 1.0)]
    assert [pair.zh for pair in aligned_terms([ENGLISH], [CHINESE], known)] == ["绿色债券"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("carbon markets", "green bonds"),
        ("碳市场", "绿色债券"),
        ("educational institutions", "加强机构教育"),
        ("", "碳市场"),
        ("🎓", "绿色债券"),
    ],
)
def test_nothing_is_aligned_within_a_language_or_in_another_order(ours: str, theirs: str) -> None:
    assert aligned_terms([ours], [theirs], []) == []
