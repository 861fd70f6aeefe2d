"""报名设置: one page says when, as what and how many people register; the clock alone opens and ends it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from tests import factories, fair
from tests.cast import errors_in, make_actor, post, sign_in
from tests.pages import form_of, main_of

PAGE = "/organise/editions/fair/registration"


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))


async def settings(client: httpx.AsyncClient) -> dict[str, list[str]]:
    return form_of((await client.get(PAGE)).text, PAGE)


def local(moment: Any) -> str:
    """As a browser sends a moment in Zhengzhou."""
    return f"{moment + timedelta(hours=8):%Y-%m-%dT%H:%M}"


@pytest.mark.usefixtures("organiser")
async def test_settings_are_stored_with_their_history(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    typed = await settings(client) | {
        "capacity": ["80"],
        "registration_opens_at": ["2027-01-02T09:00"],
        "registration_closes_at": ["2027-01-05T18:00"],
        "own_categories": ["visitor", "media"],
        "contact_phone": ["0371-65900000"],
    }
    del typed["waiting_list"]
    assert (await post(client, PAGE, typed)).status_code == 303
    (row,) = await fetch("SELECT * FROM event WHERE id = $1", event)
    assert (row["capacity"], row["waiting_list"], sorted(row["own_categories"])) == (80, False, ["media", "visitor"])
    assert row["registration_opens_at"].isoformat() == "2027-01-02T01:00:00+00:00"
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'event.registration'") == 1
    again = await settings(client)
    assert again["registration_closes_at"] == ["2027-01-05T18:00"]
    assert "waiting_list" not in again
    assert (await post(client, PAGE, again)).status_code == 303
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'event.registration'") == 1


@pytest.mark.usefixtures("organiser")
async def test_two_people_at_once_lose_nothing(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    first, second = await settings(client), await settings(client)
    assert (await post(client, PAGE, first | {"capacity": ["80"]})).status_code == 303
    late = await post(client, PAGE, second | {"capacity": ["90"]})
    assert late.status_code == 409
    assert "This was saved from another page" in late.text
    assert await fetchval("SELECT capacity FROM event") == 80


@pytest.mark.usefixtures("organiser")
async def test_wrong_dates_are_refused_beside_their_field(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    typed = await settings(client)
    late = local(factories.STARTS + timedelta(days=40))
    wrong = {"registration_opens_at": ["2027-01-05T09:00"], "registration_closes_at": ["2027-01-02T09:00"]}
    for given, said in (
        (wrong, "The end is before the beginning"),
        ({"registration_closes_at": [late]}, "This is after the end of the event"),
        ({"sessions_until": ["1027-01-01T00:00"]}, "The year cannot be right"),
        ({"own_categories": ["employer"]}, "Choose"),
    ):
        answer = await post(client, PAGE, typed | given)
        assert answer.status_code == 422
        assert any(said in text for text in errors_in(answer.text)), (said, errors_in(answer.text))
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'event.registration'") == 0


@pytest.mark.usefixtures("organiser")
async def test_fewer_places_than_are_taken_are_confirmed_first(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.registration(event)
    await factories.registration(event)
    asked = await post(client, PAGE, await settings(client) | {"capacity": ["1"]})
    assert asked.status_code == 409
    assert "2 places are taken and you set 1" in asked.text
    assert await fetchval("SELECT capacity FROM event") is None
    assert (await post(client, PAGE, form_of(asked.text, PAGE))).status_code == 303
    assert await fetchval("SELECT capacity FROM event") == 1


@pytest.mark.usefixtures("organiser")
async def test_an_event_that_is_over_changes_no_more(client: httpx.AsyncClient) -> None:
    await factories.event(
        slug="fair", state="follow_up", starts_at=factories.PAST, ends_at=factories.PAST + timedelta(1)
    )
    page = await client.get(PAGE)
    assert "nothing can be changed any more" in main_of(page.text)
    typed = form_of(page.text, PAGE)
    assert (await post(client, PAGE, typed | {"capacity": ["5"]})).status_code == 409


@pytest.mark.usefixtures("organiser")
async def test_a_part_says_what_it_takes_over_and_its_public_page_shows_it(client: httpx.AsyncClient) -> None:
    above = {"contact_name": "组委会", "contact_phone": "0371-65900000", "own_categories": ["visitor"]}
    parent = await factories.event(slug="whole", **above)
    await factories.event(slug="fair", parent=parent, kind="session", place_zh="", place_en="")
    page = main_of((await client.get(PAGE)).text)
    assert page.count("(taken over)") == 3
    assert "Zhengzhou International Convention Centre (taken over)" in page
    assert "Visitor (taken over)" in page
    public = main_of((await client.get("/e/fair")).text)
    assert "0371-65900000" in public
    assert "Zhengzhou International Convention Centre" in public
    candidate = await make_actor("candidate", email="bob@example.org", name="Bob")
    await sign_in(client, candidate)
    form = main_of((await client.get("/e/fair/register")).text)
    assert 'value="visitor"' in form
    assert 'value="candidate"' not in form
    typed = {"category": "candidate", "name_passport": "Bob Example"}
    assert (await post(client, "/e/fair/register", typed)).status_code == 422
    assert (await post(client, "/e/fair/register", typed | {"category": "visitor"})).status_code == 303


async def test_before_and_after_say_so_everywhere(client: httpx.AsyncClient) -> None:
    opens, closes = clock.now() + timedelta(days=1), clock.now() + timedelta(days=2)
    await factories.event(slug="fair", registration_opens_at=opens, registration_closes_at=closes)
    candidate, organiser = await make_actor("candidate"), await make_actor("organiser", email="o@example.org")
    headers = await fair.bearer(organiser)
    person = {"email": "p@example.org", "name_passport": "P Example"}

    async def seen() -> tuple[str, str, int, dict[str, Any], str]:
        await sign_in(client, candidate)
        public, form = main_of((await client.get("/e/fair")).text), main_of((await client.get("/e/fair/register")).text)
        page = await post(client, "/e/fair/register", {"category": "visitor", "name_passport": "Alice"})
        sent = {"event": "fair", "person": person}
        answer = (await client.post("/api/v1/registrations", json=sent, headers=headers)).json()
        told = (await client.get("/api/v1/events/fair")).json()["registration"]
        return public, form, page.status_code, answer, told

    public, form, status, answer, told = await seen()
    assert "Registration opens on" in public
    assert "Registration opens on" in form
    assert 'href="/e/fair/register"' not in public
    assert (status, answer["status"], answer["code"], told) == (409, 409, "not_open_yet", "before")
    await execute("UPDATE event SET registration_opens_at = now() - interval '3 days', registration_closes_at = now()")
    await sign_in(client, organiser)
    await post(client, "/organise/editions/fair/registration", form_of((await client.get(PAGE)).text, PAGE))
    from fairs.events import page_cache

    page_cache.forget()  # the page of a moment ago is shown for a few seconds
    public, form, status, answer, told = await seen()
    assert "Registration has been over since" in public
    assert "Registration ended on" in form
    assert (status, answer["status"], answer["code"], told) == (409, 409, "registration_ended", "closed")
    await execute("UPDATE event SET registration_closes_at = now() + interval '1 hour'")
    page_cache.forget()
    *_, status, answer, told = await seen()
    assert (status, answer["state"], told) == (303, "confirmed", "open")


async def test_without_a_waiting_list_the_last_place_is_the_last(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair", capacity=1, waiting_list=False)
    headers = await fair.bearer(await make_actor("organiser"))

    async def register(email: str) -> httpx.Response:
        sent = {"event": "fair", "person": {"email": email, "name_passport": "P Example"}}
        return await client.post("/api/v1/registrations", json=sent, headers=headers)

    assert (await register("a@example.org")).status_code == 201
    refused = await register("b@example.org")
    assert (refused.status_code, refused.json()["code"]) == (409, "full")
    public = main_of((await client.get("/e/fair")).text)
    assert "All places are taken." in public
    assert "waiting list" not in public


async def test_sessions_are_chosen_until_the_date_of_the_event(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", sessions_until=clock.now() - timedelta(hours=1))
    await factories.session(event, "forum")
    headers = await fair.bearer(await make_actor("organiser"))
    sent = {"event": "fair", "person": {"email": "a@example.org", "name_passport": "A"}, "sessions": ["forum"]}
    refused = await client.post("/api/v1/registrations", json=sent, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "session_closed")


@pytest.mark.usefixtures("organiser")
async def test_the_checklist_tells_of_the_dates(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", state="draft", registration_opens_at=clock.now() + timedelta(days=1))
    page = main_of((await client.get("/organise/editions/fair/publishing")).text)
    assert "Registration opens on" in page
    past = clock.now() - timedelta(days=1)
    await execute("UPDATE event SET registration_opens_at = NULL, registration_closes_at = $1", past)
    assert "nobody can register" in main_of((await client.get("/organise/editions/fair/publishing")).text)
    late = factories.STARTS + timedelta(days=50)
    await execute("UPDATE event SET registration_opens_at = $1, registration_closes_at = NULL", late)
    refused = await post(client, "/organise/editions/fair/publish", {})
    assert refused.status_code == 409
    assert "after the end of the event" in main_of(refused.text)
    assert await fetchval("SELECT state FROM event WHERE id = $1", event) == "draft"


API = "/api/v1/events/fair/registration"


async def test_api_reads_and_changes_the_settings(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    headers = await fair.bearer(await make_actor("organiser", email="integration@example.org"))
    stored = (await client.get(API, headers=headers)).json()
    opens = (clock.now() + timedelta(days=1)).replace(microsecond=0)
    change = {"capacity": 80, "waiting_list": False, "registration_opens_at": opens.isoformat()}
    change |= {"own_categories": ["visitor", "media"], "contact_phone": "0371 6590 0000"}
    answer = await client.patch(API, json=change, headers=headers)
    assert answer.status_code == 200, answer.text
    told = f"{opens:%Y-%m-%dT%H:%M:%S}Z"
    expected = stored | change | {"registration_opens_at": told, "version": answer.json()["version"]}
    assert answer.json() == expected == (await client.get(API, headers=headers)).json()
    assert answer.headers["etag"] == f'"{expected["version"]}"'
    removed = await client.patch(API, json={"registration_opens_at": None, "own_categories": []}, headers=headers)
    assert (removed.json()["registration_opens_at"], removed.json()["own_categories"]) == (None, [])
    assert removed.json()["capacity"] == 80, "what is not sent stays"
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'event.registration'") == 2
    await factories.registration(event)
    below = await client.patch(API, json={"capacity": 0}, headers=headers)
    assert (below.status_code, below.json()["code"]) == (409, "unconfirmed")
    assert (await client.patch(API, json={"capacity": 0, "confirm": True}, headers=headers)).status_code == 200


async def test_api_refuses_what_the_page_refuses(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    headers = await fair.bearer(await make_actor("organiser", email="integration@example.org"))
    read = (await client.get(API, headers=headers)).json()["version"]
    assert (await client.patch(API, json={"capacity": 70, "version": read}, headers=headers)).status_code == 200
    late = await client.patch(API, json={"capacity": 60, "version": read}, headers=headers)
    assert (late.status_code, late.json()["code"]) == (409, "outdated")
    matched = await client.patch(API, json={"capacity": 60}, headers=headers | {"if-match": f'"{read}"'})
    assert matched.status_code == 412
    wrong = {"capacity": -1, "registration_closes_at": "2029-01-01T00:00:00Z"}
    wrong |= {"own_categories": ["wizard"], "sessions_until": "soon"}
    answer = await client.patch(API, json=wrong, headers=headers)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, set(wrong))
    assert (await client.patch(API, json=[], headers=headers)).status_code == 422
    assert (await client.get(API)).status_code == 401
    assert (await client.get("/api/v1/events/none/registration", headers=headers)).status_code == 404
    assert await fetchval("SELECT capacity FROM event WHERE slug = 'fair'") == 70
