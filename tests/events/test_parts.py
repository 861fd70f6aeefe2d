"""专场: a bureau draws up an event inside an edition, the province releases it or returns it with a reason."""

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core.db import execute, fetch, fetchval
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.pages import main_of

FORM = {
    "edition": "fair",
    "title_zh": "洛阳专场",
    "title_en": "Luoyang session",
    "slug": "luoyang",
    "family": "city",
    "starts_at": "2027-10-27T09:00",
    "ends_at": "2027-10-27T17:00",
    "contact_phone": "0379-1234567",
}
Enter = Callable[[str], Awaitable[None]]


@pytest.fixture
async def enter(client: httpx.AsyncClient) -> Enter:
    """Signs in as the bureau of Luoyang, the one of Zhengzhou, or the province."""
    await factories.event(slug="fair")
    cast: dict[str, Actor] = {
        "luoyang": await make_actor("bureau", email="l@example.org", unit_id=await factories.unit_id("410300")),
        "zhengzhou": await make_actor("bureau", email="z@example.org", unit_id=await factories.unit_id("410100")),
        "province": await make_actor("organiser", email="p@example.org"),
    }

    async def act(who: str) -> None:
        await sign_in(client, cast[who])

    return act


async def waits(client: httpx.AsyncClient, what: str, path: str) -> bool:
    """Whether the desk has this line, with the link to where it is done."""
    page = main_of((await client.get("/home")).text)
    return what in page and f'href="{path}"' in page


async def test_a_bureau_proposes_and_the_province_releases(client: httpx.AsyncClient, enter: Enter) -> None:
    await enter("luoyang")
    assert "No city session yet" in main_of((await client.get("/bureau/parts")).text)
    assert (await post(client, "/bureau/parts/new", FORM)).status_code == 303
    [row] = await fetch(
        "SELECT kind, state, release, unit, parent, timezone, starts_at FROM event WHERE slug = 'luoyang'"
    )
    assert tuple(row)[:3] == ("session", "draft", "drawn_up")
    assert row["unit"] == await factories.unit_id("410300")
    assert row["starts_at"].isoformat() == "2027-10-27T01:00:00+00:00", "in the zone of the edition"
    assert (await client.get("/e/luoyang")).status_code == 404, "nobody sees it yet"

    await enter("province")
    early = await post(client, "/organise/editions/luoyang/publish", {})
    assert early.status_code == 409, "the bureau has not asked"
    await enter("luoyang")
    assert (await post(client, "/bureau/parts/luoyang/ask", {})).status_code == 303
    assert "With the province" in main_of((await client.get("/bureau/parts")).text)

    assert await waits(client, "City sessions to release", "/organise/editions/fair/parts") is False, "not the bureau's"
    await enter("province")
    assert await waits(client, "City sessions to release", "/organise/editions/fair/parts")
    page = main_of((await client.get("/organise/editions/fair/parts")).text)
    assert "Waits for your release" in page
    assert (await post(client, "/organise/editions/luoyang/release", {})).status_code == 303
    assert await fetchval("SELECT state || ' ' || release FROM event WHERE slug = 'luoyang'") == "published released"
    assert await fetchval("SELECT count(*) FROM gate g JOIN event e ON e.id = g.event WHERE e.slug = 'luoyang'") == 1
    assert (await client.get("/e/luoyang")).status_code == 200
    assert (await post(client, "/organise/editions/luoyang/release", {})).status_code == 409
    actions = [
        row["action"] for row in await fetch("SELECT action FROM audit_entry WHERE object_kind = 'event' ORDER BY id")
    ]
    assert actions == ["event.propose", "event.asked", "event.released", "event.published"]


async def test_the_province_returns_with_a_reason_and_the_bureau_mends(client: httpx.AsyncClient, enter: Enter) -> None:
    await enter("luoyang")
    await post(client, "/bureau/parts/new", FORM)
    await post(client, "/bureau/parts/luoyang/ask", {})
    locked = await post(client, "/bureau/parts/luoyang/edit", FORM | {"title_en": "Other"})
    assert locked.status_code == 409
    assert "take it back first" in locked.text
    await enter("province")
    silent = await post(client, "/organise/editions/luoyang/return", {"reason": " "})
    assert silent.status_code == 422
    assert "Say what the bureau should change" in silent.text
    assert (
        await post(client, "/organise/editions/luoyang/return", {"reason": "The hall is taken."})
    ).status_code == 303
    assert not await waits(client, "City sessions to release", "/organise/editions/fair/parts"), "it is answered"
    await enter("luoyang")
    assert await waits(client, "City sessions that the province returned", "/bureau/parts")
    page = main_of((await client.get("/bureau/parts")).text)
    assert "Returned" in page
    assert "The hall is taken." in page
    assert (await post(client, "/bureau/parts/luoyang/edit", FORM | {"place_en": "Another hall"})).status_code == 303
    assert (await post(client, "/bureau/parts/luoyang/ask", {})).status_code == 303
    assert (await post(client, "/bureau/parts/luoyang/back", {})).status_code == 303
    assert (await post(client, "/bureau/parts/luoyang/back", {})).status_code == 409
    assert await fetchval("SELECT release FROM event WHERE slug = 'luoyang'") == "drawn_up"


async def test_two_people_of_a_bureau_edit_at_once(client: httpx.AsyncClient, enter: Enter) -> None:
    await enter("luoyang")
    await post(client, "/bureau/parts/new", FORM)
    page = (await client.get("/bureau/parts/luoyang/edit")).text
    version = page.split('name="_version" value="')[1].split('"')[0]
    await post(client, "/bureau/parts/luoyang/edit", FORM | {"title_en": "Theirs", "_version": version})
    late = await post(client, "/bureau/parts/luoyang/edit", FORM | {"title_en": "Mine", "_version": version})
    assert late.status_code == 409
    assert "Theirs" in late.text
    assert "Mine" in late.text
    assert late.text.count('class="conflict__field"') == 1
    assert await fetchval("SELECT title_en FROM event WHERE slug = 'luoyang'") == "Theirs"


async def test_the_parts_of_an_edition_have_families(client: httpx.AsyncClient, enter: Enter) -> None:
    """The bureau sees the usual one chosen and sets its own, both lists narrow by it, the public page groups by it."""
    edition = await fetchval("SELECT id FROM event WHERE slug = 'fair'")
    await factories.event(slug="online", parent=edition, family="online", kind="negotiation", title_en="Online talks")
    await factories.event(slug="tour", parent=edition, kind="tour", title_en="A tour")
    await enter("luoyang")
    assert re.search('<option value="city"[^>]* selected>Cities', (await client.get("/bureau/parts/new")).text)
    await post(client, "/bureau/parts/new", FORM)
    strange = await post(client, "/bureau/parts/luoyang/edit", FORM | {"family": "continent"})
    assert (strange.status_code, errors_in(strange.text)) == (422, ["Choose one from the list"])
    await post(client, "/bureau/parts/luoyang/edit", FORM | {"family": "industry"})
    change = await fetchval(
        "SELECT after::text FROM audit_entry WHERE action = 'event.update' ORDER BY id DESC LIMIT 1"
    )
    assert change == '{"family": "industry"}'
    assert "Luoyang" in main_of((await client.get("/bureau/parts?family=industry")).text)
    assert "No event matches" in main_of((await client.get("/bureau/parts?family=industry&q=nobody")).text)
    await post(client, "/bureau/parts/luoyang/ask", {})
    await enter("province")
    await post(client, "/organise/editions/luoyang/release", {})
    rows = re.compile(r'<tr data-row><th [^>]*><a href="/organise/editions/([^"]+)"')
    page = (await client.get("/organise/editions/fair/parts")).text
    assert set(rows.findall(page)) == {"luoyang", "online", "tour"}
    assert [text.strip() for text in re.findall(r'<option value="(?:industry|city|online)">([^<]+)', page)] == [
        "Industry · 1",
        "Online · 1",
    ]
    narrow = (await client.get("/organise/editions/fair/parts?family=online")).text
    assert rows.findall(narrow) == ["online"]
    for query in ("family=moon", "q=", "family="):
        assert len(rows.findall((await client.get(f"/organise/editions/fair/parts?{query}")).text)) == 3
    public = main_of((await client.get("/e/fair?lang=en")).text)
    assert re.findall(r"<h3>([^<]+)</h3>|href=\"/e/(luoyang|online|tour)\"", public[public.index('id="parts"') :]) == [
        ("Industry", ""),
        ("", "luoyang"),
        ("Online", ""),
        ("", "online"),
        ("Other events", ""),
        ("", "tour"),
    ]


async def test_another_bureau_finds_nothing(client: httpx.AsyncClient, enter: Enter) -> None:
    await enter("luoyang")
    await post(client, "/bureau/parts/new", FORM)
    await enter("zhengzhou")
    assert "Luoyang" not in main_of((await client.get("/bureau/parts")).text)
    for step in ("edit", "ask", "back"):
        assert (await post(client, f"/bureau/parts/luoyang/{step}", FORM)).status_code == 404
    assert (await client.get("/bureau/parts/luoyang/edit")).status_code == 404
    assert (await client.get("/bureau/parts/fair/edit")).status_code == 404, "an edition of the province"


async def test_a_proposal_that_cannot_be_keeps_what_was_typed(client: httpx.AsyncClient, enter: Enter) -> None:
    await enter("luoyang")
    wrong = FORM | {"edition": "nothing", "slug": "fair"}
    unknown = await post(client, "/bureau/parts/new", wrong)
    assert unknown.status_code == 422
    taken = await post(client, "/bureau/parts/new", FORM | {"slug": "fair"})
    assert taken.status_code == 409
    assert 'value="Luoyang session"' in taken.text
    backwards = await post(client, "/bureau/parts/new", FORM | {"ends_at": "2027-10-26T09:00", "title_zh": ""})
    assert backwards.status_code == 422
    assert len(errors_in(backwards.text)) == 2
    assert await fetchval("SELECT count(*) FROM event") == 1


async def test_a_part_of_a_draft_waits_for_its_edition(client: httpx.AsyncClient, enter: Enter) -> None:
    await execute("UPDATE event SET state = 'draft'")
    await enter("luoyang")
    assert (await post(client, "/bureau/parts/new", FORM)).status_code == 303, "a draft edition takes proposals too"
    await post(client, "/bureau/parts/luoyang/ask", {})
    await enter("province")
    refused = await post(client, "/organise/editions/luoyang/release", {})
    assert refused.status_code == 409
    assert "Publish the edition first" in main_of(refused.text)
    assert await fetchval("SELECT release FROM event WHERE slug = 'luoyang'") == "asked"
