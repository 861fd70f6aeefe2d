"""A personal calendar: made, read by programs, brought up to date, revoked."""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from fairs.accounts import changes
from fairs.accounts.queries import actor_by_id
from fairs.calendars import services
from fairs.core import db
from fairs.core.errors import Conflict, NotFound
from fairs.meetings import services as meetings
from fairs.registrations import services as registrations
from fairs.tours import services as tour_services
from fairs.tours.forms import GroupForm, ReasonForm
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.fair import Candidate, candidate, person, tomorrow
from tests.tours import stage as tours

pytestmark = pytest.mark.usefixtures("db")


async def stage() -> tuple[Candidate, int, int, int]:
    """Somebody with a place, a session and a meeting; the event, the registration and the meeting."""
    who = await candidate()
    morning = tomorrow() + timedelta(days=3)
    event = await factories.event(slug="fair", starts_at=morning, ends_at=morning + timedelta(days=1))
    await fair.session(event, "forum-a", morning, sign_up=True, title_en="Forum of light", title_zh="光论坛")
    form = person(email=who.actor.email, sessions=["forum-a"])
    registered = (await registrations.register(event, form, by=who.actor)).id
    employer = await fair.employer(name_en="Luoyang Bearing Institute")
    listing = await factories.listing(employer.organisation, event)
    meeting = await factories.meeting(
        event, listing, employer.organisation, who.talent, starts_at=morning, state="scheduled", outcome=""
    )
    return who, event, registered, meeting


async def read(client: httpx.AsyncClient, token: str, **headers: str) -> httpx.Response:
    return await client.get(
        f"/calendar/{token}.ics", headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def parsed(content: bytes) -> dict[str, Any]:
    """kind of uid → entry; fails on anything that RFC 5545 does not allow."""
    calendar = Calendar.from_ical(content)
    assert not calendar.errors
    assert calendar["version"] == "2.0"
    events = list(calendar.walk("VEVENT"))
    for one in events:
        assert not one.errors
        for needed in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY"):
            assert needed in one, needed
        assert "ATTENDEE" not in one
        assert "ORGANIZER" not in one
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")
    found = {str(one["uid"]).split("@")[0].rsplit("-", 1)[0].rstrip("-0123456789"): one for one in events}
    assert len(found) == len(events)
    return found


async def test_all_that_a_person_has_is_in_it_without_signing_in(client: httpx.AsyncClient) -> None:
    who, *_ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    answer = await read(client, token)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    found = parsed(answer.content)
    assert set(found) == {"registration", "signed-session", "meeting"}
    assert found["signed-session"]["summary"] == "Forum of light"
    assert "Luoyang Bearing Institute" in found["meeting"]["summary"]
    assert "wang@example.org" not in answer.text


async def test_the_language_is_that_in_which_it_was_made(client: httpx.AsyncClient) -> None:
    who, *_ = await stage()
    await sign_in(client, who.actor)
    await client.get("/account/calendar?lang=zh")
    page = await post(client, "/account/calendar?lang=zh", {"name": "手机"})
    assert page.status_code == 201
    token = page.text.split("/calendar/")[1].split(".ics")[0].replace("<wbr>", "")
    token = page.text.split('href="webcal://')[1].split('"')[0].rsplit("/", 1)[1].removesuffix(".ics")
    assert "光论坛" in (await read(client, token)).text


async def test_a_program_that_has_it_gets_304(client: httpx.AsyncClient) -> None:
    who, event, *_ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    first = await read(client, token)
    again = await read(client, token)
    assert again.content == first.content
    tag, time = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"if_none_match": tag}, {"if_none_match": f'"x", W/{tag}'}, {"if_modified_since": time}):
        same = await read(client, token, **headers)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    older = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    for headers in ({"if_none_match": '"x"'}, {"if_modified_since": older}, {"if_modified_since": "yesterday"}):
        assert (await read(client, token, **headers)).status_code == 200
    await db.execute("UPDATE event SET place_en = 'Hall 9' WHERE id = $1", event)
    assert (await read(client, token, if_none_match=tag)).status_code == 200


async def test_changes_have_higher_numbers_and_cancellations_stay_for_a_while(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, event, registered, meeting = await stage()
    token = await services.make_feed("phone", by=who.actor)
    first = parsed((await read(client, token)).content)
    await db.execute("UPDATE event_session SET title_en = 'Forum of waves' WHERE event = $1", event)
    second = parsed((await read(client, token)).content)
    assert second["signed-session"]["sequence"] == first["signed-session"]["sequence"] + 1
    assert second["meeting"] == first["meeting"]
    await registrations.cancel(registered, by=who.actor)
    await meetings.cancel(meeting, by=who.actor)
    third = parsed((await read(client, token)).content)
    assert {kind: str(one["status"]) for kind, one in third.items()} == dict.fromkeys(third, "CANCELLED")
    assert set(third) == set(first)
    for kind, one in third.items():
        assert one["uid"] == first[kind]["uid"]
        assert one["sequence"] > second[kind]["sequence"]
    await db.execute("UPDATE calendar_line SET gone_at = gone_at - interval '31 days'")
    assert parsed((await read(client, token)).content) == {}


async def test_a_session_given_up_is_cancelled(client: httpx.AsyncClient) -> None:
    who, _, registered, _ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    await read(client, token)
    await db.execute("DELETE FROM registration_session WHERE registration = $1", registered)
    found = parsed((await read(client, token)).content)
    assert (str(found["signed-session"]["status"]), str(found["registration"]["status"])) == ("CANCELLED", "CONFIRMED")


async def test_who_waits_has_it_as_tentative(client: httpx.AsyncClient) -> None:
    event = await factories.event(capacity=1)
    first, second = await candidate("a@example.org"), await candidate("b@example.org")
    for who in (first, second):
        await registrations.register(event, person(email=who.actor.email), by=who.actor)
    found = parsed((await read(client, await services.make_feed("phone", by=second.actor))).content)
    assert str(found["registration"]["status"]) == "TENTATIVE"


async def test_an_employer_has_the_meetings_of_its_organisation(client: httpx.AsyncClient) -> None:
    _, _, _, meeting = await stage()
    account = await db.fetchval("SELECT account FROM membership WHERE role = 'employer'")
    actor = await actor_by_id(account)
    assert actor is not None
    found = parsed((await read(client, await services.make_feed("Outlook", by=actor))).content)
    assert str(found["meeting"]["uid"]).startswith(f"meeting-{meeting}@")


async def test_it_shows_nothing_of_an_address_that_is_not_proved(client: httpx.AsyncClient) -> None:
    boss, event = await make_actor("organiser", email="boss@example.org"), await factories.event()
    await registrations.register(event, person(email="guest@example.org"), by=boss)
    stranger = await make_actor("candidate", email="guest@example.org", proved=False)
    assert parsed((await read(client, await services.make_feed("phone", by=stranger))).content) == {}


async def test_made_and_revoked_on_the_page(client: httpx.AsyncClient) -> None:
    who, *_ = await stage()
    await sign_in(client, who.actor)
    assert "You have no address yet" in (await client.get("/account/calendar")).text
    bad = await post(client, "/account/calendar", {"name": ""})
    assert bad.status_code == 422
    page = await post(client, "/account/calendar", {"name": "phone <b>"})
    assert page.status_code == 201
    assert page.headers["cache-control"] == "no-store"
    token = page.text.split('href="webcal://')[1].split('"')[0].rsplit("/", 1)[1].removesuffix(".ics")
    assert (await read(client, token)).status_code == 200
    later = (await client.get("/account/calendar")).text
    assert token not in later, "it is shown once"
    assert "phone &lt;b&gt;" in later
    feed = await db.fetchval("SELECT id FROM calendar_feed")
    stranger = await candidate("other@example.org")
    await sign_in(client, stranger.actor)
    assert (await post(client, f"/account/calendar/{feed}/revoke")).status_code == 404
    await sign_in(client, who.actor)
    assert (await post(client, f"/account/calendar/{feed}/revoke")).status_code == 303
    assert (await read(client, token)).status_code == 404
    assert (await post(client, f"/account/calendar/{feed}/revoke")).status_code == 404


async def test_ten_addresses_at_most() -> None:
    who = await candidate()
    for number in range(services.MOST):
        await services.make_feed(str(number), by=who.actor)
    with pytest.raises(Conflict, match="ten"):
        await services.make_feed("one more", by=who.actor)


async def test_it_ends_with_the_account_and_while_it_is_suspended(client: httpx.AsyncClient) -> None:
    who, *_ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    await db.execute("UPDATE account SET active = false WHERE id = $1", who.actor.account_id)
    assert (await read(client, token)).status_code == 404
    await db.execute("UPDATE account SET active = true WHERE id = $1", who.actor.account_id)
    assert (await read(client, token)).status_code == 200
    await changes.end_account(who.actor)
    assert (await read(client, token)).status_code == 404
    assert await db.fetchval("SELECT count(*) FROM calendar_line") == 0


async def test_the_secret_is_neither_stored_nor_logged(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    who, *_ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    with caplog.at_level(logging.DEBUG, logger="fairs"):
        await read(client, token)
        await read(client, token + "x")
    tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for row in tables:
        stored = await db.fetch(f"SELECT to_jsonb(t)::text AS line FROM {row['tablename']} t")
        assert not any(token in one["line"] for one in stored), row["tablename"]
    printed = capsys.readouterr()
    assert token not in printed.out + printed.err + caplog.text


async def test_it_is_not_asked_for_too_often(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    who, *_ = await stage()
    monkeypatch.setattr(services, "READS_AN_HOUR", 2)
    monkeypatch.setattr(services, "GUESSES_AN_HOUR", 1)
    token, other = [await services.make_feed(name, by=who.actor) for name in ("phone", "Outlook")]
    assert [(await read(client, token)).status_code for _ in range(3)] == [200, 200, 429]
    assert (await read(client, other)).status_code == 200
    assert [(await read(client, "guess")).status_code for _ in range(2)] == [404, 429]


@pytest.mark.parametrize("path", ["x", ".ics", "x.ICS", "x" * 500 + ".ics", "x.ics.ics", "%00.ics"])
async def test_what_is_no_address_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/calendar/{path}")).status_code in (400, 404)


async def test_two_programs_at_once(client: httpx.AsyncClient) -> None:
    import asyncio

    who, *_ = await stage()
    token = await services.make_feed("phone", by=who.actor)
    answers = await asyncio.gather(*(read(client, token) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_nobody_revokes_what_is_not_there() -> None:
    who = await candidate()
    with pytest.raises(NotFound):
        await services.revoke_feed(2**62, by=who.actor)


async def test_the_stops_of_a_tour_are_in_it_once_it_is_released(client: httpx.AsyncClient) -> None:
    stage_of_tour = await tours.open_tour()
    [member] = await tours.people(stage_of_tour, 1)
    stop = await tours.add_stop(stage_of_tour, title_en="Bearing works")
    await tour_services.add_group("tour", GroupForm(name="B"), by=stage_of_tour.organiser)
    await tours.add_stop(stage_of_tour, hour=3, title_en="Somebody else's", groups=["B"])
    actor = await make_actor("candidate", email=member.email)
    token = await services.make_feed("phone", by=actor)
    assert set(parsed((await read(client, token)).content)) == {"registration"}
    await tour_services.release("tour", by=stage_of_tour.organiser)
    told = parsed((await read(client, token)).content)
    assert set(told) == {"registration", "tour-stop"}
    assert told["tour-stop"]["summary"] == "Bearing works"
    await tour_services.cancel_stop("tour", stop, ReasonForm(reason="Closed"), by=stage_of_tour.organiser)
    assert str(parsed((await read(client, token)).content)["tour-stop"]["status"]) == "CANCELLED"
