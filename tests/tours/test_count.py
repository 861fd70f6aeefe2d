"""Heads counted with the scanner that reads badges everywhere."""

from datetime import timedelta

import httpx

from fairs.core import clock, db
from fairs.registrations import phones
from fairs.tours import counting, members
from fairs.tours.forms import StopForm
from fairs.tours.services import add_stop
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import open_hall
from tests.pages import main_of

HERE = "/organise/editions/tour/tour/count"


async def test_who_is_missing_has_a_telephone(client: httpx.AsyncClient) -> None:
    now = clock.now()
    hall = await open_hall(
        slug="tour", kind="tour", starts_at=now - timedelta(hours=3), ends_at=now + timedelta(days=2)
    )
    organiser = await make_actor("organiser", email="organiser@example.org")
    there = await hall.badge(name_passport="Anna There", phone=phones.seal("+34 1"))
    await hall.badge(name_passport="Ben Missing", phone=phones.seal("+34 600 111 222"))
    await factories.registration(hall.event, name_passport="Cancelled", state="cancelled")
    await members.take_over("tour", by=organiser)
    stop = await add_stop(
        "tour", StopForm(title_en="Plant", starts_at=now, ends_at=now + timedelta(hours=1)), by=organiser
    )
    await sign_in(client, organiser)
    page = main_of((await client.get(HERE)).text)
    assert "2 people are missing" in page
    await post(client, f"/organise/editions/tour/tour/stops/{stop}/gate")
    assert await counting.open_gate("tour", stop, by=organiser) == f"stop-{stop}", "the same gate each time"
    scan = {
        "id": "0193b7a0-0000-7000-8000-000000000001",
        "gate": f"stop-{stop}",
        "code": there,
        "scanned_at": now.isoformat(),
    }
    answer = await client.post(
        "/api/v1/checkin/scans",
        json={"scans": [scan | {"direction": "in", "offline": False}]},
        headers={"authorization": f"Bearer {hall.token}"},
    )
    assert answer.json()["results"][0]["outcome"] == "admitted", answer.text
    page = main_of((await client.get(f"{HERE}?stop={stop}")).text)
    assert "1 person is missing" in page
    missing = page.rsplit("1 person is missing", 1)[1].split("</table>")[0]
    assert "Ben Missing" in missing
    assert 'href="tel:+34600111222"' in missing
    assert "Anna There" not in missing
    assert "Anna There" in page
    assert "2 people are missing" in (await client.get(f"{HERE}?gate=main-in")).text, "another gate"
    states = {
        row["name_passport"]: row["state"] for row in await db.fetch("SELECT name_passport, state FROM tour_member")
    }
    assert states == {"Anna There": "came", "Ben Missing": "approved"}


async def test_a_tour_without_a_gate_says_so(client: httpx.AsyncClient) -> None:
    await factories.event(slug="tour", kind="tour")
    await sign_in(client, await make_actor("organiser"))
    assert "The tour has no gate yet" in (await client.get(HERE)).text
