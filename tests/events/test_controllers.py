import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from fairs.accounts import services as accounts
from fairs.accounts.actor import SYSTEM
from fairs.core import clock
from fairs.core.db import fetch, fetchval
from fairs.events import page_cache, programme
from fairs.events.forms import SessionForm
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in

HOUR = timedelta(hours=1)
NASTY = {
    "empty": "",
    "10 kB": "x" * 10_000,
    "emoji": "🎓" * 3,
    "rtl": "\u202e\u05d0\u05d1\u05d2",
    "script": "<script>alert(1)</script>",
    "nul": "a\x00b",
    "past": "0001-01-01T00:00",
    "far": "9999-12-31T23:59",
}
FORM = {
    "slug": "hnzcyz-2027",
    "kind": "conference",
    "title_zh": "招才引智大会",
    "title_en": "Talent conference",
    "unit": "410000",
    "starts_at": "2027-10-23T09:00",
    "ends_at": "2027-10-24T17:00",
    "timezone": "Asia/Shanghai",
}


def main_of(page: str) -> str:
    return page.split("<main")[1].split("</main")[0]


async def fair(**given: Any) -> int:
    """A published fair that begins in a month, with one session."""
    starts_at = (clock.now() + timedelta(days=30)).replace(hour=1, minute=0, second=0, microsecond=0)
    event_id = await factories.event(slug="fair", starts_at=starts_at, ends_at=starts_at + 8 * HOUR, **given)
    session = SessionForm(
        code="opening",
        kind="opening",
        title_zh="开幕式，<致辞>",
        title_en="Opening; with <speeches>",
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
    )
    await programme.add_session(event_id, session, by=SYSTEM)
    return event_id


async def test_home_without_a_fair_says_the_next_step(client: httpx.AsyncClient) -> None:
    page = main_of((await client.get("/")).text)
    assert "No fair is announced at the moment" in page
    assert 'href="/signup"' in page
    assert 'href="/employers/join"' in page


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
        weight += len((await client.get(href)).content)
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


@pytest.mark.parametrize("path", ["/e/fair", "/e/fair/programme", "/e/fair/programme.ics"])
async def test_draft_is_there_for_organisers_only(client: httpx.AsyncClient, path: str) -> None:
    await fair(state="draft")
    assert (await client.get(path)).status_code == 404
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id()))
    assert (await client.get(path)).status_code == 404
    await sign_in(client, await make_actor("organiser", email="bob@example.org"))
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("slug", ["nothing", "%00", "a%27b", "%F0%9F%8E%93", "x" * 3000, "..%2Fetc"])
async def test_unknown_event_is_a_page(client: httpx.AsyncClient, slug: str) -> None:
    for path in (f"/e/{slug}", f"/e/{slug}/programme", f"/e/{slug}/programme.ics", f"/api/v1/events/{slug}"):
        assert (await client.get(path)).status_code == 404


async def test_programme_as_calendar_says_the_hour_in_its_zone(client: httpx.AsyncClient) -> None:
    await fair()
    answer = await client.get("/e/fair/programme.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert b"\r\n" in answer.content
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    made = Calendar.from_ical(answer.content)
    (zone,) = made.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    (entry,) = made.walk("VEVENT")
    session_id = await fetchval("SELECT id FROM event_session")
    assert str(entry["UID"]).startswith(f"session-{session_id}@")
    assert "fairs.test" not in str(entry["UID"])
    assert entry["DTSTART"].params["TZID"] == "Asia/Shanghai"
    starts = entry.decoded("DTSTART")
    assert starts.hour == 9
    assert starts.astimezone(UTC).hour == 1
    assert str(entry["SUMMARY"]) == "Opening; with <speeches>"
    assert (await client.get("/e/fair/programme.ics")).content == answer.content


async def test_editions_are_for_organisers(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    paths = ("/organise/editions", "/organise/editions/new", "/organise/editions/fair", "/organise/editions/fair/edit")
    for path in paths:
        assert (await client.get(path)).status_code == 303
    await sign_in(client, await make_actor("candidate"))
    for path in paths:
        assert (await client.get(path)).status_code == 403
    assert (await post(client, "/organise/editions/fair/publish")).status_code == 403
    await sign_in(client, await make_actor("organiser", email="bob@example.org"))
    for path in paths:
        assert (await client.get(path)).status_code == 200
    assert (await client.get("/organise/editions/nothing")).status_code == 404


async def test_edition_made_published_and_closed_in_the_browser(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, "/organise/editions/new", FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/organise/editions/hnzcyz-2027")
    page = (await client.get("/organise/editions/hnzcyz-2027")).text
    assert "Draft" in page
    assert 'data-confirm="Publish this event?' in page
    assert (await post(client, "/organise/editions/hnzcyz-2027/publish")).status_code == 303
    assert (await client.get("/e/hnzcyz-2027")).status_code == 200
    assert "main-in" in (await client.get("/organise/editions/hnzcyz-2027")).text
    changed = {**FORM, "title_en": "Renamed"}
    assert (await post(client, "/organise/editions/hnzcyz-2027/edit", changed)).status_code == 303
    assert (await post(client, "/organise/editions/hnzcyz-2027/close")).status_code == 303
    page_cache.forget()
    public = (await client.get("/e/hnzcyz-2027")).text
    assert "Renamed" in public
    assert "Registration is closed." in public


async def test_edit_form_keeps_the_hour_of_another_zone(client: httpx.AsyncClient) -> None:
    starts = datetime(2027, 6, 1, 7, 0, tzinfo=UTC)
    await factories.event(slug="fair", timezone="Europe/Berlin", starts_at=starts, ends_at=starts + HOUR)
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get("/organise/editions/fair/edit")).text
    assert 'value="2027-06-01T09:00"' in page
    form = {**FORM, "slug": "fair", "timezone": "Europe/Berlin", "starts_at": "2027-06-01T09:00"}
    await post(client, "/organise/editions/fair/edit", {**form, "ends_at": "2027-06-01T10:00"})
    assert await fetchval("SELECT starts_at FROM event") == starts


@pytest.mark.parametrize("kind", NASTY)
async def test_edition_form_with_bad_input_comes_back(client: httpx.AsyncClient, kind: str) -> None:
    await sign_in(client, await make_actor("organiser"))
    typed = NASTY[kind]
    form = dict.fromkeys(FORM, typed) | {"capacity": typed, "title_en": typed, "summary_zh": typed}
    answer = await post(client, "/organise/editions/new", form)
    assert answer.status_code == 422
    errors = errors_in(answer.text)
    assert len(errors) >= 6
    assert "<script>alert" not in main_of(answer.text)
    if kind == "script":
        assert "&lt;script&gt;" in main_of(answer.text)
    assert await fetchval("SELECT count(*) FROM event") == 0


async def test_edition_form_says_what_is_taken_and_what_is_backwards(client: httpx.AsyncClient) -> None:
    await factories.event(slug="hnzcyz-2027")
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, "/organise/editions/new", FORM)
    assert errors_in(answer.text) == ["There is already an event with this short name"]
    assert 'value="Talent conference"' in answer.text
    form = {**FORM, "slug": "new", "ends_at": "2027-10-22T09:00", "unit": "nowhere"}
    answer = await post(client, "/organise/editions/new", form)
    assert set(errors_in(answer.text)) == {
        "This word is used by the site itself. Please choose another.",
        "Choose one from the list",
        "The end is before the beginning, or at the same time",
    }


# The JSON API


async def bearer(role: str = "organiser", email: str = "integration@example.org") -> dict[str, str]:
    actor = await make_actor(role, email=email, unit_id=await factories.unit_id() if role == "bureau" else None)
    token = await accounts.issue_token("api", "test", by=actor, account_id=actor.account_id)
    return {"authorization": f"Bearer {token}"}


BODY = FORM | {"starts_at": "2027-10-23T01:00:00Z", "ends_at": "2027-10-24T17:00:00+08:00", "capacity": 5}


async def test_api_creates_publishes_and_reads(client: httpx.AsyncClient) -> None:
    headers = await bearer()
    made = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert made.status_code == 201
    assert made.json() | {"updated_at": "", "version": ""} == {
        "slug": "hnzcyz-2027",
        "kind": "conference",
        "state": "draft",
        "title_zh": "招才引智大会",
        "title_en": "Talent conference",
        "summary_zh": "",
        "summary_en": "",
        "place_zh": "",
        "place_en": "",
        "unit": "410000",
        "parent": None,
        "starts_at": "2027-10-23T01:00:00Z",
        "ends_at": "2027-10-24T09:00:00Z",
        "timezone": "Asia/Shanghai",
        "capacity": 5,
        "updated_at": "",
        "version": "",
        "url": "http://fairs.test/e/hnzcyz-2027",
        "sessions": [],
        "gates": [],
    }
    assert (await client.get("/api/v1/events/hnzcyz-2027")).status_code == 404
    assert (await client.get("/api/v1/events/hnzcyz-2027", headers=headers)).status_code == 200
    for _ in range(2):
        changed = await client.patch("/api/v1/events/hnzcyz-2027", json={"state": "published"}, headers=headers)
        assert changed.status_code == 200
    assert changed.json()["state"] == "published"
    assert [gate["code"] for gate in changed.json()["gates"]] == ["main-in"]
    public = await client.get("/api/v1/events/hnzcyz-2027")
    assert public.status_code == 200
    assert "gates" not in public.json()
    assert "x-page-generated" in public.headers


async def test_api_says_every_field_error_at_once(client: httpx.AsyncClient) -> None:
    body = {"slug": "A B", "kind": "party", "title_zh": 5, "starts_at": "yesterday", "capacity": -1, "timezone": "Mars"}
    answer = await client.post("/api/v1/events", json=body, headers=await bearer())
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    fields = {"slug", "kind", "title_zh", "title_en", "unit", "starts_at", "ends_at", "capacity", "timezone"}
    assert set(answer.json()["errors"]) == fields


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b'"text"', b"null", b'{"slug": "\\u0000"}', b'{"slug": "\\ud800"}', b"\xff"]
)
async def test_api_refuses_what_is_no_event(client: httpx.AsyncClient, content: bytes) -> None:
    headers = await bearer() | {"content-type": "application/json"}
    answer = await client.post("/api/v1/events", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_api_slug_taken_is_409_and_backwards_422(client: httpx.AsyncClient) -> None:
    headers = await bearer()
    await client.post("/api/v1/events", json=BODY, headers=headers)
    again = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    wrong = BODY | {"slug": "other-2027", "ends_at": BODY["starts_at"], "parent": "nowhere"}
    answer = await client.post("/api/v1/events", json=wrong, headers=headers)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["ends_at"])


async def test_api_is_for_organisers_tokens(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    for headers, status in (
        ({}, 401),
        ({"authorization": "Bearer fapi_wrong"}, 401),
        (await bearer("bureau", "bureau@example.org"), 403),
    ):
        assert (await client.post("/api/v1/events", json=BODY, headers=headers)).status_code == status
        changed = await client.patch("/api/v1/events/fair", json={"state": "closed"}, headers=headers)
        assert changed.status_code == status
    unknown = await client.patch("/api/v1/events/nothing", json={}, headers=await bearer())
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "published"}, 200),
        ({"state": "closed"}, 200),
        ({"state": "draft"}, 409),
        ({"state": "gone"}, 422),
        ({"state": ["published"]}, 422),
        ({"state": None}, 422),
        ({"capacity": 10}, 200),
        ({"capacity": None}, 200),
        ({"capacity": "many"}, 422),
        ({"ends_at": "2001-01-01"}, 422),
        ({"slug": "other"}, 422),
        ({}, 200),
    ],
)
async def test_api_changes_what_is_sent(client: httpx.AsyncClient, change: dict[str, Any], status: int) -> None:
    await factories.event(slug="fair", title_en="Kept")
    answer = await client.patch("/api/v1/events/fair", json=change, headers=await bearer())
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["title_en"] == "Kept"
        assert change.items() <= answer.json().items()


async def test_api_idempotency_key_makes_one_event(client: httpx.AsyncClient) -> None:
    headers = await bearer() | {"idempotency-key": "k1"}
    first = await client.post("/api/v1/events", json=BODY, headers=headers)
    again = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    other = await client.post("/api/v1/events", json=BODY | {"slug": "other-2027"}, headers=headers)
    assert other.status_code == 422
    assert [row["slug"] for row in await fetch("SELECT slug FROM event")] == ["hnzcyz-2027"]


async def test_api_list_is_paged_and_follows_changes(client: httpx.AsyncClient) -> None:
    now = clock.now()
    for number in range(3):
        await factories.event(slug=f"fair-n{number}", updated_at=now - timedelta(hours=number))
    await factories.event(slug="draft", state="draft")
    answer = await client.get("/api/v1/events", params={"page_size": 2})
    found = answer.json()
    assert (found["total"], found["page"], found["page_size"]) == (3, 1, 2)
    assert [item["slug"] for item in found["items"]] == ["fair-n2", "fair-n1"]
    assert "x-page-generated" in answer.headers
    since = (now - timedelta(minutes=30)).isoformat()
    found = (await client.get("/api/v1/events", params={"updated_since": since})).json()
    assert [item["slug"] for item in found["items"]] == ["fair-n0"]
    mine = await client.get("/api/v1/events", headers=await bearer())
    assert mine.json()["total"] == 4
    for wrong in ({"page": "x"}, {"updated_since": "x"}):
        assert (await client.get("/api/v1/events", params=wrong)).status_code == 422
    assert (await client.get("/api/v1/events", params={"page": -5, "page_size": 9999})).json()["page_size"] == 200


@pytest.mark.parametrize("shape", ["{}T{}", "{} {}", "{}T{}:00"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
async def test_edition_form_keeps_its_days_after_an_error(client: httpx.AsyncClient, shape: str, zone: str) -> None:
    await sign_in(client, await make_actor("organiser"))
    typed = {
        "starts_at": shape.format("2027-10-23", "09:00"),
        "ends_at": shape.format("2027-10-24", "17:00"),
        "timezone": zone,
        "title_en": "",
    }
    answer = await post(client, "/organise/editions/new", FORM | typed)
    assert answer.status_code == 422
    page = main_of(answer.text)
    for name, value in (("starts_at", "2027-10-23T09:00"), ("ends_at", "2027-10-24T17:00")):
        control = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
        assert control
        assert f'value="{value}"' in control[0]
        assert 'type="datetime-local"' in control[0]


async def test_day_that_is_none_is_shown_as_it_was_typed(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, "/organise/editions/new", FORM | {"starts_at": "23 October, nine"})
    assert answer.status_code == 422
    control = re.search(r'<input[^>]* name="starts_at"[^>]*>', main_of(answer.text))
    assert control
    assert 'value="23 October, nine"' in control[0]
    assert 'type="text"' in control[0]


async def test_time_that_the_event_zone_skips_is_refused(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    typed = FORM | {"starts_at": "2027-03-28T02:30", "ends_at": "2027-03-28T17:00"}
    answer = await post(client, "/organise/editions/new?lang=en", typed | {"timezone": "Europe/Berlin"})
    assert answer.status_code == 422
    assert [error for error in errors_in(answer.text) if "clocks" in error]
    assert (await post(client, "/organise/editions/new", typed)).status_code == 303  # China has no summer time


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
