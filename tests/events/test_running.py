"""A bureau runs the part that the province released to it: with the pages of the province, and nothing of others."""

from datetime import timedelta

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.badges.services import issue_badge
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import NotFound
from fairs.events import life, queries, services
from fairs.events.forms import read_event, stored_event
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of

PAGES = (
    "",
    "/programme",
    "/programme/import",
    "/programme/import.xlsx",
    "/programme/release",
    "/programme/versions",
    "/sessions/new",
    "/speakers",
    "/speakers/new",
    "/places",
    "/places/rooms/new",
    "/places/rooms/paste",
    "/places/gates/new",
    "/registration",
    "/registrations",
    "/registrations.xlsx",
    "/registrations.csv",
    "/registrations/views",
    "/registrations/acts",
    "/registrations/export",
    "/badges",
    "/badges/new",
    "/badges/misfits",
    "/walk-ins",
    "/devices",
    "/hall",
    "/hall/employers",
    "/hall/timetable.xlsx",
)
OF_THE_PROVINCE = ("/edit", "/cancel", "/clone", "/parts", "/targets", "/publishing", "/urgent")
STEPS_OF_THE_PROVINCE = ("unpublish", "wind-up", "resume", "archive", "cancel", "delete", "release", "return", "months")
BASE = "/organise/editions/luoyang"


@pytest.fixture
async def cast(db: None) -> dict[str, Actor]:
    """The bureau of Luoyang with a released part, one of Zhengzhou, and the province."""
    fair = await factories.event(slug="fair")
    unit = await factories.unit_id("410300")
    part = {"parent": fair, "unit": unit, "kind": "session", "title_en": "Luoyang session", "title_zh": "洛阳专场"}
    event = await factories.event(slug="luoyang", release="released", release_note="", **part)
    await factories.gate(event)
    await factories.event(slug="own-draft", state="draft", release="drawn_up", release_note="", **part)
    await factories.event(slug="of-the-province", **part)
    return {
        "luoyang": await make_actor("bureau", email="l@example.org", unit_id=unit),
        "zhengzhou": await make_actor("bureau", email="z@example.org", unit_id=await factories.unit_id("410100")),
        "province": await make_actor("organiser", email="p@example.org"),
    }


async def test_the_pages_of_an_event_open_for_those_who_run_it(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    for who, expected in (("luoyang", 200), ("province", 200), ("zhengzhou", 404)):
        await sign_in(client, cast[who], proved=True)
        for page in PAGES:
            if who == "zhengzhou" and page == "/walk-ins":
                continue
            assert (await client.get(BASE + page)).status_code == expected, (who, page)


async def test_neither_a_draft_nor_an_event_of_the_province_is_run_by_its_unit(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    await sign_in(client, cast["luoyang"], proved=True)
    for slug in ("own-draft", "of-the-province", "fair"):
        for page in PAGES:
            if page == "/walk-ins":
                continue  # registering somebody needs no release: the bureau of the event's unit
            assert (await client.get(f"/organise/editions/{slug}{page}")).status_code == 404, (slug, page)
    await execute("UPDATE event SET state = 'draft' WHERE slug = 'luoyang'")
    assert (await client.get(BASE)).status_code == 404, "taken back by the province"


async def test_what_remains_with_the_province_is_refused_and_said(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    await sign_in(client, cast["luoyang"], proved=True)
    for page in OF_THE_PROVINCE:
        assert (await client.get(BASE + page)).status_code == 403, page
    for step in STEPS_OF_THE_PROVINCE:
        assert (await post(client, f"{BASE}/{step}", {})).status_code == 403, step
    page = main_of((await client.get(BASE)).text)
    assert "only the province winds it up, archives or cancels it" in page
    for step in ("edit", "unpublish", "wind-up", "cancel", "clone", "parts", "targets", "publishing"):
        assert f'"{BASE}/{step}"' not in page, step
    assert 'href="/organise/editions"' not in page
    await sign_in(client, cast["province"], proved=True)
    page = main_of((await client.get(BASE)).text)
    assert "only the province winds it up" not in page
    assert f'"{BASE}/edit"' in page


async def test_services_of_the_province_do_not_serve_the_bureau(cast: dict[str, Actor]) -> None:
    """Also when a route forgets its declaration."""
    by = cast["luoyang"]
    event = await queries.event_for(by, "luoyang")
    form = read_event({**stored_event(event), "title_en": "Renamed"}).value
    digest = (await life.holdings(event.id)).digest
    for act in (
        services.update_event("luoyang", form, by=by),
        life.unpublish_event("luoyang", by=by),
        life.wind_up_event("luoyang", by=by),
        life.resume_event("luoyang", by=by),
        life.archive_event("luoyang", by=by),
        life.cancel_event("luoyang", reason="x", confirmed=digest, by=by),
        life.delete_draft("luoyang", by=by),
    ):
        with pytest.raises(NotFound):
            await act
    assert await fetchval("SELECT state FROM event WHERE slug = 'luoyang'") == "published"


async def _registered(slug: str = "luoyang") -> str:
    """The number of a confirmed registration with its badge."""
    event = await fetchval("SELECT id FROM event WHERE slug = $1", slug)
    registration = await factories.registration(event, number=f"LUO-{event:06d}")
    await issue_badge(registration)
    return str(await fetchval("SELECT number FROM registration WHERE id = $1", registration))


async def test_a_badge_is_issued_anew_only_by_those_who_run_the_event(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    """A bureau answers for registrations at events of its unit, and its people may be registered themselves."""
    other = await _registered("of-the-province")
    own = await _registered("fair")
    await execute("UPDATE registration SET email = 'l@example.org' WHERE number = $1", own)
    await sign_in(client, cast["luoyang"], proved=True)
    for number in (other, own):
        page = await client.get(f"/me/fairs/{number}/badge")
        assert page.status_code == 200
        assert "Issue a new badge" not in page.text
        assert (await post(client, f"/organise/registrations/{number}/reissue", {})).status_code == 404


ROOM = {"code": "hall-a", "name_zh": "一号厅", "name_en": "Hall A", "capacity": "80"}
SPEAKER = {"code": "li", "name_zh": "李雷", "name_en": "Li Lei"}
SETTINGS = {"capacity": "120", "contact_name": "洛阳市人社局"}


async def _acts(actor: Actor) -> set[str]:
    rows = await fetch("SELECT action FROM audit_entry WHERE actor_account_id = $1", actor.account_id)
    return {row["action"] for row in rows}


async def test_a_bureau_prepares_its_event(client: httpx.AsyncClient, cast: dict[str, Actor]) -> None:
    await sign_in(client, cast["luoyang"], proved=True)
    assert (await post(client, f"{BASE}/places/rooms/new", ROOM)).status_code == 303
    assert (await post(client, f"{BASE}/places/rooms/hall-a/edit", ROOM | {"capacity": "90"})).status_code == 303
    assert (await post(client, f"{BASE}/speakers/new", SPEAKER)).status_code == 303
    session = {"code": "b", "kind": "forum", "title_zh": "论坛", "title_en": "Forum b", "room": "hall-a"}
    starts = (factories.STARTS + timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M")
    ends = (factories.STARTS + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")
    times = {"starts_at": starts, "ends_at": ends, "speakers": "李雷"}
    assert (await post(client, f"{BASE}/sessions/new", session | times)).status_code == 303
    digest = (await client.get(f"{BASE}/programme/release")).text.split('name="confirm" value="')[1].split('"')[0]
    assert (await post(client, f"{BASE}/programme/release", {"confirm": digest})).status_code == 303
    assert "Forum b" in (await client.get("/e/luoyang/programme")).text
    assert (await post(client, f"{BASE}/registration", SETTINGS)).status_code == 303
    assert await fetchval("SELECT capacity FROM event WHERE slug = 'luoyang'") == 120
    tables = await post(client, f"{BASE}/hall/tables", {"shared": "3", "per_organisation": "0"})
    assert tables.status_code == 303
    assert {"room.add", "room.update", "event.registration", "meeting.tables"} <= await _acts(cast["luoyang"])


async def test_a_bureau_runs_its_event(client: httpx.AsyncClient, cast: dict[str, Actor]) -> None:
    await sign_in(client, cast["luoyang"], proved=True)
    assert (await post(client, f"{BASE}/devices", {"name": "North door"})).status_code == 201
    assert (await post(client, "/scan/luoyang", {})).status_code == 303
    number = await _registered()
    listed = main_of((await client.get(f"{BASE}/registrations")).text)
    assert number in listed
    assert "Issue a new badge" in (await client.get(f"/me/fairs/{number}/badge")).text
    assert (await post(client, f"/organise/registrations/{number}/reissue", {})).status_code == 303
    cancelled = await post(client, f"/me/fairs/{number}/cancel", {"reason": "Came twice"})
    assert (cancelled.status_code, cancelled.headers["location"]) == (303, f"{BASE}/registrations")
    for step, state in (("close", "closed"), ("publish", "published")):
        assert (await post(client, f"{BASE}/{step}", {})).status_code == 303
        assert await fetchval("SELECT state FROM event WHERE slug = 'luoyang'") == state
    assert {"event.closed", "event.published"} <= await _acts(cast["luoyang"])


async def test_another_bureau_changes_nothing_there(client: httpx.AsyncClient, cast: dict[str, Actor]) -> None:
    await sign_in(client, cast["zhengzhou"], proved=True)
    for path, data in (
        ("/places/rooms/new", ROOM),
        ("/speakers/new", SPEAKER),
        ("/registration", SETTINGS),
        ("/hall/tables", {"shared": "9"}),
        ("/devices", {"name": "x"}),
        ("/close", {}),
        ("/hall/schedule", {}),
    ):
        assert (await post(client, BASE + path, data)).status_code == 404, path
    assert (await post(client, "/scan/luoyang", {})).status_code == 404


async def test_a_bureau_finds_its_event_and_the_same_row_of_pages(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    await sign_in(client, cast["luoyang"])
    assert f'href="{BASE}"' in main_of((await client.get("/bureau/parts")).text)
    page = (await client.get(f"{BASE}/places")).text
    row = page.split('class="hub ')[1].split("</nav>")[0]
    for place in ("", "/programme", "/places", "/registration", "/registrations", "/walk-ins", "/hall", "/devices"):
        assert f'href="{BASE}{place}"' in row, place
    for place in ("/parts", "/targets", "/publishing", "/urgent"):
        assert f'href="{BASE}{place}"' not in row, place
    public = (await client.get("/e/luoyang")).text
    assert f'href="{BASE}/places"' in public
    assert f'href="{BASE}/places"' not in (await client.get("/e/of-the-province")).text


async def test_choosing_an_event_that_one_does_not_run_leads_to_its_public_page(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    await sign_in(client, cast["luoyang"])
    for slug, place in (("fair", "/e/fair"), ("luoyang", f"{BASE}/registrations")):
        chosen = await post(client, "/fairs/choose", {"slug": slug, "back": f"{BASE}/registrations"})
        assert (chosen.status_code, chosen.headers["location"]) == (303, place)


async def test_the_history_of_an_event_is_read_by_those_who_run_it(
    client: httpx.AsyncClient, cast: dict[str, Actor]
) -> None:
    ids = await fetch("SELECT e.slug, e.id, g.id AS gate FROM event e LEFT JOIN gate g ON g.event = e.id")
    found = {row["slug"]: row for row in ids}
    await sign_in(client, cast["luoyang"])
    room = {"code": "hall-a", "name_en": "Hall A", "name_zh": "一号厅"}
    assert (await post(client, f"{BASE}/places/rooms/new", room)).status_code == 303
    room_id = await fetchval("SELECT id FROM room")
    event = f"/records/event/{found['luoyang']['id']}/history"
    assert event in (await client.get(BASE)).text
    page = await client.get(event)
    assert "Hall A" in main_of(page.text)
    assert f"/records/room/{room_id}/history" in page.text
    for place in (f"/records/room/{room_id}/history", f"/records/gate/{found['luoyang']['gate']}/history"):
        for who, expected in (("luoyang", 200), ("zhengzhou", 404)):
            await sign_in(client, cast[who])
            assert (await client.get(place)).status_code == expected, (who, place)
    for slug in ("own-draft", "of-the-province", "fair"):
        await sign_in(client, cast["luoyang"])
        assert (await client.get(f"/records/event/{found[slug]['id']}/history")).status_code == 404, slug
