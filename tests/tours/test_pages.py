"""The itinerary of who runs a tour: stops, conflicts, tables, groups, and what others find of it."""

import io
from datetime import timedelta
from typing import Any

import httpx
import python_calamine

from fairs.core import db
from fairs.tours import services
from fairs.tours.forms import GroupForm
from tests import factories
from tests.cast import make_actor, post, sign_in, sign_out
from tests.pages import form_of, main_of
from tests.tours.stage import HERE, Stage, add_stop, open_tour, people


def typed(stage: Stage, hour: float = 0, **given: Any) -> dict[str, Any]:
    """What the form of a stop sends."""
    starts_at = stage.morning + timedelta(hours=hour + 8)  # in Zhengzhou
    values = {"kind": "visit", "title_zh": "参观", "title_en": "Visit", "unit": "410300"}
    values |= {
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
        "ends_at": f"{starts_at + timedelta(minutes=90):%Y-%m-%dT%H:%M}",
    }
    return values | given


async def stops() -> list[tuple[str, str]]:
    return [
        (row["title_en"], row["state"]) for row in await db.fetch("SELECT title_en, state FROM tour_stop ORDER BY id")
    ]


async def test_stops_are_added_changed_moved_copied_and_cancelled(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await sign_in(client, stage.organiser)
    assert "No stop yet" in main_of((await client.get(HERE)).text)
    new = (await client.get(f"{HERE}/stops/new")).text
    assert "Luoyang Bearing" in new
    wrong = await post(client, f"{HERE}/stops/new", typed(stage, title_zh="", title_en="", places="many"))
    assert wrong.status_code == 422
    assert "Give the title in one language at least" in wrong.text
    assert 'value="many"' in wrong.text
    assert (await post(client, f"{HERE}/stops/new", typed(stage, employer="999"))).status_code == 422
    made = await post(
        client, f"{HERE}/stops/new", typed(stage, employer=str(stage.wang.organisation), interpreters=["en", "ru"])
    )
    assert made.headers["location"] == HERE
    [stop] = [row["id"] for row in await db.fetch("SELECT id FROM tour_stop")]
    page = main_of((await client.get(HERE)).text)
    for words in ("Visit", "Luoyang Bearing", "09:00", "The host of Visit", "has not been asked", "Ask 1 host"):
        assert words in page
    one = f"{HERE}/stops/{stop}"
    first = form_of((await client.get(one)).text, one)
    late = first | {"title_en": ["Second"]}
    assert (await post(client, one, first | {"title_en": ["First"]})).status_code == 303
    outdated = await post(client, one, late)
    assert outdated.status_code == 409
    assert "First" in outdated.text
    assert "Second" in outdated.text
    copied = await post(client, f"{one}/copy")
    assert "This is the copy" in (await client.get(copied.headers["location"])).text
    ten = f"{stage.morning + timedelta(hours=9):%Y-%m-%dT%H:%M}"
    assert (await post(client, f"{one}/move", {"starts_at": "soon"})).status_code == 422
    await post(client, f"{one}/move", {"starts_at": ten, "later": "true"})
    hours = [row["starts_at"] - stage.morning for row in await db.fetch("SELECT starts_at FROM tour_stop ORDER BY id")]
    assert hours == [timedelta(hours=1), timedelta(hours=2.5)], "the later one moved along"
    assert (await post(client, f"{one}/cancel", {"reason": ""})).status_code == 422
    await post(client, f"{one}/cancel", {"reason": "Road closed"})
    assert await stops() == [("First", "cancelled"), ("First", "planned")]
    assert "Road closed" in (await client.get(one)).text
    assert (await post(client, one, first)).status_code == 409, "a cancelled stop is not changed"
    await post(client, f"{one}/restore")
    assert await stops() == [("First", "planned"), ("First", "planned")]


async def test_conflicts_come_with_a_way_out(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    one = await add_stop(stage, 0, 0, places=2)
    two = await add_stop(stage, 0, 1, title_en="Talk", unit="410100", employer="")
    await people(stage, 3)
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(HERE)).text)
    for words in (
        "4 points to settle",
        "Two stops at the same time",
        "has 2 places, and 3 people come",
        "Move one of them",
    ):
        assert words in page, words
    for stop in (one, two):
        assert f'href="{HERE}/stops/{stop}"' in page
    assert "项待处理" in main_of((await client.get(f"{HERE}?lang=zh")).text)


async def test_a_table_is_looked_at_first_and_added_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await services.add_group("tour", GroupForm(name="A"), by=stage.organiser)
    await sign_in(client, stage.organiser)
    day = f"{stage.morning + timedelta(hours=8):%Y-%m-%d}"
    head = "kind\ttitle_zh\tstarts_at\tends_at\tunit\temployer\tgroups\tinterpreters"
    good = f"{head}\n政策宣讲\t宣讲\t{day} 09:00\t{day} 10:00\t洛阳市\t洛阳轴承\tA\t英语\nVisit\t参观\t{day} 11:00\t{day} 12:00\tLuoyang\t\t\t"
    bad = good.replace("洛阳轴承", "无名公司").replace(f"{day} 12:00", f"{day} 10:00")
    wrong = await post(client, f"{HERE}/import", {"text": bad})
    assert wrong.status_code == 422
    assert "Row 2" in wrong.text
    assert "Row 3" in wrong.text
    assert (await post(client, f"{HERE}/import", {"text": " "})).status_code == 422
    page = await post(client, f"{HERE}/import", {"text": good.replace("Visit\t", "visit\t")})
    assert "2 stops would be added" in page.text
    assert await stops() == []
    again = form_of(page.text, f"{HERE}/import")
    assert (await post(client, f"{HERE}/import", again)).headers["location"] == HERE
    assert [
        tuple(row) for row in await db.fetch("SELECT kind, organisation, interpreters FROM tour_stop ORDER BY id")
    ] == [
        ("briefing", stage.wang.organisation, ["en"]),
        ("visit", None, []),
    ]
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO((await client.get(f"{HERE}/stops.xlsx")).content))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 3
    assert "洛阳轴承" in rows[1]


async def test_groups_quotas_and_hours(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await sign_in(client, stage.organiser)
    here = f"{HERE}/plan"
    plan = form_of((await client.get(here)).text, here)
    assert (await post(client, here, plan | {"begins": ["19"]})).status_code == 422
    assert (await post(client, here, plan | {"start": ["410100"], "seats": ["33"]})).status_code == 303
    assert (await post(client, here, plan | {"seats": ["20"]})).status_code == 409
    await post(client, f"{HERE}/groups", {"name": "A"})
    await post(client, f"{HERE}/groups", {"name": "A"})
    assert (await post(client, f"{HERE}/quotas", {"places": "4"})).status_code == 422
    await post(client, f"{HERE}/quotas", {"unit": "410300", "places": "4"})
    await post(client, f"{HERE}/quotas", {"unit": "410300", "places": "5"})
    [quota] = await db.fetch("SELECT id, places FROM tour_quota")
    assert quota["places"] == 5
    [group] = await db.fetch("SELECT id FROM tour_group")
    await add_stop(stage, groups=["A"])
    await post(client, f"{HERE}/groups/{group['id']}/remove")
    assert await db.fetchval("SELECT count(*) FROM tour_group") == 1, "a stop is for it"
    await post(client, f"{HERE}/quotas/{quota['id']}/remove")
    assert await db.fetchval("SELECT count(*) FROM tour_quota") == 0


async def test_strangers_find_nothing(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop = await add_stop(stage)
    [member] = await people(stage, 1)
    paths = (
        "",
        "/stops/new",
        f"/stops/{stop}",
        "/import",
        "/plan",
        "/people",
        f"/people/{member.id}",
        "/told",
        "/count",
    )
    for actor in (stage.bureau, None):
        await (sign_in(client, actor) if actor else _leave(client))
        for path in paths:
            assert (await client.get(HERE + path)).status_code in ((404,) if actor else (303, 401)), path
    other = await factories.event(slug="other", kind="tour")
    await sign_in(client, stage.organiser)
    assert (await client.get(f"/organise/editions/other/tour/stops/{stop}")).status_code == 404, other
    for number in (0, 2**63, 10**30):
        assert (await client.get(f"{HERE}/stops/{number}")).status_code == 404


async def _leave(client: httpx.AsyncClient) -> None:
    sign_out(client)


async def test_the_bureau_that_runs_the_tour_does_it_all(client: httpx.AsyncClient) -> None:
    stage = await open_tour(unit=await factories.unit_id("410300"), release="released")
    await sign_in(client, stage.bureau)
    assert (await post(client, f"{HERE}/stops/new", typed(stage))).headers["location"] == HERE
    assert (await client.get(f"{HERE}/people")).status_code == 200
    await sign_in(client, await make_actor("bureau", email="b2@example.org", unit_id=await factories.unit_id("410200")))
    assert (await client.get(HERE)).status_code == 404
