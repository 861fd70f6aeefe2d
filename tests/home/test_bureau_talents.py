"""A bureau's list of people who want its city."""

import httpx
import pytest

from tests import factories
from tests.cast import make_actor, sign_in
from tests.pages import main_of


@pytest.fixture
async def people(client: httpx.AsyncClient) -> int:
    """Four profiles of different wishes and consents; the event at which two of them come."""
    event = await factories.event(slug="fair")
    shown = {"visibility": "matched", "search_key": "x"}
    wants = await factories.talent(name_passport="LUO, Wants", cities=["410300"], **shown)
    other = await factories.talent(name_passport="ZHENG, Other", cities=["410100"], **shown)
    await factories.talent(name_passport="HIDDEN, Private", cities=["410300"], visibility="private")
    own = await factories.unit_id("410300")
    await factories.talent(name_passport="OWN, Private", cities=["410300"], visibility="private", unit=own)
    for talent in (wants, other):
        await factories.registration(event, talent=talent)
    return event


async def names(client: httpx.AsyncClient, query: str = "") -> set[str]:
    answer = await client.get("/bureau/talents" + query)
    assert answer.status_code == 200
    page = main_of(answer.text)
    return {name for name in ("LUO", "ZHENG", "HIDDEN", "OWN") if f"{name}, " in page}


async def test_bureau_sees_those_who_want_its_city_as_far_as_consent_goes(
    client: httpx.AsyncClient, people: int
) -> None:
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id("410300")))
    assert await names(client) == {"LUO", "OWN"}
    assert await names(client, "?comes=yes") == {"LUO"}
    assert await names(client, "?city=any") == {"LUO", "ZHENG", "OWN"}
    assert await names(client, "?city=410100") == {"ZHENG"}
    assert await names(client, "?city=nowhere") == {"LUO", "OWN"}
    assert await names(client, "?q=nobody-of-this-name") == set()
    assert await names(client, "?page=99") == {"LUO", "OWN"}


async def test_province_sees_everybody_and_an_empty_list_says_what_to_do(
    client: httpx.AsyncClient, people: int
) -> None:
    await sign_in(client, await make_actor("organiser"))
    assert await names(client) == {"LUO", "ZHENG", "HIDDEN", "OWN"}
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("411700")))
    assert "Nobody has named your city yet" in (await client.get("/bureau/talents")).text
