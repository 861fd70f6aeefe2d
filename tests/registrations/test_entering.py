"""The staff registers somebody else: a guest, an expert, who stands at the entrance; nobody twice without looking."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.db import execute, fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import bind
from fairs.events.rules import Act, allows
from fairs.events.tables import EventState
from fairs.registrations.applying import Registered
from fairs.registrations.entering import services
from fairs.registrations.entering.forms import WalkInForm
from tests import factories, fair
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person
from tests.pages import form_of, main_of

HERE = "/organise/editions/fair/walk-ins"


def somebody(**given: Any) -> WalkInForm:
    return bind(WalkInForm, {"name_native": "王小明", "category": "visitor", **given}).value


@pytest.fixture
async def staff(db: None) -> Actor:
    event = await factories.event(slug="fair")
    return await make_actor("staff", email="gate@example.org", name="Gate", event_id=event)


async def test_a_name_and_a_category_are_enough_and_the_badge_is_offered(
    client: httpx.AsyncClient, staff: Actor
) -> None:
    await sign_in(client, staff)
    typed = form_of((await client.get(HERE)).text, HERE) | {"name_native": ["王小明"], "category": ["visitor"]}
    made = await post(client, HERE, typed)
    assert made.status_code == 303
    page = main_of((await client.get(made.headers["location"])).text)
    number = await fetchval("SELECT number FROM registration WHERE entered_by = $1", staff.account_id)
    assert f"/desk/{number}/print" in page
    assert "Registered here lately" in page
    badge = await client.get(f"/me/fairs/{number}/badge.pdf?download=false")
    assert badge.content.startswith(b"%PDF")
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 0
    assert (await post(client, f"/me/fairs/{number}/cancel", {"reason": "typed twice"})).headers["location"] == HERE


async def test_who_may_be_the_same_person_is_shown_before(client: httpx.AsyncClient, staff: Actor) -> None:
    event = staff.event_ids[0]
    there = await services.enter_person("fair", somebody(phone="+86 138 0013 8000", email="w@example.org"), by=staff)
    await sign_in(client, staff)
    for given in ({"name_passport": "Other", "name_native": "", "phone": "13800138000"}, {"name_native": "王小明"}):
        typed = {"category": "visitor", **given}
        asked = await post(client, HERE, typed)
        assert asked.status_code == 409
        assert f'href="/me/fairs/{there.number}/badge"' in asked.text
        assert await fetchval("SELECT count(*) FROM registration") == 1
    sure = form_of(asked.text, HERE)
    assert sure["seen"] != [""]
    assert (await post(client, HERE, sure)).status_code == 303
    assert await fetchval("SELECT count(*) FROM registration WHERE event = $1", event) == 2
    same = await post(client, HERE, {"category": "visitor", "name_native": "李", "email": "W@example.org", "seen": "x"})
    assert same.status_code == 409
    assert errors_in(same.text) == [f"This person is registered already: {there.number}"]
    assert "Register anyway" not in same.text
    own = await factories.registration(event, email="self@example.org", number="HN27-000999")
    assert (await client.get("/me/fairs/HN27-000999/badge")).status_code == 200, "the badge of anybody can be printed"
    assert (await client.get("/me/fairs/HN27-000999/cancel")).status_code == 404
    assert (await client.get("/registrations/HN27-000999/edit")).status_code == 404
    assert own


async def test_a_double_click_registers_once(staff: Actor) -> None:
    answers = await asyncio.gather(
        *(services.enter_person("fair", somebody(), by=staff) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, Registered) for answer in answers) == 1
    assert sum(isinstance(answer, services.Known) for answer in answers) == 4


async def test_the_staff_registers_while_the_event_runs_only(staff: Actor) -> None:
    assert [state for state in EventState if allows(state, Act.ENTER)] == [EventState.PUBLISHED, EventState.CLOSED]
    await execute("UPDATE event SET state = 'closed', registration_closes_at = now() - interval '1 day'")
    assert (await services.enter_person("fair", somebody(), by=staff)).state == "confirmed"
    organiser = await make_actor("organiser", email="o@example.org")
    await execute("UPDATE event SET state = 'draft'")
    with pytest.raises(NotFound):
        await services.enter_person("fair", somebody(name_native="李"), by=staff)
    with pytest.raises(Conflict) as refused:
        await services.enter_person("fair", somebody(name_native="李"), by=organiser)
    assert refused.value.code == "not_open"
    await execute("UPDATE event SET state = 'published', starts_at = $1, ends_at = $2", factories.PAST, clock.now())
    with pytest.raises(Conflict) as refused:
        await services.enter_person("fair", somebody(name_native="李"), by=staff)
    assert refused.value.code == "over"


async def test_places_are_counted_as_for_everybody(staff: Actor) -> None:
    await execute("UPDATE event SET capacity = 1")
    answers = await asyncio.gather(
        *(services.enter_person("fair", somebody(name_native=f"王{at}"), by=staff) for at in range(2))
    )
    assert sorted(answer.state for answer in answers) == ["confirmed", "waitlisted"]
    await execute("UPDATE event SET waiting_list = false")
    with pytest.raises(Conflict) as refused:
        await services.enter_person("fair", somebody(name_native="赵"), by=staff)
    assert refused.value.code == "full"


async def test_who_registers_where(client: httpx.AsyncClient, staff: Actor) -> None:
    unit = await factories.unit_id("410300")
    other = await factories.event(slug="other")
    part = await factories.event(slug="part", parent=staff.event_ids[0], unit=unit, kind="session")
    bureau = await make_actor("bureau", email="b@example.org", name="Bureau", unit_id=unit)
    organiser = await make_actor("organiser", email="o@example.org", name="Organiser")
    may = {staff: {"fair"}, bureau: {"part"}, organiser: {"fair", "other", "part"}}
    for actor, slugs in may.items():
        await sign_in(client, actor)
        for slug in ("fair", "other", "part"):
            answer = await client.get(f"/organise/editions/{slug}/walk-ins")
            assert answer.status_code == (200 if slug in slugs else 404), (actor.name, slug)
    assert (await services.enter_person("part", somebody(category="staff"), by=bureau)).state == "confirmed"
    with pytest.raises(Invalid):  # a badge that opens more doors is not for the gate to give
        await services.enter_person("fair", somebody(category="staff"), by=staff)
    assert other != part
    await sign_in(client, bureau)
    assert "/organise/editions/part/walk-ins" in (await client.get("/e/part")).text
    assert "walk-ins" not in (await client.get("/e/fair")).text
    await execute("DELETE FROM membership WHERE account = $1", staff.account_id)
    number = (await services.enter_person("fair", somebody(name_native="钱"), by=organiser)).number
    await execute("UPDATE registration SET entered_by = $1", staff.account_id)
    await sign_in(client, staff)
    assert (await client.get(f"/me/fairs/{number}/badge")).status_code == 404, "a former gate keeper sees nobody"


async def test_a_delegate_comes_for_an_employer_of_the_platform(staff: Actor) -> None:
    await factories.organisation(name_zh="河南大学", name_en="Henan University", search_key="河南大学 henan university")
    made = await services.enter_person("fair", somebody(category="employer", organisation="henan university"), by=staff)
    assert await fetchval("SELECT organisation IS NOT NULL FROM registration WHERE id = $1", made.id)
    assert await fetchval("SELECT organisation_name FROM registration WHERE id = $1", made.id) == "河南大学"
    for typed, said in (("河南", "Near: 河南大学"), ("Nobody's", "No approved employer"), ("", "No approved employer")):
        with pytest.raises(Invalid) as refused:
            await services.enter_person("fair", somebody(category="employer", organisation=typed), by=staff)
        assert said in str(refused.value.fields["organisation"][0])
    guest = await services.enter_person("fair", somebody(name_native="李", organisation="无此单位"), by=staff)
    assert await fetchval("SELECT organisation_name FROM registration WHERE id = $1", guest.id) == "无此单位"


async def test_sessions_are_chosen_with_their_seats(client: httpx.AsyncClient, staff: Actor) -> None:
    await factories.session(staff.event_ids[0], "forum", capacity=1)
    await sign_in(client, staff)
    typed = {"name_native": "王", "category": "visitor", "sessions": "forum"}
    assert (await post(client, HERE, typed)).status_code == 303
    full = await post(client, HERE, typed | {"name_native": "李"})
    assert full.status_code == 409
    assert "No place is left" in full.text
    assert await fetchval("SELECT count(*) FROM registration") == 1


async def test_people_without_an_address_never_collide(staff: Actor) -> None:
    for native in ("王", "李", "赵"):
        await services.enter_person("fair", somebody(name_native=native), by=staff)
    assert await fetchval("SELECT count(*) FROM registration WHERE email = '' AND talent IS NULL") == 3
    assert await fetchval("SELECT count(*) FROM badge") == 3


async def test_nobody_takes_a_category_alone_that_the_organiser_gives(db: None) -> None:
    from fairs.registrations import services as registrations

    event, candidate = await factories.event(), await make_actor("candidate")
    with pytest.raises(Invalid):
        await registrations.register(event, person(category="staff"), by=candidate)
    await execute("UPDATE event SET own_categories = '{visitor}'")
    with pytest.raises(Invalid):
        await registrations.register(event, person(), by=candidate)
    assert (await registrations.register(event, person(category="visitor"), by=candidate)).state == "confirmed"


async def test_a_program_registers_walk_ins_once(client: httpx.AsyncClient, staff: Actor) -> None:
    path, headers = "/api/v1/events/fair/walk-ins", await fair.bearer(staff)
    sent = {"name_native": "王小明", "category": "visitor"}
    key = headers | {"Idempotency-Key": "desk-1"}
    made, again = [await client.post(path, json=sent, headers=key) for _ in range(2)]
    assert (made.status_code, made.json()["state"], made.content) == (201, "confirmed", again.content)
    assert made.json()["badge_code"]
    maybe = await client.post(path, json=sent, headers=headers)
    assert (maybe.status_code, maybe.json()["code"]) == (409, "maybe_registered")
    assert maybe.json()["numbers"] == [made.json()["number"]]
    sure = await client.post(path, json=sent | {"confirm": maybe.json()["confirm"]}, headers=headers)
    assert sure.status_code == 201
    wrong = await client.post(path, json={"category": "visitor"}, headers=headers)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["name_native"])
    await factories.event(slug="other")
    assert (await client.post("/api/v1/events/other/walk-ins", json=sent, headers=headers)).status_code == 404
    assert await fetchval("SELECT count(*) FROM registration") == 2
    late = clock.now() - timedelta(days=1)
    await execute("UPDATE event SET registration_closes_at = $1", late)
    assert (await client.post(path, json=sent | {"name_native": "李"}, headers=headers)).status_code == 201
