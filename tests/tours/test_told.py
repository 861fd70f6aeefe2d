"""The itinerary of each person, and what they are told: exactly those whom it concerns, once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from fairs.core import db
from fairs.core.errors import Conflict
from fairs.tours import hosting, members, services
from fairs.tours.forms import GroupForm, HostForm, MoveForm, ReasonForm
from tests import mails
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of
from tests.tours.stage import HERE, Stage, add_stop, mailed, open_tour, people, stop_form


async def news() -> list[tuple[str, int]]:
    """Kind and number of people of everything that was told, in order."""
    rows = await db.fetch(
        "SELECT n.kind, count(d.id) AS people FROM tour_news n LEFT JOIN tour_told d ON d.news = n.id GROUP BY n.id ORDER BY n.id"
    )
    return [(row["kind"], row["people"]) for row in rows]


async def split(stage: Stage, number: int) -> tuple[int, int, list[int], list[int]]:
    """Two groups with half of the people each."""
    rows = await people(stage, number)
    first, second = [row.id for row in rows[: number // 2]], [row.id for row in rows[number // 2 :]]
    a = await services.add_group("tour", GroupForm(name="A"), by=stage.organiser)
    b = await services.add_group("tour", GroupForm(name="B"), by=stage.organiser)
    await members.set_group("tour", first, a, by=stage.organiser)
    await members.set_group("tour", second, b, by=stage.organiser)
    return a, b, first, second


@pytest.mark.usefixtures("db")
async def test_sixty_people_are_told_once_each_and_nobody_else() -> None:
    stage = await open_tour()
    await split(stage, 60)
    everybody = await add_stop(stage)
    of_a = await add_stop(stage, 0, 3, groups=["A"])
    assert await news() == [], "nobody is told while it is being planned"
    assert await mailed("tour_news") == []
    assert await services.release("tour", by=stage.organiser) == 60
    with pytest.raises(Conflict):
        await services.release("tour", by=stage.organiser)
    assert len(await mailed("tour_news")) == len(set(await mailed("tour_news"))) == 60
    form = stop_form(stage, 0, 3.5, groups=["A"])
    await services.save_stop("tour", of_a, form, seen="", by=stage.organiser)
    told = (await mailed("tour_news"))[60:]
    assert sorted(told) == sorted(f"m{at}@example.org" for at in range(30))
    await services.save_stop("tour", of_a, form, seen="", by=stage.organiser)
    assert len(await mailed("tour_news")) == 90, "nothing has changed"
    await services.move_stop(
        "tour", everybody, MoveForm(starts_at=stage.morning - timedelta(minutes=30)), by=stage.organiser
    )
    assert len(await mailed("tour_news")) == 150
    assert await news() == [("released", 60), ("changed", 30), ("changed", 60)]
    sent = await mails.text_of("m0@example.org", kind="tour_news")
    assert "09:00" in sent
    assert "08:30" in sent


@pytest.mark.usefixtures("db")
async def test_who_comes_to_a_stop_and_who_no_longer_does() -> None:
    stage = await open_tour()
    a, b, first, _ = await split(stage, 4)
    stop = await add_stop(stage, groups=["A"])
    await services.release("tour", by=stage.organiser)
    await services.save_stop("tour", stop, stop_form(stage, groups=["B"]), seen="", by=stage.organiser)
    await members.set_group("tour", first[:1], b, by=stage.organiser)
    await members.set_group("tour", first[:1], b, by=stage.organiser)
    await services.cancel_stop("tour", stop, ReasonForm(reason="Rain"), by=stage.organiser)
    await services.restore_stop("tour", stop, by=stage.organiser)
    await add_stop(stage, 1, groups=["A"])
    assert await news() == [
        ("released", 4),
        ("new", 2),
        ("cancelled", 2),
        ("group", 1),
        ("cancelled", 3),
        ("new", 3),
        ("new", 1),
    ], a


@pytest.mark.usefixtures("db")
async def test_what_the_host_writes_reaches_the_people_and_a_note_of_ours_does_not() -> None:
    stage = await open_tour()
    await people(stage, 2)
    stop = await add_stop(stage)
    await hosting.ask_all("tour", by=stage.organiser)
    await services.release("tour", by=stage.organiser)
    await hosting.confirm(stop, by=stage.wang.actor)
    form = HostForm(host_name="Ms Li", host_phone="+86 379 1", bring_en="Your passport", interpreters=["en"])
    await hosting.save_hosted(stop, form, seen="", by=stage.wang.actor)
    await hosting.save_hosted(stop, HostForm(**{**_values(form), "places": 9}), seen="", by=stage.wang.actor)
    assert await news() == [("released", 2), ("changed", 2)], "the number of places is not their business"
    assert "Your passport" in await mails.text_of("m0@example.org", kind="tour_news")


def _values(form: HostForm) -> dict[str, Any]:
    return {name: getattr(form, name) for name in HostForm.__struct_fields__}


async def test_the_page_of_a_member(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await split(stage, 2)
    stop = await add_stop(stage, note_en="Bring rain clothes", note_zh="请带雨衣", host_phone="+86 379 6000")
    await add_stop(stage, 1, groups=["A"], title_en="Only A", title_zh="仅A组")
    await add_stop(stage, 1, groups=["B"], title_en="Only B", title_zh="仅B组")
    [member] = [row["id"] for row in await db.fetch("SELECT id FROM tour_member WHERE email = 'm0@example.org'")]
    actor = await make_actor("candidate", email="m0@example.org", name="Member")
    await sign_in(client, actor)
    client.cookies.set("tz", "Europe/Madrid", domain="fairs.test")
    here = f"/me/tours/{member}"
    assert "still being planned" in (await client.get(here)).text
    assert (await client.get(f"{here}/itinerary.pdf")).status_code == 404
    await services.release("tour", by=stage.organiser)
    answer = await client.get(here)
    page = main_of(answer.text)
    for words in ("Only A", "Bring rain clothes", 'href="tel:+863796000"', "Your time:", "Your itinerary is ready"):
        assert words in page, words
    assert "Only B" not in page
    assert answer.headers["cache-control"] == "private, no-store"
    assert 'data-worker="/itinerary-worker.js"' in answer.text
    worker = await client.get("/itinerary-worker.js")
    assert worker.headers["service-worker-allowed"] == "/me/tours/"
    for line in worker.text.splitlines()[1].split('"')[1::2]:
        assert (await client.get(line)).status_code == 200, line
    chinese = main_of((await client.get(f"{here}?lang=zh")).text)
    assert "请带雨衣" in chinese
    assert "Bring rain" not in chinese
    await client.get(f"{here}?lang=en")
    found = Calendar.from_ical((await client.get(f"{here}/itinerary.ics")).content)
    assert [str(entry["summary"]) for entry in found.walk("VEVENT")] == ["Visit", "Only A"]
    pdf = await client.get(f"{here}/itinerary.pdf")
    assert pdf.content.startswith(b"%PDF-")
    await post(client, f"{here}/read")
    assert "Your itinerary is ready" not in main_of((await client.get(here)).text)
    await services.save_stop(
        "tour", stop, stop_form(stage, 0, 1, note_en="Bring rain clothes"), seen="", by=stage.organiser
    )
    page = main_of((await client.get(here)).text)
    assert "1 news for you" in page
    assert "09:00" in page.split("I have read it")[0]
    assert "10:00" in page
    await sign_in(client, stage.organiser)
    told = main_of((await client.get(f"{HERE}/told")).text)
    assert "2 people have not read everything" in told
    assert "Member 000" in told
    assert "+34 600 000 000" in told


async def test_a_member_who_has_read_is_off_the_list(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    rows = await people(stage, 2)
    await add_stop(stage)
    await services.release("tour", by=stage.organiser)
    actor = await make_actor("candidate", email="m1@example.org")
    assert await members.acknowledge(rows[1].id, by=actor) == 1
    assert await members.acknowledge(rows[1].id, by=actor) == 0
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(f"{HERE}/told")).text)
    assert "Member 000" in page
    assert "Member 001" not in page
