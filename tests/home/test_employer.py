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
    progress = await employer_progress(on.organisation)
    assert (progress.published, progress.wished, progress.met, progress.agreed) == (True, False, False, False)
    await database.execute(
        "INSERT INTO preference (event, talent, listing, side, level) VALUES ($1, $2, $3, 'employer', 'no')",
        on.event,
        on.talent_id,
        on.listing,
    )
    assert not (await employer_progress(on.organisation)).wished
    await database.execute("UPDATE preference SET level = 'meet'")
    await database.execute("UPDATE meeting SET state = 'held'")
    number = await scene.drawn_up(on)
    await scene.sign(number, on.talent)
    progress = await employer_progress(on.organisation)
    assert (progress.wished, progress.met, progress.agreed) == (True, True, False)
    await scene.sign(number, on.employer)
    assert (await employer_progress(on.organisation)).agreed


async def test_desk_shows_the_first_step_that_is_not_done(client: httpx.AsyncClient) -> None:
    organisation = await factories.organisation()
    await sign_in(client, await make_actor("employer", organisation_id=organisation))

    async def current() -> str:
        page = (await client.get("/employer/organisation")).text
        (found,) = re.findall(
            r'<li [^>]*aria-current="step">.*?<p class="timeline__title">(?:<a [^>]*>)?([^<]+)', page, re.S
        )
        return str(found)

    assert await current() == "Publish what you look for"
    event = await factories.event()
    await factories.listing(organisation, event)
    assert await current() == "Register your representatives"
    await factories.registration(event, organisation=organisation, category="employer")
    assert await current() == "See who fits, and why"
