"""Reports of scanners, the gates as they stand now, and who is inside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fairs.checkin import inside, live, queries, status
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall, outcomes, scan, send
from tests.fair import scanner

LIVE, INSIDE = "/organise/editions/fair/gates", "/organise/editions/fair/inside"


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    return await open_hall(slug="fair")


async def report(client: httpx.AsyncClient, token: str, **given: Any) -> httpx.Response:
    return await client.post(
        "/api/v1/checkin/status", json=given, headers={"authorization": f"Bearer {token}", "cookie": ""}
    )


async def test_a_report_is_kept_once_for_each_scanner_and_seldom(client: httpx.AsyncClient, hall: Hall) -> None:
    now = datetime.now(UTC)
    told = {
        "gate": "main-in",
        "battery": 81,
        "charging": False,
        "queued": 3,
        "oldest_queued_at": (now - timedelta(minutes=4)).isoformat(),
        "version": "0.1.0",
        "clock": (now - timedelta(hours=3)).isoformat(),
        "camera": True,
    }
    answer = await report(client, hall.token, **told)
    assert answer.status_code == 200, answer.text
    assert abs(answer.json()["skew_seconds"] - 3 * 3600) < 60
    await report(client, hall.token, battery=5)
    row = await database.fetchrow("SELECT * FROM scan_device_status")
    assert row is not None
    assert (row["battery"], row["queued"], row["gate"]) == (81, 3, hall.gate), "reports seconds later are not stored"
    await database.execute("UPDATE scan_device_status SET at = at - interval '1 minute'")
    await report(client, hall.token, gate="elsewhere")
    row = await database.fetchrow("SELECT * FROM scan_device_status")
    assert row is not None
    assert (row["battery"], row["gate"], row["camera"]) == (None, None, None)


@pytest.mark.parametrize(
    "wrong",
    [{"battery": 101}, {"battery": "full"}, {"queued": -1}, {"clock": "noon"}, {"clock": "2018-01-01T00:00:00"}],
)
async def test_a_report_of_another_form_is_refused(
    client: httpx.AsyncClient, hall: Hall, wrong: dict[str, Any]
) -> None:
    assert (await report(client, hall.token, **wrong)).status_code == 422
    assert await database.fetchval("SELECT count(*) FROM scan_device_status") == 0


async def test_a_lost_clock_and_odd_texts_are_borne(client: httpx.AsyncClient, hall: Hall) -> None:
    answer = await report(
        client, hall.token, clock="0001-01-01T00:00:00+14:00", version="a\0b\ud800".encode("utf-8", "replace").decode()
    )
    assert answer.status_code == 200
    assert answer.json()["skew_seconds"] == status.FAR


async def test_live_page_says_how_each_gate_and_device_stands(client: httpx.AsyncClient, hall: Hall) -> None:
    await sign_in(client, await make_actor("organiser"))
    assert "No scanner has called yet" in (await client.get(LIVE)).text
    await database.execute("UPDATE gate SET capacity = 2 WHERE id = $1", hall.gate)
    now = clock.now() - timedelta(seconds=5)
    codes = [await hall.badge() for _ in range(3)]
    found = outcomes(await send(client, hall.token, *(scan(code, at=now) for code in codes), scan("nonsense", at=now)))
    assert found == ["admitted", "admitted", "full", "malformed"]
    other, device = await scanner(hall.event, "Old phone")
    await report(client, hall.token, gate="main-in", battery=12, charging=False)
    await report(client, other, gate="main-in", battery=90)
    await database.execute(
        "UPDATE scan_device_status SET at = at - interval '1 hour' WHERE device = $1", device.token_id
    )
    await database.execute(
        "UPDATE access_token SET last_used_at = last_used_at - interval '1 hour' WHERE id = $1", device.token_id
    )
    page = (await client.get(LIVE)).text
    for seen in ("Battery low", "Silent", "1 silent", "Full 1", "Not a badge 1", "<polyline"):
        assert seen in page, seen
    event = await queries.event_by_id(hall.event)
    (gate,) = (await live.live(event)).gates
    assert (gate.inside, gate.admitted, sum(gate.minutes), len(gate.devices)) == (2, 2, 2, 2)


async def test_gates_of_one_room_count_people_together(client: httpx.AsyncClient, hall: Hall) -> None:
    room = await database.fetchval(
        "INSERT INTO room (event, code, name_zh, name_en) VALUES ($1, 'hall-1', '一号厅', 'Hall 1') RETURNING id",
        hall.event,
    )
    await database.execute("UPDATE gate SET room = $1, kind = 'zone' WHERE id = $2", room, hall.gate)
    await factories.gate(hall.event, code="side", kind="zone", room=room, name_en="Side door")
    now = clock.now() - timedelta(minutes=5)
    stays, leaves = await hall.badge(), await hall.badge()
    await send(
        client,
        hall.token,
        scan(stays, at=now),
        scan(leaves, at=now),
        scan(leaves, gate="side", direction="out", at=now + timedelta(minutes=1)),
    )
    places = inside.places_of(await inside.gates_of(hall.event))
    assert [(place.name_en, len(place.gates)) for place in places] == [("Hall 1", 2)]
    people = await inside.people(places, "Asia/Shanghai")
    assert [row.registration for row in people] == [hall.people[stays]]
    assert await inside.counts(places, "Asia/Shanghai") == {places[0].area: 1}


async def test_people_inside_are_listed_printed_and_exported(client: httpx.AsyncClient, hall: Hall) -> None:
    staff = await make_actor("staff", email="staff@example.org", event_id=hall.event)
    await sign_in(client, staff)
    assert "Nobody is inside" in (await client.get(INSIDE)).text
    assert "Nobody is inside" in (await client.get(f"{INSIDE}/print")).text
    now = clock.now() - timedelta(seconds=30)
    maria = await hall.badge(
        name_passport="Maria Fernandez", name_native="玛丽亚", organisation_name="Sevilla University"
    )
    ivan = await hall.badge(name_passport="Ivan Petrov")
    undone = scan(await hall.badge(name_passport="Un Done"), at=now)
    await send(client, hall.token, scan(maria, at=now), scan(ivan, at=now - timedelta(seconds=20)), undone)
    await send(client, hall.token, scan(ivan, direction="out", at=now))
    answer = await client.post(
        f"/api/v1/checkin/scans/{undone['id']}/undo",
        json={"reason": "turned_back"},
        headers={"authorization": f"Bearer {hall.token}"},
    )
    assert answer.status_code == 200
    for path in (INSIDE, f"{INSIDE}/print", f"{INSIDE}.csv", f"{INSIDE}?q=sevilla&place=main-in"):
        page = (await client.get(path)).text
        for seen in ("玛丽亚", "Maria Fernandez", "Sevilla University"):
            assert seen in page, (path, seen)
        assert "Ivan Petrov" not in page, path
        assert "Un Done" not in page, path
    assert "Nobody inside matches" in (await client.get(f"{INSIDE}?q=ivan")).text


async def test_strangers_see_nobody(client: httpx.AsyncClient, hall: Hall) -> None:
    other = await factories.event(slug="other")
    await sign_in(client, await make_actor("staff", email="staff@example.org", event_id=other))
    for path in (INSIDE, f"{INSIDE}/print", f"{INSIDE}.csv"):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get(LIVE)).status_code == 403
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")))
    for path in (INSIDE, f"{INSIDE}/print", f"{INSIDE}.csv", LIVE):
        assert (await client.get(path)).status_code == 404, path
    assert (await post(client, INSIDE)).status_code in {404, 405}
