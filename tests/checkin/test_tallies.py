"""Counters of a gate equal a count of the scans, whatever came in whatever order, and cost the same with more scans."""

import asyncio
import json
import random
import uuid
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from fairs.checkin import tallies
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, scan, send
from tests.fair import scanner

ZONE = "Asia/Shanghai"
DAY = NINE.date()


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def shown(client: httpx.AsyncClient, hall: Hall) -> dict[str, Any]:
    answer = await client.get(
        "/api/v1/checkin/gates/main-in/counters", headers={"authorization": f"Bearer {hall.token}"}
    )
    found: dict[str, Any] = answer.json()
    return found


async def counted(gate: int) -> dict[str, Any]:
    """The same numbers by reading every scan, in statements that share nothing with the product's."""
    rows = await database.fetch(
        "SELECT registration, direction, outcome, reason, conflict, scanned_at, id FROM scan WHERE gate = $1"
        " AND (scanned_at AT TIME ZONE $2)::date = $3 ORDER BY scanned_at, id",
        gate,
        ZONE,
        DAY,
    )
    latest = {row["registration"]: row["direction"] for row in rows if row["outcome"] == "admitted"}
    refused: dict[str, int] = {}
    for row in rows:
        if row["outcome"] == "refused":
            refused[row["reason"]] = refused.get(row["reason"], 0) + 1
    return {
        "admitted": await database.fetchval("SELECT count(*) FROM admission WHERE gate = $1 AND day = $2", gate, DAY),
        "present": sum(direction == "in" for direction in latest.values()),
        "already": sum(row["outcome"] == "already" for row in rows),
        "conflicts": sum(row["conflict"] for row in rows),
        "refused": refused,
    }


async def test_counters_follow_every_kind_of_scan_in_any_order(client: httpx.AsyncClient, hall: Hall) -> None:
    drawn = random.Random(11)
    codes = [await hall.badge() for _ in range(12)] + [await hall.badge(revoked=True), "nonsense"]
    other, _ = await scanner(hall.event, "west gate")
    sent: list[Any] = [scan(codes[0])]
    await send(client, hall.token, sent[0])  # the fair is long over: shown is the last day on which somebody came in
    for _ in range(60):
        at = NINE + timedelta(seconds=drawn.randrange(4 * 3600))  # not in the order of arrival
        again = scan(
            drawn.choice(codes), at=at, direction=drawn.choice(("in", "in", "out")), offline=drawn.random() < 0.4
        )
        batch = [again, *([drawn.choice(sent)] if sent and drawn.random() < 0.3 else [])]  # some are replays
        sent.append(again)
        await send(client, drawn.choice((hall.token, other)), *batch)
        if drawn.random() < 0.5:
            numbers = await shown(client, hall)
            assert {name: numbers[name] for name in await counted(hall.gate)} == await counted(hall.gate)
    final = await counted(hall.gate)
    assert final["already"] > 0
    assert final["conflicts"] > 0
    assert final["refused"].keys() >= {"revoked", "malformed"} or final["refused"].keys() >= {"revoked", "unknown"}
    assert await tallies.differences() == []


async def test_counters_are_exact_while_scans_and_readers_run_at_once(client: httpx.AsyncClient, hall: Hall) -> None:
    codes = [await hall.badge() for _ in range(60)]

    async def scanning(part: list[str]) -> None:
        for code in part:
            await send(client, hall.token, scan(code), scan(code, at=NINE + timedelta(minutes=1)))

    async def reading() -> int:
        reads = 0
        while not done.is_set():
            await shown(client, hall)
            reads += 1
        return reads

    done = asyncio.Event()
    readers = [asyncio.create_task(reading()) for _ in range(3)]
    await asyncio.gather(*(scanning(codes[n::4]) for n in range(4)))
    done.set()
    assert min(await asyncio.gather(*readers)) > 2
    numbers = await shown(client, hall)
    assert (numbers["admitted"], numbers["present"], numbers["already"]) == (60, 60, 60)
    assert sum(minute["admitted"] for minute in numbers["per_minute"]) == 60
    assert await tallies.differences() == []


async def test_days_move_with_the_events_zone(client: httpx.AsyncClient, hall: Hall) -> None:
    late = NINE + timedelta(hours=14)  # 23:00 in Zhengzhou, 17:00 in Zurich
    await send(
        client, hall.token, scan(await hall.badge(), at=late), scan(await hall.badge(), at=late + timedelta(hours=3))
    )
    await tallies.bring_up(hall.gate, ZONE)
    assert (await tallies.counters(hall.gate, DAY, ZONE))["admitted"] == 1
    await tallies.bring_up(hall.gate, "Europe/Zurich")
    assert (await tallies.counters(hall.gate, DAY, "Europe/Zurich"))["admitted"] == 2
    assert await tallies.differences() == []


async def test_recount_finds_what_was_tampered_with_and_forgetting_heals(client: httpx.AsyncClient, hall: Hall) -> None:
    await send(client, hall.token, scan(await hall.badge()))
    await shown(client, hall)
    await database.execute("UPDATE gate_count SET number = 7 WHERE what = 'present'")
    assert await tallies.differences() == [{"gate": hall.gate, "day": DAY, "what": "present", "kept": 7, "counted": 1}]
    await tallies.forget(hall.gate)
    assert (await shown(client, hall))["present"] == 1
    assert await tallies.differences() == []


async def _fill(hall: Hall, people: int) -> None:
    """So many people who came in, scanned once each."""
    await database.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, name_native, nationality,"
        " organisation_name, phone, lang, search_key, demo, created_at, updated_at)"
        " SELECT 'T' || $1::bigint || '-' || n, $1::bigint, 'candidate', 'confirmed', 't' || n || '@example.org', 'P', '', 'ES', '', '', 'en', '',"
        " false, now(), now() FROM generate_series(1, $2) n",
        hall.event,
        people,
    )
    await database.execute(
        "INSERT INTO scan (uuid, gate, device_id, registration, direction, outcome, scanned_at, received_at, offline,"
        " conflict, code_seen) SELECT gen_random_uuid(), $1, $2, id, 'in', 'admitted', $3, now(), false, false, ''"
        " FROM registration WHERE event = $4",
        hall.gate,
        hall.device.token_id,
        NINE,
        hall.event,
    )
    await database.execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) SELECT $1, id, $2, $3 FROM registration"
        " WHERE event = $4",
        hall.gate,
        DAY,
        NINE,
        hall.event,
    )


async def _pages_read(statements: list[tuple[str, tuple[Any, ...]]]) -> int:
    """Pages that statements touch."""
    total = 0
    for sql, arguments in statements:
        plan = json.loads(await database.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *arguments))
        total += plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    return total


async def test_looking_costs_the_same_with_ten_times_the_scans(db: None) -> None:
    costs = []
    for people in (500, 5000):
        hall = await open_hall(slug=f"hall-{people}")
        await _fill(hall, people)
        await database.execute("ANALYZE")
        await tallies.bring_up(hall.gate, ZONE)
        await database.execute(
            "INSERT INTO scan (uuid, gate, device_id, direction, outcome, reason, scanned_at, received_at, offline,"
            " conflict, code_seen) SELECT $4, $1, $2, 'in', 'refused', 'unknown', $3, now(), false, false, ''",
            hall.gate,
            hall.device.token_id,
            NINE,
            uuid.uuid4(),
        )
        through = await database.fetchval("SELECT through FROM scan_tally WHERE gate = $1", hall.gate)
        costs.append(
            await _pages_read([(tallies._STANDS, (hall.gate, ZONE)), (tallies._MORE, (hall.gate, ZONE, through))])
        )
        assert (await tallies.counters(hall.gate, DAY, ZONE))["admitted"] == people
    assert costs[1] < 2 * costs[0] + 20, costs


async def test_gate_that_goes_takes_its_numbers_along(db: None) -> None:
    event = await factories.event()
    gate = await factories.gate(event)
    await tallies.bring_up(gate, ZONE)
    await database.execute("DELETE FROM gate WHERE id = $1", gate)
    assert await database.fetchval("SELECT count(*) FROM scan_tally") == 0
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await tallies.bring_up(gate, ZONE)
