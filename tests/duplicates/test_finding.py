"""Who is compared with whom, and what is remembered."""

from datetime import timedelta

import pytest

from fairs.core import db
from fairs.core.db import fetch
from fairs.duplicates import finding
from fairs.registrations import phones
from fairs.registrations import services as registrations
from fairs.talents import phones as talent_phones
from tests import factories
from tests.cast import make_actor
from tests.fair import candidate, person
from tests.registrations.asking import published

pytestmark = pytest.mark.usefixtures("db")


async def found() -> dict[tuple[int, int], list[str]]:
    await finding.find()
    rows = await fetch("SELECT one, other, reasons FROM duplicate_pair WHERE state = 'open'")
    return {(row["one"], row["other"]): row["reasons"] for row in rows}


async def test_profiles_and_registrations_are_compared_with_all_that_is_known() -> None:
    boss, event = await make_actor("organiser"), await factories.event()
    number = talent_phones.seal("+86 138 0000 1111")
    profile = await factories.talent(name_passport="Wang Xiaoming", nationality="CN", phone=number)
    other = await factories.talent(name_passport="Li Na", nationality="CN", summary="ORCID 0000-0002-1825-0097")
    third = await factories.talent(name_passport="LI Na", nationality="CN", headline="0000-0002-1825-0097", summary="")
    form = person(1, name_passport="", name_native="王晓明", phone="138 0000 1111")
    entered = (await registrations.register(event, form, by=boss)).id
    assert phones.opened(await db.fetchval("SELECT phone FROM registration WHERE id = $1", entered))
    pairs = await found()
    assert pairs[-entered, profile] == ["phone", "script"]
    assert pairs[other, third] == ["orcid", "name", "place"]
    assert len(pairs) == 2


async def test_the_date_of_birth_comes_from_the_answers() -> None:
    slug = "fair-of-births"
    event = await factories.event(slug=slug)
    form = await published({"key": "birth", "kind": "date"}, slug=slug)
    people = [await candidate(f"{name}@example.org", "Maria Fernandez", institution=name) for name in "ab"]
    for who in people:
        made = await registrations.register(
            event, person(email=who.actor.email, name_passport="Maria Fernandez"), by=who.actor
        )
        await db.execute(
            'INSERT INTO registration_answers (registration, version, given) SELECT $1, id, \'{"birth": "1980-05-01"}\''
            " FROM registration_form_version WHERE form = $2",
            made.id,
            form,
        )
    pairs = await found()
    assert pairs == {(people[0].talent, people[1].talent): ["name", "birth"]}


async def test_a_pair_that_is_no_more_goes_and_one_told_apart_stays() -> None:
    one, other, third = [await factories.talent(name_passport="Maria Fernandez") for _ in range(3)]
    assert set(await found()) == {(one, other), (one, third), (other, third)}
    await db.execute("UPDATE duplicate_pair SET state = 'apart' WHERE one = $1 AND other = $2", one, other)
    await db.execute("UPDATE talent SET name_passport = 'Nobody Like Her' WHERE id = $1", third)
    assert await found() == {}
    assert await db.fetchval("SELECT count(*) FROM duplicate_pair") == 1
    assert await found() == {}, "a second run changes nothing"


async def test_forgotten_and_closed_people_and_past_fairs_are_left_out() -> None:
    await factories.talent(name_passport="***")
    await factories.talent(name_passport="***")
    for number in range(2):
        await factories.talent(name_passport="Maria Fernandez", email=f"closed-{number}@invalid")
    past = await factories.event(starts_at=factories.PAST, ends_at=factories.PAST + timedelta(hours=8))
    for number in range(2):
        await factories.registration(
            past, name_passport="Maria Fernandez", organisation_name="UPC", email=f"{number}@x.org"
        )
    assert await found() == {}
