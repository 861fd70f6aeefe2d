"""What an edition needs before it is published: what blocks, what warns, what is ready, and who adds to the list."""

from datetime import timedelta

import httpx
import pytest

from fairs.core.db import execute, fetchval
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.events.edition import FORM
from tests.factories import STARTS
from tests.pages import main_of

PAGE = "/organise/editions/fair/publishing"


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))


@pytest.mark.usefixtures("organiser")
async def test_a_bare_draft_may_be_published_and_is_warned(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", state="draft", place_en="")
    page = main_of((await client.get(PAGE)).text)
    for told in (
        "The place is missing in Chinese or in English",
        "No telephone and no e-mail is given",
        "There is no session yet",
        "There is no room yet",
        "the main entrance is created when the event is published",
        "No mail server is set",
        "is not HTTPS",
        "Slots or tables for meetings are missing",
    ):
        assert told in page
    assert "Must be mended" not in page
    assert f"{PAGE.removesuffix('/publishing')}/publish" in page
    assert (await post(client, "/organise/editions/fair/publish", {})).status_code == 303
    assert await fetchval("SELECT state FROM event WHERE id = $1", event) == "published"


@pytest.mark.usefixtures("organiser")
async def test_what_is_ready_says_so(client: httpx.AsyncClient) -> None:
    contact = {"contact_name": "组委会", "contact_phone": "+86 371 6590 0000", "contact_email": "fair@example.org"}
    event = await factories.event(slug="fair", state="draft", capacity=50, **contact)
    sql = "INSERT INTO room (event, code, name_zh, name_en, capacity) VALUES ($1, 'a', '厅', 'Hall', 30) RETURNING id"
    await factories.session(event, room=await fetchval(sql, event))
    await factories.gate(event)
    page = main_of((await client.get(PAGE)).text)
    for told in (
        "each with a room: 1.",
        "with their seats: 1.",
        "Gates in use: 1.",
        "Places: 50.",
        "whom to ask",
    ):
        assert told in page
    public = main_of((await client.get("/e/fair")).text)
    assert 'href="tel:+8637165900000"' in public
    assert 'href="mailto:fair@example.org"' in public
    assert "组委会" in public


@pytest.mark.usefixtures("organiser")
async def test_a_session_outside_the_days_blocks(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", state="draft")
    await factories.session(event, starts_at=STARTS + timedelta(days=9), ends_at=STARTS + timedelta(days=9, hours=1))
    page = main_of((await client.get(PAGE)).text)
    assert "1 point must be mended before" in page
    assert 'action="/organise/editions/fair/publish"' not in page
    refused = await post(client, "/organise/editions/fair/publish", {})
    assert refused.status_code == 409
    assert "Sessions outside the days of the event: 1." in main_of(refused.text)
    assert await fetchval("SELECT state FROM event WHERE id = $1", event) == "draft"


@pytest.mark.usefixtures("organiser")
async def test_entries_that_are_all_switched_off_block(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", state="draft")
    await factories.gate(event)
    await execute("UPDATE gate SET inactive_since = now()")
    assert "All entries are switched off" in (await post(client, "/organise/editions/fair/publish", {})).text
    await execute("UPDATE gate SET inactive_since = NULL")
    assert (await post(client, "/organise/editions/fair/publish", {})).status_code == 303
    await execute("UPDATE event SET state = 'closed' WHERE id = $1", event)
    await execute("UPDATE gate SET inactive_since = now()")
    again = await post(client, "/organise/editions/fair/publish", {})
    assert again.status_code == 303, "registration that opens again is not checked: the fair has been published"


async def test_a_program_is_told_why(client: httpx.AsyncClient) -> None:
    from fairs.accounts.services import issue_token

    actor = await make_actor("organiser")
    token = await issue_token("api", "integration", by=actor, account_id=actor.account_id)
    event = await factories.event(slug="fair", state="draft")
    await factories.session(event, starts_at=STARTS + timedelta(days=9), ends_at=STARTS + timedelta(days=9, hours=1))
    headers = {"authorization": f"Bearer {token}"}
    answer = await client.patch("/api/v1/events/fair", json={"state": "published"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")


@pytest.mark.usefixtures("organiser")
async def test_the_contact_is_kept_by_the_form(client: httpx.AsyncClient) -> None:
    form = FORM | {"contact_name": "大会办公室", "contact_phone": "0371-65900000", "contact_email": "Fair@Example.org"}
    assert (await post(client, "/organise/editions/new", form)).status_code == 303
    assert await fetchval("SELECT contact_email FROM event") == "fair@example.org"
    wrong = await post(client, "/organise/editions/new", form | {"slug": "other-2027", "contact_phone": "ask me"})
    assert wrong.status_code == 422
    assert "Digits, spaces and a plus sign" in wrong.text
