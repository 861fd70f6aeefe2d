"""Which texts mention a person, and which only look like it."""

import json

import pytest

from fairs.core import db, personal
from fairs.core.personal import Person

WHO = Person(
    emails=("ann.o'hara@example.org",),
    words=("Ann O'Hara", "Ann", "安欧", "+49 30 901820", "True", "110101", "x(y)|z \\d"),
)


async def emptied(text: str, pattern: str) -> str:
    return str(await db.fetchval("SELECT regexp_replace($1, $2, '***', 'gi')", text, pattern))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Dear Ann O'Hara,", "Dear ***,"),
        ("Dear ANN  O'HARA,", "Dear ***,"),
        ("<p>Ann O&#39;Hara</p>", "<p>***</p>"),
        ("会见安欧女士", "会见***女士"),
        ("call 0049 30 901820 or +49 (30) 901-820", "call 00*** or ***"),
        ("ann.o'hara@example.org, joann.o'hara@example.org", "***, joann.o'hara@example.org"),
        ("Ann is a word, Joann O'Harap too; No. 110101; true", "Ann is a word, Joann O'Harap too; No. 110101; true"),
        ("x(y)|z \\d", "***"),
    ],
)
async def test_full_names_numbers_and_addresses_are_found(db: None, text: str, left: str) -> None:
    assert await emptied(text, personal.pattern(WHO)) == left


async def test_json_stays_json(db: None) -> None:
    entry = json.dumps({"name": "Ann", "ok": True, "rows": 4930901820, "phone": "+49 30 901820", "code": 110101})
    left = json.loads(await emptied(entry, personal.pattern(WHO, every=True, json=True)))
    assert left == {"name": "***", "ok": True, "rows": 4930901820, "phone": "***", "code": 110101}


async def test_nobody_is_found_nowhere(db: None) -> None:
    for pattern in (personal.pattern(Person()), personal.exact(Person(words=("Ann",)))):
        assert await emptied("Ann, anything at all", pattern) == "Ann, anything at all"
