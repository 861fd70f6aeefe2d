"""Several processes store scans of one event: each batch is stored by the state that it was decided by, or decided anew."""

import asyncio
import contextvars
import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.checkin import queries, services
from fairs.checkin.forms import read_scans
from fairs.checkin.rules import Result, Scan, ScanContext
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, scan


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    """With the pool of the application: each batch of these tests has a connection of its own."""
    return await open_hall()


@pytest.fixture(params=["free", "held"])
def way(request: pytest.FixtureRequest, hall: Hall) -> str:
    """Both ways of storing: with nobody else seen, and with the turn held from the beginning."""
    if request.param == "held":
        services._shared()[hall.event] = float("inf")
    return str(request.param)


def _read(hall: Hall, *sent: dict[str, Any]) -> list[Scan]:
    return read_scans(json.dumps({"scans": sent}).encode(), device_id=hall.device.token_id, now=clock.now())


async def _settle_all(hall: Hall, batches: Sequence[Sequence[dict[str, Any]]]) -> list[Result]:
    """Each batch as if it were another process's: past the lane, all at once."""
    answers = await asyncio.gather(*(services.record_batch(hall.event, _read(hall, *batch)) for batch in batches))
    return [result for batch in answers for result in batch]


async def test_two_batches_at_once_admit_a_person_once(hall: Hall, way: str) -> None:
    codes = [await hall.badge() for _ in range(20)]
    results = await _settle_all(hall, [[scan(code) for code in codes[n:] + codes[:n]] for n in range(6)])
    assert Counter(result.outcome for result in results) == {"admitted": 20, "already": 100}
    assert await database.fetchval("SELECT count(*) FROM admission") == 20
    assert await database.fetchval("SELECT count(*) FROM scan") == 120


async def test_two_batches_at_once_never_exceed_the_places(hall: Hall, way: str) -> None:
    session = await database.fetchval(
        "INSERT INTO event_session (event, code, kind, title_zh, title_en, starts_at, ends_at, sign_up, capacity)"
        " VALUES ($1, 's1', 'forum', '论坛', 'Forum', $2, $3, false, 7) RETURNING id",
        hall.event,
        NINE,
        NINE + timedelta(hours=2),
    )
    await factories.gate(hall.event, code="s1", kind="session", session=session)
    batches = [[scan(await hall.badge(), gate="s1") for _ in range(4)] for _ in range(6)]
    results = await _settle_all(hall, batches)
    assert Counter(result.reason or result.outcome for result in results) == {"admitted": 7, "full": 17}


async def test_the_same_ids_in_several_batches_get_one_answer(hall: Hall, way: str) -> None:
    sent = [scan(await hall.badge()) for _ in range(10)]
    results = await _settle_all(hall, [sent, sent[::-1], sent, sent[5:] + sent[:5]])
    assert {result.outcome for result in results} == {"admitted"}
    assert await database.fetchval("SELECT count(*) FROM scan") == 10


async def test_a_batch_that_others_overtook_is_decided_anew(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    code = await hall.badge()
    read, asked = queries.state_of, 0

    async def overtaken(event: int, scans: Sequence[Scan]) -> tuple[int, list[ScanContext]]:
        nonlocal asked
        asked += 1
        found = await read(event, scans)
        if asked == 1:  # after the state was read and before it is stored another process admits the same person
            (other,) = await services.record_batch(hall.event, _read(hall, scan(code)))
            assert other.outcome == "admitted"
        return found

    monkeypatch.setattr(queries, "state_of", overtaken)
    (result,) = await services.record_batch(hall.event, _read(hall, scan(code)))
    assert result.outcome == "already"
    assert asked == 3, "the other's, and twice its own"
    assert hall.event in services._shared(), "the event is held first from now on, for a while"


async def test_a_turn_that_is_past_stores_nothing(hall: Hall) -> None:
    first, second = _read(hall, scan(await hall.badge()), scan(await hall.badge()))
    turn, _ = await queries.state_of(hall.event, [first])
    await services.record_batch(hall.event, [first])
    moved, found = await queries.state_of(hall.event, [second])
    assert moved == turn + 1
    now = clock.now()
    row = [[second.uuid], [found[0].gate.id if found[0].gate else None], [hall.device.token_id], [None], [None], ["in"]]
    row += [["refused"], ["unknown"], [now], [False], [False], [None], [""]]
    rest: list[Any] = [[], [], [], [], now, "nobody", "hears"]
    assert not await queries.store(hall.event, turn, *row, *rest)
    assert await database.fetchval("SELECT count(*) FROM scan") == 1
    assert await queries.store(hall.event, moved, *row, *rest), "and the present one does"
    assert not await queries.store(hall.event, moved, *row, *rest), (
        "once, also when a broken connection makes it ask twice"
    )
    assert await database.fetchval("SELECT count(*) FROM scan") == 2


async def test_a_held_turn_keeps_others_waiting(hall: Hall) -> None:
    batch = _read(hall, scan(await hall.badge()))
    async with database.DB.transaction_with(services._HOLD.format(event=hall.event)):
        storing = asyncio.create_task(services.record_batch(hall.event, batch), context=contextvars.Context())
        done, _ = await asyncio.wait([storing], timeout=0.3)
        assert not done
    assert [result.outcome for result in await storing] == ["admitted"]


async def test_settings_of_the_planner_end_with_the_statement(hall: Hall) -> None:
    """Connections go back to the pool, and through a pooler to others."""
    async with database.connection() as connection:
        before = await connection.fetch(
            "SELECT name, setting FROM pg_settings WHERE name ~ '^enable_|^plan_cache|^jit$'"
        )
        await connection.fetch("SELECT * FROM scan_state($1, '{}', '{}', '{}', '{}', '{}', '{}')", hall.event)
        after = await connection.fetch(
            "SELECT name, setting FROM pg_settings WHERE name ~ '^enable_|^plan_cache|^jit$'"
        )
    assert before == after
    for function in ("scan_state", "scan_store"):
        told = await database.fetchval("SELECT proconfig FROM pg_proc WHERE proname = $1", function)
        assert {"plan_cache_mode=force_generic_plan", "enable_seqscan=off"} <= set(told)
