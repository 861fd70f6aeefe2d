"""Who may have registered twice is told at the earlier address, and nobody else learns of it."""

from datetime import timedelta
from typing import Any

import pytest

from fairs.core import clock, db
from fairs.duplicates import telling
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import make_actor
from tests.fair import Candidate, candidate, person

pytestmark = pytest.mark.usefixtures("db")
PHONE = "+86 138 0000 1111"


async def told() -> list[str]:
    await telling.tell()
    rows = await db.fetch("SELECT to_email FROM outgoing_mail WHERE kind = 'maybe_registered_twice' ORDER BY id")
    return [row["to_email"] for row in rows]


async def test_the_earlier_address_is_told_once_and_of_no_address() -> None:
    event = await factories.event()
    first, second = await candidate("first@example.org"), await candidate("second@example.org")
    named: list[tuple[Candidate, dict[str, Any]]] = [
        (first, {"name_native": "王晓明", "name_passport": ""}),
        (second, {"name_passport": "Wang Xiaoming"}),
    ]
    for who, name in named:
        form = person(email=who.actor.email, phone=PHONE, **name)
        await registrations.register(event, form, by=who.actor)
    assert await told() == ["first@example.org"]
    assert await told() == ["first@example.org"], "a second run writes no second mail"
    mail = await db.fetchrow("SELECT * FROM outgoing_mail WHERE kind = 'maybe_registered_twice'")
    assert mail is not None
    assert "second@example.org" not in str(dict(mail))
    assert "/me/fairs" in mail["body_text"]


async def test_a_namesake_is_told_nothing() -> None:
    event = await factories.event()
    for name, phone in (("a", PHONE), ("b", "+86 139 2222 3333")):
        who = await candidate(f"{name}@example.org")
        await registrations.register(
            event, person(email=who.actor.email, name_native="王伟", phone=phone), by=who.actor
        )
    assert await told() == []


async def test_only_who_registered_just_now_and_alone_and_for_the_same_event() -> None:
    boss, event, other = await make_actor("organiser"), await factories.event(), await factories.event()
    same: dict[str, Any] = {"name_passport": "Wang Xiaoming", "phone": PHONE}
    await registrations.register(event, person(email="first@example.org", **same), by=boss)
    await registrations.register(event, person(email="second@example.org", **same), by=boss)
    assert await told() == [], "the staff knows what it does"
    who = await candidate("third@example.org")
    await registrations.register(other, person(email=who.actor.email, **same), by=who.actor)
    assert await told() == []
    made = await registrations.register(event, person(email=who.actor.email, **same), by=who.actor)
    await db.execute("UPDATE registration SET created_at = $2 WHERE id = $1", made.id, clock.now() - timedelta(hours=1))
    assert await told() == []
