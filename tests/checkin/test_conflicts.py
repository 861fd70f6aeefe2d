"""The ledger of conflicts: found, decided once, opened again, exported; scans stay as they are."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.checkin import conflicts
from fairs.core import db as database
from fairs.core import i18n
from fairs.core.errors import Conflict
from fairs.events.queries import event_for
from fairs.home.desk_lines import desk_lines
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.checkin.hall import NINE, Hall, open_hall, scan, send
from tests.fair import scanner

LEDGER = "/organise/editions/fair/conflicts"


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    return await open_hall(slug="fair")


async def conflict(client: httpx.AsyncClient, hall: Hall, **person: Any) -> int:
    """Somebody let in by two scanners, one of them without a network; the id of the second scan."""
    code = await hall.badge(**person)
    other, _ = await scanner(hall.event, "South gate")
    await send(client, hall.token, scan(code))
    (result,) = await send(client, other, scan(code, offline=True, at=NINE + timedelta(minutes=5)))
    assert result["conflict"]
    return int(await database.fetchval("SELECT max(id) FROM scan WHERE conflict"))


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> Actor:
    actor = await make_actor("organiser")
    await sign_in(client, actor)
    return actor


async def _scan_as_stored(scan_id: int) -> asyncpg.Record | None:
    return await database.fetchrow("SELECT * FROM scan WHERE id = $1", scan_id)


async def test_ledger_says_who_where_when_and_both_devices(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    empty = await client.get(LEDGER)
    assert "No conflict" in empty.text
    scan_id = await conflict(client, hall, name_passport="Maria Fernandez", name_native="玛丽亚")
    for path in (LEDGER, f"{LEDGER}/{scan_id}"):
        page = (await client.get(path)).text
        for seen in ("玛丽亚", "09:00", "09:05", "South gate", hall.device.name):
            assert seen in page, (path, seen)


async def test_settling_and_opening_again_leave_the_scan_and_every_decision(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    scan_id = await conflict(client, hall)
    before = await _scan_as_stored(scan_id)
    event = await event_for(organiser, "fair")
    assert "/conflicts?state=open" in str([line.path for line in await desk_lines(organiser, event)])
    answer = await post(
        client, f"{LEDGER}/{scan_id}", {"verdict": "badge_passed_on", "note": "Two brothers", "seen": "0"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LEDGER}?state=open")
    assert await conflicts.open_conflicts(hall.event) == 0
    assert "Two brothers" in (await client.get(f"{LEDGER}/{scan_id}")).text
    refused = await post(client, f"{LEDGER}/{scan_id}/reopen", {"reason": "", "seen": "1"})
    assert refused.status_code == 422
    answer = await post(client, f"{LEDGER}/{scan_id}/reopen", {"reason": "Asked again", "seen": "1"})
    assert answer.status_code == 303
    assert await conflicts.open_conflicts(hall.event) == 1
    answer = await post(client, f"{LEDGER}/{scan_id}", {"verdict": "clock_wrong", "seen": "2"})
    assert answer.status_code == 303
    assert [row.verdict for row in await conflicts.decisions_of(scan_id)] == [
        "badge_passed_on",
        "reopened",
        "clock_wrong",
    ]
    assert await _scan_as_stored(scan_id) == before
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'conflict.decide'") == 3


async def test_whoever_is_late_sees_the_others_decision_and_keeps_the_text(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    scan_id = await conflict(client, hall)
    await post(client, f"{LEDGER}/{scan_id}", {"verdict": "same_person", "note": "Came back", "seen": "0"})
    late = await post(client, f"{LEDGER}/{scan_id}", {"verdict": "badge_copied", "note": "A photo of it", "seen": "0"})
    assert late.status_code == 409
    assert "Came back" in late.text
    assert "A photo of it" in late.text
    late = await post(client, f"{LEDGER}/{scan_id}/reopen", {"reason": "No", "seen": "0"})
    assert late.status_code == 409
    assert await database.fetchval("SELECT count(*) FROM conflict_decision") == 1


async def test_of_two_decisions_at_the_same_time_one_counts(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    scan_id = await conflict(client, hall)
    row = await conflicts.conflict_of(hall.event, scan_id)
    form = conflicts.DecisionForm(verdict="same_person")
    results = await asyncio.gather(
        *(conflicts.decide(row, form, seen=0, by=organiser) for _ in range(4)), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 3


async def test_another_reason_must_be_said_and_input_is_kept(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    scan_id = await conflict(client, hall)
    page = await post(client, f"{LEDGER}/{scan_id}", {"verdict": "other", "note": " ", "seen": "0"})
    assert page.status_code == 422
    assert len(errors_in(page.text)) == 1
    page = await post(client, f"{LEDGER}/{scan_id}", {"verdict": "witchcraft", "note": "kept text", "seen": "0"})
    assert page.status_code == 422
    assert "kept text" in page.text


async def test_filters_and_export(client: httpx.AsyncClient, hall: Hall, organiser: Actor) -> None:
    first = await conflict(client, hall, name_passport="Maria Fernandez", search_key="mariafernandez\nmaria fernandez")
    await conflict(client, hall, name_passport="Ivan Petrov", search_key="ivanpetrov\nivan petrov")
    await post(client, f"{LEDGER}/{first}", {"verdict": "same_person", "note": "=1+1", "seen": "0"})
    settled = (await client.get(f"{LEDGER}?state=settled")).text
    assert "Maria Fernandez" in settled
    assert "Ivan Petrov" not in settled
    assert "Ivan Petrov" in (await client.get(f"{LEDGER}?state=open&gate=main-in")).text
    assert "No conflict matches" in (await client.get(f"{LEDGER}?gate=elsewhere")).text
    found = (await client.get(f"{LEDGER}?q=ivan")).text
    assert "Ivan Petrov" in found
    assert "Maria Fernandez" not in found
    assert "No conflict matches" in (await client.get(f"{LEDGER}?q=%2B")).text
    export = await client.get(f"{LEDGER}.csv?state=settled")
    lines = export.text.splitlines()
    assert len(lines) == 2
    assert "Maria Fernandez" in lines[1]
    assert ",=1+1" not in lines[1], "typed text is no formula"


async def test_strangers_and_other_events_find_nothing(client: httpx.AsyncClient, hall: Hall) -> None:
    scan_id = await conflict(client, hall)
    await factories.event(slug="other")
    bureau = await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300"))
    await sign_in(client, bureau)
    for path in (LEDGER, f"{LEDGER}.csv", f"{LEDGER}/{scan_id}"):
        assert (await client.get(path)).status_code == 404, path
    assert (await post(client, f"{LEDGER}/{scan_id}", {"verdict": "same_person", "seen": "0"})).status_code == 404
    await sign_in(client, await make_actor("organiser"))
    assert (await client.get(f"/organise/editions/other/conflicts/{scan_id}")).status_code == 404


async def test_decisions_are_append_only_and_expire_with_their_scan(
    client: httpx.AsyncClient, hall: Hall, organiser: Actor
) -> None:
    from fairs.checkin.retention import RULES

    scan_id = await conflict(client, hall)
    await post(client, f"{LEDGER}/{scan_id}", {"verdict": "same_person", "seen": "0"})
    for statement in ("UPDATE conflict_decision SET note = 'x'", "DELETE FROM conflict_decision"):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await database.execute(statement)
    async with database.transaction_or_join():
        await RULES[0].apply(NINE + timedelta(days=30))
    assert await database.fetchval("SELECT count(*) FROM conflict_decision") == 0


def test_choices_have_both_languages() -> None:
    with i18n.language("zh"):
        assert "证件转借他人" in [label for _, label, _ in conflicts._verdicts()]


async def test_whom_a_scanner_let_in_although_a_lost_answer_said_otherwise_is_a_conflict(
    client: httpx.AsyncClient, db: None
) -> None:
    """The first answer to an id stays; what the scanner did is a scan beside it, once."""
    hall = await open_hall()
    code = await hall.badge()
    seen = scan(code)
    await send(client, hall.token, scan(code), seen)  # the second answer is lost
    alone = seen | {"offline": True, "told": "admitted"}
    for _ in range(2):
        (again,) = await send(client, hall.token, alone)
        assert (again["outcome"], again["conflict"]) == ("already", False)
    rows = await database.fetch("SELECT outcome, offline, conflict FROM scan ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("admitted", False, False),
        ("already", False, False),
        ("already", True, True),
    ]
