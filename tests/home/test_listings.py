"""Listings with what candidates said of them."""

import re

import httpx

from fairs.core import db
from tests import factories
from tests.cast import make_actor, sign_in
from tests.listings.test_controllers import employer


async def test_own_list_is_filtered_searched_and_empty_with_a_next_step(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    assert "Write the first listing" in (await client.get("/employer/listings")).text
    await factories.listing(organisation, event, title_zh="小麦育种", search_key="小麦育种 | xiaomaiyuzhong | xmyz")
    await factories.listing(organisation, event, title_zh="已截止", state="closed", search_key="x")
    await factories.listing(organisation, event, title_zh="课题", kind="project", state="draft", search_key="x")
    await factories.listing(await factories.organisation(), event, title_zh="别家")

    async def titles(query: str) -> list[str]:
        page = (await client.get(f"/employer/listings?{query}")).text
        return [title for title in ("小麦育种", "已截止", "课题", "别家") if title in page]

    assert await titles("") == ["小麦育种", "已截止", "课题"]
    assert await titles("q=xmyz") == ["小麦育种"]
    assert await titles("state=closed") == ["已截止"]
    assert await titles("kind=project") == ["课题"]
    assert await titles("state=nonsense&sort=%00&page=-1") == ["小麦育种", "已截止", "课题"]
    assert "Nothing matches all of these" in (await client.get("/employer/listings?q=nothing")).text


async def test_own_list_counts_candidates_who_want_to_meet(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    listing = await factories.listing(organisation, event, headcount=7)
    for level in ("meet", "must", "no"):
        await db.execute(
            "INSERT INTO preference (event, talent, listing, side, level, updated_at)"
            " VALUES ($1, $2, $3, 'talent', $4, now())",
            event,
            await factories.talent(),
            listing,
            level,
        )
    page = (await client.get("/employer/listings")).text
    assert re.findall(r'<td[^>]* class="num">(\d+)</td>', page) == ["7", "2"]


async def test_listing_page_marks_the_language_that_it_falls_back_to(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    english = (await client.get(f"/listings/{listing}?lang=en")).text
    assert "There is only the Chinese text." in english
    assert 'lang="zh-Hans" dir="auto"' in english
    assert "300,000–500,000 CNY a year" in english
    chinese = (await client.get(f"/listings/{listing}?lang=zh")).text
    assert "仅有" not in chinese
    assert "30–50万元/年" in chinese


async def test_listing_page_leads_each_reader_to_the_next_step(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    listing = await factories.listing(organisation, event)
    path = f"/listings/{listing}"
    stranger = (await client.get(path)).text
    assert 'href="/signup"' in stranger
    assert f"/login?next={path}" in stranger
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert "Fill in your profile" in (await client.get(path)).text
    talent = await factories.talent(account=alice.account_id)
    page = (await client.get(path)).text
    assert 'name="level" value="meet"' in page
    assert f'name="listing" value="{listing}"' in page
    await db.execute(
        "INSERT INTO preference (event, talent, listing, side, level, updated_at)"
        " VALUES ($1, $2, $3, 'talent', 'meet', now())",
        event,
        talent,
        listing,
    )
    assert "You want to meet them" in (await client.get(path)).text


async def test_closed_listing_says_so_and_a_draft_is_not_there(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    closed = await factories.listing(organisation, event, state="closed")
    draft = await factories.listing(organisation, event, state="draft", published_at=None)
    hidden = await factories.listing(await factories.organisation(state="pending"), event)
    page = await client.get(f"/listings/{closed}")
    assert page.status_code == 200
    assert "This listing is closed" in page.text
    assert "I want to meet them" not in page.text
    for listing in (draft, hidden, 0, 999_999, 10**30):
        assert (await client.get(f"/listings/{listing}")).status_code == 404
