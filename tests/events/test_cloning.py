"""An edition as the template of the next one: what is taken over, on which days, and how it is undone."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from fairs.core.db import fetch, fetchval
from fairs.events import cloning
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.pages import main_of

STARTS = datetime(2018, 10, 27, 1, tzinfo=UTC)  # Saturday, 09:00 in Zhengzhou
DAYS = {"starts_at": STARTS, "ends_at": STARTS + timedelta(days=1, hours=8)}
CLONE = "/organise/editions/fair-2018/clone"
ALL = dict.fromkeys(("rooms", "gates", "programme", "parts", "tables"), "on")
FORM = {"title_zh": "下一届", "title_en": "Next", "slug": "fair-2019", "starts_on": "2019-10-26"}


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))


@pytest.fixture
async def edition(db: None) -> int:
    """Two days with a room, a session in it, three gates, a part, a slot and a table of an employer, and a person."""
    event = await factories.event(slug="fair-2018", contact_phone="0371-1", **DAYS)
    room = await fetchval(
        "INSERT INTO room (event, code, name_zh, name_en, capacity) VALUES ($1, 'a', '厅', 'Hall', 30) RETURNING id",
        event,
    )
    session = await factories.session(
        event,
        "forum",
        room=room,
        starts_at=STARTS,
        ends_at=STARTS + timedelta(hours=2),
        changes_until=STARTS - timedelta(hours=1),
    )
    await factories.gate(event)
    await factories.gate(event, code="forum", kind="session", session=session, categories=["expert"], rule="many")
    await factories.gate(
        event, code="lunch", kind="zone", room=room, capacity=9, rule="once", ways="in", opens_at=STARTS
    )
    await factories.event(slug="fair-2018-city", kind="session", family="city", parent=event, **DAYS)
    await factories.event(slug="tour-2018", kind="tour", parent=event, **DAYS)
    organisation = await factories.organisation()
    await fetchval(
        "INSERT INTO meeting_slot (event, starts_at, ends_at) VALUES ($1, $2, $3) RETURNING id",
        event,
        STARTS,
        STARTS + timedelta(minutes=30),
    )
    await fetchval(
        "INSERT INTO meeting_table (event, organisation, number) VALUES ($1, $2, 7) RETURNING id", event, organisation
    )
    await factories.registration(event)
    return event


def test_days_move_and_hours_stay_over_a_change_of_the_clocks() -> None:
    before = datetime(2026, 10, 24, 7, 0, tzinfo=UTC)  # 09:00 in Berlin, in summer time
    assert cloning.moved(before, 7, "Europe/Berlin").astimezone(UTC) == datetime(2026, 10, 31, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "made"),
    [("fair-2018-city", "fair-2019-city"), ("tour-2018", "fair-2019-tour"), ("x" * 60, "fair-2019-" + "x" * 50)],
)
def test_addresses_of_parts(part: str, made: str) -> None:
    assert cloning.slug_of_part(part, "fair-2018", "fair-2019") == made


@pytest.mark.usefixtures("organiser", "edition")
async def test_the_form_proposes_the_same_weekday(client: httpx.AsyncClient) -> None:
    page = (await client.get(CLONE)).text
    proposed = date.fromisoformat(page.split('name="starts_on"')[1].split('value="')[1].split('"')[0])
    assert proposed.weekday() == STARTS.weekday()
    assert proposed > date(2026, 1, 1)


@pytest.mark.usefixtures("organiser")
async def test_the_days_are_shown_before_anything_is_written(client: httpx.AsyncClient, edition: int) -> None:
    page = main_of((await post(client, CLONE, FORM | ALL)).text)
    for told in ("/e/fair-2019-city", "/e/fair-2019-tour", "Sat 26 Oct 2019", "Rooms: 1. Gates: 3.", "by 364 days"):
        assert told in page
    assert "The weekdays change" not in page
    assert await fetchval("SELECT count(*) FROM event") == 3
    sunday = main_of((await post(client, CLONE, FORM | ALL | {"starts_on": "2019-10-27"})).text)
    assert "The weekdays change" in sunday
    back = await post(client, CLONE, FORM | ALL | {"back": "1"})
    assert 'value="fair-2019"' in back.text


@pytest.mark.usefixtures("organiser")
async def test_everything_but_people_is_taken_over(client: httpx.AsyncClient, edition: int) -> None:
    assert (await post(client, CLONE, FORM | ALL | {"confirm": "1"})).status_code == 303
    made = await fetchval("SELECT id FROM event WHERE slug = 'fair-2019'")
    sql = "SELECT state, title_en, starts_at, template, demo, contact_phone FROM event WHERE id = $1"
    [row] = await fetch(sql, made)
    year = timedelta(days=364)
    assert tuple(row) == ("draft", "Next", STARTS + year, edition, False, "0371-1")
    parts = {tuple(row) for row in await fetch("SELECT slug, family FROM event WHERE parent = $1", made)}
    assert parts == {("fair-2019-city", "city"), ("fair-2019-tour", "")}
    [session] = await fetch(
        "SELECT s.code, s.starts_at, s.changes_until, r.event FROM event_session s JOIN room r ON r.id = s.room"
        " WHERE s.event = $1",
        made,
    )
    assert tuple(session) == ("forum", STARTS + year, STARTS + year - timedelta(hours=1), made)
    gates = await fetch(
        "SELECT g.code, s.event AS session, r.event AS room, g.categories, g.capacity, g.rule, g.ways, g.opens_at FROM gate g"
        " LEFT JOIN event_session s ON s.id = g.session LEFT JOIN room r ON r.id = g.room WHERE g.event = $1 ORDER BY 1",
        made,
    )
    assert [tuple(gate) for gate in gates] == [
        ("forum", made, None, ["expert"], None, "many", "both", None),
        ("lunch", None, made, [], 9, "once", "in", STARTS + year),
        ("main-in", None, None, [], None, "day", "both", None),
    ]
    [table] = await fetch("SELECT number, organisation FROM meeting_table WHERE event = $1", made)
    assert tuple(table) == (7, None)
    assert await fetchval("SELECT starts_at FROM meeting_slot WHERE event = $1", made) == STARTS + year
    assert await fetchval("SELECT count(*) FROM registration WHERE event = $1", made) == 0
    actions = {row["action"] for row in await fetch("SELECT action FROM audit_entry WHERE object_kind = 'event'")}
    assert {"event.clone", "event.create"} <= actions


@pytest.mark.usefixtures("organiser", "edition")
async def test_only_what_is_chosen_is_taken_over(client: httpx.AsyncClient) -> None:
    await post(client, CLONE, FORM | {"gates": "on", "confirm": "1"})
    made = await fetchval("SELECT id FROM event WHERE slug = 'fair-2019'")
    gates = [tuple(row) for row in await fetch("SELECT code, room FROM gate WHERE event = $1 ORDER BY code", made)]
    assert gates == [("lunch", None), ("main-in", None)], "the gate of a session that is not taken over is left out"
    for table in ("room", "event_session", "meeting_table", "meeting_slot"):
        assert await fetchval(f"SELECT count(*) FROM {table} WHERE event = $1", made) == 0
    assert await fetchval("SELECT count(*) FROM event WHERE parent = $1", made) == 0


@pytest.mark.usefixtures("organiser", "edition")
async def test_what_cannot_be_copied_keeps_what_was_typed(client: httpx.AsyncClient) -> None:
    taken = await post(client, CLONE, FORM | {"slug": "tour-2018", "confirm": "1"})
    assert taken.status_code == 409
    assert "already an event with this short name" in taken.text
    assert 'value="Next"' in taken.text
    wrong = await post(client, CLONE, FORM | {"slug": "new", "starts_on": "someday", "title_en": ""})
    assert wrong.status_code == 422
    assert len(errors_in(wrong.text)) == 3
    same = await post(client, CLONE, FORM | {"starts_on": "2018-10-27"})
    assert "This is the day of the edition itself" in same.text
    assert await fetchval("SELECT count(*) FROM event") == 3


@pytest.mark.usefixtures("organiser")
async def test_a_copy_is_undone_until_it_is_published_or_used(client: httpx.AsyncClient, edition: int) -> None:
    undo = "/organise/editions/fair-2019/clone/undo"
    await post(client, CLONE, FORM | ALL | {"confirm": "1"})
    assert undo in (await client.get("/organise/editions/fair-2019")).text
    assert (await post(client, undo, {})).headers["location"].startswith("/organise/editions/fair-2018")
    assert await fetchval("SELECT count(*) FROM event") == 3
    assert await fetchval("SELECT count(*) FROM registration") == 1

    await post(client, CLONE, FORM | ALL | {"confirm": "1"})
    made = await fetchval("SELECT id FROM event WHERE slug = 'fair-2019'")
    person = await factories.registration(made, email="early@example.org")
    refused = await post(client, undo, {})
    assert refused.status_code == 409
    assert "Somebody uses this draft already" in refused.text
    await fetchval("DELETE FROM registration WHERE id = $1 RETURNING id", person)
    by_hand = await factories.event(slug="by-hand", state="draft", parent=made)
    assert (await post(client, undo, {})).status_code == 409
    await fetchval("DELETE FROM event WHERE id = $1 RETURNING id", by_hand)
    await fetchval("UPDATE event SET state = 'published' WHERE id = $1 RETURNING id", made)
    assert (await post(client, undo, {})).status_code == 409
    assert await fetchval("SELECT count(*) FROM event") == 6


async def test_others_cannot_copy(client: httpx.AsyncClient, edition: int) -> None:
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id()))
    assert (await client.get(CLONE)).status_code == 403
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    assert (await client.get(CLONE.replace("2018", "2000"))).status_code == 404
    assert (await post(client, "/organise/editions/fair-2018/clone/undo", {})).status_code == 409, "no copy"
