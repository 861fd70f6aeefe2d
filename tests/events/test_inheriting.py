"""A part says where it is and whom to ask as the event above it does, until it has its own."""

import re

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.core.db import execute
from fairs.events import moving, page_cache, services
from fairs.events.forms import read_event, stored_event
from fairs.events.inheriting import effective
from fairs.events.queries import event_by_id, event_by_slug
from fairs.registrations.queries import registration_by_number
from tests import factories
from tests.cast import make_actor, sign_in
from tests.pages import main_of


@pytest.fixture
async def part(db: None) -> int:
    page_cache.forget()
    above = await factories.event(
        slug="above",
        title_en="The conference",
        place_zh="国际会展中心",
        place_en="Exhibition Centre",
        contact_name="Ms Li",
        contact_phone="0371 6550 0000",
    )
    return await factories.event(
        slug="part", title_en="The session", parent=above, kind="session", place_zh="", place_en=""
    )


def shown(page: str) -> str:
    """The words of the ticket."""
    (ticket,) = re.findall(r'<section class="ticket".*?</section>', page, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", ticket).split())


async def test_public_page_says_what_is_as_in_the_event_above(client: httpx.AsyncClient, part: int) -> None:
    page = (await client.get("/e/part")).text
    assert "Exhibition Centre" in shown(page)
    assert shown(page).count("as in: The conference") == 2
    assert "0371 6550 0000" in page
    assert "icons.svg" in page
    assert "#phone" in page
    await execute("UPDATE event SET place_en = 'Old Town Hall', contact_email = 'ask@example.org' WHERE slug = 'part'")
    page_cache.forget()
    page = (await client.get("/e/part")).text
    assert "Old Town Hall" in shown(page)
    assert "as in" not in shown(page)
    assert "Ms Li" not in page
    assert "#mail" in page


async def test_a_draft_above_is_not_named(client: httpx.AsyncClient, part: int) -> None:
    await execute("UPDATE event SET state = 'draft' WHERE slug = 'above'")
    page = (await client.get("/e/part")).text
    assert "Exhibition Centre" in shown(page)
    assert "The conference" not in main_of(page)


async def test_overview_and_checklist_say_it_too(client: httpx.AsyncClient, part: int) -> None:
    await sign_in(client, await make_actor("organiser"))
    page = main_of((await client.get("/organise/editions/part")).text)
    assert page.count("(as in: The conference)") == 3  # place, zone, contact
    assert 'href="/organise/editions/above"' in page
    assert "As in the event above: The conference." in (await client.get("/organise/editions/part/publishing")).text
    whole = main_of((await client.get("/organise/editions/above")).text)
    assert "as in" not in whole


async def test_badges_mails_and_calendars_know_the_place(client: httpx.AsyncClient, part: int) -> None:
    await factories.registration(part, number="HN26-000001")
    row = await registration_by_number(await make_actor("organiser"), "HN26-000001")
    assert (row.place_zh, row.place_en) == ("国际会展中心", "Exhibition Centre")
    assert "Exhibition Centre" in (await client.get("/e/part/programme.ics")).text
    event = await event_by_id(part)
    assert (event.place_zh, effective(event).place_zh) == ("", "国际会展中心")  # what is stored stays empty


async def test_api_says_what_holds_and_what_is_stored(client: httpx.AsyncClient, part: int) -> None:
    found = (await client.get("/api/v1/events/part")).json()
    assert (found["place_en"], found["effective"]["place_en"]) == ("", "Exhibition Centre")
    assert (found["effective"]["contact_name"], found["effective"]["inherited"]) == ("Ms Li", ["place", "contact"])
    above = (await client.get("/api/v1/events/above")).json()
    assert (above["effective"]["place_en"], above["effective"]["inherited"]) == ("Exhibition Centre", [])


async def test_another_place_above_moves_the_people_of_a_part_along(db: None, part: int) -> None:
    own = await factories.event(slug="own", parent=(await event_by_id(part)).parent, kind="session", place_en="Here")
    for event in (part, part, own):
        await factories.registration(event)
    above = await event_by_slug("above", viewer=None)
    form = read_event({**stored_event(above), "place_en": "The new hall"}).value
    with pytest.raises(moving.Unconfirmed) as asked:
        await services.update_event("above", form, by=SYSTEM)
    assert asked.value.found == moving.Consequences(registered=2)
    await services.update_event("above", form, by=SYSTEM, confirmed=asked.value.found.digest)
    queued = await database.fetch(
        "SELECT convert_from(payload, 'utf8')::json ->> 'event' AS event FROM pgqueuer"
        " WHERE entrypoint = $1 ORDER BY 1",
        moving.REGISTRATIONS_MOVED,
    )
    assert [int(row["event"]) for row in queued] == sorted([above.id, part])
