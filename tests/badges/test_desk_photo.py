"""A photo that the desk takes: shown at gates whose form says so, seen by nobody else, gone with the person."""

from typing import Any

import httpx
import pytest

from fairs.core import db as database
from fairs.core import jobs
from fairs.core.personal import Person
from fairs.registrations import personal
from tests.cast import csrf, make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall, scan, send
from tests.files import samples


@pytest.fixture
async def hall(client: httpx.AsyncClient) -> Hall:
    hall = await open_hall(slug="fair")
    await sign_in(client, await make_actor("staff", email="gate@example.org", event_id=hall.event))
    return hall


async def _path(hall: Hall, code: str) -> str:
    number = await database.fetchval("SELECT number FROM registration WHERE id = $1", hall.people[code])
    return f"/organise/editions/fair/desk/{number}/photo"


async def _take(client: httpx.AsyncClient, path: str, content: bytes | None = None) -> httpx.Response:
    data: Any = {"_csrf_token": await csrf(client)}
    files = {"photo": ("face.jpg", content if content is not None else samples.located_picture(), "image/jpeg")}
    return await client.post(path, data=data, files=files)


async def test_the_desk_takes_a_photo_and_the_gate_shows_it(client: httpx.AsyncClient, hall: Hall) -> None:
    code, other = await hall.badge(number="HN27-000101"), await hall.badge()
    path = await _path(hall, code)
    assert "Ask the person first" in (await client.get(path)).text
    taken = await _take(client, path)
    assert taken.status_code == 303, taken.text
    file = await database.fetchval("SELECT photo FROM registration_photo WHERE registration = $1", hall.people[code])
    desk = (await client.get(taken.headers["location"])).text
    assert f"/files/{file}" in desk
    assert (await client.get(f"/files/{file}")).status_code == 200
    [first, second] = await send(client, hall.token, scan(code), scan(other))
    assert (await client.get(first["person"]["photo_url"])).status_code == 200
    assert second["person"]["photo_url"] is None
    headers = {"authorization": f"Bearer {hall.token}"}
    known = (await client.get("/api/v1/checkin/snapshot?sealed=true", headers=headers)).json()
    assert [badge["photo"] for badge in known["badges"]] == [True, False]
    assert await database.fetchval("SELECT uploaded_by FROM file") is None, "not among the files of who took it"
    again = await _take(client, path)
    assert again.status_code == 303
    assert await database.fetchval("SELECT count(*) FROM registration_photo") == 1
    for stranger in (
        await make_actor("candidate", email="c@example.org"),
        await make_actor("staff", email="other@example.org", event_id=(await open_hall()).event),
        await make_actor("reviewer", email="r@example.org", event_id=hall.event),
    ):
        await sign_in(client, stranger)
        now = await database.fetchval("SELECT photo FROM registration_photo")
        assert (await client.get(f"/files/{now}")).status_code == 404
        assert (await client.get(path)).status_code in {403, 404}


async def test_a_gate_that_shows_no_photo_shows_none(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(number="HN27-000101")
    await _take(client, await _path(hall, code))
    await database.execute("UPDATE gate SET show_photo = false")
    [told] = await send(client, hall.token, scan(code))
    assert told["person"]["photo_url"] is None


async def test_what_is_no_picture_is_refused_and_a_photo_can_be_removed(
    client: httpx.AsyncClient, hall: Hall, dsn: str
) -> None:
    code = await hall.badge(number="HN27-000101")
    path = await _path(hall, code)
    assert (await _take(client, path, b"not a picture")).status_code == 422
    assert (await post(client, path, {})).status_code == 422
    await _take(client, path)
    assert (await post(client, f"{path}/remove", {})).status_code == 303
    assert (await post(client, f"{path}/remove", {})).status_code == 303, "twice changes nothing"
    await jobs.drain(dsn)
    assert await database.fetchval("SELECT count(*) FROM file") == 0
    await _take(client, path)
    await personal._forget(Person(None, (), (), (hall.people[code],), (), ()))
    await jobs.drain(dsn)
    assert await database.fetchval("SELECT count(*) FROM registration_photo") == 0
    assert await database.fetchval("SELECT count(*) FROM file") == 0
