import asyncio
import re

import httpx
import pytest

from fairs.accounts import people
from fairs.accounts.actor import SYSTEM
from fairs.accounts.forms import GatesForm
from fairs.core import db as database
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall, outcomes, scan, send
from tests.fair import scanner


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall(slug="fair")


async def test_organiser_makes_a_link_that_scans_and_switches_it_off(client: httpx.AsyncClient, hall: Hall) -> None:
    await sign_in(client, await make_actor("organiser"))
    page = await post(client, "/organise/editions/fair/devices", {"name": "North gate"})
    assert (page.status_code, page.headers["cache-control"]) == (201, "no-store")
    (link,) = set(re.findall(r"http://fairs.test(/scan/link/[\w-]+)", page.text))
    token = (await post(client, link)).headers["location"].removeprefix("/scan#token=")
    assert "<svg" in page.text
    assert outcomes(await send(client, token, scan(await hall.badge()))) == ["admitted"]
    listed = await client.get("/organise/editions/fair/devices")
    assert "North gate" in listed.text
    assert link not in listed.text
    device = await database.fetchval("SELECT id FROM access_token WHERE name = 'North gate'")
    answer = await post(client, f"/organise/editions/fair/devices/{device}/revoke")
    assert (answer.status_code, answer.headers["location"]) == (303, "/organise/editions/fair/devices")
    assert (await post(client, f"/organise/editions/fair/devices/{device}/revoke")).status_code == 404


async def test_scanner_without_a_name_is_refused(client: httpx.AsyncClient, hall: Hall) -> None:
    await sign_in(client, await make_actor("organiser"))
    page = await post(client, "/organise/editions/fair/devices", {"name": ""})
    assert page.status_code == 422
    assert len(errors_in(page.text)) == 1


async def test_device_of_another_event_cannot_be_switched_off_here(client: httpx.AsyncClient, hall: Hall) -> None:
    await factories.event(slug="other")
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, f"/organise/editions/other/devices/{hall.device.token_id}/revoke")
    assert answer.status_code == 404


async def test_staff_make_their_browser_a_scanner_of_their_event_only(client: httpx.AsyncClient, hall: Hall) -> None:
    other = await open_hall(slug="other")
    await sign_in(client, await make_actor("staff", event_id=hall.event, email="staff@example.org"))
    page = await client.get("/scan")
    assert 'action="/scan/fair"' in page.text
    assert 'action="/scan/other"' not in page.text
    answer = await post(client, "/scan/fair")
    assert answer.status_code == 303
    token = answer.headers["location"].removeprefix("/scan#token=")
    assert outcomes(await send(client, token, scan(await hall.badge()))) == ["admitted"]
    left = await database.fetchval(
        "SELECT extract(epoch FROM expires_at - created_at) / 3600 FROM access_token WHERE name = 'Alice Wanderer'"
    )
    assert 15.9 < left <= 16.01
    assert (await post(client, "/scan/other")).status_code == 404
    assert (await client.get("/organise/editions/fair/devices")).status_code == 403
    assert other.event != hall.event


async def test_stranger_sees_a_scanner_without_anything_in_it(client: httpx.AsyncClient, hall: Hall) -> None:
    await hall.badge(name_passport="Secret Person")
    for path in ("/scan", "/scan/fair/main-in"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "Secret Person" not in page.text
        assert "Main entrance" not in page.text
    assert (await client.get("/scan/fair/nowhere")).status_code == 404
    assert (await post(client, "/scan/fair")).status_code == 303  # to the sign-in page
    await sign_in(client, await make_actor("candidate", email="bob@example.org"))
    assert (await post(client, "/scan/fair")).status_code == 403


async def test_number_given_by_hand_admits_but_a_code_that_is_a_number_does_not(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    await hall.badge(number="H000123", name_passport="Ada")
    headers = {"authorization": f"Bearer {hall.token}"}
    found = (await client.get("/api/v1/checkin/people?q=h000123", headers=headers)).json()["people"]
    assert [(person["number"], person["name"]) for person in found] == [("H000123", "Ada")]
    results = await send(client, hall.token, scan("H000123"), scan("h000123", by="hand"), scan("H999999", by="hand"))
    assert outcomes(results) == ["malformed", "admitted", "unknown"]
    other = await open_hall()
    assert (
        await client.get("/api/v1/checkin/people?q=h000123", headers={"authorization": f"Bearer {other.token}"})
    ).json() == {"people": [], "more": False}


async def test_limited_staff_scan_at_their_gates_only(client: httpx.AsyncClient, hall: Hall) -> None:
    """Where the scanner is opened, and where a scan is made; a change is heard by scanners that are open."""
    west = await factories.gate(hall.event, code="west")
    staff = await make_actor("staff", email="gate@example.org", event_id=hall.event)
    (role,) = await people.roles_of(staff.account_id or 0)
    token, _ = await scanner(hall.event, by=staff)
    headers = {"authorization": f"Bearer {token}"}

    async def gates() -> list[str]:
        return [gate["code"] for gate in (await client.get("/api/v1/checkin/gates", headers=headers)).json()["gates"]]

    assert await gates() == ["main-in", "west"]
    await people.limit_to_gates(staff.account_id or 0, role.id, GatesForm(gates=[str(west)]), by=SYSTEM)
    for _ in range(100):
        if await gates() == ["west"]:
            break
        await asyncio.sleep(0.05)
    assert await gates() == ["west"]
    for path in ("gates/main-in/counters", "snapshot?gate=main-in"):
        assert (await client.get(f"/api/v1/checkin/{path}", headers=headers)).status_code == 404
    snapshot = (await client.get("/api/v1/checkin/snapshot", headers=headers)).json()
    assert [gate["code"] for gate in snapshot["gates"]] == ["west"]
    code = await hall.badge()
    assert outcomes(await send(client, token, scan(code), scan(code, gate="west"))) == ["wrong_gate", "admitted"]
    assert outcomes(await send(client, hall.token, scan(code))) == ["admitted"], "other scanners are not limited"
    assert await database.fetchval("SELECT count(*) FROM admission WHERE gate = $1", hall.gate) == 1
