"""Many badges handed out in few steps: by scanning alone, or an organisation's together; undone the same way."""

import asyncio

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.registrations import services as registrations
from tests import factories
from tests.badges.test_desk import ROOT, _open, _valid
from tests.cast import make_actor, post, sign_in
from tests.fair import person
from tests.keyboards import typed

PAGE = f"{ROOT}/hand-out"
HANDED = (
    "SELECT r.number FROM badge b JOIN registration r ON r.id = b.registration WHERE b.handed_at IS NOT NULL ORDER BY 1"
)


async def handed() -> list[str]:
    return [row["number"] for row in await database.fetch(HANDED)]


async def test_scanned_badge_is_handed_out_at_once_and_only_once(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    [code] = await _valid(made)
    answer = await post(client, f"{PAGE}/scan", {"code": code.lower()})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert await handed() == [made.number]
    assert "欧阳娜" in (await client.get(PAGE)).text
    again = await post(client, f"{PAGE}/scan", {"code": code})
    assert (again.status_code, "handed out already" in again.text) == (409, True)
    for wrong in ("", "nothing", code[:60] + code[60:][::-1], made.number):
        assert (await post(client, f"{PAGE}/scan", {"code": wrong})).status_code == 409, wrong


@pytest.mark.parametrize("keyboard", ["QWERTZ", "AZERTY", "ЙЦУКЕН"])
async def test_badge_is_handed_out_whatever_the_keyboard_of_the_scanner(
    client: httpx.AsyncClient, keyboard: str
) -> None:
    _, made = await _open(client)
    [code] = await _valid(made)
    last = typed("a" if code[-1].lower() != "a" else "b", keyboard)
    garbled = typed(code, keyboard)[:-1] + last
    asked = await post(client, f"{PAGE}/scan", {"code": garbled})
    assert (asked.status_code, "keyboard setting" in asked.text) == (409, True)
    forged = await post(client, f"{PAGE}/scan", {"code": code[:-1] + ("A" if code[-1] != "A" else "B")})
    assert (forged.status_code, "keyboard setting" in forged.text) == (409, False)
    assert (await post(client, f"{PAGE}/scan", {"code": "]Q1" + typed(code, keyboard)})).status_code == 303
    assert await handed() == [made.number]


async def test_organisation_gets_its_badges_together_and_gives_them_back(client: httpx.AsyncClient) -> None:
    event, first = await _open(client, organisation="郑州大学")
    more = [await registrations.register(event, person(n, organisation="郑州大学"), by=SYSTEM) for n in range(2, 5)]
    other = await registrations.register(event, person(9, organisation="ETH & Co"), by=SYSTEM)
    listed = (await client.get(PAGE)).text
    assert "ETH &amp; Co" in listed
    assert "ETH &amp; Co" not in (await client.get(PAGE, params={"q": "郑州"})).text
    page = await client.get(PAGE, params={"of": "郑州大学"})
    assert page.text.count('name="number"') == page.text.count(" checked") == 4
    assert other.number not in page.text
    numbers = [one.number for one in (first, *more)]
    answer = await post(client, f"{PAGE}?of=郑州大学", {"number": numbers[:3]})
    assert answer.status_code == 303
    assert await handed() == sorted(numbers[:3])
    assert (await client.get(PAGE, params={"of": "郑州大学"})).text.count(" checked") == 1
    await post(client, f"{PAGE}?of=郑州大学", {"number": numbers})
    assert await handed() == sorted(numbers)
    await post(client, PAGE, {"number": numbers[0], "back": "1"})
    assert await handed() == sorted(numbers[1:])
    told = await database.fetch(
        "SELECT action, count(*) AS n FROM audit_entry WHERE action LIKE 'badge.hand%' GROUP BY 1"
    )
    assert {row["action"]: row["n"] for row in told} == {"badge.hand_out": 4, "badge.hand_back": 1}


async def test_organisations_are_found_as_they_are_read_and_typed(client: httpx.AsyncClient) -> None:
    event, _ = await _open(client, organisation="郑州大学")
    await registrations.register(event, person(2, organisation="Universität Łódź"), by=SYSTEM)
    for text, found in (
        ("zhengzhou", "郑州大学"), ("zzdx", "郑州大学"), ("鄭州", "郑州大学"), ("Łódź", "Universität Łódź"),
        ("universitat lodz", "Universität Łódź"), ("lodz\u200b", "Universität Łódź"),
    ):  # fmt: skip
        page = (await client.get(PAGE, params={"q": text})).text
        assert [name in page for name in ("郑州大学", "Universität Łódź")] == [
            name == found for name in ("郑州大学", "Universität Łódź")
        ], text


async def test_two_who_hand_out_the_same_badges_count_each_once(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    answers = await asyncio.gather(*(post(client, PAGE, {"number": made.number}) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    count = "SELECT count(*) FROM audit_entry WHERE action = 'badge.hand_out'"
    assert await database.fetchval(count) == 1


async def test_strangers_and_people_of_other_events_are_left_out(client: httpx.AsyncClient) -> None:
    _, made = await _open(client)
    elsewhere = await registrations.register(await factories.event(slug="other"), person(7), by=SYSTEM)
    assert (await post(client, PAGE, {"number": elsewhere.number})).status_code == 409
    assert (await post(client, PAGE, {})).status_code == 409
    assert await handed() == []
    for role in ("candidate", "organiser"):
        await sign_in(client, await make_actor(role, email=f"{role}@example.org"))
        status = (await post(client, PAGE, {"number": made.number})).status_code
        assert status == (303 if role == "organiser" else 403)
    other = await make_actor("staff", email="o@example.org", event_id=await factories.event(slug="third"))
    await sign_in(client, other)
    assert (await client.get(PAGE)).status_code == 404
