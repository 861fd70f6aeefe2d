"""A move is shown with whom it concerns before it is stored; calendars hear of it; the past stays as it was."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, jobs
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.events import moving, programme, rules, services
from fairs.events import queries as queries_of_events
from fairs.events.forms import EventForm, SessionForm
from fairs.events.planning import releasing
from fairs.meetings import services as meetings
from fairs.notifications import services as mail
from fairs.registrations import changing, queries
from fairs.registrations import event_changes as telling
from fairs.registrations import services as registrations
from tests import factories
from tests import fair as pieces
from tests.cast import make_actor, post, sign_in
from tests.fair import person
from tests.meetings.stage import booked, make_stage

HOUR = timedelta(hours=1)
LOCAL = timedelta(hours=8)  # Asia/Shanghai


async def session(event: int, code: str, starts_at: datetime, **given: Any) -> int:
    return await pieces.session(event, code, starts_at, sign_up=True, **given)


async def fair(**given: Any) -> int:
    """A fair of two days with three people, two of them signed up to its one session."""
    event = await factories.event(slug="fair", **given)
    await session(event, "a", factories.STARTS + HOUR)
    for number, sessions in ((1, ["a"]), (2, ["a"]), (3, [])):
        await registrations.register(event, person(number, sessions=sessions), by=SYSTEM)
    return event


async def edited(**given: Any) -> EventForm:
    row = await database.fetchrow("SELECT * FROM event WHERE slug = 'fair'")
    assert row is not None
    names = [name for name in EventForm.__struct_fields__ if name not in ("unit", "parent")]
    return EventForm(**{**{name: row[name] for name in names}, "unit": "410000", "parent": "", **given})


def typed(form: EventForm) -> dict[str, str]:
    def text(value: Any) -> str:
        return (
            (value + LOCAL).strftime("%Y-%m-%dT%H:%M")
            if isinstance(value, datetime)
            else ""
            if value is None
            else str(value)
        )

    return {name: text(getattr(form, name)) for name in form.__struct_fields__}


async def calendars_of(kind: str) -> dict[str, list[str]]:
    """address → lines of the calendar in the mail of a kind."""
    found = {}
    for row in await database.fetch("SELECT id, to_email FROM outgoing_mail WHERE kind = $1 ORDER BY id", kind):
        files = [item for item in await mail.attachments_of(row["id"]) if item.filename.endswith(".ics")]
        found[row["to_email"]] = (files[0].content or b"").decode().replace("\r\n ", "").splitlines()
    return found


async def test_moved_edition_is_stored_after_it_was_seen_whom_it_concerns(client: httpx.AsyncClient, dsn: str) -> None:
    event = await fair()
    first = await calendars_of("registration_confirmed")
    await sign_in(client, await make_actor("organiser"))
    later = factories.STARTS + timedelta(days=7)
    form = typed(await edited(starts_at=later, ends_at=later + 32 * HOUR))
    asked = await post(client, "/organise/editions/fair/edit", form)
    assert asked.status_code == 409
    assert "Nothing is saved yet" in asked.text
    assert "1 session<" in asked.text
    assert "3 people with a place and a calendar entry" in asked.text
    assert await database.fetchval("SELECT starts_at FROM event WHERE id = $1", event) == factories.STARTS
    back = await post(client, "/organise/editions/fair/edit", {**form, "back": "1"})
    assert back.status_code == 200
    assert form["starts_at"] in back.text
    digest = asked.text.split('name="confirm" value="')[1].split('"')[0]
    await registrations.register(event, person(4), by=SYSTEM)  # what was shown is true no more
    assert (await post(client, "/organise/editions/fair/edit", {**form, "confirm": digest})).status_code == 409
    again = await post(client, "/organise/editions/fair/edit", form)
    digest = again.text.split('name="confirm" value="')[1].split('"')[0]
    assert (await post(client, "/organise/editions/fair/edit", {**form, "confirm": digest})).status_code == 303
    assert await database.fetchval("SELECT starts_at FROM event WHERE id = $1", event) == later
    await jobs.drain(dsn)
    told = await calendars_of("registration_moved")
    assert sorted(told) == [f"p{number}@example.org" for number in range(1, 5)]
    for address, lines in told.items():
        assert "METHOD:REQUEST" in lines
        assert "SEQUENCE:1" in lines
        assert f"DTSTART;VALUE=DATE:{later:%Y%m%d}" in lines
        if address in first:
            uid = next(line for line in lines if line.startswith("UID:"))
            assert uid in first[address]
    await database.execute("UPDATE outgoing_mail SET kind = 'x' WHERE kind = 'registration_cancelled'")
    number = await database.fetchval("SELECT id FROM registration WHERE email = 'p1@example.org'")
    await registrations.cancel(number, by=SYSTEM)
    assert "SEQUENCE:2" in (await calendars_of("registration_cancelled"))["p1@example.org"]


async def test_telling_of_a_move_twice_tells_once(db: None) -> None:
    event = await fair()
    for _ in range(2):
        await telling.notify_moved({"event": event, "session": None, "mark": "m"})
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'registration_moved'") == 3
    assert await database.fetchval("SELECT max(sequence) FROM registration") == 1


async def test_place_of_meetings_is_told_to_both_sides(db: None, dsn: str) -> None:
    stage = await make_stage()
    await booked(stage)
    await database.execute("UPDATE event SET slug = 'fair' WHERE id = $1", stage.event)
    with pytest.raises(moving.Unconfirmed) as asked:
        await services.update_event("fair", await edited(place_en="The new hall"), by=SYSTEM)
    assert asked.value.extra["concerned"] == {"meeting_people": 2}
    await services.update_event(
        "fair", await edited(place_en="The new hall"), by=SYSTEM, confirmed=asked.value.found.digest
    )
    await jobs.drain(dsn)
    told = await calendars_of("meeting_moved")
    assert sorted(told) == ["maria@example.org", "wang@example.org"]
    for lines in told.values():
        assert "SEQUENCE:1" in lines
        assert any(line.startswith("LOCATION:The new hall") for line in lines)


async def test_what_every_slice_keeps_of_an_event_is_counted(db: None) -> None:
    stage = await make_stage()
    await booked(stage)
    begins = await database.fetchval("SELECT min(starts_at) FROM meeting")
    await session(stage.event, "a", begins)
    await factories.event(slug="part", parent=stage.event)
    await factories.registration(stage.event)
    await factories.registration(stage.event, state="waitlisted", queue=1)
    await database.execute("UPDATE event SET slug = 'fair' WHERE id = $1", stage.event)
    later = clock.now() + timedelta(days=400)
    with pytest.raises(moving.Unconfirmed) as asked:
        await services.update_event("fair", await edited(starts_at=later, ends_at=later + HOUR), by=SYSTEM)
    assert asked.value.extra["concerned"] == {
        "sessions": 1,
        "slots": 2,
        "meetings": 1,
        "parts": 1,
        "registered": 1,
        "waiting": 1,
    }


async def test_person_with_two_other_things_at_the_new_hour_clashes_once(db: None) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    begins = await database.fetchval("SELECT starts_at FROM meeting WHERE id = $1", meeting)
    await database.execute("UPDATE event SET slug = 'fair' WHERE id = $1", stage.event)
    await session(stage.event, "a", begins + 5 * HOUR)
    await session(stage.event, "b", begins)
    people = [
        await factories.registration(stage.event, talent=stage.talent),
        await factories.registration(stage.event),
        await factories.registration(stage.event, state="pending"),
        await factories.registration(stage.event, state="cancelled"),
    ]
    for person_, codes in zip(people, (["a", "b"], ["a", "b"], ["a"], ["a", "b"]), strict=True):
        await database.execute(
            "INSERT INTO registration_session (registration, session)"
            " SELECT $1, id FROM event_session WHERE code = ANY($2::text[])",
            person_,
            codes,
        )
    values: dict[str, Any] = {"code": "a", "kind": "forum", "title_zh": "论坛a", "title_en": "Forum a", "sign_up": True}
    moved = SessionForm(**values, starts_at=begins, ends_at=begins + HOUR, capacity=1)
    await programme.update_session("fair", "a", moved, by=SYSTEM)
    event = await queries_of_events.event_by_id(stage.event)
    concerned = (await releasing.prepare(event)).people["a"]
    assert concerned == releasing.Concerned(registered=2, waiting=0, taken=3, clashes=2)
    await database.execute(
        "DELETE FROM registration_session WHERE session IN (SELECT id FROM event_session WHERE code = 'b')"
    )
    assert (await releasing.prepare(event)).people["a"].clashes == 1


@pytest.mark.parametrize(
    "given", [{"title_en": "Another title"}, {"capacity": 3}, {"capacity": 500}, {"summary_en": "x"}]
)
async def test_change_that_moves_nobody_asks_nothing(db: None, given: dict[str, Any]) -> None:
    await fair()
    await services.update_event("fair", await edited(**given), by=SYSTEM)


async def test_capacity_below_the_confirmed_is_confirmed(db: None) -> None:
    await fair()
    with pytest.raises(moving.Unconfirmed) as asked:
        await services.update_event("fair", await edited(capacity=2), by=SYSTEM)
    assert asked.value.extra["concerned"] == {"capacity": 2, "taken": 3}
    await services.update_event("fair", await edited(capacity=2), by=SYSTEM, confirmed=moving.CONFIRMED)


async def test_moved_session_is_told_to_those_who_signed_up(client: httpx.AsyncClient, dsn: str) -> None:
    event = await fair()
    await session(event, "b", factories.STARTS + 3 * HOUR)
    number = await database.fetchval("SELECT id FROM registration WHERE email = 'p1@example.org'")
    await changing.change_sessions(number, ["a", "b"], by=SYSTEM)
    await sign_in(client, await make_actor("organiser"))
    path = "/organise/editions/fair/sessions/a/edit"
    assert 'value="a"' in (await client.get(path)).text
    moment = factories.STARTS + 3 * HOUR + LOCAL
    form = {"code": "a", "kind": "forum", "title_zh": "论坛", "title_en": "Forum a", "sign_up": "on", "capacity": "1"}
    form |= {"starts_at": moment.strftime("%Y-%m-%dT%H:%M"), "ends_at": (moment + HOUR).strftime("%Y-%m-%dT%H:%M")}
    assert (await post(client, path, form)).status_code == 303
    await database.execute("DELETE FROM outgoing_mail")
    path = "/organise/editions/fair/programme/release"
    asked = await client.get(path)
    assert "1 person has something else at the new hour" in asked.text
    assert "2 places are taken and you set 1" in asked.text
    await jobs.drain(dsn)
    assert await calendars_of("registration_moved") == {}
    digest = asked.text.split('name="confirm" value="')[1].split('"')[0]
    assert (await post(client, path, {"confirm": digest})).status_code == 303
    await jobs.drain(dsn)
    assert sorted(await calendars_of("registration_moved")) == ["p1@example.org", "p2@example.org"]


async def test_sessions_change_until_their_date_and_places_are_exact(db: None) -> None:
    event = await factories.event()
    await session(event, "small", factories.STARTS, capacity=3)
    made = [await registrations.register(event, person(number), by=SYSTEM) for number in range(12)]
    outcomes = await asyncio.gather(
        *(changing.change_sessions(one.id, ["small"], by=SYSTEM) for one in made), return_exceptions=True
    )
    assert sum(one is True for one in outcomes) == 3
    assert {one.code for one in outcomes if isinstance(one, Conflict)} == {"session_full"}
    [held, *_] = [one for one, outcome in zip(made, outcomes, strict=True) if outcome is True]
    await changing.change_sessions(held.id, [], by=SYSTEM)
    [other, *_] = [one for one, outcome in zip(made, outcomes, strict=True) if outcome is not True]
    await changing.change_sessions(other.id, ["small"], by=SYSTEM)
    lines = (await calendars_of("registration_moved"))[f"p{made.index(held)}@example.org"]
    assert "METHOD:REQUEST" in lines


async def test_session_is_closed_after_its_date(db: None) -> None:
    event = await factories.event()
    await session(event, "early", factories.STARTS, changes_until=clock.now() + HOUR)
    made = await registrations.register(event, person(1, sessions=["early"]), by=SYSTEM)
    other = await registrations.register(event, person(2), by=SYSTEM)
    await database.execute("UPDATE event_session SET changes_until = $1", clock.now() - HOUR)
    assert await changing.change_sessions(made.id, [], by=SYSTEM) is False  # it stays as it is
    for refused in (
        changing.change_sessions(other.id, ["early"], by=SYSTEM),
        registrations.register(event, person(3, sessions=["early"]), by=SYSTEM),
    ):
        with pytest.raises(Conflict) as why:
            await refused
        assert why.value.code == "session_closed"
    assert [row.code for row in await queries.sessions_signed_up(made.id)] == ["early"]


async def test_two_at_the_same_hour_are_warned_of_once(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    for code in ("a", "b"):
        await session(event, code, factories.STARTS)
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    form = {"category": "candidate", "name_passport": "Alice", "sessions": ["a", "b"]}
    warned = await post(client, "/e/fair/register", form)
    assert warned.status_code == 409
    assert "are at the same time" in warned.text
    assert await database.fetchval("SELECT count(*) FROM registration") == 0
    seen = warned.text.split('name="same_hour" value="')[1].split('"')[0]
    assert (await post(client, "/e/fair/register", {**form, "same_hour": seen})).status_code == 303
    number = await database.fetchval("SELECT number FROM registration")
    page = (await client.get("/e/fair")).text
    assert "Your badge" in page
    assert f"/me/fairs/{number}/badge" in page
    assert "/e/fair/register" not in page
    path = f"/me/fairs/{number}/sessions"
    assert (await client.get(path)).text.count(" checked") == 2
    assert (await post(client, path, {"sessions": ["a"]})).status_code == 303
    assert (await post(client, path, {"sessions": ["a", "b"]})).status_code == 409
    await sign_in(client, await make_actor("candidate", email="bob@example.org"))
    assert (await client.get(path)).status_code == 404
    assert (await post(client, path, {"sessions": ["a"]})).status_code == 404
    assert number not in (await client.get("/e/fair")).text


async def test_nothing_of_an_event_that_is_over_can_be_changed(db: None) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    made = await registrations.register(stage.event, person(1), by=SYSTEM)
    shift = timedelta(days=30)
    await database.execute(
        "UPDATE event SET starts_at = starts_at - $1::interval, ends_at = ends_at - $1::interval", shift
    )
    await database.execute(
        "UPDATE meeting SET starts_at = starts_at - $1::interval, ends_at = ends_at - $1::interval", shift
    )
    for refused in (
        registrations.register(stage.event, person(2), by=SYSTEM),
        registrations.cancel(made.id, by=SYSTEM),
        changing.change_sessions(made.id, [], by=SYSTEM),
        meetings.cancel(meeting, by=stage.candidate),
    ):
        with pytest.raises(Conflict) as why:
            await refused
        assert why.value.code == "over"
    await database.execute("UPDATE event SET demo = true")  # a demo stays open to be tried
    await registrations.register(stage.event, person(2), by=SYSTEM)
    await registrations.cancel(made.id, by=SYSTEM)
    await meetings.cancel(meeting, by=stage.candidate)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
def test_bounds_are_whole_days_by_the_clock_of_the_place(zone: str) -> None:
    starts_at, ends_at = factories.PAST, factories.PAST + timedelta(days=1, hours=8)
    low, high = rules.bounds(starts_at, ends_at, zone)
    assert (low.hour, high.hour) == (0, 0)
    assert low <= starts_at < ends_at <= high
    assert rules.lies_within(low, high, starts_at, ends_at, zone)
    assert not rules.lies_within(low - timedelta(minutes=1), high, starts_at, ends_at, zone)
