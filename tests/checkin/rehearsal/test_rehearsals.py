"""A rehearsal as who runs the event asks for it: played on the real database, taken back, shown as lines and lanes."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from click import ClickException

from fairs.accounts.actor import SYSTEM
from fairs.checkin.rehearsal import cli, history, playing, queries, services
from fairs.checkin.rehearsal.crowd import Assumptions, Guest, Kind, arrivals
from fairs.checkin.rehearsal.simulation import Result
from fairs.core import clock, jobs
from fairs.core import db as database
from fairs.core.errors import Conflict
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall, scan, send
from tests.pages import form_of

PAGE = "/organise/editions/fair/rehearsals"
TABLES = ("scan", "admission", "scan_turn", "gate_count", "gate_minute")


@pytest.fixture
async def hall(db: None) -> Hall:
    hall = await open_hall()
    await database.execute("UPDATE event SET slug = 'fair' WHERE id = $1", hall.event)
    for _ in range(5):
        await hall.badge()
    return hall


async def day_of(hall: Hall) -> Any:
    return await database.fetchval(
        "SELECT (starts_at AT TIME ZONE timezone)::date FROM event WHERE id = $1", hall.event
    )


async def counts() -> list[int]:
    return [await database.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]


async def played(hall: Hall, **more: Any) -> Result:
    plan = services.Plan(await day_of(hall), seconds=1, **more)
    made = await services.open_rehearsal(hall.event, plan, by=SYSTEM)
    result = await services.run(made)
    assert result is not None
    return result


async def test_the_crowd_is_decided_by_the_real_server_and_no_number_changes(hall: Hall) -> None:
    before = await counts()
    result = await played(hall, people=40, lanes=3)
    assert await counts() == before
    assert result.server.scans == sum(one.people for one in result.stations if one.kind == "gate") > 30
    assert result.server.refused == {}
    assert [one.kind for one in result.stations] == ["gate", "desk", "printer"]
    assert [one.lanes for one in result.stations] == [3, 1, 1]
    assert sum(sum(one.came) for one in result.stations if one.kind == "gate") == result.server.scans


async def test_what_the_gates_would_refuse_is_said(hall: Hall) -> None:
    await database.execute("UPDATE gate SET closes_at = $1 WHERE kind = 'entry'", factories.STARTS - timedelta(days=1))
    result = await played(hall, people=20)
    assert result.server.refused == {"too_late": result.server.scans}


async def test_twice_the_same_crowd_and_more_lanes_shorter_lines(hall: Hall) -> None:
    crowd = {"people": 400, "given": Assumptions(scan_seconds=60)}
    few, again, many = [await played(hall, lanes=lanes, **crowd) for lanes in (1, 1, 40)]
    gate, same, wide = few.stations[0], again.stations[0], many.stations[0]
    assert (gate.people, gate.came) == (same.people, same.came)
    assert gate.wait_p95 > 60 * 60 > wide.wait_p95
    assert 1 < gate.needed == pytest.approx(wide.needed, abs=1)


async def test_nothing_is_played_without_gates_or_badges(hall: Hall) -> None:
    plan = services.Plan(await day_of(hall) + timedelta(days=300), seconds=1)
    await database.execute("UPDATE registration SET days = ARRAY[$1::date]", await day_of(hall))
    with pytest.raises(Conflict, match="nobody with a badge"):
        await services.open_rehearsal(hall.event, plan, by=SYSTEM)
    await database.execute("UPDATE gate SET inactive_since = now()")
    with pytest.raises(Conflict, match="no entry gate"):
        await services.open_rehearsal(hall.event, plan, by=SYSTEM)


async def test_two_at_once_are_one(hall: Hall) -> None:
    plan = services.Plan(await day_of(hall), seconds=1)
    asked = [services.ask(hall.event, plan, by=SYSTEM) for _ in range(5)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, int) for one in found) == 1
    assert sum(isinstance(one, Conflict) for one in found) == 4


async def test_real_scans_meanwhile_are_stored(hall: Hall, client: httpx.AsyncClient) -> None:
    code = await hall.badge()
    shown = [playing.Shown(factories.STARTS, "main-in", code)] * 50

    async def note(_: int) -> None:
        return

    scan = {"id": "0b0d0d0e-0000-4000-8000-000000000001", "gate": "main-in", "code": code}
    body = {"scans": [scan | {"scanned_at": factories.STARTS.isoformat()}]}
    head = {"authorization": f"Bearer {hall.token}"}
    rehearsed, real = await asyncio.gather(
        playing.play(hall.event, shown, seconds=0.5, lanes=8, note=note),
        client.post("/api/v1/checkin/scans", json=body, headers=head),
    )
    assert rehearsed.server.scans == 50
    assert real.json()["results"][0]["outcome"] == "admitted"
    assert await database.fetchval("SELECT count(*) FROM scan") == 1


async def test_page_asks_shows_and_exports(hall: Hall, client: httpx.AsyncClient, dsn: str) -> None:
    await sign_in(client, await make_actor("organiser"))
    assert "No rehearsal yet" in (await client.get(PAGE)).text
    form = {
        "day": (await day_of(hall)).isoformat(),
        "people": "30",
        "lanes": "2",
        "desks": "1",
        "printers": "1",
        "minutes": "1",
    }
    wrong = await post(client, PAGE, form | {"day": "1999-01-01", "people": "77"})
    assert (wrong.status_code, 'value="77"' in wrong.text, "Choose a day of the event" in wrong.text) == (
        422,
        True,
        True,
    )
    asked = await post(client, PAGE, form)
    assert asked.status_code == 303, asked.text
    path = asked.headers["location"]
    assert "Waits for the worker" in (await client.get(path)).text
    assert (await post(client, PAGE, form)).status_code == 409
    await database.execute("UPDATE rehearsal SET seconds = 1")
    await jobs.drain(dsn)
    shown = (await client.get(path)).text
    for words in ("Enough for this crowd", "Longest line in each ten minutes", "nobody would be refused"):
        assert words in shown
    sheet = await client.get(f"{path}/lines.xlsx")
    assert (sheet.status_code, sheet.content[:2]) == (200, b"PK")
    assert "Done" in (await client.get(PAGE)).text
    strangers = [
        await make_actor("candidate", email="c@example.org"),
        await make_actor("reviewer", email="r@example.org", event_id=hall.event),
    ]
    for stranger in strangers:
        await sign_in(client, stranger)
        assert (await client.get(path)).status_code in {403, 404}
    other = await factories.event(slug="other")
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    assert (await client.get(path.replace("/fair/", "/other/"))).status_code == 404
    assert await queries.count_of(other) == 0


async def test_command_prints_lines_and_says_what_is_missing(hall: Hall, capsys: pytest.CaptureFixture[str]) -> None:
    assert await cli.rehearse("fair", day=None, sizes=(12, 1, 1, 1), seconds=1) == 0
    told = capsys.readouterr().out
    assert "main-in" in told
    assert "longest line in each ten minutes" in told
    for slug, day in (("nobody", None), ("fair", factories.STARTS.date() + timedelta(days=400))):
        with pytest.raises(ClickException):
            await cli.rehearse(slug, day=day, sizes=(0, 0, 1, 1), seconds=1)


async def test_the_crowd_comes_before_what_it_comes_for(hall: Hall) -> None:
    guests = [Guest(str(n), "candidate", factories.STARTS) for n in range(10)]
    found = arrivals(guests, Assumptions(walk_in_share=0.2), people=1000, seed=1)
    assert [one.at for one in found] == sorted(one.at for one in found)
    early = [(factories.STARTS - one.at) / timedelta(minutes=1) for one in found]
    assert -10 <= min(early) < 0 < 50 < max(early) <= 60
    walk_ins = [one for one in found if one.kind == Kind.WALK_IN]
    assert 120 < len(walk_ins) < 280
    assert {one.code for one in walk_ins} == {""}
    assert {one.code for one in arrivals(guests, Assumptions(walk_in_share=0), people=5, seed=1)} <= {
        str(n) for n in range(10)
    }
    assert json.dumps([one.kind for one in found]) == json.dumps(
        [one.kind for one in arrivals(guests, Assumptions(walk_in_share=0.2), people=1000, seed=1)]
    )


async def test_shares_are_those_that_gates_have_measured(
    hall: Hall, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await history.measured(hall.event) is None
    monkeypatch.setattr(history, "ENOUGH", 4)
    codes = list(hall.people)
    number = await database.fetchval("SELECT number FROM registration WHERE id = $1", hall.people[codes[0]])
    sent = [scan(number, by="hand"), *(scan(code) for code in codes[1:]), scan(codes[1]), scan("someone's code")]
    refused = await hall.badge(state="cancelled")
    await send(client, hall.token, *sent, scan(refused), scan(refused))
    await factories.registration(
        hall.event, entered_by=(await make_actor("staff", email="s@example.org", event_id=hall.event)).account_id,
        created_at=factories.STARTS, category="visitor",
    )  # fmt: skip
    found = await history.measured(hall.event)
    assert found is not None
    assert (found.slug, found.people, found.looked_up, found.refused, found.walk_ins) == ("fair", 5, 1, 1, 1)
    assert history.shares(found) == {"lookup_percent": 20.0, "trouble_percent": 20.0, "walk_in_percent": 20.0}
    assert history.assumed(found).lookup_share == pytest.approx(0.2)
    after = await factories.event(
        slug="next", starts_at=factories.STARTS + timedelta(days=365), ends_at=factories.STARTS + timedelta(days=366)
    )
    monkeypatch.setattr(clock, "now", lambda: factories.STARTS + timedelta(days=300))
    later = await history.measured(after)
    assert later is not None
    assert later.slug == "fair"
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get("/organise/editions/next/rehearsals")).text
    assert "Shares measured at" in page
    assert float(form_of(page, "/organise/editions/next/rehearsals")["lookup_percent"][0]) == 20
    assert await cli.rehearse("fair", day=None, sizes=(12, 1, 1, 1), seconds=1) == 0
    assert "shares measured at fair: 5 people came in" in capsys.readouterr().out


async def test_who_rehearses_while_the_event_runs_is_warned_first(hall: Hall, client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    sql = "UPDATE event SET starts_at = $2, ends_at = $3 WHERE id = $1"
    await database.execute(sql, hall.event, clock.now() - timedelta(hours=2), clock.now() + timedelta(days=1))
    form = {
        "day": (await day_of(hall)).isoformat(),
        "people": "30",
        "lanes": "2",
        "desks": "1",
        "printers": "1",
        "minutes": "1",
    }
    warned = await post(client, PAGE, form)
    assert warned.status_code == 409
    assert "The event is running now" in warned.text
    assert 'value="30"' in warned.text
    assert await queries.count_of(hall.event) == 0
    assert (await post(client, PAGE, form | {"meanwhile": "1"})).status_code == 303
