"""The organiser's page of a gate: scans found, one undone, somebody let in by hand."""

import re
from datetime import timedelta

import httpx
import pytest

from fairs.core import db as database
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.checkin.hall import NINE, Hall, open_hall, scan, send

GATE = "/organise/editions/fair/gates/main-in"


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    hall = await open_hall(slug="fair")
    await sign_in(client, await make_actor("organiser"))
    return hall


async def test_scans_are_listed_found_and_one_is_undone(client: httpx.AsyncClient, hall: Hall) -> None:
    assert "No scan yet" in (await client.get(GATE)).text
    maria = await hall.badge(name_passport="Maria Fernandez", search_key="mariafernandez\nmaria fernandez")
    await send(client, hall.token, scan(maria), scan(await hall.badge(name_passport="Ivan Petrov", revoked=True)))
    page = (await client.get(f"{GATE}?show=admitted")).text
    assert "Maria Fernandez" in page
    assert "Ivan Petrov" not in page
    assert "Ivan Petrov" in (await client.get(f"{GATE}?show=refused")).text
    assert "No scan matches" in (await client.get(f"{GATE}?q=maria&show=refused")).text
    (path,) = re.findall(rf"{GATE}/scans/\d+", page)
    empty = await post(client, f"{path}/undo", {"reason": "other", "note": ""})
    assert (empty.status_code, len(errors_in(empty.text))) == (422, 1)
    answer = await post(client, f"{path}/undo", {"reason": "turned_back", "note": "went home"})
    assert (answer.status_code, answer.headers["location"]) == (303, GATE)
    shown = (await client.get(path)).text
    assert "went home" in shown
    assert "/undo" not in shown
    assert "Maria Fernandez" in (await client.get(f"{GATE}?show=corrected")).text
    assert await database.fetchval("SELECT count(*) FROM admission") == 0


async def test_an_earlier_passage_is_not_undone_before_the_later_one(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    await send(client, hall.token, scan(code), scan(code, direction="out", at=NINE + timedelta(minutes=3)))
    first = await database.fetchval("SELECT min(id) FROM scan")
    late = await post(client, f"{GATE}/scans/{first}/undo", {"reason": "wrong_person", "note": "kept text"})
    assert late.status_code == 409
    assert "kept text" in late.text


async def test_somebody_is_found_by_name_and_let_in_once(client: httpx.AsyncClient, hall: Hall) -> None:
    await database.execute("UPDATE gate SET capacity = 0 WHERE id = $1", hall.gate)
    await hall.badge(
        name_passport="Maria Fernandez", search_key="mariafernandez\nmaria fernandez", number="FA18-000042"
    )
    page = (await client.get(f"{GATE}/admit?q=maria")).text
    assert "number=FA18-000042" in page
    page = (await client.get(f"{GATE}/admit?number=FA18-000042")).text
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    assert 'value="FA18-000042"' in page
    wrong = await post(
        client, f"{GATE}/admit", {"number": "FA18-999999", "reason": "speaker", "note": "kept", "key": key}
    )
    assert wrong.status_code == 422
    assert "kept" in wrong.text
    assert key in wrong.text
    for _ in range(2):
        form = {"number": "FA18-000042", "reason": "speaker", "key": key}
        assert (await post(client, f"{GATE}/admit", form)).status_code == 303
    assert await database.fetchval("SELECT count(*) FROM scan") == 1
    again = await post(client, f"{GATE}/admit", {"number": "FA18-000042", "reason": "speaker", "key": "nonsense"})
    assert again.status_code == 422


async def test_others_find_no_gate(client: httpx.AsyncClient, hall: Hall) -> None:
    await send(client, hall.token, scan(await hall.badge()))
    scan_id = await database.fetchval("SELECT id FROM scan")
    await factories.event(slug="other")
    assert (await client.get("/organise/editions/other/gates/main-in")).status_code == 404
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")))
    for path in ("", "/admit", f"/scans/{scan_id}"):
        assert (await client.get(GATE + path)).status_code == 404, path
    assert (await post(client, f"{GATE}/scans/{scan_id}/undo", {"reason": "wrong_way"})).status_code == 404
    assert (await post(client, f"{GATE}/admit", {"number": "x", "reason": "speaker"})).status_code == 404
