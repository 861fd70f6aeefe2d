import asyncio
import json
from datetime import date
from typing import Any

import pytest

from fairs.core import db
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import parse
from fairs.talents import consents, services
from fairs.talents.forms import ProfileForm
from fairs.talents.queries import talent_of
from tests.cast import make_actor

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


async def test_a_profile_without_an_account_opens_only_to_a_proved_address() -> None:
    await db.execute(
        "INSERT INTO talent (email, name_passport, phone) VALUES ('alice@example.org', 'Alice', '+49 30 901820')"
    )
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
