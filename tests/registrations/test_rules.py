import re
from datetime import UTC, datetime

import pytest

from fairs.core.errors import Invalid
from fairs.paths import PACKAGE
from fairs.registrations import rules
from fairs.registrations.forms import parse_call


@pytest.mark.parametrize(
    ("slug", "year", "prefix"), [("hnzcyz-2018", 2018, "HN18"), ("z", 2026, "ZX26"), ("2018", 2009, "XX09")]
)
def test_number_prefix_names_event_and_year(slug: str, year: int, prefix: str) -> None:
    assert rules.number_prefix(slug, datetime(year, 10, 27, tzinfo=UTC)) == prefix
    assert rules.is_number(f"{prefix}-000123")


@pytest.mark.parametrize("text", ["", "HN18", "hn18-000123", "HN18-12", "HN18-000123\x00", "HN18-000123 OR 1=1"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert not rules.is_number(text)


def test_call_names_every_error_of_envelope_and_person() -> None:
    with pytest.raises(Invalid) as refused:
        parse_call({"event": "x", "category": "king", "sessions": "a", "person": {"email": "no", "nationality": "zz"}})
    assert sorted(refused.value.fields) == ["category", "person.email", "person.name_passport", "person.nationality"]


@pytest.mark.parametrize("body", [{}, {"event": "x"}, {"event": "x", "person": None}, {"event": "x", "person": ["a"]}])
def test_call_without_a_person_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_call(body)
    assert "person" in refused.value.fields


def test_call_with_the_least_is_a_candidate() -> None:
    slug, form = parse_call(
        {"event": "x", "person": {"email": "A@b.org", "name_passport": "Li  Na", "nationality": "cn"}}
    )
    assert (slug, form.category, form.name_passport, form.nationality, form.lang) == (
        "x",
        "candidate",
        "Li Na",
        "CN",
        "zh",
    )


def test_ended_states_in_sql_are_the_ended_states() -> None:
    assert set(re.findall(r"\w+", rules.ENDED_STATES)) == rules.ENDED
    written = [
        f"{path.name}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if all(f"'{state}'" in line for state in rules.ENDED)
    ]
    assert sorted(place.split(":")[0] for place in written) == ["rules.py"], written
