"""The employer's desk: what its organisation has done, and what comes next."""

import re

import httpx
import pytest

from fairs.core import db as database
from fairs.home.queries import employer_progress
from tests import factories
from tests.agreements import scene
from tests.cast import make_actor, sign_in


@pytest.mark.usefixtures("db")
async def test_each_step_is_done_once_it_was_taken() -> None:
    on = await scene.scene()
    await database.execute("UPDATE meeting SET state = 'cancelled'")
    progress = await employer_progress(on.organisation, on.event)
    assert (progress.published, progress.wished, progress.met, progress.agreed) == (True, False, False, False)
    await database.execute(
        "INSERT INTO preference (event, talent, listing, side, level) VALUES ($1, $2, $3, 'employer', 'no')",
        on.event,
        on.talent_id,
        on.listing,
    )
    assert not (await employer_progress(on.organisation, on.event)).wished
    await database.execute("UPDATE preference SET level = 'meet'")
    await database.execute("UPDATE meeting SET state = 'held'")
    number = await scene.drawn_up(on)
    await scene.sign(number, on.talent)
    progress = await employer_progress(on.organisation, on.event)
    assert (progress.wished, progress.met, progress.agreed) == (True, True, False)
    await scene.sign(number, on.employer)
    assert (await employer_progress(on.organisation, on.event)).agreed


async def test_desk_shows_the_first_step_that_is_not_done(client: httpx.AsyncClient) -> None:
    organisation = await factories.organisation()
    await sign_in(client, await make_actor("employer", organisation_id=organisation))

    async def current(query: str = "") -> str:
        page = (await client.get(f"/employer/organisation{query}")).text
        (found,) = re.findall(
            r'<li [^>]*aria-current="step">.*?<p class="timeline__title">(?:<a [^>]*>)?([^<]+)', page, re.S
        )
        return str(found)

    assert await current() == "Publish what you look for"
    event = await factories.event(slug="one", title_en="The one")
    await factories.event(slug="other", title_en="The other")
    await factories.listing(organisation, event)
    assert await current() == "Register your representatives"
    await factories.registration(event, organisation=organisation, category="employer")
    assert await current() == "See who fits, and why"
    assert await current("?event=other") == "Publish what you look for", "its listing is of the other fair"
    assert "For this fair: The other" in (await client.get("/employer/organisation?event=other")).text


async def test_desk_lists_what_waits_with_its_pages(client: httpx.AsyncClient) -> None:
    on = await scene.scene()
    await scene.drawn_up(on)
    await factories.listing(on.organisation, on.event, state="draft")
    await database.execute("DELETE FROM preference")
    await database.execute(
        "INSERT INTO preference (event, talent, listing, side, level) VALUES ($1, $2, $3, 'talent', 'must')",
        on.event,
        await factories.talent(visibility="employers"),
        on.listing,
    )
    await sign_in(client, on.employer)
    page = (await client.get("/employer/organisation")).text
    found = dict(re.findall(r'desk__line" href="([^"?]+)[^"]*"><b class="desk__number">(\d+)</b>', page))
    assert found == {"/employer/meetings": "1", "/employer/agreements": "1", "/employer/listings": "1"}
    for path in found:
        assert (await client.get(path)).status_code == 200
