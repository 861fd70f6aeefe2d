"""What the server takes from a relay, and from whom."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts import tokens
from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.core.scopes import Scope
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import Hall, scan
from tests.checkin.relay.place import open_now, relay_token
from tests.fair import scanner

PATH = "/api/v1/checkin/relay"


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_now(slug="fair")


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def _post(client: httpx.AsyncClient, token: str, call: str, body: object) -> httpx.Response:
    return await client.post(f"{PATH}/{call}", headers=_bearer(token), content=json.dumps(body))


async def test_only_the_token_of_a_relay_of_one_event_is_taken(client: httpx.AsyncClient, hall: Hall) -> None:
    found = {}
    for name, token in (
        ("nobody", "fapi_x"),
        ("scanner", hall.token),
        ("other", await relay_token(hall.event, Scope.READ, email="a@example.org")),
        ("every event", await relay_token(None, email="b@example.org")),
        ("relay", await relay_token(hall.event)),
    ):
        answers = [
            (await client.get(f"{PATH}/{call}", headers=_bearer(token))).status_code for call in ("feed", "people")
        ]
        answers += [(await _post(client, token, call, {})).status_code for call in ("scans", "status", "links")]
        found[name] = answers
    assert found == {
        "nobody": [401] * 5,
        "scanner": [403] * 5,
        "other": [403] * 5,
        "every event": [403] * 5,
        "relay": [200, 200, 422, 200, 422],
    }


async def test_the_feed_has_no_name_and_no_code(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(name_passport="Wang Xiaoming", organisation_name="Some University", phone="13800138000")
    await hall.badge(event=await factories.event(slug="other"), name_passport="Li")
    answer = await client.get(f"{PATH}/feed", headers=_bearer(await relay_token(hall.event)))
    feed = answer.json()
    assert len(feed["page"]["people"]) == feed["total"] == 1
    for word in ("Wang", "University", "138", code[-60:], hall.token):
        assert word not in answer.text
    later = await client.get(
        f"{PATH}/feed",
        params={"since": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
        headers=answer.request.headers,
    )
    assert later.json()["page"]["people"] == []
    assert (await client.get(f"{PATH}/feed?since=soon", headers=answer.request.headers)).status_code == 422


async def test_scans_of_other_events_and_of_another_form_are_refused_as_a_whole(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    token, code = await relay_token(hall.event), await hall.badge()
    _, stranger = await scanner(await factories.event(slug="other"))
    good = scan(code, at=datetime.now(UTC), offline=True, told="admitted") | {"device": hall.device.token_id}
    bad: list[Any] = [
        {"scans": [good, good | {"device": stranger.token_id}]},
        {"scans": [good, {"id": 1}]},
        {"scans": [good] * 1001},
        {},
        [],
    ]
    assert [(await _post(client, token, "scans", body)).status_code for body in bad] == [422] * 5
    assert await database.fetchval("SELECT count(*) FROM scan") == 0
    assert (await _post(client, token, "scans", {"scans": []})).json() == {"results": []}
    await tokens.revoke_token(hall.device.token_id, by=SYSTEM)  # what it scanned before counts
    results = (await _post(client, token, "scans", {"scans": [good, good]})).json()["results"]
    assert [result["outcome"] for result in results] == ["admitted", "admitted"]
    assert await database.fetchval("SELECT count(*) FROM scan") == 1


async def test_the_relay_and_its_scanners_are_on_the_page_of_the_gates(client: httpx.AsyncClient, hall: Hall) -> None:
    token = await relay_token(hall.event)
    report = {
        "queued": 1234,
        "address": "http://192.168.7.20:8000",
        "version": "9.9",
        "clock": datetime.now(UTC).isoformat(),
        "devices": [{"device": hall.device.token_id, "gate": "main-in", "battery": 7}, {"device": 10**9, "battery": 1}],
    }
    await sign_in(client, await make_actor("organiser"))
    empty = await client.get("/organise/editions/fair/gates")
    assert "Not used yet" in empty.text
    assert (await _post(client, token, "status", report)).json()["again_in"] > 0
    page = (await client.get("/organise/editions/fair/gates")).text
    for word in ("1,234", "http://192.168.7.20:8000", "9.9", "Battery low", "Scans wait"):
        assert word in page
    for odd in ({"clock": "2026-11-28T09:00:00"}, {"queued": "many"}, {"data_at": 5}, {"devices": [{"battery": 700}]}):
        assert (await _post(client, token, "status", report | odd)).status_code == 422
    await _post(client, token, "status", report | {"address": "javascript:alert(1)"})
    assert "javascript" not in (await client.get("/organise/editions/fair/gates")).text
    relay = await database.fetchval("SELECT id FROM access_token WHERE name = 'hall'")
    await tokens.revoke_token(relay, by=SYSTEM)
    assert "Venue relays" not in (await client.get("/organise/editions/fair/gates")).text


async def test_a_scanner_s_link_is_also_shown_for_the_relay(client: httpx.AsyncClient, hall: Hall) -> None:
    await _post(client, await relay_token(hall.event), "status", {"address": "http://192.168.7.20:8000/"})
    await sign_in(client, await make_actor("organiser"))

    page = await post(client, "/organise/editions/fair/devices", {"name": "door"})
    assert page.status_code == 201
    assert "http://192.168.7.20:8000/scan/link/" in page.text


async def test_a_link_of_another_event_is_not_opened(client: httpx.AsyncClient, hall: Hall) -> None:
    token = await relay_token(hall.event)
    own = await tokens.issue_device_link("own", by=SYSTEM, event_id=hall.event)
    other = await tokens.issue_device_link("other", by=SYSTEM, event_id=await factories.event(slug="other"))
    assert (await _post(client, token, "links", {"code": other, "use": True})).status_code == 404
    assert (await _post(client, token, "links", {"code": own})).json() == {"name": "own", "token": ""}
    assert (await _post(client, token, "links", {"code": own, "use": True})).json()["token"].startswith("fdev_")
    assert (await _post(client, token, "links", {"code": own, "use": True})).status_code == 404
