"""Names that a scanner holds for the time without a network: only where the gate's form says so, only for its own token."""

import base64
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fairs.accounts import middleware
from fairs.checkin import names
from fairs.core import clock
from fairs.core import db as database
from fairs.registrations import phones
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import NINE, Hall, open_hall, scan, send
from tests.fair import scanner

URL = "/api/v1/checkin/gates/main-in/names"


@pytest.fixture
async def hall(db: None, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=1))
    hall = await open_hall(slug="fair", starts_at=NINE, ends_at=NINE + timedelta(days=2))
    await database.execute("UPDATE gate SET offline_names = true")
    return hall


async def _ask(client: httpx.AsyncClient, token: str, **query: Any) -> httpx.Response:
    return await client.get(URL, params=query, headers={"authorization": f"Bearer {token}"})


def _opened(answer: httpx.Response, token: str, gate: str = "main-in") -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    box = base64.b64decode(answer.json()["sealed"])
    plain = AESGCM(names.key_of(token)).decrypt(box[:12], box[12:], gate.encode())
    found: dict[str, Any] = msgspec.json.decode(plain)
    return found


async def _person(hall: Hall, native: str, passport: str, organisation: str = "", **given: Any) -> str:
    key = phones.search_text(native, passport, organisation, "li@example.org", "13800138000")
    return await hall.badge(
        name_native=native, name_passport=passport, organisation_name=organisation, search_key=key, **given
    )


async def test_names_are_sealed_for_the_scanner_that_asked(client: httpx.AsyncClient, hall: Hall) -> None:
    await _person(hall, "李伟", "Li Wei", "郑州大学")
    answer = await _ask(client, hall.token)
    for word in ("李伟", "Li Wei", "liwei", "郑州", "example.org"):
        assert word not in answer.text.replace(str(answer.json()["letters"]), "")
    told = _opened(answer, hall.token)
    [[_, number, name, native, category, place, uid, first, later]] = told["people"]
    assert (name, native, category, len(uid)) == ("Li Wei", "李伟", "candidate", 16)
    assert {"李伟", "liwei", "liw", "lw"} <= {*first.split("|")}
    assert "weili" in {*first.split("|"), *later.split("|")}
    assert "zhengzhoudaxue" in told["organisations"][place][1].split("|")
    assert "example" not in str(told)
    assert "13800138000" not in str(told)
    assert number.startswith("T")
    assert answer.json()["people"] == 1
    other, _ = await scanner(hall.event, "lent phone")
    with pytest.raises(InvalidTag):
        _opened(answer, other)
    with pytest.raises(InvalidTag):
        _opened(answer, hall.token, "another-gate")
    [entry] = await database.fetch("SELECT after FROM audit_entry WHERE action = 'gate.names'")
    assert '"people": 1' in entry["after"] or '"people":1' in entry["after"]


async def test_only_people_of_the_gate_and_only_what_changed(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.execute("UPDATE gate SET categories = '{expert}'")
    await _person(hall, "李伟", "Li Wei", category="expert")
    leaver = await _person(hall, "王芳", "Wang Fang", category="expert")
    await _person(hall, "张三", "Zhang San", category="candidate")
    await _person(hall, "赵六", "Zhao Liu", category="expert", state="cancelled")
    answer = await _ask(client, hall.token)
    told = _opened(answer, hall.token)
    assert [person[3] for person in told["people"]] == ["李伟", "王芳"]
    assert (told["gone"], answer.json()["people"], answer.json()["next_after"]) == ([], 2, None)
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=2))
    sql = "UPDATE registration SET state = 'cancelled', updated_at = $2 WHERE id = $1"
    await database.execute(sql, hall.people[leaver], clock.now())
    later = await _ask(client, hall.token, since=(NINE + timedelta(hours=1, minutes=30)).isoformat())
    told = _opened(later, hall.token)
    assert (told["people"], told["gone"], later.json()["people"]) == ([], [hall.people[leaver]], 1)
    assert "letters" not in later.json()


async def test_a_gate_that_does_not_say_so_gives_nobody(client: httpx.AsyncClient, hall: Hall) -> None:
    await _person(hall, "李伟", "Li Wei")
    await database.execute("UPDATE gate SET offline_names = false")
    assert (await _ask(client, hall.token)).status_code == 404
    await database.execute("UPDATE gate SET offline_names = true")
    assert (await _ask(client, hall.token)).status_code == 200
    side = await factories.gate(hall.event, code="side")
    sign = "INSERT INTO device_gate (token, gate_id) VALUES ($1, $2)"
    await database.execute(sign, hall.device.token_id, side)
    await database.execute("UPDATE access_token SET limited = true WHERE id = $1", hall.device.token_id)
    middleware._forget_devices({})  # what the notification does in a server
    assert (await _ask(client, hall.token)).status_code == 404, "not a gate of this scanner"
    assert (await client.get(URL)).status_code == 401


async def test_the_organiser_chooses_it_on_the_form_of_the_gate(client: httpx.AsyncClient, hall: Hall) -> None:
    await database.execute("UPDATE gate SET offline_names = false")
    await sign_in(client, await make_actor("organiser"))
    page = "/organise/editions/fair/places/gates/main-in/edit"
    found = await client.get(page)
    assert found.status_code == 200, found.text
    assert "Scanners find people by name without a network" in found.text
    form = {
        "code": "main-in",
        "kind": "entry",
        "name_zh": "主入口",
        "name_en": "Main entrance",
        "rule": "day",
        "ways": "both",
    }
    answer = await post(client, page, form | {"offline_names": "on"})
    assert answer.status_code == 303, answer.text
    assert await database.fetchval("SELECT offline_names FROM gate")
    gates = await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {hall.token}"})
    assert gates.json()["gates"][0]["offline_names"] is True
    assert "names on its scanners" in (await client.get("/organise/editions/fair/places")).text


async def test_lookups_without_a_network_are_logged_when_they_are_reported(
    client: httpx.AsyncClient, hall: Hall
) -> None:
    code = await _person(hall, "李伟", "Li Wei")
    number = await database.fetchval("SELECT number FROM registration WHERE id = $1", hall.people[code])
    headers = {"authorization": f"Bearer {hall.token}"}
    for looked_up in (0, 3):
        body = {"gate": "main-in", "looked_up": looked_up}
        assert (await client.post("/api/v1/checkin/status", json=body, headers=headers)).status_code == 200
    [entry] = await database.fetch("SELECT after, actor_label FROM audit_entry WHERE action = 'gate.looked_up'")
    assert "3" in entry["after"]
    assert entry["actor_label"].startswith("device")
    told = scan(number, by="hand", offline=True, told="admitted", reason="")
    [result] = await send(client, hall.token, told)
    assert (result["outcome"], result["conflict"]) == ("admitted", False)
