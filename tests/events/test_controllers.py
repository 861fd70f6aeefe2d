import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from fairs.core import clock
from fairs.core.db import fetchval
from fairs.events import page_cache
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.events.edition import FORM
from tests.fair import session
from tests.pages import main_of

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


async def fair(**given: Any) -> int:
    """A published fair that begins in a month, with one session."""
    starts_at = (clock.now() + timedelta(days=30)).replace(hour=1, minute=0, second=0, microsecond=0)
    event_id = await factories.event(slug="fair", starts_at=starts_at, ends_at=starts_at + 8 * HOUR, **given)
    titles = {"title_zh": "开幕式，<致辞>", "title_en": "Opening; with <speeches>"}
    await session(event_id, "opening", starts_at, kind="opening", **titles)
    return event_id


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
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
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
