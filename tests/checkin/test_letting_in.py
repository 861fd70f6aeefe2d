"""Staff let in the person whom their own scan has just refused: where the organiser allows it, with a reason, once."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fairs.checkin import policy, tallies
from fairs.core import clock
from fairs.core import db as database
from tests.checkin.hall import Hall, open_hall, outcomes, scan, send
from tests.fair import scanner


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    """A gate for guests only, whose staff may let others in."""
    made = await open_hall(slug="fair")
    await database.execute("UPDATE gate SET may_force = true, categories = '{guest}' WHERE id = $1", made.gate)
    return made


async def refused(client: httpx.AsyncClient, hall: Hall, code: str, why: str = "wrong_category") -> dict[str, Any]:
    sent = scan(code, at=clock.now())
    assert outcomes(await send(client, hall.token, sent)) == [why]
    return sent


async def let_in(client: httpx.AsyncClient, token: str, scan_id: str, **said: Any) -> httpx.Response:
    said = said or {"reason": "speaker"}
    headers = {"authorization": f"Bearer {token}"}
    return await client.post(f"/api/v1/checkin/scans/{scan_id}/let-in", json=said, headers=headers)


async def test_let_in_with_a_reason_once(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(name_passport="Li Na", name_native="李娜", category="media")
    sent = await refused(client, hall, code)
    for _ in range(2):
        answer = await let_in(client, hall.token, sent["id"], reason="other", note="Opens the forum")
        assert (answer.status_code, answer.json()["name"], answer.json()["name_native"]) == (200, "Li Na", "李娜")
    kept = await database.fetch("SELECT kind, reason, note, device_id FROM scan_correction")
    assert [tuple(row) for row in kept] == [("by_hand", "other", "Opens the forum", hall.device.token_id)]
    assert await database.fetchval("SELECT count(*) FROM admission") == 1
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'scan.admit'") == 1
    assert await tallies.differences() == []
    assert outcomes(await send(client, hall.token, sent)) == ["wrong_category"]  # the first answer stays


async def test_who_is_inside_is_not_let_in_again(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(category="media")
    first, second = await refused(client, hall, code), await refused(client, hall, code)
    assert (await let_in(client, hall.token, first["id"])).status_code == 200
    again = await let_in(client, hall.token, second["id"])
    assert (again.status_code, again.json()["code"]) == (409, "inside")
    assert await database.fetchval("SELECT count(*) FROM admission") == 1


@pytest.mark.parametrize("state", ["revoked", "cancelled"])
async def test_no_reason_lets_an_invalid_badge_in(client: httpx.AsyncClient, hall: Hall, state: str) -> None:
    code = await hall.badge(revoked=state == "revoked", state="confirmed" if state == "revoked" else state)
    sent = await refused(client, hall, code, "revoked" if state == "revoked" else "not_confirmed")
    answer = await let_in(client, hall.token, sent["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_forcible")


async def test_only_where_when_and_by_whom_it_is_allowed(client: httpx.AsyncClient, hall: Hall) -> None:
    sent = await refused(client, hall, await hall.badge(category="media"))
    other, _ = await scanner(hall.event)
    assert (await let_in(client, other, sent["id"])).status_code == 404
    for unknown in (str(uuid4()), "x"):
        assert (await let_in(client, hall.token, unknown)).status_code == 404
    for said in ({"reason": "other"}, {"reason": "because"}, {"note": "x"}):
        assert (await let_in(client, hall.token, sent["id"], **said)).status_code == 422
    await database.execute("UPDATE gate SET may_force = false")
    answer = await let_in(client, hall.token, sent["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_here")
    await database.execute("UPDATE gate SET may_force = true")
    clock.move_by(policy.undo_life() + timedelta(seconds=1))
    answer = await let_in(client, hall.token, sent["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")
    assert await database.fetchval("SELECT count(*) FROM admission") == 0


async def test_the_scanner_learns_where_it_is_allowed(client: httpx.AsyncClient, hall: Hall) -> None:
    headers = {"authorization": f"Bearer {hall.token}"}
    (gate,) = (await client.get("/api/v1/checkin/gates", headers=headers)).json()["gates"]
    assert gate["may_force"] is True
    page = (await client.get("/scan/fair/main-in")).text
    assert 'data-forcible="full not_signed_up too_early too_late wrong_category wrong_room"' in page
