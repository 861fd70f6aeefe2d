"""Scans undone and people admitted by hand: every number is as if an undone scan had not been, and nothing is overwritten."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.checkin import admitting, corrections, queries, tallies
from fairs.checkin.admitting import AdmitForm
from fairs.checkin.corrections import UndoScanForm
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import DomainError, Invalid
from tests import factories
from tests.cast import make_actor
from tests.checkin.hall import NINE, Hall, open_hall, outcomes, scan, send
from tests.fair import scanner

ZONE, DAY = "Asia/Shanghai", NINE.date()


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    return await open_hall(slug="fair")


async def undo(client: httpx.AsyncClient, token: str, sent: Any, **given: Any) -> httpx.Response:
    return await client.post(
        f"/api/v1/checkin/scans/{sent['id']}/undo",
        json={"reason": "wrong_person", **given},
        headers={"authorization": f"Bearer {token}"},
    )


async def shown(hall: Hall) -> dict[str, Any]:
    await tallies.bring_up(hall.gate, ZONE)
    return await tallies.counters(hall.gate, DAY, ZONE)


async def replayed(hall: Hall) -> dict[str, Any]:
    """The same numbers from the scans that no correction takes back, by code that shares nothing with the product's."""
    rows = await database.fetch("SELECT * FROM scan WHERE gate = $1 AND outcome = 'admitted'", hall.gate)
    undone = {row["scan"] for row in await database.fetch("SELECT scan FROM scan_correction WHERE kind = 'undone'")}
    stand = sorted((row for row in rows if row["id"] not in undone), key=lambda row: (row["scanned_at"], row["id"]))
    latest = {row["registration"]: row["direction"] for row in stand}
    entered = {row["registration"]: row["scanned_at"] for row in reversed(stand) if row["direction"] == "in"}
    minutes: dict[str, int] = {}
    for row in stand:
        if row["direction"] == "in":
            minute = row["scanned_at"].isoformat()[:16]
            minutes[minute] = minutes.get(minute, 0) + 1
    return {
        "admitted": len(entered),
        "present": sum(direction == "in" for direction in latest.values()),
        "minutes": minutes,
        "people": set(entered),
    }


async def assert_exact(hall: Hall) -> None:
    expected, found = await replayed(hall), await shown(hall)
    assert {name: found[name] for name in ("admitted", "present")} == {
        name: expected[name] for name in ("admitted", "present")
    }
    assert {at[:16]: number for at, number in found["per_minute"]} == expected["minutes"]
    people = await database.fetch("SELECT registration FROM admission WHERE gate = $1", hall.gate)
    assert {row["registration"] for row in people} == expected["people"]
    inside = await queries.people_inside(hall.event, [(hall.gate, DAY)], {})
    assert inside.get((hall.gate, DAY), 0) == expected["present"]
    assert await tallies.differences() == []


async def test_an_undone_entry_counts_for_nothing_and_stays_stored(client: httpx.AsyncClient, hall: Hall) -> None:
    sent = scan(await hall.badge())
    await send(client, hall.token, sent)
    await shown(hall)  # counted before it is undone
    before = await database.fetchrow("SELECT * FROM scan")
    answer = await undo(client, hall.token, sent, note="the neighbour's badge")
    assert (answer.status_code, answer.json()["undone"]) == (200, True)
    assert (await undo(client, hall.token, sent)).status_code == 200, "repeated, it changes nothing"
    assert await database.fetchval("SELECT count(*) FROM scan_correction") == 1
    assert await database.fetchrow("SELECT * FROM scan") == before
    assert (await shown(hall))["admitted"] == 0
    await assert_exact(hall)
    (replay,) = await send(client, hall.token, sent)
    assert replay["outcome"] == "admitted", "the first answer to an id is final"
    assert outcomes(await send(client, hall.token, scan(sent["code"]))) == ["admitted"]
    await assert_exact(hall)
    told = await database.fetchval("SELECT actor_label FROM audit_entry WHERE action = 'scan.undo'")
    assert told == hall.device.label


async def test_an_undone_leaving_and_return_put_the_person_back(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    came, left = scan(code), scan(code, direction="out", at=NINE + timedelta(minutes=5))
    again = scan(code, at=NINE + timedelta(minutes=9))
    await send(client, hall.token, came, left, again)
    refused = await undo(client, hall.token, left)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_last")
    for sent, present in ((again, 0), (left, 1), (came, 0)):
        assert (await undo(client, hall.token, sent)).status_code == 200
        await assert_exact(hall)
        assert (await shown(hall))["present"] == present
    assert await database.fetchval("SELECT count(*) FROM admission") == 0


async def test_devices_without_a_network_hear_of_an_undone_scan(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(minutes=1))
    sent = scan(await hall.badge())
    await send(client, hall.token, sent)

    async def badges(**since: str) -> list[Any]:
        params = {"sealed": "true", **since}
        head = {"authorization": f"Bearer {hall.token}"}
        found: list[Any] = (await client.get("/api/v1/checkin/snapshot", params=params, headers=head)).json()["badges"]
        return found

    (before,) = await badges()
    assert (await undo(client, hall.token, sent)).status_code == 200
    await database.execute("UPDATE badge SET issued_at = $1", NINE - timedelta(days=9))
    await database.execute("UPDATE registration SET updated_at = $1", NINE - timedelta(days=9))
    await database.execute("ALTER TABLE scan DISABLE TRIGGER USER")
    await database.execute("UPDATE scan SET received_at = $1", NINE - timedelta(days=9))
    await database.execute("ALTER TABLE scan ENABLE TRIGGER USER")
    (after,) = await badges(since=(clock.now() - timedelta(minutes=1)).isoformat())
    assert (len(before["passages"]), after["passages"]) == (1, [])
    assert await badges(since=(clock.now() + timedelta(minutes=1)).isoformat()) == []


async def test_a_freed_place_is_given_to_the_next(client: httpx.AsyncClient, hall: Hall) -> None:
    await database.execute("UPDATE gate SET capacity = 1 WHERE id = $1", hall.gate)
    first, second = scan(await hall.badge()), scan(await hall.badge())
    assert outcomes(await send(client, hall.token, first, second)) == ["admitted", "full"]
    refused = await undo(client, hall.token, second)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_admitted")
    await undo(client, hall.token, first)
    assert outcomes(await send(client, hall.token, scan(second["code"]))) == ["admitted"]


async def test_only_its_own_scanner_undoes_a_scan_and_only_for_some_minutes(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    sent = scan(await hall.badge())
    await send(client, hall.token, sent)
    other, _ = await scanner(hall.event, "west gate")
    elsewhere = await open_hall(slug="elsewhere")
    for token in (other, elsewhere.token):
        assert (await undo(client, token, sent)).status_code == 404
    assert (await undo(client, hall.token, scan("x"))).status_code == 404
    for wrong in ({"reason": "witchcraft"}, {"reason": "other"}):
        assert (await undo(client, hall.token, sent, **wrong)).status_code == 422
    async with database.DB.transaction():  # for this transaction only: the connection goes back to the pool
        await database.execute("SET LOCAL session_replication_role = replica")
        await database.execute("UPDATE scan SET received_at = received_at - interval '11 minutes'")
    late = await undo(client, hall.token, sent)
    assert (late.status_code, late.json()["code"]) == (409, "too_late")
    assert await database.fetchval("SELECT count(*) FROM scan_correction") == 0


async def test_random_scans_and_corrections_are_counted_as_a_replay_counts_them(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    drawn = random.Random(7)
    codes = [await hall.badge() for _ in range(8)]
    sent: list[Any] = []
    undone = 0
    for step in range(120):
        if sent and drawn.random() < 0.35:
            undone += (await undo(client, hall.token, drawn.choice(sent))).status_code == 200
        else:
            at = NINE + timedelta(seconds=drawn.randrange(7200))
            again = scan(drawn.choice(codes), at=at, direction=drawn.choice(("in", "in", "out")))
            sent.append(again)
            await send(client, hall.token, again)
        if step % 5 == 0:
            await assert_exact(hall)
    await assert_exact(hall)
    assert undone > 10


async def test_undoing_while_others_scan_is_exact(client: httpx.AsyncClient, hall: Hall) -> None:
    await database.execute("UPDATE gate SET capacity = 10 WHERE id = $1", hall.gate)
    first = [scan(await hall.badge()) for _ in range(10)]
    await send(client, hall.token, *first)
    waiting = [scan(await hall.badge()) for _ in range(30)]

    async def scanning() -> list[str]:
        return [found for item in waiting for found in outcomes(await send(client, hall.token, item))]

    async def undoing() -> None:
        for item in first[:6]:
            assert (await undo(client, hall.token, item)).status_code == 200

    async def reading() -> None:
        for _ in range(20):
            await shown(hall)

    results, *_ = await asyncio.gather(scanning(), undoing(), reading(), reading())
    assert results.count("admitted") <= 6
    await assert_exact(hall)
    assert (await queries.people_inside(hall.event, [(hall.gate, DAY)], {}))[hall.gate, DAY] == 4 + results.count(
        "admitted"
    )


async def _supervisor(hall: Hall) -> tuple[Actor, Any, Any]:
    event = await queries.event_by_id(hall.event)
    return await make_actor("organiser"), event, await corrections.gate_to_correct(hall.event, "main-in")


async def _number(hall: Hall, code: str) -> str:
    return str(await database.fetchval("SELECT number FROM registration WHERE id = $1", hall.people[code]))


async def test_a_supervisor_admits_whom_a_full_gate_refuses(client: httpx.AsyncClient, hall: Hall) -> None:
    await database.execute("UPDATE gate SET capacity = 0 WHERE id = $1", hall.gate)
    code, now = await hall.badge(), clock.now()
    assert outcomes(await send(client, hall.token, scan(code, at=now))) == ["full"]
    by, event, gate = await _supervisor(hall)
    form = AdmitForm(number=(await _number(hall, code)).lower(), reason="guest_of_honour")
    key = uuid4()
    for _ in range(2):  # a second click
        await admitting.admit(event, gate, form, key, by=by)
    made = await database.fetch("SELECT kind, reason, account FROM scan_correction")
    assert [tuple(row) for row in made] == [("by_hand", "guest_of_honour", by.account_id)]
    assert await database.fetchval("SELECT count(*) FROM admission") == 1
    assert await database.fetchval("SELECT badge IS NOT NULL FROM scan WHERE device_id IS NULL")
    with pytest.raises(Invalid):
        await admitting.admit(event, gate, form, uuid4(), by=by)
    assert outcomes(await send(client, hall.token, scan(code, at=clock.now()))) == ["already"]
    assert await tallies.differences() == []
    made_scan = await database.fetchval("SELECT id FROM scan WHERE device_id IS NULL")
    undo_form = UndoScanForm(reason="turned_back")
    await corrections.undo_by_organiser(event, gate.id, made_scan, undo_form, by=by)
    assert await database.fetchval("SELECT count(*) FROM admission") == 0
    assert await tallies.differences() == []


async def test_a_supervisor_admits_nobody_without_a_registration(client: httpx.AsyncClient, hall: Hall) -> None:
    by, event, gate = await _supervisor(hall)
    waiting = await hall.badge(state="cancelled")
    other = await open_hall(slug="elsewhere")
    stranger = await other.badge()
    for number in ("FA00-000000", await _number(hall, waiting), await _number(other, stranger)):
        with pytest.raises(Invalid):
            await admitting.admit(event, gate, AdmitForm(number=number, reason="speaker"), uuid4(), by=by)
    assert await database.fetchval("SELECT count(*) FROM scan") == 0


async def test_a_scan_of_another_event_is_not_undone_here(client: httpx.AsyncClient, hall: Hall) -> None:
    sent = scan(await hall.badge())
    await send(client, hall.token, sent)
    by, _, gate = await _supervisor(hall)
    other = await queries.event_by_id(await factories.event(slug="elsewhere"))
    with pytest.raises(DomainError):
        await corrections.undo_by_organiser(
            other, gate.id, await database.fetchval("SELECT id FROM scan"), UndoScanForm(reason="wrong_gate"), by=by
        )
