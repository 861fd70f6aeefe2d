"""Several events at once: each page is about one that is named, chosen in the sign-in, or first in order."""

from datetime import timedelta

import httpx
import pytest

from fairs.core import clock
from fairs.core.db import fetchval
from fairs.core.errors import Invalid
from fairs.events import choosing
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of

DAY = timedelta(days=1)


async def several() -> dict[str, int]:
    """A fair that runs, the next edition, a tour of the running one, last year's, one cancelled and a draft."""
    now = clock.now()
    running = await factories.event(
        slug="running", title_en="Running fair", starts_at=now - DAY, ends_at=now + DAY, state="closed"
    )
    made = {"running": running}
    for slug, state, kind, days, parent in (
        ("next", "published", "conference", 300, None),
        ("tour", "published", "tour", 2, running),
        ("last", "follow_up", "conference", -360, None),
        ("oldest", "archived", "conference", -800, None),
        ("called-off", "cancelled", "conference", 20, None),
        ("draft", "draft", "conference", 400, None),
    ):
        span = {"starts_at": now + days * DAY, "ends_at": now + (days + 1) * DAY}
        made[slug] = await factories.event(
            slug=slug, title_en=f"{slug} fair", state=state, kind=kind, parent=parent, **span
        )
    return made


async def test_running_ones_come_first_and_publishing_the_next_edition_changes_nothing(db: None) -> None:
    await several()
    candidate = await make_actor("candidate")
    assert [event.slug for event in await choosing.fairs_for(candidate)] == ["running", "next", "tour", "last"]
    organiser = await make_actor("organiser", email="bob@example.org")
    everything = [event.slug for event in await choosing.fairs_for(organiser)]
    assert everything == ["running", "next", "tour", "last", "draft", "oldest", "called-off"]
    for viewer in (None, candidate, organiser):
        fair = await choosing.current_fair(viewer)
        assert fair is not None
        assert fair.slug == "running"


async def test_choice_lasts_for_the_sign_in_and_an_address_wins(client: httpx.AsyncClient) -> None:
    await several()
    actor = await make_actor("bureau", unit_id=await factories.unit_id())
    await sign_in(client, actor)
    assert (await client.get("/dashboard")).headers["location"] == "/e/running/dashboard"
    chosen = await post(client, "/fairs/choose", {"slug": "next", "back": "/bureau/agreements?state=signed"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/bureau/agreements?state=signed")
    assert (await client.get("/dashboard")).headers["location"] == "/e/next/dashboard"
    assert (await client.get("/dashboard?event=tour")).headers["location"] == "/e/tour/dashboard"
    await sign_in(client, actor)  # elsewhere
    assert (await client.get("/dashboard")).headers["location"] == "/e/running/dashboard"


@pytest.mark.parametrize(
    ("back", "target"),
    [
        ("/e/running/dashboard", "/e/next/dashboard"),
        ("/organise/editions/running/sessions/opening/edit", "/organise/editions/next"),
        ("/e/running", "/e/next"),
        ("//evil.example", "/home"),
        ("https://evil.example", "/home"),
        ("", "/"),
    ],
)
async def test_page_of_one_event_becomes_the_page_of_the_other(
    client: httpx.AsyncClient, back: str, target: str
) -> None:
    await several()
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, "/fairs/choose", {"slug": "next", "back": back})
    assert answer.headers["location"] == target


async def test_draft_is_not_chosen_by_those_who_may_not_see_it(client: httpx.AsyncClient) -> None:
    await several()
    await sign_in(client, await make_actor("candidate"))
    assert (await post(client, "/fairs/choose", {"slug": "draft", "back": "/home"})).status_code == 404


async def test_head_names_the_event_of_the_page_and_offers_the_others(client: httpx.AsyncClient) -> None:
    await several()
    await sign_in(client, await make_actor("candidate"))
    head = (await client.get("/e/tour")).text.split("<main")[0]
    assert 'value="tour" aria-current="true"' in head
    assert 'value="next">' in head
    assert "oldest" not in head
    own = (await client.get("/me/suggestions")).text
    assert 'value="running" aria-current="true"' in own


async def test_employer_enters_a_listing_at_the_event_of_choice(client: httpx.AsyncClient) -> None:
    made = await several()
    organisation = await factories.organisation()
    await sign_in(client, await make_actor("employer", organisation_id=organisation))
    page = main_of((await client.get("/employer/listings/new?event=tour")).text)
    assert '<option value="tour" selected>' in page
    assert '<option value="last"' not in page
    form = {
        "kind": "people",
        "title_zh": "算法工程师",
        "description_zh": "研究",
        "discipline": "0812",
        "degree": "master",
    }
    form |= {"city": "410100", "headcount": "1", "engagement": "full_time", "event": "tour"}
    saved = await post(client, "/employer/listings/new", form)
    assert saved.status_code == 303, saved.text
    assert await fetchval("SELECT event FROM listing") == made["tour"]
    hidden = await post(client, "/employer/listings/new", form | {"event": "draft"})
    assert hidden.status_code == 404


async def test_api_asks_for_the_name_as_soon_as_two_conferences_run(db: None) -> None:
    with pytest.raises(Invalid):
        await choosing.only_fair()
    await several()
    with pytest.raises(Invalid) as caught:
        await choosing.only_fair()
    assert "running, next" in str(caught.value.fields["event"][0])
