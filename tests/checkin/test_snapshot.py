"""What a device gets to decide without a network: enough for the rules, no name in clear, and only what changed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.badges import tokens
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, outcomes, scan, send

URL = "/api/v1/checkin/snapshot?sealed=true"


@pytest.fixture
async def hall(db: None, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=1))
    return await open_hall(starts_at=NINE, ends_at=NINE + timedelta(days=2))


async def _get(client: httpx.AsyncClient, hall: Hall, **more: Any) -> dict[str, Any]:
    answer = await client.get(URL, params={"sealed": "true", **more}, headers={"authorization": f"Bearer {hall.token}"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"text": answer.text}


async def test_no_name_is_in_clear_and_the_code_opens_the_record(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(name_passport="Li Wei", name_native="李伟", organisation_name="郑州大学")
    told = await _get(client, hall)
    for word in ("Li Wei", "李伟", "郑州大学", code, code[-20:]):
        assert word not in told["text"]
    [badge] = told["badges"]
    assert badge["uid"] == tokens.uid_of(code).hex()
    assert (badge["state"], badge["category"], badge["sessions"], badge["passages"]) == ("valid", "candidate", [], [])
    assert told["device"]["id"] == hall.device.token_id
    assert told["device"]["keep_until"].startswith("2018-10-30"), "a day after the event"
    again = await _get(client, hall)
    assert again["badges"][0]["sealed"] != badge["sealed"], "a new nonce each time"


async def test_passages_of_the_whole_zone_and_people_inside_are_told(client: httpx.AsyncClient, hall: Hall) -> None:
    room = await database.fetchval(
        "INSERT INTO room (event, code, name_zh, name_en) VALUES ($1, 'hall', '厅', 'Hall') RETURNING id", hall.event
    )
    await database.execute("UPDATE gate SET room = $2, capacity = 5 WHERE id = $1", hall.gate, room)
    await factories.gate(hall.event, code="west", kind="zone", room=room)
    one, two = await hall.badge(), await hall.badge()
    left = scan(one, gate="west", direction="out", at=NINE + timedelta(minutes=5))
    assert outcomes(await send(client, hall.token, scan(one), scan(two, gate="west"), left)) == ["admitted"] * 3
    told = await _get(client, hall)
    assert told["areas"] == {"main-in": hall.gate, "west": hall.gate}
    ways = [[(area, way) for area, _, way, _ in badge["passages"]] for badge in told["badges"]]
    assert ways == [[(hall.gate, "in"), (hall.gate, "out")], [(hall.gate, "in")]]
    assert [(item["area"], item["count"]) for item in told["inside"]] == [(hall.gate, 1)]
    for gate in ("main-in", "west"):
        headers = {"authorization": f"Bearer {hall.token}"}
        counters = (await client.get(f"/api/v1/checkin/gates/{gate}/counters", headers=headers)).json()
        assert counters["present"] == 1, "of the place, by whichever gate they came and left"


async def test_later_only_what_has_changed(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [await hall.badge() for _ in range(3)]
    whole = await _get(client, hall)
    assert len(whole["badges"]) == 3
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=2))
    await database.execute("UPDATE badge SET issued_at = $1", NINE)
    await database.execute("UPDATE registration SET updated_at = $1", NINE)
    await send(client, hall.token, scan(codes[1], at=NINE + timedelta(hours=2)))
    since = whole["next_since"]
    assert [badge["uid"] for badge in (await _get(client, hall, since=since))["badges"]] == [
        tokens.uid_of(codes[1]).hex()
    ]


async def test_pages_go_on_where_they_end(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairs.checkin.api.SNAPSHOT_PAGE", 2)
    codes = [await hall.badge() for _ in range(3)]
    first = await _get(client, hall)
    second = await _get(client, hall, after=first["next_after"])
    assert second["next_after"] is None
    found = [badge["uid"] for badge in (*first["badges"], *second["badges"])]
    assert found == [tokens.uid_of(code).hex() for code in codes]


async def test_data_end_with_the_token(client: httpx.AsyncClient, hall: Hall) -> None:
    soon = NINE + timedelta(hours=3)
    await database.execute("UPDATE access_token SET expires_at = $2 WHERE id = $1", hall.device.token_id, soon)
    until = (await _get(client, hall))["device"]["keep_until"]
    assert until == soon.isoformat().replace("+00:00", "Z")


async def test_words_of_a_later_release_are_as_if_nothing_was_told(client: httpx.AsyncClient, hall: Hall) -> None:
    code, other = await hall.badge(), await hall.badge()
    odd = scan(code, offline=True, told="postponed", reason="rain")
    refused = scan(other, offline=True, told="refused", reason="rain")
    assert outcomes(await send(client, hall.token, odd, refused)) == ["admitted", "full"]
