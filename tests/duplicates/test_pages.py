"""The pages on which the province compares, merges and undoes."""

import re
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.duplicates.pairing import merged, pair_of
from tests.fair import Candidate, candidate, person

pytestmark = pytest.mark.usefixtures("db")


async def stage(client: httpx.AsyncClient) -> tuple[Actor, Candidate, Candidate]:
    """An organiser who is signed in, and two profiles."""
    boss = await make_actor("organiser", email="boss@example.org")
    await sign_in(client, boss, proved=True)
    one = await candidate("a@example.org", "Maria Fernandez", institution="ETH")
    other = await candidate("b@example.org", "Fernandez Maria", institution="MIT", name_native="马丽娅")
    return boss, one, other


def fields_of(page: str) -> dict[str, str]:
    """What the form would send as it stands."""
    form = page[page.index("/merge") :]
    found = dict(re.findall(r'type="hidden" name="(seen|kept)" value="([^"]*)"', form))
    return found | dict(re.findall(r'type="radio" id="[^"]*" name="([^"]*)" value="([^"]*)" checked', form))


async def test_a_pair_is_compared_and_merged_by_its_form(client: httpx.AsyncClient) -> None:
    _, one, other = await stage(client)
    event = await factories.event(title_en="Talent conference")
    for who in (one, other):
        await registrations.register(event, person(email=who.actor.email), by=who.actor)
    pair = await pair_of(one.talent, other.talent)
    listed = (await client.get("/organise/duplicates")).text
    assert "马丽娅" in listed
    assert "Same telephone" in listed
    page = (await client.get(f"/organise/duplicates/{pair}")).text
    for said in ("ETH", "MIT", "Registered twice for Talent conference", "differs"):
        assert said in page
    sent = fields_of(page)
    assert sent["kept"] == str(one.talent)
    answer = await post(client, f"/organise/duplicates/{pair}/merge", sent | {"pick-institution": str(other.talent)})
    assert answer.status_code == 303, answer.text
    shown = (await client.get(answer.headers["location"])).text
    assert "The two records are one now." in shown
    assert "Can be undone" in shown
    assert await db.fetchval("SELECT institution FROM talent") == "MIT"
    assert await db.fetchval("SELECT name_native FROM talent") == "马丽娅", "a gap is filled"
    assert "马丽娅" in (await client.get("/organise/merges?q=maria")).text
    assert "No merge matches" in (await client.get("/organise/merges?q=nobody")).text
    undone = await post(client, answer.headers["location"] + "/undo")
    assert undone.status_code == 303
    assert await db.fetchval("SELECT count(*) FROM talent") == 2
    assert "Undone" in (await client.get("/organise/merges")).text


async def test_a_stale_page_comes_again_with_what_was_chosen(client: httpx.AsyncClient) -> None:
    _, one, other = await stage(client)
    pair = await pair_of(one.talent, other.talent)
    sent = fields_of((await client.get(f"/organise/duplicates/{pair}")).text)
    await db.execute("UPDATE talent SET degree = 'master' WHERE id = $1", one.talent)
    answer = await post(
        client,
        f"/organise/duplicates/{pair}/merge",
        sent | {"kept": str(other.talent), "pick-institution": str(other.talent)},
    )
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.text
    again = fields_of(answer.text)
    assert (again["kept"], again["pick-institution"]) == (str(other.talent), str(other.talent))
    assert (await post(client, f"/organise/duplicates/{pair}/merge", again)).status_code == 303


@pytest.mark.parametrize(
    "sent", [{}, {"seen": "x" * 9999}, {"kept": "1e9", "stay-x": "--5", "stay-": "٣", "pick-degree": "\0"}]
)
async def test_nonsense_merges_nothing(client: httpx.AsyncClient, sent: dict[str, str]) -> None:
    _, one, other = await stage(client)
    pair = await pair_of(one.talent, other.talent)
    assert (await post(client, f"/organise/duplicates/{pair}/merge", sent)).status_code in (400, 409)
    assert await db.fetchval("SELECT count(*) FROM talent") == 2


async def test_told_apart_and_looked_at_again(client: httpx.AsyncClient) -> None:
    _, one, other = await stage(client)
    pair = await pair_of(one.talent, other.talent)
    assert (await post(client, f"/organise/duplicates/{pair}/apart")).status_code == 303
    assert "Nobody seems to be registered twice" in (await client.get("/organise/duplicates")).text
    assert "马丽娅" in (await client.get("/organise/duplicates?state=apart")).text
    assert (await post(client, f"/organise/duplicates/{pair}/open")).status_code == 303
    assert "马丽娅" in (await client.get("/organise/duplicates")).text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=maliya", True), ("q=fernandez", True), ("q=nobody", False), ("strength=likely", True), ("strength=sure", False),
        ("strength=nonsense", True), ("reason=phone", True), ("reason=orcid", False), ("sort=-person", True), ("sort=nonsense", True), ("q=%25_%00", False), ("page=99", True),
    ],
)  # fmt: skip
async def test_filters(client: httpx.AsyncClient, query: str, found: bool) -> None:
    _, one, other = await stage(client)
    await db.execute("UPDATE talent SET search_key = 'fernandez maria | maliya'")
    await pair_of(one.talent, other.talent)
    answer = await client.get(f"/organise/duplicates?{query}")
    assert answer.status_code == 200
    assert ("马丽娅" in answer.text) is found
    book = await client.get(f"/organise/duplicates.csv?{query}")
    assert ("马丽娅" in book.text) is (found or query == "page=99")


async def test_pairs_of_an_event(client: httpx.AsyncClient) -> None:
    _, one, other = await stage(client)
    here, elsewhere = await factories.event(slug="here"), await factories.event(slug="elsewhere")
    assert here != elsewhere
    await registrations.register(here, person(email=other.actor.email), by=other.actor)
    await pair_of(one.talent, other.talent)
    assert "马丽娅" in (await client.get("/organise/duplicates?event=here")).text
    assert "No pair matches" in (await client.get("/organise/duplicates?event=elsewhere")).text
    assert (await client.get("/organise/duplicates?event=nowhere")).status_code == 404


async def test_the_search_is_asked_for_once(client: httpx.AsyncClient) -> None:
    await stage(client)
    answers: list[Any] = [await post(client, "/organise/duplicates/find") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert await db.fetchval("SELECT count(*) FROM periodic_run") == 1


async def test_others_see_nothing_of_it(client: httpx.AsyncClient) -> None:
    boss, one, other = await stage(client)
    merge = await merged(one.talent, other.talent, by=boss)
    third = await candidate("c@example.org")
    pair = await pair_of(one.talent, third.talent)
    scopes: dict[str, dict[str, Any]] = {
        "candidate": {},
        "bureau": {"unit_id": await factories.unit_id()},
        "employer": {"organisation_id": await factories.organisation()},
        "staff": {"event_id": await factories.event()},
    }
    for role, scope in scopes.items():
        stranger = await make_actor(role, email=f"{role}@example.net", **scope)
        await sign_in(client, stranger, proved=True)
        for path in (
            "/organise/duplicates",
            f"/organise/duplicates/{pair}",
            "/organise/merges",
            f"/organise/merges/{merge}",
        ):
            assert (await client.get(path)).status_code in (403, 404), (role, path)
        assert (await post(client, f"/organise/merges/{merge}/undo")).status_code in (403, 404)


async def test_who_looked_is_told_to_the_person(client: httpx.AsyncClient) -> None:
    boss, one, other = await stage(client)
    pair = await pair_of(one.talent, other.talent)
    await client.get(f"/organise/duplicates/{pair}")
    rows = await db.fetch("SELECT account, viewer FROM contact_look ORDER BY account")
    assert {(row["account"], row["viewer"]) for row in rows} == {
        (one.actor.account_id, boss.account_id),
        (other.actor.account_id, boss.account_id),
    }
