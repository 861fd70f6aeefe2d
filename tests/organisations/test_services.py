import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fairs.accounts.actor import SYSTEM
from fairs.accounts.attempts import Caller
from fairs.accounts.queries import actor_by_id
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchrow, fetchval
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.organisations import queries, services
from fairs.organisations.forms import DecisionForm, DetailsForm, JoinForm, OrganisationForm
from tests import factories, mails
from tests.cast import make_actor

APPROVE = DecisionForm(decision="approve")
REJECT = DecisionForm(decision="reject", note="证照上的名称不同\n请核对")


def form(**given: Any) -> JoinForm:
    values = {
        "uscc": factories.uscc(1),
        "name_zh": "洛阳轴研科技",
        "name_en": "Luoyang Bearing & Tools",
        "kind": "state_firm",
        "unit": "410300",
        "industry": "C34",
        "contact_name": "李工",
        "contact_phone": "0379-6488 0000",
        "account_name": "Li Wei",
        "email": "Li@example.org",
        "password": "a sentence of mine",
    }
    return JoinForm(**(values | given))


def entry(**given: Any) -> OrganisationForm:
    joined = form(**given)
    return OrganisationForm(**{name: getattr(joined, name) for name in OrganisationForm.__struct_fields__})


async def test_joining_makes_account_organisation_membership_and_mail(db: None) -> None:
    joined = await services.register_organisation(form(), caller=Caller("10.0.0.1"))
    actor = await actor_by_id(joined.account_id)
    assert actor is not None
    assert (actor.email, actor.roles, actor.organisation_ids) == (
        "li@example.org",
        frozenset({"employer"}),
        [joined.organisation_id],
    )
    organisation = await queries.organisation_of(actor)
    assert (organisation.state, organisation.unit_code) == ("pending", "410300")
    assert "luoyangzhouyankeji" in organisation.search_key
    mail = await fetchrow("SELECT kind, to_email, subject, body_text FROM outgoing_mail WHERE state = 'held'")
    assert mail is not None
    assert (mail["kind"], mail["to_email"]) == ("organisation_received", "li@example.org")
    assert mail["subject"] == "Your registration of Luoyang Bearing & Tools has arrived"
    assert "Luoyang Bearing & Tools" in mail["body_text"]


async def test_same_code_twice_asks_for_an_invitation_and_leaves_nothing(db: None) -> None:
    await services.register_organisation(form(), caller=Caller())
    with pytest.raises(Invalid) as refused:
        await services.register_organisation(form(email="other@example.org"), caller=Caller())
    assert refused.value.fields == {"uscc": [services.USCC_TAKEN]}
    assert await fetchval("SELECT count(*) FROM account") == 1


async def test_same_address_twice_leaves_nothing(db: None) -> None:
    await services.register_organisation(form(), caller=Caller())
    with pytest.raises(Invalid) as refused:
        await services.register_organisation(form(uscc=factories.uscc(2)), caller=Caller())
    assert list(refused.value.fields) == ["email"]
    assert await fetchval("SELECT count(*) FROM organisation") == 1


async def test_wrong_code_is_refused_by_the_service_too(db: None) -> None:
    with pytest.raises(Invalid) as refused:
        await services.create_organisation(entry(uscc="91110000600037341A"), by=SYSTEM)
    assert list(refused.value.fields) == ["uscc"]


async def test_bureau_sees_its_own_units_only_and_the_province_all(db: None) -> None:
    luoyang = await make_actor("bureau", unit_id=await factories.unit_id("410300"))
    zhengzhou = await make_actor("bureau", email="bob@example.org", unit_id=await factories.unit_id("410100"))
    province = await make_actor("organiser", email="carol@example.org")
    organisation_id = await services.create_organisation(entry(), by=SYSTEM)
    for actor, count in ((luoyang, 1), (zhengzhou, 0), (province, 1)):
        assert (await queries.organisations_page(actor)).total == count
        assert (await queries.state_counts(actor))["pending"] == count
    with pytest.raises(NotFound):
        await services.decide_organisation(organisation_id, APPROVE, by=zhengzhou)
    with pytest.raises(NotFound):
        await queries.organisation_for(zhengzhou, organisation_id)
    assert (await queries.organisation_for(luoyang, organisation_id)).id == organisation_id


async def test_search_understands_pinyin_initials_code_and_wildcards(db: None) -> None:
    province = await make_actor("organiser")
    await services.create_organisation(entry(), by=SYSTEM)
    for q in ("luoyang", "lyzykj", "轴研", "bearing & t", "LI GONG", factories.uscc(1)[:12].lower()):
        assert (await queries.organisations_page(province, q=q)).total == 1, q
    for q in ("kaifeng", "%", "_____", "\\"):
        assert (await queries.organisations_page(province, q=q)).total == 0, q


async def test_those_who_wait_come_first_and_longest(db: None) -> None:
    province = await make_actor("organiser")
    now = clock.now()
    await factories.organisation(name_zh="旧", state="approved", created_at=now - timedelta(days=9))
    await factories.organisation(name_zh="新", state="approved", created_at=now)
    await factories.organisation(name_zh="晚", state="pending", created_at=now - timedelta(hours=1))
    await factories.organisation(name_zh="早", state="pending", created_at=now - timedelta(days=1))
    page = await queries.organisations_page(province)
    assert [row.name_zh for row in page.rows] == ["早", "晚", "新", "旧"]
    assert await queries.state_counts(province) == {"": 4, "pending": 2, "approved": 2, "rejected": 0}


async def test_decided_once_with_a_mail_to_each_member(db: None) -> None:
    bureau = await make_actor("bureau", name="洛阳市局", unit_id=await factories.unit_id("410300"))
    organisation_id = await services.create_organisation(entry(), by=SYSTEM)
    await make_actor("employer", email="li@example.org", organisation_id=organisation_id)
    await make_actor("employer", email="wang@example.org", organisation_id=organisation_id, lang="zh")
    await services.decide_organisation(organisation_id, REJECT, by=bureau)
    with pytest.raises(Conflict) as refused:
        await services.decide_organisation(organisation_id, APPROVE, by=bureau)
    assert refused.value.code == "decided_already"
    organisation = await queries.organisation_by_id(organisation_id)
    assert (organisation.state, organisation.decided_by_name) == ("rejected", "洛阳市局")
    mails = await fetch("SELECT to_email, lang, subject, body_text FROM outgoing_mail ORDER BY to_email")
    assert [(mail["to_email"], mail["lang"]) for mail in mails] == [
        ("li@example.org", "en"),
        ("wang@example.org", "zh"),
    ]
    assert mails[1]["subject"] == "洛阳轴研科技的登记申请需补正"
    assert all("证照上的名称不同" in mail["body_text"] for mail in mails)


async def test_two_who_decide_at_once_make_one_decision(db: None) -> None:
    bureau = await make_actor("bureau", unit_id=await factories.unit_id("410300"))
    organisation_id = await services.create_organisation(entry(), by=SYSTEM)
    tries = [services.decide_organisation(organisation_id, answer, by=bureau) for answer in (APPROVE, REJECT)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in found) == ["Conflict", "NoneType"]


async def test_refused_and_corrected_waits_again(db: None) -> None:
    bureau = await make_actor("bureau", unit_id=await factories.unit_id("410300"))
    joined = await services.register_organisation(form(), caller=Caller())
    member = await actor_by_id(joined.account_id)
    assert member is not None
    await services.decide_organisation(joined.organisation_id, REJECT, by=bureau)
    await services.update_organisation(joined.organisation_id, entry(name_zh="洛阳轴承研究所"), by=member)
    organisation = await queries.organisation_by_id(joined.organisation_id)
    assert (organisation.state, organisation.name_zh) == ("pending", "洛阳轴承研究所")
    assert "luoyangzhouchengyanjiusuo" in organisation.search_key


async def test_what_the_bureau_approved_stays(db: None) -> None:
    joined = await services.register_organisation(form(), caller=Caller())
    member = await actor_by_id(joined.account_id)
    assert member is not None
    await services.decide_organisation(joined.organisation_id, APPROVE, by=SYSTEM)
    changed = entry(uscc=factories.uscc(9), name_zh="别的", unit="410100", name_en="New name")
    await services.update_organisation(joined.organisation_id, changed, by=member)
    row = await queries.organisation_by_id(joined.organisation_id)
    assert (row.uscc, row.name_zh, row.unit_code) == (factories.uscc(1), "洛阳轴研科技", "410300")
    assert (row.name_en, row.state) == ("New name", "approved")


async def test_stranger_cannot_edit(db: None) -> None:
    mine, theirs = await factories.organisation(), await factories.organisation()
    stranger = await make_actor("employer", organisation_id=mine)
    with pytest.raises(NotFound):
        await services.update_organisation(theirs, DetailsForm(contact_name="x"), by=stranger)


async def test_decision_is_undone_within_ten_minutes_and_the_members_are_told(db: None) -> None:
    joined = await services.register_organisation(form(), caller=Caller("10.0.0.1"))
    number = joined.organisation_id
    luoyang = await factories.unit_id("410300")
    bureau = await make_actor("bureau", unit_id=luoyang)
    colleague = await make_actor("bureau", email="colleague@example.org", unit_id=luoyang)
    with pytest.raises(Conflict):
        await services.undo_decision(number, reason="the wrong one", by=bureau)
    await services.decide_organisation(number, APPROVE, by=bureau)
    with pytest.raises(Forbidden):
        await services.undo_decision(number, reason="the wrong one", by=colleague)
    with pytest.raises(Invalid):
        await services.undo_decision(number, reason="", by=bureau)
    await services.undo_decision(number, reason="the wrong one", by=bureau)
    found = await queries.organisation_by_id(number)
    assert (found.state, found.decided_by, found.decided_at) == ("pending", None, None)
    assert "the wrong one" in await mails.text_of("li@example.org", kind="organisation_reopened")
    await services.decide_organisation(number, REJECT, by=bureau)
    await execute("UPDATE organisation SET decided_at = now() - interval '11 minutes'")
    with pytest.raises(Conflict) as refused:
        await services.undo_decision(number, reason="too late", by=bureau)
    assert refused.value.code == "too_late"
