from typing import Any

import pytest

from fairs.core.i18n import language
from fairs.talents import consents, rules
from fairs.talents.rules import Relation, View, view_of

FULL: dict[str, Any] = {
    "name_passport": "Maria Fernandez",
    "nationality": "ES",
    "degree": "doctor",
    "discipline": "0812",
    "headline": "Machine learning for medical images",
    "summary": "Deep learning that finds tumours.",
    "skills": ["deep learning"],
    "languages": ["en"],
    "engagement": ["full_time"],
    "visibility": "employers",
}


def test_completeness_names_what_is_missing_in_the_order_of_the_page() -> None:
    assert rules.completeness(FULL) == rules.Completeness(10, 10, ())
    part = FULL | {"degree": "", "skills": [], "visibility": "private"}
    found = rules.completeness(part)
    assert (found.done, found.total) == (7, 10)
    assert [name for name, _ in found.missing] == ["degree", "skills", "visibility"]
    assert rules.completeness(None).done == 0


@pytest.mark.parametrize(
    ("visibility", "relation", "expected"),
    [
        ("private", Relation(is_self=True), View.CONTACT),
        ("private", Relation(sees_everything=True), View.CONTACT),
        ("private", Relation(own_bureau=True, any_bureau=True), View.CONTACT),
        ("private", Relation(any_bureau=True), View.NOTHING),
        ("private", Relation(approved_employer=True, mutual=True, meeting=True), View.NOTHING),
        ("matched", Relation(), View.NOTHING),
        ("matched", Relation(any_bureau=True), View.PROFILE),
        ("matched", Relation(approved_employer=True), View.NOTHING),
        ("matched", Relation(approved_employer=True, mutual=True), View.CONTACT),
        ("matched", Relation(approved_employer=True, meeting=True), View.CONTACT),
        ("employers", Relation(), View.NOTHING),
        ("employers", Relation(mutual=True, meeting=True), View.NOTHING),
        ("employers", Relation(approved_employer=True), View.PROFILE),
        ("employers", Relation(approved_employer=True, mutual=True), View.CONTACT),
        ("employers", Relation(approved_employer=True, meeting=True), View.CONTACT),
    ],
)
def test_view_follows_the_consent(visibility: str, relation: Relation, expected: View) -> None:
    assert view_of(visibility, relation) == expected


@pytest.mark.parametrize(
    ("wanted", "stored", "version", "expected"),
    [
        ("private", "employers", "2", False),
        ("employers", "private", "", True),
        ("employers", "matched", "2", True),
        ("matched", "employers", "2", False),
        ("employers", "employers", "2", False),
        ("employers", "employers", "1", True),
    ],
)
def test_consent_is_asked_for_a_wider_circle_or_a_new_text(
    wanted: str, stored: str, version: str, expected: bool
) -> None:
    assert rules.needs_consent(wanted, stored, version, "2") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deep learning for tumours", "en"),
        ("基于 deep learning 的医学影像分析与肿瘤诊断", "zh"),
        ("Research at 郑州大学 on the genetics of wheat and its rust diseases", "en"),
        ("", "en"),
        ("12345 —", "en"),
    ],
)
def test_language_of_a_text_is_found(text: str, expected: str) -> None:
    assert rules.language_of(text) == expected


def test_skills_are_split_at_commas_of_both_scripts_and_given_once() -> None:
    assert rules.split_skills(" deep learning，CT、 MRI;deep learning , ,\n小麦 育种") == [
        "deep learning",
        "CT",
        "MRI",
        "小麦 育种",
    ]


def test_skills_too_many_or_too_long_are_refused() -> None:
    with language("en"):
        assert str(rules.refuse_skills(",".join(map(str, range(31))))) == "At most 30 skills, these are 31"
        assert str(rules.refuse_skills("x" * 81)) == "Separate skills by commas: each at most 80 characters"
    assert rules.refuse_skills("CT, MRI") is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("+49 30 901820", "+49 30 901820"),
        ("+8613800138000", "+86 138 0013 8000"),
        ("030 901820", None),
        ("+1", None),
        ("call me", None),
        ("+86 138 0013 8000 0000 0000", None),
    ],
)
def test_phone_numbers_need_their_country_code(typed: str, expected: str | None) -> None:
    assert rules.phone_number(typed) == expected


def test_every_consent_version_is_complete_in_both_languages() -> None:
    for version in consents.versions().values():
        assert set(version.levels) == {"private", "matched", "employers"}
        texts = [version.title, *version.points, *version.levels.values()]
        assert all(text.zh and text.en and text.zh != text.en for text in texts)
    assert list(consents.versions()) == sorted(consents.versions())
