"""A person's photo at the gate: in the answer to a scan and in the look-up, by an address that ends after minutes."""

import httpx

from fairs.core import db as database
from fairs.files import services
from fairs.files.tables import Purpose
from tests import factories
from tests.checkin.hall import open_hall, scan, send
from tests.files import samples


async def with_photo(talent: int) -> None:
    import io

    held = await services.receive(io.BytesIO(samples.located_picture()), "me.jpg", Purpose.PHOTO, by=None)
    photo = await services.attach(held.token, Purpose.PHOTO, field="photo")
    await database.execute("UPDATE talent SET photo = $1 WHERE id = $2", photo, talent)


async def test_scan_and_look_up_show_the_photo(client: httpx.AsyncClient, db: None) -> None:
    hall = await open_hall()
    talent = await factories.talent()
    await with_photo(talent)
    code = await hall.badge(name_passport="Maria Fernandez", talent=talent)
    other = await hall.badge(name_passport="Li Wei", email="li@example.org")
    first, second = await send(client, hall.token, scan(code), scan(other))
    link = first["person"]["photo_url"]
    assert (first["outcome"], second["person"]["photo_url"]) == ("admitted", None)
    shown = await client.get(link)
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert (await client.get(link[:-1])).status_code == 404
    headers = {"authorization": f"Bearer {hall.token}"}
    number = await database.fetchval("SELECT number FROM registration WHERE talent = $1", talent)
    people = (await client.get(f"/api/v1/checkin/people?q={number}", headers=headers)).json()["people"]
    assert [(one["name"], one["photo_url"][:7], "id" in one) for one in people] == [
        ("Maria Fernandez", "/files/", False)
    ]
