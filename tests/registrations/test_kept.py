"""What a desk entered without a network: sent as often as it takes, stored once; somebody who is known is settled."""

import asyncio
import uuid
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core.db import fetch, fetchval
from fairs.registrations.entering import services
from tests import factories
from tests.cast import make_actor, sign_in
from tests.pages import main_of
from tests.registrations.test_entering import somebody

HERE = "/organise/editions/fair/walk-ins/kept"
FIELDS = {"name_native": "王小明", "category": "visitor", "sessions": [], "days": []}


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> Actor:
    event = await factories.event(slug="fair")
    staff = await make_actor("staff", email="gate@example.org", name="Gate", event_id=event)
    await sign_in(client, staff)
    return staff


async def _send(client: httpx.AsyncClient, key: str, /, **given: Any) -> httpx.Response:
    page = await client.get("/organise/editions/fair/walk-ins")
    assert page.status_code == 200
    body = {"slip": "W-7KQ4M", "at": "2026-11-28T09:00:00Z", "seen": "", "same": "", "fields": FIELDS, **given}
    token = client.cookies["csrftoken"]
    return await client.post(HERE, json=body, headers={"idempotency-key": key, "x-csrftoken": token})


async def test_sent_twice_it_is_stored_once_and_the_slip_finds_the_person(
    client: httpx.AsyncClient, staff: Actor
) -> None:
    key = str(uuid.uuid4())
    first = (await _send(client, key)).json()
    assert (first["outcome"], first["again"], first["waiting"]) == ("registered", False, False)
    again = (await _send(client, key)).json()
    assert (again["number"], again["again"]) == (first["number"], True)
    assert await fetchval("SELECT count(*) FROM registration") == 1
    assert await fetchval("SELECT entered_by FROM registration") == staff.account_id
    desk = await client.get("/organise/editions/fair/desk", params={"q": "w-7kq4m"})
    assert first["number"] in main_of(desk.text)
    nobody = await client.get("/organise/editions/fair/desk", params={"q": "W-00000"})
    assert "Nobody is found" in nobody.text


async def test_the_same_entry_at_the_same_time_is_stored_once(client: httpx.AsyncClient, staff: Actor) -> None:
    key = str(uuid.uuid4())
    answers = await asyncio.gather(*(_send(client, key) for _ in range(5)))
    assert {answer.json()["outcome"] for answer in answers} == {"registered"}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert sorted(answer.json()["again"] for answer in answers) == [False, *[True] * 4]


async def test_somebody_registered_meanwhile_is_settled(client: httpx.AsyncClient, staff: Actor) -> None:
    there = await services.enter_person("fair", somebody(), by=staff)
    key = str(uuid.uuid4())
    known = (await _send(client, key)).json()
    assert (known["outcome"], [one["number"] for one in known["people"]]) == ("known", [there.number])
    assert known["seen"]
    assert await fetchval("SELECT count(*) FROM desk_entry") == 0, "nothing is stored of what is not settled"
    same = (await _send(client, key, same=there.number)).json()
    assert (same["outcome"], same["number"]) == ("registered", there.number)
    other = (await _send(client, str(uuid.uuid4()), slip="W-7KQ4N", seen=known["seen"])).json()
    assert other["outcome"] == "registered"
    assert other["number"] != there.number
    assert await fetchval("SELECT count(*) FROM registration") == 2
    [entry] = await fetch("SELECT after FROM audit_entry WHERE action = 'registration.slip'")
    assert "W-7KQ4M" in entry["after"]
    mail = FIELDS | {"name_native": "李雷", "email": "lei@example.org"}
    assert (await _send(client, str(uuid.uuid4()), fields=mail)).json()["outcome"] == "registered"
    certain = (await _send(client, str(uuid.uuid4()), fields=mail | {"name_native": "别人"})).json()
    assert (certain["outcome"], certain["seen"]) == ("known", "")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"slip": "W-IIIII"}, 422),
        ({"at": "yesterday"}, 422),
        ({"fields": {"category": "visitor"}}, 200),
        ({"fields": {"name_native": "王", "category": "boss"}}, 200),
        ({"fields": ["x"]}, 200),
        ({"same": "HN00-000000"}, 404),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_stored(
    client: httpx.AsyncClient, staff: Actor, given: dict[str, Any], status: int
) -> None:
    answer = await _send(client, str(uuid.uuid4()), **given)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["outcome"] == "refused"
        assert answer.json()["messages"]
    assert await fetchval("SELECT count(*) FROM desk_entry") == 0
    assert (await _send(client, "no uuid")).status_code == 422


async def test_the_kept_page_has_the_form_and_nobody(client: httpx.AsyncClient, staff: Actor) -> None:
    await services.enter_person("fair", somebody(), by=staff)
    page = await client.get(HERE)
    assert page.status_code == 200
    assert "王小明" not in page.text
    assert 'name="name_native"' in page.text
    worker = await client.get("/desk-worker.js")
    assert worker.headers["service-worker-allowed"] == "/organise/editions/"
    await sign_in(client, await make_actor("candidate", email="c@example.org"))
    assert (await client.get(HERE)).status_code == 403
