"""The pages of visitors: the employer's phone and list, the visitor's own page, the organiser's gates, the API."""

import csv
import io
from typing import Any

import httpx
import python_calamine

from fairs.core import db
from fairs.leads import services
from fairs.leads.forms import LeadForm
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.leads.booth import Booth, open_booth, seen
from tests.pages import form_of, main_of

HERE = "/employer/events/fair/leads"


async def agreed(booth: Booth, code: str = "", *, contact: bool = False, **notes: Any) -> int:
    """A visitor who has agreed, with notes."""
    lead = await seen(booth, code)
    await services.answer_at_booth(lead, given=True, contact=contact, by=booth.wang.actor)
    if notes:
        await services.save_lead(lead, LeadForm(**notes), seen="", by=booth.wang.actor)
    return lead


async def test_from_the_scan_to_the_notes(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    await sign_in(client, booth.wang.actor)
    assert "No visitor has been scanned yet" in main_of((await client.get(HERE)).text)
    assert (await client.get("/employer/leads")).headers["location"] == HERE
    page = (await client.get(f"{HERE}/scan")).text
    assert "data-badge-reader" in page
    wrong = await post(client, f"{HERE}/scan", {"code": "hello there"})
    assert wrong.status_code == 422
    assert "This is no badge of ours" in wrong.text
    assert 'value="hello there"' in wrong.text
    lead = (await post(client, f"{HERE}/scan", {"code": booth.code})).headers["location"]
    asked = main_of((await client.get(lead)).text)
    for words in ("May Henan University keep your details?", "是否同意河南大学保存您的信息？", "Yes, it may"):
        assert words in asked
    assert "Maria" not in asked
    assert (await post(client, f"{lead}/consent", {})).headers["location"] == lead, "neither yes nor no: asked again"
    await post(client, f"{lead}/consent", {"answer": "given", "contact": "on"})
    page = (await client.get(lead)).text
    for words in ("Maria Fernandez", "玛丽亚", "UPC", "maria@example.org", "+34 600 000 000"):
        assert words in main_of(page)
    typed = form_of(page, lead)
    first, second = typed | {"stars": ["5"], "tags": ["photonics， laser"]}, typed | {"stars": ["2"], "note": ["late"]}
    assert (await post(client, lead, first)).headers["location"] == HERE
    late = await post(client, lead, second)
    assert late.status_code == 409
    assert "This was saved from another page" in late.text
    assert await db.fetchval("SELECT stars FROM lead") == 5
    assert (await post(client, lead, typed | {"stars": ["9"]})).status_code == 422
    foreign = await factories.listing(booth.li.organisation, booth.event)
    now = form_of((await client.get(lead)).text, lead)
    assert (await post(client, lead, now | {"about": [str(foreign)]})).status_code == 422
    gone = await post(client, f"{lead}/delete")
    assert gone.headers["location"] == lead
    assert "Off your list" in (await client.get(lead)).text
    await post(client, f"{lead}/restore")
    shown = main_of((await client.get(HERE)).text)
    for words in ("Maria Fernandez", "★★★★★", "laser", "1 visitor"):
        assert words in shown


async def test_colleagues_share_the_list_and_others_find_nothing(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    lead = await agreed(booth, stars="3")
    colleague = await make_actor("employer", email="chen@example.org", organisation_id=booth.wang.organisation)
    await sign_in(client, colleague)
    assert "Maria Fernandez" in (await client.get(HERE)).text
    assert (await client.get(f"/employer/leads/{lead}")).status_code == 200
    await sign_in(client, booth.li.actor)
    assert "Maria" not in (await client.get(HERE)).text
    for path in (f"/employer/leads/{lead}", "/employer/leads/999999"):
        assert (await client.get(path)).status_code == 404
        for act in ("", "/consent", "/delete", "/restore"):
            assert (await post(client, path + act)).status_code == 404, act


async def test_search_filter_sort_and_pages(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    await agreed(booth, stars="4", tags="laser", note="Knows Professor Zhao", follow_up="open", follow_up_on=None)
    for at in range(60):
        await seen(booth, await booth.hall.badge(name_passport=f"Hidden Person {at}", search_key=f"hidden person {at}"))
    await sign_in(client, booth.wang.actor)

    async def rows(query: str) -> int:
        return main_of((await client.get(f"{HERE}?{query}")).text).count("<tr data-row")

    found = {
        query: await rows(query) for query in ("", "page=2", "agreed=yes", "stars=4", "stars=5", "tag=laser", "tag=x")
    }
    assert found == {"": 50, "page=2": 11, "agreed=yes": 1, "stars=4": 1, "stars=5": 0, "tag=laser": 1, "tag=x": 0}
    found = {
        query: await rows(query)
        for query in ("q=maria", "q=zhao", "q=玛丽亚", "q=hidden", "follow=open", "follow=overdue")
    }
    assert found == {"q=maria": 1, "q=zhao": 1, "q=玛丽亚": 1, "q=hidden": 0, "follow=open": 1, "follow=overdue": 0}
    await db.execute("UPDATE lead SET follow_up_on = '2018-01-01' WHERE stars = 4")
    assert await rows("follow=overdue") == 1
    for sort in ("seen", "-seen", "name", "-name", "stars", "-stars", "due", "-due", "nonsense"):
        page = main_of((await client.get(f"{HERE}?sort={sort}")).text)
        if sort in ("name", "-stars", "due"):
            assert page.index("Maria Fernandez") < page.index("Badge seen</a>"), sort
    assert "Hidden" not in page


async def test_export_has_only_who_agreed_and_is_logged(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    await agreed(booth, stars="4", note="=1+1")
    await seen(booth, await booth.hall.badge(name_passport="Hidden Person"))
    await sign_in(client, booth.wang.actor)
    answer = await client.get(f"{HERE}.csv")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == 2
    assert table[1][1:10] == ["Maria Fernandez", "玛丽亚", "UPC", "Candidate", "", "", "4", "", "'=1+1"]
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO((await client.get(f"{HERE}.xlsx?stars=5")).content)
    )
    assert len(book.get_sheet_by_index(0).to_python()) == 1, "only the head"
    logged = await db.fetch("SELECT after FROM audit_entry WHERE action = 'lead.export' ORDER BY id")
    assert ['"rows": 1' in row["after"] or '"rows":1' in row["after"] for row in logged] == [True, False]


async def test_visitor_sees_who_has_recorded_and_takes_it_back(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    await agreed(booth, contact=True, stars="4")
    await factories.listing(booth.li.organisation, booth.event)
    await sign_in(client, booth.maria)
    here = f"/me/fairs/{booth.number}/employers"
    assert here in (await client.get(f"/me/fairs/{booth.number}/badge")).text
    page = main_of((await client.get(here)).text)
    for words in (
        "Henan University",
        "with e-mail and telephone",
        "given at its booth",
        "Allow an employer beforehand",
    ):
        assert words in page
    await post(client, here, {"organisation": str(booth.wang.organisation), "answer": "withdrawn"})
    assert await db.fetchval("SELECT stars FROM lead") == 0
    await post(client, here, {"organisation": str(booth.li.organisation), "answer": "given"})
    lead = await seen(booth, by=booth.li)
    await sign_in(client, booth.li.actor)
    page = main_of((await client.get(f"/employer/leads/{lead}")).text)
    assert "Maria Fernandez" in page, "not asked again"
    assert "maria@example.org" not in page
    assert (await client.get(here)).status_code == 404, "the page is the visitor's"
    assert (await post(client, here, {"organisation": "1", "answer": "given"})).status_code == 404
    await sign_in(client, booth.maria)
    stranger = await factories.organisation()
    assert (await post(client, here, {"organisation": str(stranger), "answer": "given"})).status_code == 404
    assert (await post(client, here, {"organisation": "x", "answer": "given"})).headers["location"] == here
    own = (await client.get("/me/profile/export.json")).json()["visits"]
    assert (own[0]["organisation"], own[0]["answer"]) == ("河南大学", "withdrawn")


async def test_gates_of_booths(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    here = "/organise/editions/fair/booth-gates"
    assert "No gate is of the kind booth" in (await client.get(here)).text
    gate = await factories.gate(booth.event, code="booth-1", kind="booth", name_zh="展位", name_en="Booth 1")
    await factories.listing(booth.wang.organisation, booth.event)
    assert "Henan University" in main_of((await client.get(here)).text)
    assert here in (await client.get("/organise/editions/fair/places")).text
    wrong = await post(client, here, {"gate": str(gate), "organisation": "999999"})
    assert wrong.status_code == 422
    await post(client, here, {"gate": str(gate), "organisation": str(booth.wang.organisation)})
    assert await db.fetchval("SELECT organisation FROM booth_gate WHERE gate = $1", gate) == booth.wang.organisation
    await post(client, here, {"gate": str(gate), "organisation": ""})
    assert await db.fetchval("SELECT count(*) FROM booth_gate") == 0
    main = await db.fetchval("SELECT id FROM gate WHERE code = 'main-in'")
    assert (
        await post(client, here, {"gate": str(main), "organisation": str(booth.wang.organisation)})
    ).status_code == 404


async def test_an_employers_own_systems(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    headers = await fair.bearer(booth.wang.actor)
    made = await client.post("/api/v1/leads", json={"event": "fair", "code": booth.code}, headers=headers)
    assert (made.status_code, made.json()["visitor"], made.json()["consent"]) == (200, None, None)
    await services.answer_at_booth(made.json()["id"], given=True, contact=False, by=booth.wang.actor)
    found = (await client.get("/api/v1/leads?event=fair", headers=headers)).json()
    assert (found["total"], found["items"][0]["visitor"]["name_passport"]) == (1, "Maria Fernandez")
    assert found["items"][0]["visitor"]["email"] == ""
    wrong = await client.post("/api/v1/leads", json={"event": "fair", "code": "x y"}, headers=headers)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["code"])
    others = await fair.bearer(booth.li.actor)
    assert (await client.get("/api/v1/leads?event=fair", headers=others)).json()["total"] == 0
    assert (await client.get("/api/v1/leads?event=nothing", headers=headers)).status_code == 404
