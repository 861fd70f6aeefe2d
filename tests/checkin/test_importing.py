"""A phone saved its scans to a file: the organiser reads it in."""

import json

import httpx
import pytest

from fairs.core import db as database
from tests.cast import csrf, make_actor, sign_in
from tests.checkin.hall import Hall, open_hall, scan

URL = "/organise/editions/fair/devices/scans"


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall(slug="fair")


async def _send(client: httpx.AsyncClient, device: int, content: object, name: str = "scans.json") -> httpx.Response:
    token = await csrf(client)
    files = {"file": (name, json.dumps(content), "application/json")}
    return await client.post(URL, data={"_csrf_token": token, "device": str(device)}, files=files)


async def test_the_scans_of_a_file_are_recorded_once(client: httpx.AsyncClient, hall: Hall) -> None:
    await sign_in(client, await make_actor("organiser"))
    good, revoked = await hall.badge(), await hall.badge(revoked=True)
    scans = [scan(good, told="admitted"), scan(revoked, told="admitted"), {"id": "no scan"}]
    for _ in range(2):
        answer = await _send(client, hall.device.token_id, {"event": "fair", "scans": scans})
        assert answer.status_code == 303
    rows = await database.fetch("SELECT coalesce(reason, outcome) AS said, offline, conflict FROM scan ORDER BY id")
    assert [tuple(row) for row in rows] == [("admitted", True, False), ("revoked", True, True)]
    acts = await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'scan.read_in'")
    assert acts == 2


async def test_a_file_of_something_else_is_refused(client: httpx.AsyncClient, hall: Hall) -> None:
    await sign_in(client, await make_actor("organiser"))
    other = await open_hall()
    mine = {"event": "fair", "scans": []}
    for device, content in (
        (hall.device.token_id, []),
        (hall.device.token_id, {"event": "x", "scans": []}),
        (0, mine),
        (other.device.token_id, mine),
    ):
        assert (await _send(client, device, content)).status_code == 422
    assert await database.fetchval("SELECT count(*) FROM scan") == 0
