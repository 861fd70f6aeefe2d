"""Pages of events with their numbers."""

import re
from datetime import date, timedelta

import httpx
import pytest
from msgspec.structs import asdict

from fairs.events import page_cache
from fairs.home import queries
from tests import factories
from tests.cast import make_actor, sign_in, sign_out
from tests.events.test_controllers import fair
from tests.pages import main_of


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    page_cache.forget()


async def test_home_without_a_fair_says_the_next_step(client: httpx.AsyncClient) -> None:
    page = main_of((await client.get("/")).text)
    assert "No fair is announced at the moment" in page
    assert 'href="/signup"' in page
    assert 'href="/employers/join"' in page


async def test_home_offers_accounts_to_strangers_only(client: httpx.AsyncClient) -> None:
    await fair()
    assert 'href="/signup"' in main_of((await client.get("/")).text)
    for role in ("candidate", "organiser"):
        await sign_in(client, await make_actor(role, email=f"{role}@example.org"))
        page = main_of((await client.get("/")).text)
        assert "/signup" not in page
        assert "/employers/join" not in page
        sign_out(client)


async def test_home_shows_the_fair_that_comes_and_not_the_draft(client: httpx.AsyncClient) -> None:
    await fair(title_en="The coming fair")
    await factories.event(
        title_en="The fair of 2018", slug="past", starts_at=factories.PAST, ends_at=factories.PAST + timedelta(days=1)
    )
    await factories.event(title_en="A secret draft", state="draft")
    page = main_of((await client.get("/")).text)
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["The coming fair"]
    assert page.index("Earlier fairs") < page.index("The fair of 2018")
    assert "A secret draft" not in page


async def test_event_page_shows_real_counts_and_one_primary_button(client: httpx.AsyncClient) -> None:
    event_id = await fair(capacity=1500)
    for nationality in ("ES", "DE", "ES"):
        await factories.registration(event_id, nationality=nationality)
    organisation = await factories.organisation()
    await factories.listing(organisation, event_id, headcount=4)
    await factories.listing(organisation, event_id, discipline="0902", headcount=1)
    page = main_of((await client.get("/e/fair")).text)
    numbers = re.findall(r'<p class="stat__value"><b>([\d,]+)</b>', page)
    assert numbers == ["3", "1", "2", "5"]
    assert "from 2 countries and regions" in page
    assert "1,497 places left" in page
    assert "?category=08" in page
    assert "?category=09" in page
    assert page.count("button--primary") == 1
    assert "Opening; with &lt;speeches&gt;" in page


async def test_event_page_is_in_both_languages_and_light(client: httpx.AsyncClient) -> None:
    await fair()
    english = (await client.get("/e/fair")).text
    chinese = (await client.get("/e/fair?lang=zh")).text
    assert re.search(r"<h1>招才引智大会</h1>\s*<p[^>]*lang=\"en\">Talent conference</p>", chinese)
    assert re.search(r"<h1>Talent conference</h1>\s*<p[^>]*lang=\"zh-Hans\">招才引智大会</p>", english)
    weight = len(english.encode())
    for href in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', english)):
        weight += (await client.get(href)).num_bytes_downloaded  # as sent: sheets and scripts are compressed
    assert weight < 100_000


async def test_event_page_keeps_its_reading_for_a_moment_only(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = await fair()
    await client.get("/e/fair")
    await factories.registration(event_id)
    assert "<b>0</b>" in (await client.get("/e/fair")).text.split("Registered")[1][:120]
    monkeypatch.setattr(page_cache, "SECONDS", 0)
    page_cache.forget()
    assert "<b>1</b>" in (await client.get("/e/fair")).text.split("Registered")[1][:120]


async def test_event_page_of_a_full_fair_offers_the_waiting_list(client: httpx.AsyncClient) -> None:
    event_id = await fair(capacity=1)
    await factories.registration(event_id)
    page = main_of((await client.get("/e/fair")).text)
    assert "Join the waiting list" in page


@pytest.mark.parametrize("state", ["past", "closed"])
async def test_event_page_of_a_fair_that_takes_nobody_has_no_button(client: httpx.AsyncClient, state: str) -> None:
    if state == "past":
        await factories.event(slug="fair", starts_at=factories.PAST, ends_at=factories.PAST + timedelta(days=1))
    else:
        await fair(state="closed")
    page = main_of((await client.get("/e/fair")).text)
    assert "button--primary" not in page


async def test_a_cached_page_holds_the_language_and_nothing_else_of_its_first_visitor(
    client: httpx.AsyncClient,
) -> None:
    await fair()
    pages = []
    for zone, lang in (("Europe/Madrid", "en"), ("America/Los_Angeles", "en"), ("Europe/Madrid", "zh")):
        client.cookies.set("tz", zone, domain="fairs.test")
        pages.append(main_of((await client.get("/e/fair", headers={"accept-language": lang})).text))
    assert pages[0] == pages[1]
    assert "Opening; with" in pages[0]
    assert "开幕式" in pages[2]


async def test_counts_are_of_what_is_live(db: None) -> None:
    event_id = await factories.event()
    other = await factories.event()
    await factories.registration(event_id, nationality="ES")
    await factories.registration(event_id, nationality="DE")
    await factories.registration(event_id, state="cancelled")
    await factories.registration(event_id, state="waitlisted", queue=1)
    await factories.registration(other)
    university, firm = await factories.organisation(), await factories.organisation()
    await factories.listing(university, event_id, headcount=3)
    await factories.listing(university, event_id, kind="project", headcount=1)
    await factories.listing(firm, event_id, state="draft")
    await factories.listing(firm, event_id, valid_to=date(2018, 1, 1))
    await factories.listing(await factories.organisation(state="rejected"), event_id)
    counts = await queries.event_counts(event_id)
    assert asdict(counts) == {
        "registrations": 2,
        "taken": 2,
        "waiting": 1,
        "countries": 2,
        "employers": 1,
        "listings": 2,
        "heads": 3,
        "sessions": 0,
        "exhibits": 0,
    }
    zhengzhou = next(row for row in await queries.delegations_of(event_id) if row.code == "410100")
    assert (zhengzhou.employers, zhengzhou.listings, zhengzhou.heads) == (1, 2, 3)
    assert {row.id: row.listings for row in await queries.editions()} == {event_id: 2, other: 0}
