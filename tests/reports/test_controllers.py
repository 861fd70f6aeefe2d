import io

import httpx
import pytest
from python_calamine import CalamineWorkbook

from fairs.accounts.actor import Actor
from fairs.core.db import execute, fetchval
from fairs.reports.measures import MEASURES
from tests import factories
from tests.agreements.scene import signed
from tests.cast import make_actor, sign_in, sign_out
from tests.fair import bearer
from tests.reports.scene import world


async def _as(client: httpx.AsyncClient, actor: Actor) -> None:
    sign_out(client)
    await sign_in(client, actor)


async def test_dashboard_shows_every_number_and_leads_to_its_rows(client: httpx.AsyncClient) -> None:
    made = await world()
    await signed(made.luoyang)
    await _as(client, made.organiser)
    page = await client.get(f"/e/{made.slug}/dashboard")
    assert page.status_code == 200
    for key, measure in MEASURES.items():
        if measure.group != "year":
            assert f'data-live-key="{key}"' in page.text
            assert f"/e/{made.slug}/dashboard/{key}" in page.text
        assert (await client.get(f"/e/{made.slug}/dashboard/{key}")).status_code == 200, key
    assert page.text.count('class="tile ') == 29
    assert f'data-live="/e/{made.slug}/dashboard/stream"' in page.text
    assert "09:00" in page.text


async def test_short_address_leads_to_the_fair_nearest_to_now(client: httpx.AsyncClient) -> None:
    organiser = await make_actor("organiser")
    await _as(client, organiser)
    assert "No fair is open now" in (await client.get("/dashboard")).text
    await factories.event(slug="fair-now")
    answer = await client.get("/dashboard")
    assert (answer.status_code, answer.headers["location"]) == (303, "/e/fair-now/dashboard")


async def test_dashboard_is_not_for_others(client: httpx.AsyncClient) -> None:
    made = await world()
    staff = await make_actor("staff", email="staff@example.org", event_id=made.event)
    for actor in (made.luoyang.employer, made.luoyang.talent, staff):
        await _as(client, actor)
        for path in ("dashboard", "dashboard/stream", "dashboard/registered", "dashboard/registered/rows.xlsx"):
            assert (await client.get(f"/e/{made.slug}/{path}")).status_code == 403, path


async def test_bureau_gets_404_for_another_unit_and_for_a_draft(client: httpx.AsyncClient) -> None:
    made = await world()
    await _as(client, made.luoyang.bureau)
    for path in ("dashboard", "dashboard/registered", "dashboard/stream", "dashboard/registered/rows.xlsx"):
        assert (await client.get(f"/e/{made.slug}/{path}?unit=411300")).status_code == 404, path
    page = await client.get(f"/e/{made.slug}/dashboard/employers_listing?unit=410300")
    assert page.status_code == 200
    assert "Nanyang" not in page.text
    await execute("UPDATE event SET state = 'draft' WHERE slug = $1", made.slug)
    for path in ("dashboard", "dashboard/registered", "dashboard/stream"):
        assert (await client.get(f"/e/{made.slug}/{path}")).status_code == 404, path


@pytest.mark.parametrize(
    "query",
    ["?q=%00", "?page=0", "?page=9999999", "?page=x", "?sort=at%27--", "?q=" + "x" * 5000, "?day=never", "?q=%ff%fe"],
)
async def test_odd_questions_get_a_page(client: httpx.AsyncClient, query: str) -> None:
    made = await world()
    await _as(client, made.organiser)
    for path in ("dashboard", "dashboard/registered"):
        assert (await client.get(f"/e/{made.slug}/{path}{query}")).status_code == 200


async def test_unknown_measure_is_not_found(client: httpx.AsyncClient) -> None:
    made = await world()
    await _as(client, made.organiser)
    for key in ("nothing", "REGISTERED", "%00", "registered'--"):
        assert (await client.get(f"/e/{made.slug}/dashboard/{key}")).status_code == 404


async def test_export_has_a_row_for_each_thing_counted(client: httpx.AsyncClient) -> None:
    made = await world()
    await _as(client, made.organiser)
    for key in ("registered", "headcount", "countries"):
        answer = await client.get(f"/e/{made.slug}/dashboard/{key}/rows.xlsx?lang=en")
        assert answer.status_code == 200
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        api = await client.get(f"/e/{made.slug}/dashboard/{key}")
        total = sum(int(str(row[-1]).removesuffix(".0")) for row in rows[1:])
        assert f": {total} " in api.text, key


async def test_rows_lead_to_their_agreement(client: httpx.AsyncClient) -> None:
    made = await world()
    number = await signed(made.luoyang)
    await _as(client, made.luoyang.bureau)
    page = await client.get(f"/e/{made.slug}/dashboard/signed_intents")
    assert f'href="/agreements/{number}"' in page.text


async def test_target_shows_what_was_reached(client: httpx.AsyncClient) -> None:
    made = await world()
    province = await factories.unit_id("410000")
    for measure, value in (("overseas_talents", 3300), ("experts_funded", 2000), ("parks", 2)):
        await execute(
            "INSERT INTO target (unit, year, measure, value, counted_in, source) VALUES ($1, $4, $2, $3, '', '')",
            province,
            measure,
            value,
            factories.STARTS.year,
        )
    await _as(client, made.organiser)
    page = (await client.get(f"/e/{made.slug}/dashboard?lang=en")).text
    assert "of 3,300 persons" in page
    assert "of 2,000 person-times" in page
    assert "Reported, not yet counted here." in page


async def test_api_gives_number_rule_and_rows(client: httpx.AsyncClient) -> None:
    made = await world()
    head = await bearer(made.organiser) | {"accept-language": "zh"}
    answer = await client.get(f"/api/v1/reports/headcount?event={made.slug}&group_by=unit", headers=head)
    assert answer.status_code == 200
    base = f"http://fairs.test/e/{made.slug}/dashboard/headcount"
    measure = MEASURES["headcount"]
    assert answer.json() == {
        "measure": "headcount",
        "name": "需求人数",
        "group": "需求",
        "counted_in": "人",
        "rule": measure.rule_zh,
        "event": made.slug,
        "unit": None,
        "number": 4,
        "rows": base,
        "groups": [
            {"unit": "410300", "name_zh": "洛阳市", "name_en": "Luoyang", "number": 2, "rows": f"{base}?unit=410300"},
            {"unit": "411300", "name_zh": "南阳市", "name_en": "Nanyang", "number": 2, "rows": f"{base}?unit=411300"},
        ],
    }
    answer = await client.get(f"/api/v1/reports/registered?event={made.slug}&unit=410300", headers=head)
    assert (answer.json()["number"], answer.json()["unit"]) == (4, "410300")
    assert len((await client.get("/api/v1/reports", headers=head)).json()["items"]) == len(MEASURES)


async def test_api_of_a_bureau_is_its_own_unit(client: httpx.AsyncClient) -> None:
    made = await world()
    head = await bearer(made.luoyang.bureau)
    answer = await client.get(f"/api/v1/reports/registered?event={made.slug}", headers=head)
    assert answer.json()["number"] == 4
    for query, status in (
        (f"registered?event={made.slug}&unit=411300", 404),
        (f"registered?event={made.slug}&unit=%00", 404),
        ("registered?event=nothing", 404),
        (f"nothing?event={made.slug}", 404),
        (f"registered?event={made.slug}&group_by=moon", 422),
    ):
        assert (await client.get(f"/api/v1/reports/{query}", headers=head)).status_code == status, query
    assert (await client.get("/api/v1/reports/registered")).status_code == 401


async def test_api_without_a_fair_asks_for_one(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/reports/registered", headers=await bearer(await make_actor("organiser")))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["event"])
    assert await fetchval("SELECT count(*) FROM event") == 0
