"""A relay answers as its server would, goes on without it, and tells it everything later."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fairs.accounts import tokens
from fairs.accounts.actor import SYSTEM
from fairs.checkin import corrections, importing, queries
from fairs.checkin.corrections import UndoScanForm
from fairs.checkin.relay import syncing
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import outcomes, scan, send, sign
from tests.checkin.relay.place import Laptop, Venue, open_now, venue
from tests.fair import scanner

NAME = "Wang Xiaoming"


@pytest.fixture
async def place(db: None, own_laptop: Laptop, tmp_path: Path) -> AsyncIterator[Venue]:
    async with venue(await open_now(slug="fair"), own_laptop, tmp_path) as made:
        yield made


def _now(code: str, **given: Any) -> dict[str, Any]:
    return scan(code, **{"at": datetime.now(UTC), **given})


async def _stored() -> list[tuple[Any, ...]]:
    rows = await database.fetch("SELECT uuid::text, coalesce(reason, outcome), conflict FROM scan ORDER BY id")
    return [tuple(row) for row in rows]


async def test_it_answers_as_the_server_does_with_names_that_only_a_badge_opens(place: Venue) -> None:
    hall = place.hall
    good, revoked = await hall.badge(name_passport=NAME), await hall.badge(revoked=True)
    waiting = await hall.badge(state="cancelled")
    elsewhere = await hall.badge(event=await factories.event(slug="other"))
    _, unknown = sign(hall.key, hall.number, hall.event)
    codes = [good, good, revoked, waiting, unknown, good[:-1] + ("A" if good[-1] != "A" else "B"), "nonsense"]
    await place.pull()
    told = await send(place.client, hall.token, *(_now(code) for code in codes), _now(good, gate="nowhere"))
    assert outcomes(told) == [
        "admitted", "already", "revoked", "not_confirmed", "unknown", "forged", "malformed", "wrong_gate"
    ]  # fmt: skip
    assert [result["person"]["name"] if result["person"] else None for result in told[:2]] == [NAME, NAME]
    assert outcomes(await send(place.client, hall.token, _now(elsewhere))) == ["unknown"]  # it knows its own event only
    tables = await place.fetch(
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'scan'"
    )
    for (table,) in tables:
        assert not [
            row for row in await place.fetch(f"SELECT t::text FROM {table} t") if NAME in row[0] or good in row[0]
        ]


async def test_the_snapshot_of_its_scanners_has_the_records_of_the_server(place: Venue) -> None:
    await place.hall.badge()
    await place.pull()
    headers = {"authorization": f"Bearer {place.hall.token}"}
    told = (await place.client.get("/api/v1/checkin/snapshot?sealed=true", headers=headers)).json()
    ((sealed,),) = await place.fetch("SELECT sealed FROM relay_badge")
    assert [badge["sealed"] for badge in told["badges"]] == [sealed]
    assert (await place.client.get("/api/v1/checkin/gates", headers=headers)).json()["event"]["slug"] == "fair"


async def test_it_answers_scanners_and_nothing_else(place: Venue) -> None:
    headers = {"authorization": f"Bearer {place.hall.token}"}
    found = [
        (await place.client.get(path, headers=headers)).status_code
        for path in ("/", "/scan", "/sw.js", "/login", "/api/v1/events", "/metrics", "/api/v1/checkin/people?q=wang")
    ]
    assert found == [303, 200, 200, 404, 404, 404, 503]
    undo = f"/api/v1/checkin/scans/{uuid.uuid4()}/undo"
    assert (await place.client.post(undo, headers=headers, json={"reason": "other"})).status_code == 503


async def test_doors_know_of_each_other_and_the_server_hears_of_it_once(place: Venue) -> None:
    code = await place.hall.badge()
    other, _ = await scanner(place.hall.event, "west")
    await place.pull()
    scans = [_now(code), _now(code), _now(code, gate="nowhere")]
    told = await send(place.client, place.hall.token, scans[0])
    told += await send(place.client, other, *scans[1:])
    assert outcomes(told) == ["admitted", "already", "wrong_gate"]
    assert await _stored() == []
    assert await place.push() == 3
    wanted = [(sent["id"], said, False) for sent, said in zip(scans, outcomes(told), strict=True)]
    assert await _stored() == wanted
    assert await place.push() == 0
    await place.fetch("UPDATE relay_state SET sent_through = 0 RETURNING id")  # an acknowledgement was lost
    assert await place.push() == 3
    assert await _stored() == wanted
    await place.pull()  # what it sent comes back and changes nothing
    assert await place.push() == 0


async def test_what_contradicts_the_server_is_a_conflict(place: Venue) -> None:
    hall = place.hall
    twice, gone, fine = [await hall.badge() for _ in range(3)]
    await place.pull()
    _, other = await scanner(hall.event, "elsewhere")
    await corrections_admit(hall, twice, other.token_id)
    await database.execute("UPDATE badge SET revoked_at = now() WHERE code = $1", gone)
    told = await send(place.client, hall.token, _now(twice), _now(gone), _now(fine))
    assert outcomes(told) == ["admitted"] * 3
    await place.push()
    assert [row[1:] for row in await _stored()][1:] == [("already", True), ("revoked", True), ("admitted", False)]


async def corrections_admit(hall: Any, code: str, device: int) -> None:
    """The server admits somebody at another door."""
    from fairs.checkin import forms, services

    body = json.dumps({"scans": [_now(code)]}).encode()
    await services.record_all(hall.event, forms.read_scans(body, device_id=device, now=clock.now()))


async def test_what_a_scanner_did_alone_is_told_as_it_happened(place: Venue) -> None:
    """It let somebody in against the relay's decision, and turned somebody away whom the relay would admit."""
    bad, good = await place.hall.badge(revoked=True), await place.hall.badge()
    await place.pull()
    alone = [_now(bad, offline=True, told="admitted"), _now(good, offline=True, told="refused", reason="full")]
    told = await send(place.client, place.hall.token, *alone)
    assert [(*outcomes([one]), one["conflict"]) for one in told] == [("revoked", True), ("full", False)]
    await place.push()
    assert [row[1:] for row in await _stored()] == [("revoked", True), ("full", False)]


async def test_changes_come_down(place: Venue) -> None:
    hall = place.hall
    code, late = await hall.badge(), await hall.badge()
    number = await database.fetchval("SELECT number FROM registration WHERE id = $1", hall.people[late])
    await corrections_admit(hall, code, hall.device.token_id)
    await place.pull()
    assert outcomes(await send(place.client, hall.token, _now(code))) == ["already"]
    (one,) = await send(place.client, hall.token, _now(number, by="hand"))
    assert (one["outcome"], one["person"]["name"]) == ("admitted", "")  # a number opens no name
    await place.push()
    stored = await database.fetchval("SELECT id FROM scan ORDER BY id LIMIT 1")
    event = await queries.event_by_id(hall.event)
    await corrections.undo_by_organiser(event, hall.gate, stored, UndoScanForm("other", "by mistake"), by=SYSTEM)
    await place.pull()
    assert outcomes(await send(place.client, hall.token, _now(code))) == ["admitted"]
    await place.push()
    assert [row[1:] for row in await _stored()] == [
        ("admitted", False), ("already", False), ("admitted", False), ("admitted", False)
    ]  # fmt: skip
    await database.execute("UPDATE badge SET revoked_at = now() WHERE code = $1", late)
    await place.pull()
    assert outcomes(await send(place.client, hall.token, _now(late))) == ["revoked"]


async def test_a_deleted_registration_is_forgotten(place: Venue) -> None:
    codes = [await place.hall.badge() for _ in range(2)]
    await place.pull()
    await database.execute("DELETE FROM registration WHERE id = $1", place.hall.people[codes[0]])
    await place.pull()
    assert outcomes(await send(place.client, place.hall.token, *(_now(code) for code in codes))) == [
        "revoked",
        "admitted",
    ]
    assert len(await place.fetch("SELECT sealed FROM relay_badge")) == 1


async def test_scanners_are_limited_and_switched_off(place: Venue) -> None:
    hall = place.hall
    code, west = await hall.badge(), await factories.gate(hall.event, code="west")
    await tokens.limit_device(hall.device.token_id, [west], by=SYSTEM)
    await place.pull()
    told = await send(place.client, hall.token, _now(code), _now(code, gate="west"))
    assert outcomes(told) == ["wrong_gate", "admitted"]
    await tokens.revoke_token(hall.device.token_id, by=SYSTEM)
    await place.pull()
    headers = {"authorization": f"Bearer {hall.token}"}
    async with asyncio.timeout(10):  # a token is known by heart for two seconds
        while (await place.client.get("/api/v1/checkin/gates", headers=headers)).status_code != 401:
            await asyncio.sleep(0.1)
    await place.push()
    assert [row[1] for row in await _stored()] == ["wrong_gate", "admitted"]


async def test_a_copy_that_broke_off_goes_on_where_it_was(place: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the feed and how far it is are written together."""
    await place.hall.badge()
    before = await place.state()
    await place.fetch(
        "UPDATE relay_state SET part_since = since, part_first = '2026-01-01T00:00:00+00:00', part_after = 1 RETURNING id"
    )
    await place.pull()
    after = await place.state()
    assert before.since != after.since == "2026-01-01T00:00:00+00:00"
    assert after.part_after == 0


async def test_a_link_is_opened_at_the_relay(place: Venue) -> None:
    code = await tokens.issue_device_link("new phone", by=SYSTEM, event_id=place.hall.event)
    page = await place.client.get(f"/scan/link/{code}")
    assert (page.status_code, "new phone" in page.text) == (200, True)
    form = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert form is not None
    used = await place.client.post(f"/scan/link/{code}", data={"_csrf_token": form[1]})
    assert used.status_code == 303
    token = used.headers["location"].partition("#token=")[2]
    badge = await place.hall.badge()
    await place.pull()
    assert outcomes(await send(place.client, token, _now(badge))) == ["admitted"]
    assert (await place.client.get(f"/scan/link/{code}")).status_code == 404
    place.relay.server.url = "http://127.0.0.1:9"  # nobody there
    assert (await place.client.get(f"/scan/link/{code}")).status_code == 409


async def test_it_goes_by_the_clock_of_the_server(place: Venue) -> None:
    with place.services.entered():
        place.relay.server.ahead = timedelta(hours=3)
        await place.relay.follow_clock()
        assert abs(clock.now() - datetime.now(UTC) - timedelta(hours=3)) < timedelta(seconds=1)
    assert (await place.state()).ahead_ms == 3 * 3600 * 1000
    await place.pull()  # hears the true one
    assert (await place.state()).ahead_ms == 0


async def test_a_revoked_relay_deletes_its_copy_and_keeps_what_was_not_sent(place: Venue) -> None:
    code = await place.hall.badge()
    await place.pull()
    await send(place.client, place.hall.token, _now(code))
    token = await database.fetchval("SELECT id FROM access_token WHERE name = 'hall'")
    await tokens.revoke_token(token, by=SYSTEM)
    with place.services.entered(), pytest.raises(syncing.Stop, match="the copy is deleted"):
        await place.relay.work(asyncio.Event())
    left = "SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM badge) + (SELECT count(*) FROM relay_badge)"
    assert await place.fetch(left + " + (SELECT count(*) FROM scan)") == [(0,)]
    (saved,) = place.relay.folder.glob("unsent-scans-*.json")
    assert saved.stat().st_mode & 0o777 == 0o600
    event = await queries.event_by_id(place.hall.event)
    assert await importing.read_in(event, place.hall.device.token_id, saved.read_bytes(), by=SYSTEM) == (1, 0)
    assert [row[1] for row in await _stored()] == ["admitted"]


async def test_it_forgets_when_its_time_is_over_also_without_the_server(place: Venue) -> None:
    await place.hall.badge()
    await place.pull()
    place.relay.server.url = "http://127.0.0.1:9"
    with place.services.entered():
        clock.move_by(timedelta(days=3))
        with pytest.raises(syncing.Stop, match="the event is over"):
            await place.relay.work(asyncio.Event())
    assert await place.fetch("SELECT 1 FROM relay_badge") == []


async def test_what_is_acknowledged_while_it_ends_is_in_the_file(place: Venue) -> None:
    codes = [await place.hall.badge() for _ in range(4)]
    await place.pull()
    acknowledged: set[str] = set()
    headers = {"authorization": f"Bearer {place.hall.token}"}

    async def pour(code: str) -> None:
        while True:
            sent = _now(code)
            body = {"scans": [sent]}
            answer = await place.client.post("/api/v1/checkin/scans", json=body, headers=headers)
            if answer.status_code != 200:
                return
            acknowledged.add(sent["id"])

    pouring = asyncio.gather(*(pour(code) for code in codes), return_exceptions=True)
    while len(acknowledged) < 20:
        await asyncio.sleep(0)
    with place.services.entered():
        await place.relay.end("for a test")
    await pouring
    saved = [json.loads(path.read_bytes()) for path in place.relay.folder.glob("unsent-scans-*.json")]
    assert acknowledged <= {one["id"] for file in saved for one in file["scans"]}
