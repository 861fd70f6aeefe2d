"""A scanner limited to some gates by who runs the event: refused elsewhere, offered nothing else."""

import httpx
import pytest

from fairs.accounts import middleware
from fairs.core import db as database
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall, outcomes, scan, send


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    await sign_in(client, await make_actor("organiser"))
    return await open_hall(slug="fair")


async def test_a_limited_scanner_works_at_its_gates_only(client: httpx.AsyncClient, hall: Hall) -> None:
    side = await factories.gate(hall.event, code="side", name_en="Side door")
    path = f"/organise/editions/fair/devices/{hall.device.token_id}/gates"
    assert "Side door" in (await client.get(path)).text
    assert (await post(client, path, {"gates": str(side)})).status_code == 303
    assert "1 gate" in (await client.get("/organise/editions/fair/devices")).text
    code = await hall.badge()
    assert outcomes(await send(client, hall.token, scan(code), scan(code, gate="side"))) == ["wrong_gate", "admitted"]
    offered = await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {hall.token}"})
    assert [gate["code"] for gate in offered.json()["gates"]] == ["side"]
    assert (await post(client, path, {})).status_code == 303
    middleware._forget_devices({})  # what the notification does in a server
    assert outcomes(await send(client, hall.token, scan(code))) == ["admitted"]
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'token.gates'") == 2


async def test_a_scanner_whose_gate_is_gone_works_nowhere(client: httpx.AsyncClient, hall: Hall) -> None:
    side = await factories.gate(hall.event, code="side")
    path = f"/organise/editions/fair/devices/{hall.device.token_id}/gates"
    await post(client, path, {"gates": str(side)})
    await database.execute("DELETE FROM gate WHERE id = $1", side)
    assert outcomes(await send(client, hall.token, scan(await hall.badge()))) == ["wrong_gate"]


async def test_whoever_is_late_does_not_overwrite(client: httpx.AsyncClient, hall: Hall) -> None:
    side = await factories.gate(hall.event, code="side")
    path = f"/organise/editions/fair/devices/{hall.device.token_id}/gates"
    page = (await client.get(path)).text
    seen = page.split('name="_version" value="')[1].split('"')[0]
    assert (await post(client, path, {"gates": str(side), "_version": seen})).status_code == 303
    assert (await post(client, path, {"gates": str(hall.gate), "_version": seen})).status_code == 409


async def test_gates_and_scanners_of_other_events_are_refused(client: httpx.AsyncClient, hall: Hall) -> None:
    other = await open_hall(slug="other")
    path = f"/organise/editions/fair/devices/{hall.device.token_id}/gates"
    for gates in (str(other.gate), "9" * 30, "x"):
        assert (await post(client, path, {"gates": gates})).status_code in {404, 422}, gates
    strange = f"/organise/editions/fair/devices/{other.device.token_id}/gates"
    assert (await client.get(strange)).status_code == 404
    assert (await post(client, strange, {"gates": str(hall.gate)})).status_code == 404
    assert await database.fetchval("SELECT count(*) FROM device_gate") == 0
