"""Rooms and gates of an edition on their pages: added, pasted, edited by two people at once, removed, switched off."""

from datetime import timedelta

import httpx
import pytest

from fairs.core.db import execute, fetch, fetchval
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.checkin.hall import NINE, open_hall, scan, send
from tests.pages import main_of

PLACES = "/organise/editions/fair/places"
ROOM = {"code": "A101", "name_zh": "一号厅", "name_en": "Hall 1", "capacity": "300"}
GATE = {"code": "lunch", "kind": "zone", "name_zh": "午餐", "name_en": "Lunch", "rule": "once", "ways": "in"}


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))


async def _version(client: httpx.AsyncClient, path: str) -> str:
    page = (await client.get(path)).text
    return page.split('name="_version" value="')[1].split('"')[0]


@pytest.mark.usefixtures("organiser")
async def test_an_empty_edition_says_what_to_do_next(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair", state="draft")
    page = main_of((await client.get(PLACES)).text)
    assert "No room yet" in page
    assert f"{PLACES}/rooms/new" in page
    assert "No gate yet" in page


@pytest.mark.usefixtures("organiser")
async def test_a_room_is_added_edited_and_removed(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    assert (await post(client, f"{PLACES}/rooms/new", ROOM)).status_code == 303
    twice = await post(client, f"{PLACES}/rooms/new", ROOM)
    assert twice.status_code == 409
    assert "There is already one with this code" in twice.text
    assert 'value="Hall 1"' in twice.text, "what was typed is kept"
    wrong = await post(client, f"{PLACES}/rooms/new", ROOM | {"name_zh": "", "capacity": "many"})
    assert wrong.status_code == 422
    assert len(errors_in(wrong.text)) == 2
    edited = await post(client, f"{PLACES}/rooms/A101/edit", ROOM | {"capacity": "250"})
    assert edited.status_code == 303
    assert await fetchval("SELECT capacity FROM room WHERE event = $1", event) == 250
    assert (await post(client, f"{PLACES}/rooms/A101/delete", {})).status_code == 303
    assert await fetchval("SELECT count(*) FROM room") == 0
    actions = [
        row["action"] for row in await fetch("SELECT action FROM audit_entry WHERE object_kind = 'room' ORDER BY id")
    ]
    assert actions == ["room.add", "room.update", "room.delete"]


@pytest.mark.usefixtures("organiser")
async def test_a_used_room_is_kept_and_says_why(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await post(client, f"{PLACES}/rooms/new", ROOM)
    room = await fetchval("SELECT id FROM room")
    await factories.session(event, "forum", room=room)
    refused = await post(client, f"{PLACES}/rooms/A101/delete", {})
    assert refused.status_code == 409
    assert "used (sessions: 1, gates: 0)" in main_of(refused.text)
    assert await fetchval("SELECT count(*) FROM room") == 1


@pytest.mark.usefixtures("organiser")
@pytest.mark.parametrize(
    ("path", "made", "mine", "theirs"),
    [
        ("rooms", ROOM, {"name_en": "Mine"}, {"name_en": "Theirs"}),
        ("gates", GATE, {"name_en": "Mine"}, {"name_en": "Theirs"}),
    ],
)
async def test_two_people_edit_at_once(
    client: httpx.AsyncClient, path: str, made: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    await factories.event(slug="fair")
    await post(client, f"{PLACES}/{path}/new", made)
    address = f"{PLACES}/{path}/{made['code']}/edit"
    version = await _version(client, address)
    assert (await post(client, address, made | theirs | {"_version": version})).status_code == 303
    late = await post(client, address, made | mine | {"_version": version})
    assert late.status_code == 409
    assert "Mine" in late.text
    assert "Theirs" in late.text
    table = path.removesuffix("s")
    assert await fetchval(f"SELECT name_en FROM {table}") == "Theirs"


@pytest.mark.usefixtures("organiser")
async def test_pasted_rooms_are_seen_first_and_written_together(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    text = "代码\t中文名称\t英文名称\t座位\nA1\t一号厅\tHall 1\t300\n\nA2\t二号厅\tHall 2\t\n"
    seen = await post(client, f"{PLACES}/rooms/paste", {"text": text})
    assert seen.status_code == 200
    assert "2 rooms were read; nothing is written yet" in seen.text
    assert await fetchval("SELECT count(*) FROM room") == 0
    assert (await post(client, f"{PLACES}/rooms/paste", {"text": text, "confirm": "1"})).status_code == 303
    rows = [tuple(row) for row in await fetch("SELECT code, name_en, capacity FROM room ORDER BY code")]
    assert rows == [("A1", "Hall 1", 300), ("A2", "Hall 2", None)]
    again = await post(client, f"{PLACES}/rooms/paste", {"text": text + "A3\t三号厅\tHall 3\t9\n", "confirm": "1"})
    assert again.status_code == 422
    assert "2 lines must be mended first" in again.text
    assert await fetchval("SELECT count(*) FROM room") == 2, "all or nothing"


@pytest.mark.usefixtures("organiser")
async def test_errors_of_pasted_lines_have_the_number_of_the_line(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    text = "A1，一号厅，Hall 1，300\nA 2,二号厅,Hall 2,many\na1,又,Again,1,2"
    seen = main_of((await post(client, f"{PLACES}/rooms/paste", {"text": text})).text)
    assert "Seats: " in seen
    assert "Letters, digits and single hyphens only" in seen
    assert "More than four columns" in seen
    assert "There is already one with this code" in seen
    assert "2 lines must be mended first" in seen
    assert (await post(client, f"{PLACES}/rooms/paste", {"text": " \n"})).status_code == 422


@pytest.mark.usefixtures("organiser")
async def test_a_gate_keeps_its_rules(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.gate(event)
    await post(client, f"{PLACES}/rooms/new", ROOM)
    form = GATE | {"room": "A101", "categories": "expert", "capacity": "40", "opens_at": "2018-10-27T11:30"}
    assert (await post(client, f"{PLACES}/gates/new", form)).status_code == 303
    row = await fetchval("SELECT row_to_json(g)::text FROM gate g WHERE code = 'lunch'")
    for told in ('"rule":"once"', '"ways":"in"', '"categories":["expert"]', '"capacity":40', "2018-10-27T03:30:00"):
        assert told in row
    page = main_of((await client.get(PLACES)).text)
    for told in ("Lunch", "Hall 1", "Expert", "Once in the whole event", "coming in only", "from Sat"):
        assert told in page
    assert (await post(client, f"{PLACES}/rooms/A101/delete", {})).status_code == 409
    both = await post(
        client, f"{PLACES}/gates/new", form | {"code": "x", "session": "nothing", "closes_at": "2018-10-27T11:00"}
    )
    assert both.status_code == 422
    assert len(errors_in(both.text)) == 2
    unknown = await post(client, f"{PLACES}/gates/new", GATE | {"code": "x", "room": "nowhere"})
    assert "The event has no room with this code" in unknown.text


@pytest.mark.usefixtures("organiser")
async def test_the_last_entry_of_a_published_event_stays(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.gate(event)
    for step in ("switch", "delete"):
        refused = await post(client, f"{PLACES}/gates/main-in/{step}", {"on": "0"})
        assert refused.status_code == 409
        assert "needs an entry in use" in refused.text
    renamed = await post(client, f"{PLACES}/gates/main-in/edit", GATE | {"code": "other", "kind": "entry"})
    assert renamed.status_code == 422
    await factories.gate(event, code="east-in")
    assert (await post(client, f"{PLACES}/gates/main-in/switch", {"on": "0"})).status_code == 303
    assert "Switched off" in main_of((await client.get(PLACES)).text)
    assert (await post(client, f"{PLACES}/gates/main-in/switch", {"on": "1"})).status_code == 303
    assert await fetchval("SELECT count(*) FROM gate WHERE inactive_since IS NULL") == 2
    assert (await post(client, f"{PLACES}/gates/main-in/delete", {})).status_code == 303


@pytest.mark.usefixtures("organiser")
async def test_a_gate_with_scans_is_switched_off_instead_of_removed(client: httpx.AsyncClient) -> None:
    hall = await open_hall(slug="fair")
    await factories.gate(hall.event, code="east-in")
    await send(client, hall.token, scan(await hall.badge()))
    refused = await post(client, f"{PLACES}/gates/main-in/delete", {})
    assert refused.status_code == 409
    assert "switch it off instead" in refused.text
    assert (await post(client, f"{PLACES}/gates/main-in/switch", {"on": "0"})).status_code == 303


@pytest.mark.parametrize(
    "path", ["", "/rooms/new", "/rooms/A101/edit", "/rooms/paste", "/gates/new", "/gates/main-in/edit"]
)
async def test_others_find_nothing(client: httpx.AsyncClient, path: str) -> None:
    event = await factories.event(slug="fair")
    await factories.gate(event)
    await execute("INSERT INTO room (event, code, name_zh, name_en) VALUES ($1, 'A101', '厅', 'Hall')", event)
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id()))
    assert (await client.get(PLACES + path)).status_code == 404
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    assert (await client.get(PLACES + path)).status_code == 200
    assert (await client.get((PLACES + path).replace("fair", "other"))).status_code == 404


@pytest.mark.usefixtures("organiser")
async def test_materials_are_handed_out_once_and_again_says_when(client: httpx.AsyncClient) -> None:
    hall = await open_hall(slug="fair")
    bags = {"code": "bags", "kind": "pickup", "name_zh": "资料袋", "name_en": "Bags"}
    assert (await post(client, f"{PLACES}/gates/new", bags)).status_code == 303
    assert "Pick-up of materials" in main_of((await client.get(PLACES)).text)
    code = await hall.badge()
    first, again, next_day = (scan(code, gate="bags", at=NINE + timedelta(hours=hours)) for hours in (0, 2, 26))
    found = await send(client, hall.token, first, again, next_day)
    assert [result["outcome"] for result in found] == ["admitted", "already", "already"]
    assert {result["first_scanned_at"] for result in found[1:]} == {"2018-10-27T01:00:00Z"}
    gates = (await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {hall.token}"})).json()[
        "gates"
    ]
    assert [(gate["code"], gate["kind"], gate["rule"]) for gate in gates if gate["code"] == "bags"] == [
        ("bags", "pickup", "once")
    ]


@pytest.mark.usefixtures("organiser")
async def test_how_often_is_usual_for_the_kind_and_can_be_said(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    said = {"entry": "day", "zone": "day", "booth": "many", "table": "many", "signing": "day", "pickup": "once"}
    for kind in said:
        await post(client, f"{PLACES}/gates/new", {"code": kind, "kind": kind, "name_zh": "门", "name_en": kind})
    assert {row["kind"]: row["rule"] for row in await fetch("SELECT kind, rule FROM gate")} == said
    gate = {"code": "pickup", "kind": "pickup", "name_zh": "门", "name_en": "Bags", "rule": "day"}
    path = f"{PLACES}/gates/pickup/edit"
    assert (await post(client, path, gate | {"_version": await _version(client, path)})).status_code == 303
    assert await fetchval("SELECT rule FROM gate WHERE code = 'pickup'") == "day"
