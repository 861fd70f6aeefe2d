import asyncio
import json
from datetime import date
from functools import partial
from typing import Any

import pytest

from fairs.core import db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import parse
from fairs.talents import consents, services
from fairs.talents.forms import ProfileForm
from fairs.talents.queries import talent_for, talent_of
from fairs.talents.rules import View
from tests import factories
from tests.cast import make_actor
from tests.fair import both_want

pytestmark = pytest.mark.usefixtures("db")


def form(**given: Any) -> ProfileForm:
    return parse(ProfileForm, {"name_passport": "Maria Fernandez", **given})


async def jobs() -> list[dict[str, int]]:
    rows = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", services.ENCODE)
    return [json.loads(row["payload"]) for row in rows]


async def test_save_profile_with_only_a_name_makes_a_private_profile() -> None:
    alice = await make_actor("candidate")
    talent_id = await services.save_profile(form(), by=alice)
    row = await talent_of(alice)
    assert row is not None
    assert (row.id, row.email, row.visibility, row.consent_version) == (
        talent_id,
        "alice@example.org",
        "private",
        "",
    )
    assert await jobs() == [{"talent": talent_id}]


async def test_save_profile_stores_every_field_and_a_key_in_pinyin() -> None:
    alice = await make_actor("candidate")
    await services.save_profile(
        form(
            name_native="李明",
            nationality="DE",
            phone="+8613800138000",
            degree="doctor",
            discipline="0812",
            skills="深度学习，CT",
            summary="研究医学影像的深度学习方法。",
            languages=["zh", "en"],
            engagement=["full_time", "project"],
            cities=["410100"],
            available_from="2099-01-01",
            pay_min="40",
        ),
        by=alice,
    )
    row = await talent_of(alice)
    assert row is not None
    stored = {
        name: getattr(row, name)
        for name in ("phone", "skills", "summary_lang", "languages", "engagement", "cities", "pay_min")
    }
    assert stored == {
        "phone": "+86 138 0013 8000",
        "skills": ["深度学习", "CT"],
        "summary_lang": "zh",
        "languages": ["zh", "en"],
        "engagement": ["full_time", "project"],
        "cities": ["410100"],
        "pay_min": 40,
    }
    assert row.available_from == date(2099, 1, 1)
    for typed in ("maria", "李明", "liming", "lm", "jisuanji", "计算机", "computer", "shenduxuexi"):
        assert typed in row.search_key, typed


async def test_showing_a_profile_needs_the_consent_and_keeps_its_version_and_time() -> None:
    alice = await make_actor("candidate")
    with pytest.raises(Invalid) as refused:
        await services.save_profile(form(visibility="employers"), by=alice)
    assert list(refused.value.fields) == ["consent"]
    assert await talent_of(alice) is None
    await services.save_profile(form(visibility="matched", consent="on"), by=alice)
    first = await talent_of(alice)
    assert first is not None
    assert first.consent_version == consents.current().version
    assert first.consent_at is not None
    await services.save_profile(form(visibility="matched", headline="New"), by=alice)
    second = await talent_of(alice)
    assert second is not None
    assert second.consent_at == first.consent_at
    with pytest.raises(Invalid):
        await services.save_profile(form(visibility="employers"), by=alice)


async def test_withdrawing_hides_at_once_and_leaves_its_trace() -> None:
    alice = await make_actor("candidate")
    await services.save_profile(form(visibility="employers", consent="on"), by=alice)
    await services.withdraw_consent(by=alice)
    await services.withdraw_consent(by=alice)
    row = await talent_of(alice)
    assert row is not None
    assert (row.visibility, row.consent_version, row.consent_at) == ("private", "", None)
    actions = await db.fetch("SELECT action FROM audit_entry WHERE object_kind = 'talent' ORDER BY id")
    assert [action["action"] for action in actions] == [
        "talent.create",
        "talent.consent_give",
        "talent.save",
        "talent.consent_withdraw",
    ]


async def test_ensure_talent_twenty_at_once_makes_one_profile() -> None:
    found = await asyncio.gather(
        *(services.ensure_talent(email="New@Example.org", name_passport="New Person") for _ in range(20))
    )
    assert len(set(found)) == 1
    row = await db.fetchrow("SELECT email, name_passport, account FROM talent")
    assert row is not None
    assert tuple(row) == ("new@example.org", "New Person", None)
    assert len(await jobs()) == 1


async def test_ensure_talent_fills_gaps_of_an_unopened_profile_only() -> None:
    first = await services.ensure_talent(email="a@example.org", name_passport="Anna")
    second = await services.ensure_talent(email="a@example.org", name_passport="Other", nationality="DE")
    third = await services.ensure_talent(email="a@example.org", name_passport="Other", nationality="FR")
    row = await db.fetchrow("SELECT name_passport, nationality FROM talent")
    assert row is not None
    assert (first == second == third, tuple(row)) == (True, ("Anna", "DE"))


async def test_ensure_talent_never_changes_a_profile_that_somebody_keeps() -> None:
    alice = await make_actor("candidate")
    talent_id = await services.save_profile(form(), by=alice)
    assert await services.ensure_talent(email=alice.email, name_passport="X", nationality="DE") == talent_id
    row = await talent_of(alice)
    assert row is not None
    assert (row.name_passport, row.nationality) == ("Maria Fernandez", "")


async def test_ensure_talent_links_the_account_that_acts_or_has_proved_its_address() -> None:
    alice = await make_actor("candidate", proved=False)
    bob = await make_actor("candidate", email="bob@example.org", proved=False)
    carol = await make_actor("candidate", email="carol@example.org")
    await services.ensure_talent(email=alice.email, name_passport="Alice", by=alice)
    await services.ensure_talent(email=bob.email, name_passport="Bob")
    await services.ensure_talent(email=carol.email, name_passport="Carol")
    linked = await db.fetch("SELECT email, account FROM talent ORDER BY email")
    assert [tuple(row) for row in linked] == [
        ("alice@example.org", alice.account_id),
        ("bob@example.org", None),
        ("carol@example.org", carol.account_id),
    ]


async def test_a_profile_made_by_a_registration_opens_only_to_a_proved_address() -> None:
    await services.ensure_talent(email="alice@example.org", name_passport="Alice", phone="+49 30 901820")
    alice = await make_actor("candidate", proved=False)
    with pytest.raises(Conflict):
        await services.save_profile(form(), by=alice)
    assert await talent_of(alice) is None
    await db.execute("UPDATE account SET email_confirmed_at = now() WHERE id = $1", alice.account_id)
    await services.save_profile(form(), by=alice)
    assert await db.fetchval("SELECT count(*) FROM talent WHERE account = $1", alice.account_id) == 1


async def test_two_first_saves_at_once_make_one_profile() -> None:
    alice = await make_actor("candidate")
    found = await asyncio.gather(*(services.save_profile(form(), by=alice) for _ in range(5)))
    assert len(set(found)) == 1


async def test_import_talent_twice_updates_the_same_profile() -> None:
    unit = await factories.unit_id()
    bring = partial(services.import_talent, email="Demo@example.org", unit_id=unit, demo=True)
    first = await bring(form(visibility="employers", consent="on"))
    second = await bring(form(visibility="employers", headline="Later"))
    row = await db.fetchrow("SELECT email, unit, demo, headline, visibility FROM talent")
    assert row is not None
    assert (first == second, tuple(row)) == (True, ("demo@example.org", unit, True, "Later", "employers"))


async def test_talent_for_shows_contact_only_after_both_sides_said_yes() -> None:
    event, organisation = await factories.event(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    talent = await factories.talent(visibility="employers", phone="+49 30 901820")
    before = await talent_for(boss, talent)
    assert (before.view, before.email, before.phone) == (View.PROFILE, "", "")
    await factories.preference(event, talent, listing, "employer")
    assert (await talent_for(boss, talent)).view == View.PROFILE
    await factories.preference(event, talent, listing, "talent")
    after = await talent_for(boss, talent)
    assert (after.view, after.phone) == (View.CONTACT, "+49 30 901820")


async def test_talent_for_hides_matched_profiles_from_employers_without_a_match() -> None:
    event, organisation, other = await factories.event(), await factories.organisation(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    rival = await make_actor("employer", email="rival@example.org", organisation_id=other)
    talent = await factories.talent(visibility="matched")
    with pytest.raises(NotFound):
        await talent_for(boss, talent)
    await both_want(event, talent, listing)
    assert (await talent_for(boss, talent)).view == View.CONTACT
    with pytest.raises(NotFound):
        await talent_for(rival, talent)


async def test_talent_for_refuses_employers_that_are_not_approved() -> None:
    organisation = await factories.organisation(state="pending")
    boss = await make_actor("employer", email="boss@example.org", organisation_id=organisation)
    with pytest.raises(NotFound):
        await talent_for(boss, await factories.talent(visibility="employers"))


async def test_talent_for_bureaus_is_their_own_people_and_whoever_is_not_private() -> None:
    luoyang = await factories.unit_id("410300")
    bureau = await make_actor("bureau", email="ly@example.org", unit_id=luoyang)
    own = await factories.talent(visibility="private", unit=luoyang)
    other = await factories.talent(visibility="private", unit=await factories.unit_id())
    shown = await factories.talent(visibility="matched")
    assert (await talent_for(bureau, own)).view == View.CONTACT
    assert (await talent_for(bureau, shown)).view == View.PROFILE
    with pytest.raises(NotFound):
        await talent_for(bureau, other)
