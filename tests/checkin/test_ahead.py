"""Large calls are read while the batch before them is stored, and answered as if they had been read after it."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.checkin import ahead, queries, services
from fairs.checkin.forms import read_scans
from fairs.checkin.rules import Result, Scan, ScanContext
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, scan

Sent = Sequence[dict[str, Any]]


@pytest.fixture
async def hall(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(ahead, "LARGE", 2)
    monkeypatch.setattr(ahead, "FRESH", 60.0)
    return await open_hall()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The codes of each state that was read, in order, with `stored` for each batch."""
    seen: list[list[str]] = []
    state_of, store = queries.state_of, queries.store

    async def reading(event: int, scans: Sequence[Scan]) -> tuple[int, list[ScanContext]]:
        seen.append([item.code for item in scans])
        return await state_of(event, scans)

    async def storing(event: int, turn: int, *values: Any) -> bool:
        await asyncio.sleep(0.05)  # a while in which the next call is read
        stored = await store(event, turn, *values)
        seen.append(["stored" if stored else "refused"])
        return stored

    monkeypatch.setattr(queries, "state_of", reading)
    monkeypatch.setattr(queries, "store", storing)
    return seen


async def _record(hall: Hall, sent: Sent) -> list[Result]:
    body = json.dumps({"scans": list(sent)}).encode()
    return await services.record_all(hall.event, read_scans(body, device_id=hall.device.token_id, now=clock.now()))


async def _at_once(hall: Hall, *calls: Sent) -> list[list[str]]:
    answers = await asyncio.gather(*(_record(hall, call) for call in calls))
    return [[result.reason or result.outcome for result in answer] for answer in answers]


async def test_other_people_are_read_once_and_before_the_batch_is_stored(hall: Hall, read: list[list[str]]) -> None:
    codes = [await hall.badge() for _ in range(6)]
    calls = [[scan(code) for code in codes[n : n + 2]] for n in (0, 2, 4)]
    assert await _at_once(hall, *calls) == [["admitted"] * 2] * 3
    assert read == [codes[:2], codes[2:4], ["stored"], codes[4:], ["stored"], ["stored"]]


async def test_the_same_people_are_read_again(hall: Hall, read: list[list[str]]) -> None:
    codes = [await hall.badge() for _ in range(3)]
    told = await _at_once(hall, [scan(code) for code in codes], [scan(code) for code in codes[::-1]])
    assert told == [["admitted"] * 3, ["already"] * 3]
    assert read == [codes, codes[::-1], ["stored"], codes[::-1], ["stored"]]


async def test_who_leaves_in_one_call_comes_back_in_the_next(hall: Hall) -> None:
    codes = [await hall.badge() for _ in range(3)]
    times = [NINE + timedelta(minutes=n) for n in range(3)]
    told = await _at_once(
        hall,
        [scan(code, at=times[0]) for code in codes],
        [scan(code, at=times[1], direction="out") for code in codes],
        [scan(code, at=times[2]) for code in codes],
    )
    assert told == [["admitted"] * 3] * 3


async def test_the_same_ids_get_the_first_answers(hall: Hall, read: list[list[str]]) -> None:
    sent = [scan("no code of ours"), scan("nor this")]
    assert await _at_once(hall, sent, sent) == [["malformed"] * 2] * 2
    assert await database.fetchval("SELECT count(*) FROM scan") == 2
    assert read.count(["stored"]) == 1, "what is known is not stored again"


async def test_places_are_exact(hall: Hall) -> None:
    session = await database.fetchval(
        "INSERT INTO event_session (event, code, kind, title_zh, title_en, starts_at, ends_at, sign_up, capacity)"
        " VALUES ($1, 's1', 'forum', '论坛', 'Forum', $2, $3, false, 7) RETURNING id",
        hall.event,
        NINE,
        NINE + timedelta(hours=2),
    )
    await factories.gate(hall.event, code="s1", kind="session", session=session)
    told = await _at_once(hall, *[[scan(await hall.badge(), gate="s1") for _ in range(4)] for _ in range(6)])
    assert Counter(word for answer in told for word in answer) == {"admitted": 7, "full": 17}


async def test_what_another_process_stores_meanwhile_is_seen(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one lets in a person of the second call after its read, while the first call is stored."""
    one, two, three, four = [await hall.badge() for _ in range(4)]
    store, others = queries.store, 0

    async def overtaken(event: int, turn: int, *values: Any) -> bool:
        nonlocal others
        stored = await store(event, turn, *values)
        others += 1
        if others == 1:
            await asyncio.sleep(0.05)
            body = json.dumps({"scans": [scan(three)]}).encode()
            of_other = read_scans(body, device_id=hall.device.token_id, now=clock.now())
            state = await queries.state_of(event, of_other)
            with monkeypatch.context() as other:
                other.setattr(ahead, "remember", lambda *ignored: None)  # not of this process
                await services.record_batch(event, of_other)
            assert state[1][0].first_at is None
        return stored

    monkeypatch.setattr(queries, "store", overtaken)
    told = await _at_once(hall, [scan(one), scan(two)], [scan(three), scan(four)])
    assert told == [["admitted", "admitted"], ["already", "admitted"]]


async def test_an_old_read_and_a_failed_one_are_read_again(
    hall: Hall, read: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [await hall.badge() for _ in range(4)]
    monkeypatch.setattr(ahead, "FRESH", 0.0)
    calls = [[scan(code) for code in codes[n : n + 2]] for n in (0, 2)]
    assert await _at_once(hall, *calls) == [["admitted"] * 2] * 2
    assert read == [codes[:2], codes[2:], ["stored"], codes[2:], ["stored"]]
    monkeypatch.setattr(ahead, "FRESH", 60.0)
    state_of, failed = queries.state_of, list[int]()

    async def failing(event: int, scans: Sequence[Scan]) -> tuple[int, list[ScanContext]]:
        if isinstance(scans, ahead.LargeCall) and scans.reading is not None and not failed:
            failed.append(1)
            raise ConnectionResetError("gone")
        return await state_of(event, scans)

    monkeypatch.setattr(queries, "state_of", failing)
    assert await _at_once(hall, *calls) == [["admitted"] * 2] * 2, "the same ids: their answers"


async def test_nothing_is_read_early_while_other_processes_store(hall: Hall, read: list[list[str]]) -> None:
    services._shared()[hall.event] = float("inf")
    codes = [await hall.badge() for _ in range(4)]
    assert await _at_once(hall, *[[scan(code) for code in codes[n : n + 2]] for n in (0, 2)]) == [["admitted"] * 2] * 2
    assert read == [codes, ["stored"]], "they share a batch, as small calls do"


async def test_a_rehearsal_is_not_remembered(hall: Hall, read: list[list[str]]) -> None:
    codes = [await hall.badge() for _ in range(4)]
    body = json.dumps({"scans": [scan(code) for code in codes]}).encode()
    await services.rehearse_scans(hall.event, read_scans(body, device_id=hall.device.token_id, now=clock.now()))
    read.clear()
    calls = [[scan(code) for code in codes[n : n + 2]] for n in (0, 2)]
    assert await _at_once(hall, *calls) == [["admitted"] * 2] * 2
    assert ["refused"] not in read


async def test_many_large_calls_end_as_one_after_the_other(hall: Hall) -> None:
    codes = [await hall.badge() for _ in range(40)]
    chance = random.Random(11)
    sent = [[scan(code) for code in chance.sample(codes, 12)] for _ in range(20)]
    sent += [call[:6] + other[6:] for call, other in zip(sent, sent[::-1], strict=True)]  # known ids among new ones
    told = await _at_once(hall, *sent)
    answers: dict[str, set[str]] = {}
    for call, words in zip(sent, told, strict=True):
        for item, word in zip(call, words, strict=True):
            answers.setdefault(item["id"], set()).add(word)
    assert all(len(words) == 1 for words in answers.values()), "one answer for an id"
    seen = {item["code"] for call in sent for item in call}
    assert Counter(word for words in answers.values() for word in words)["admitted"] == len(seen)
    assert await database.fetchval("SELECT count(*) FROM scan") == len(answers)
    assert await database.fetchval("SELECT count(*) FROM admission") == len(seen)
