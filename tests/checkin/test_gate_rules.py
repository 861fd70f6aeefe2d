"""What a gate of an edition says: whom it admits, how often, in which direction, how many at once, for which room."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock
from fairs.core import db as database
from fairs.events import life
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, outcomes, scan, send


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def _rule(hall: Hall, **values: Any) -> None:
    for name, value in values.items():
        await database.execute(f"UPDATE gate SET {name} = $2 WHERE id = $1", hall.gate, value)


async def _room(hall: Hall, code: str, capacity: int | None = None) -> int:
    sql = "INSERT INTO room (event, code, name_zh, name_en, capacity) VALUES ($1, $2, '厅', 'Hall', $3) RETURNING id"
    found: int = await database.fetchval(sql, hall.event, code, capacity)
    return found


async def _sign_up(hall: Hall, code: str, session: int) -> None:
    sql = "INSERT INTO registration_session (registration, session) VALUES ($1, $2)"
    await database.execute(sql, hall.people[code], session)


def _at(minutes: int, **given: Any) -> dict[str, Any]:
    return {"at": NINE + timedelta(minutes=minutes), **given}


async def test_a_gate_admits_its_categories_only_and_lets_everybody_leave(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    await _rule(hall, categories=["expert", "guest"])
    expert, visitor = await hall.badge(category="expert"), await hall.badge(category="visitor")
    found = await send(client, hall.token, scan(expert), scan(visitor), scan(visitor, direction="out"))
    assert outcomes(found) == ["admitted", "wrong_category", "admitted"]
    assert found[1]["person"]["category"] == "visitor", "the desk is told who it is"


async def test_once_is_once_in_all_days_and_after_leaving(client: httpx.AsyncClient, hall: Hall) -> None:
    await _rule(hall, rule="once")
    code = await hall.badge()
    moves = [
        scan(code),
        scan(code, **_at(5, direction="out")),
        scan(code, **_at(10)),
        scan(code, **_at(24 * 60)),
    ]
    assert outcomes(await send(client, hall.token, *moves)) == ["admitted", "admitted", "already", "already"]
    [later] = await send(client, hall.token, scan(code, **_at(24 * 60 + 1)))
    assert later["outcome"] == "already"
    assert later["first_scanned_at"].startswith("2018-10-27T01:00"), "the passage that counted"
    await _rule(hall, rule="day")
    [again] = await send(client, hall.token, scan(code, **_at(24 * 60 + 2)))
    assert again["outcome"] == "admitted", "once a day: the second day is another"


async def test_many_admits_every_time_and_counts_a_person_once(client: httpx.AsyncClient, hall: Hall) -> None:
    await _rule(hall, rule="many", capacity=1)
    code, other = await hall.badge(), await hall.badge()
    found = await send(client, hall.token, scan(code), scan(code, **_at(1)), scan(other, **_at(2)))
    assert outcomes(found) == ["admitted", "admitted", "full"]
    assert outcomes(await send(client, hall.token, scan(code, **_at(3)))) == ["admitted"]
    counters = await client.get(
        "/api/v1/checkin/gates/main-in/counters", headers={"authorization": f"Bearer {hall.token}"}
    )
    assert (counters.json()["present"], counters.json()["admitted"]) == (1, 1)
    moved = await send(client, hall.token, scan(code, **_at(4, direction="out")), scan(other, **_at(5)))
    assert outcomes(moved) == ["admitted", "admitted"]


async def test_a_gate_for_coming_in_only_refuses_the_other_way(client: httpx.AsyncClient, hall: Hall) -> None:
    await _rule(hall, ways="in")
    code = await hall.badge()
    assert outcomes(await send(client, hall.token, scan(code, direction="out"), scan(code))) == [
        "wrong_way",
        "admitted",
    ]


async def test_places_of_a_gate_hold_under_calls_at_once(client: httpx.AsyncClient, hall: Hall) -> None:
    await _rule(hall, capacity=5)
    codes = [await hall.badge() for _ in range(20)]
    found = await asyncio.gather(*(send(client, hall.token, scan(code)) for code in codes))
    assert sorted(outcomes([item for (item,) in found])) == ["admitted"] * 5 + ["full"] * 15


async def test_a_room_gate_takes_its_seats_and_asks_for_the_sign_up_of_what_is_on(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    here, there = await _room(hall, "hall-1", 1), await _room(hall, "hall-2")
    await _rule(hall, room=here)
    mine = await factories.session(hall.event, "one", room=here, starts_at=NINE, ends_at=NINE + timedelta(hours=1))
    other = await factories.session(hall.event, "two", room=there, starts_at=NINE, ends_at=NINE + timedelta(hours=1))
    signed, elsewhere, nobody = [await hall.badge() for _ in range(3)]
    await _sign_up(hall, signed, mine)
    await _sign_up(hall, elsewhere, other)
    found = await send(client, hall.token, *(scan(code, **_at(-20)) for code in (signed, elsewhere, nobody)))
    assert outcomes(found) == ["admitted", "wrong_room", "not_signed_up"]
    found = await send(client, hall.token, scan(nobody, **_at(61)))
    assert outcomes(found) == ["full"], "nothing is on any more: the seats of the room decide alone"


async def test_a_gate_switched_off_is_none_for_later_scans_only(client: httpx.AsyncClient, hall: Hall) -> None:
    early, late = await hall.badge(), await hall.badge()
    await _rule(hall, inactive_since=NINE + timedelta(minutes=30))
    found = await send(client, hall.token, scan(early, offline=True), scan(late, **_at(31)))
    assert outcomes(found) == ["admitted", "wrong_gate"]
    gates = await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {hall.token}"})
    assert gates.json()["gates"] == []


async def test_an_event_that_ended_admits_nobody_after_that_moment_until_it_goes_on(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    early, late = await hall.badge(), await hall.badge()
    sql = "UPDATE event SET state = 'closed', starts_at = $2, ends_at = $3 WHERE id = $1 RETURNING slug"
    slug = await database.fetchval(sql, hall.event, NINE, NINE + timedelta(hours=9))
    await life.wind_up_event(slug, by=SYSTEM)
    after = {"at": clock.now() + timedelta(seconds=1)}
    found = await send(client, hall.token, scan(early, offline=True), scan(late, **after))
    assert outcomes(found) == ["admitted", "wrong_gate"]
    ended = await database.fetchval("SELECT ended_at FROM event WHERE id = $1", hall.event)
    await life.archive_event(slug, by=SYSTEM)
    assert await database.fetchval("SELECT ended_at FROM event WHERE id = $1", hall.event) == ended
    await life.wind_up_event(slug, by=SYSTEM)
    await life.resume_event(slug, by=SYSTEM)
    assert outcomes(await send(client, hall.token, scan(late, **after))) == ["admitted"]


async def test_the_snapshot_carries_the_rules(client: httpx.AsyncClient, hall: Hall) -> None:
    await _rule(hall, categories=["expert"], rule="once", ways="in", room=await _room(hall, "hall-1", 40))
    answer = await client.get(
        "/api/v1/checkin/snapshot", params={"gate": "main-in"}, headers={"authorization": f"Bearer {hall.token}"}
    )
    [gate] = answer.json()["gates"]
    told = {name: gate[name] for name in ("categories", "rule", "ways", "room", "capacity")}
    assert told == {"categories": ["expert"], "rule": "once", "ways": "in", "room": "hall-1", "capacity": 40}
