"""Exhibits from the form to the gallery, the plan of booths, visits by scan, what visitors ask, and what strangers may not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.events.queries import event_by_slug
from fairs.exhibits import booths, deciding, queries, rules, services
from fairs.exhibits.forms import BackForm, CallForm, ExhibitForm, RequestForm, ScoreForm
from fairs.exhibits.owners import owners_of
from fairs.exhibits.tables import ExhibitState
from fairs.reports.measures import MEASURES
from fairs.reports.queries import number, scope_for
from tests import fair, mails
from tests.cast import make_actor, post, sign_in, sign_out
from tests.files.samples import pdf, picture
from tests.leads.booth import Booth, open_booth
from tests.pages import form_of, main_of

PLAN = "Entrance\t\t\nA1\tA2\tA3\n\tB-1\t"
HERE = "/organise/editions/fair/exhibits"


async def shown(booth: Booth, title: str, *, by: Any = None, **given: Any) -> int:
    """An exhibit of an employer that was sent in."""
    actor = by or booth.wang.actor
    owner = services.owner_columns((await owners_of(actor))[0][0], await owners_of(actor))
    made = await services.add_exhibit("fair", ExhibitForm(title_en=title, **given), owner, by=actor)
    await services.submit(made, by=actor)
    return made


def test_grids_and_the_rule_of_booths() -> None:
    grid = rules.read_grid("\t\t\n\tA1\tB-12\t\n\t入口\ta2\t\t\n")
    assert grid == [["A1", "B-12"], ["入口", "a2"]]
    cells = rules.cells_of(grid)
    assert [(cell.text, cell.booth) for cell in cells] == [("A1", True), ("B-12", True), ("入口", False), ("A2", True)]
    assert rules.twice([*cells, replace(cells[0], row=9)]) == ["A1"]
    waiting = [
        rules.Waiting(number, kind, field, "o", None)
        for number, kind, field in ((1, "work", "b"), (2, "patent", "a"), (3, "work", "a"), (4, "patent", "a"))
    ]
    assert rules.assigned([7, 8, 9], waiting) == [(7, 2), (8, 4), (9, 3)]
    assert rules.shortened("硅酸盐 ceramics", 8) == "硅酸盐 c…"


async def _call(client: httpx.AsyncClient, booth: Booth, organiser: Actor) -> None:
    """The organiser opens the call; before that nobody sends anything in."""
    await sign_in(client, booth.wang.actor)
    assert "No event takes exhibits now" in (await client.get("/exhibits")).text
    await sign_in(client, organiser)
    page = (await client.get(f"{HERE}/call")).text
    late = form_of(page, f"{HERE}/call") | {"closes_at": ["2099-01-01T09:00"]}
    assert (await post(client, f"{HERE}/call", late)).status_code == 422
    assert (await post(client, f"{HERE}/call", form_of(page, f"{HERE}/call"))).status_code == 303


async def _sent_in(client: httpx.AsyncClient, booth: Booth) -> str:
    """The page of an exhibit that was written with files, edited and sent in."""
    await sign_in(client, booth.wang.actor)
    page = (await client.get("/e/fair/exhibits/new")).text
    typed = form_of(page, "/e/fair/exhibits/new")
    empty = await post(client, "/e/fair/exhibits/new", typed | {"text_en": ["Kept"]})
    assert empty.status_code == 422
    assert "Kept" in empty.text
    foreign = await post(client, "/e/fair/exhibits/new", typed | {"title_en": ["X"], "owner": ["bureau-1"]})
    assert foreign.status_code == 422
    values = typed | {
        "title_zh": ["陶瓷轴承"],
        "title_en": ["Ceramic bearing"],
        "looks_for": ["site"],
        "kind": ["product"],
    }
    files = {
        "poster": ("p.pdf", pdf(), "application/pdf"),
        "picture_1": ("a.jpg", picture(), "image/jpeg"),
    }
    for name in files:
        values.pop(name)
    one = (await post(client, "/e/fair/exhibits/new", values, files=files)).headers["location"]
    assert "Ceramic bearing" in main_of((await client.get(one)).text)
    edited = form_of((await client.get(f"{one}/edit")).text, f"{one}/edit")
    await post(client, f"{one}/edit", edited | {"stage": ["pilot"]})
    outdated = await post(client, f"{one}/edit", edited | {"stage": ["lab"]})
    assert outdated.status_code == 409
    assert (await post(client, f"{one}/submit")).headers["location"] == one
    assert (await client.get(f"{one}/edit")).status_code == 303, (
        "sent in: it is not changed behind the organiser's back"
    )
    return one


async def test_from_the_form_to_the_gallery(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    organiser = await make_actor("organiser", email="boss@example.org")
    await _call(client, booth, organiser)
    one = await _sent_in(client, booth)
    exhibit = await db.fetchval("SELECT id FROM exhibit")
    cover, poster = (
        await db.fetchval("SELECT picture FROM exhibit_picture"),
        await db.fetchval("SELECT poster FROM exhibit"),
    )
    public = f"/e/fair/exhibits/{exhibit}"
    for path in (public, f"{public}/files/{cover}"):
        assert (await client.get(path)).status_code == 404, "not released"
    await sign_in(client, organiser)
    listed = main_of((await client.get(f"{HERE}?q=zhoucheng&state=submitted&sort=-points")).text)
    assert "Ceramic bearing" in listed
    assert (await client.get(f"/files/{poster}")).status_code == 200
    assert (await post(client, f"{HERE}/{exhibit}/score", {"points": "101"})).status_code == 422
    await post(client, f"{HERE}/{exhibit}/score", {"points": "80"})
    assert (await post(client, f"{HERE}/{exhibit}/return", {"reason": ""})).status_code == 422
    await post(client, f"{HERE}/{exhibit}/return", {"reason": "Please add <b>figures</b>"})
    await sign_in(client, booth.wang.actor)
    assert "Please add &lt;b&gt;figures" in (await client.get(one)).text
    assert "Please add" in await mails.text_of("wang@example.org", kind="exhibit_returned")
    await post(client, f"{one}/submit")
    await sign_in(client, organiser)
    assert (await post(client, f"{HERE}/{exhibit}/release")).status_code == 303
    assert (await client.get(f"{HERE}.xlsx")).status_code == 200
    sign_out(client)
    gallery = main_of((await client.get("/e/fair/exhibits?kind=product&looks_for=site&q=ceramic")).text)
    assert "Henan University" in gallery
    assert "Nothing matches all of these" in (await client.get("/e/fair/exhibits?kind=patent")).text
    assert "Macro" not in main_of((await client.get(public)).text), "a name of the page that a macro hides"
    assert (await client.get(f"{public}/files/{cover}")).headers["content-type"] == "image/jpeg"
    assert (await client.get(f"{public}/files/{poster}")).headers["content-type"] == "application/pdf"
    assert (await client.get(f"{public}/files/{'0' * 8}-0000-4000-8000-{'0' * 12}")).status_code == 404
    assert (await client.get("/e/fair")).text.count("1 exhibit in the gallery") == 1
    await sign_in(client, booth.li.actor)
    for path in (one, f"{one}/edit", f"/files/{cover}"):
        assert (await client.get(path)).status_code == 404, "somebody else's"
    assert (await post(client, f"{one}/back")).status_code == 404
    await sign_in(client, booth.wang.actor)
    await post(client, f"{one}/back")
    assert (await client.get(public)).status_code == 404


async def _planned(client: httpx.AsyncClient, booth: Booth, organiser: Actor) -> tuple[int, int, int]:
    """Three released exhibits at the booths of a plan."""
    await deciding.save_call("fair", CallForm(), seen="", by=organiser)
    first = await shown(booth, "Bearing", kind="product")
    second = await shown(booth, "Turbine", kind="product")
    third = await shown(booth, "Patent", by=booth.li.actor, kind="patent")
    for exhibit in (first, second, third):
        await deciding.release("fair", exhibit, by=organiser)
    with pytest.raises(Conflict):
        await deciding.release("fair", first, by=organiser)
    with pytest.raises(Conflict):
        await deciding.score("fair", first, ScoreForm(points=5), by=organiser)
    await sign_in(client, organiser)
    twice = await post(client, f"{HERE}/plan", {"text": "A1\tA1"})
    assert twice.status_code == 422
    assert "A1\tA1" in twice.text
    assert (await post(client, f"{HERE}/plan", {"text": "nothing here"})).status_code == 422
    assert (await post(client, f"{HERE}/plan", {"text": PLAN})).status_code == 303
    assert (await post(client, f"{HERE}/plan/fill")).status_code == 303
    rows = {row.code: row for row in await queries.booths_of(booth.event)}
    assert [rows[code].exhibit for code in ("A1", "A2", "A3", "B-1")] == [third, first, second, None]
    taken = await post(client, f"{HERE}/plan/stand", {"exhibit": str(first), "booth": str(rows["A1"].id)})
    assert "Another exhibit stands at this booth" in (await client.get(taken.headers["location"])).text
    assert (await post(client, f"{HERE}/plan/stand", {"exhibit": "x"})).status_code == 303
    await post(client, f"{HERE}/plan/gates")
    await post(client, f"{HERE}/plan/gates")
    assert await db.fetchval("SELECT count(*) FROM gate WHERE kind = 'booth'") == 3
    with pytest.raises(Conflict):
        await booths.save_plan("fair", "A1\tA2", by=organiser)
    return first, second, third


async def _visited(booth: Booth, first: int, second: int, organiser: Actor) -> None:
    """A visit at the booth of the first, which then leaves it to the second."""
    rows = {row.code: row for row in await queries.booths_of(booth.event)}
    now = clock.now()
    gate = await db.fetchval("SELECT gate FROM exhibit_booth WHERE code = 'A2'")
    scan = (
        "INSERT INTO scan (uuid, gate, registration, direction, outcome, reason, scanned_at)"
        " VALUES (gen_random_uuid(), $1, $2, 'in', $3, $4, $5)"
    )
    for outcome, reason, at in (("admitted", None, 1), ("already", None, 2), ("refused", "too_early", 3)):
        await db.execute(scan, gate, booth.registration, outcome, reason, now + timedelta(minutes=at))
    await booths.stand("fair", first, None, by=organiser)
    await db.execute(
        "UPDATE exhibit_stand SET since = $1, until = $2 WHERE exhibit = $3", now, now + timedelta(hours=1), first
    )
    await booths.stand("fair", second, rows["A2"].id, by=organiser)
    await db.execute(
        "UPDATE exhibit_stand SET since = $1 WHERE exhibit = $2 AND until IS NULL", now + timedelta(hours=1), second
    )
    assert (await queries.exhibit_of(booth.event, first)).visits == 1, "it keeps the visits of its time"
    assert (await queries.exhibit_of(booth.event, second)).visits == 0


async def test_booths_visits_and_requests_are_counted_once(client: httpx.AsyncClient) -> None:
    booth = await open_booth()
    organiser = await make_actor("organiser", email="boss@example.org")
    first, second, third = await _planned(client, booth, organiser)
    await _visited(booth, first, second, organiser)
    await sign_in(client, booth.maria)
    public = f"/e/fair/exhibits/{first}"
    assert (await post(client, f"{public}/ask", {"asks": "money"})).status_code == 422
    await post(client, f"{public}/ask", {"asks": "talk", "message": "Hello", "contact": "true"})
    await post(client, f"{public}/ask", {"asks": "partner", "message": "Hello again"})
    with pytest.raises(Conflict):
        await services.ask("fair", first, RequestForm(), by=booth.wang.actor)
    await sign_in(client, booth.wang.actor)
    own = main_of((await client.get(f"/exhibits/{first}")).text)
    assert "Hello again" in own
    assert "maria@example.org" not in own, "the second time without consent"
    asked = await db.fetchval("SELECT id FROM exhibit_request")
    await post(client, f"/exhibits/{first}/requests/{asked}", {"done": "1"})
    assert (await post(client, f"/exhibits/{third}/requests/{asked}", {"done": "1"})).status_code == 404
    scope = await scope_for(organiser, await event_by_slug("fair", viewer=None))
    counted = {key: await number(scope, MEASURES[key]) for key in ("exhibits", "exhibit_visits", "exhibit_requests")}
    assert counted == {"exhibits": 3, "exhibit_visits": 1, "exhibit_requests": 1}
    await services.unask("fair", first, by=booth.maria)
    assert await number(scope, MEASURES["exhibit_requests"]) == 0
    await sign_in(client, organiser)
    paper = (await client.get(f"{HERE}/plan/lintels.pdf")).content
    assert paper.startswith(b"%PDF-")
    assert paper.count(b"/Type /Page\n") == 2
    sign_out(client)
    drawn = (await client.get("/e/fair/exhibits/plan")).text
    assert f'href="/e/fair/exhibits/{second}"' in drawn
    await services.take_back(second, by=booth.wang.actor)
    assert "Turbine" not in (await client.get("/e/fair/exhibits/plan")).text


@pytest.mark.usefixtures("db")
async def test_limits_of_exhibits() -> None:
    booth = await open_booth()
    organiser = await make_actor("organiser", email="boss@example.org")
    with pytest.raises(Conflict):
        await shown(booth, "No call yet")
    await deciding.save_call("fair", CallForm(closes_at=clock.now() + timedelta(hours=1)), seen="", by=organiser)
    made = [await shown(booth, f"Exhibit {n}") for n in range(rules.MOST_EXHIBITS)]
    with pytest.raises(Conflict):
        await shown(booth, "One too many")
    with pytest.raises(Conflict):
        await services.delete_exhibit(made[0], by=booth.wang.actor)
    with pytest.raises(NotFound):
        await deciding.release("fair", made[0], by=booth.wang.actor)
    await deciding.send_back("fair", made[0], BackForm(reason="Too short"), by=organiser)
    await services.delete_exhibit(made[0], by=booth.wang.actor)
    with pytest.raises(Invalid):
        booths.check("\n".join("\t".join(f"A{row * 40 + column}" for column in range(41)) for row in range(3)))
    candidate = await fair.candidate("second@example.org")
    await shown(booth, "Work", by=candidate.actor)
    await deciding.save_call("fair", CallForm(closes_at=clock.now() - timedelta(minutes=1)), seen="", by=organiser)
    with pytest.raises(Conflict):
        await shown(booth, "Too late", by=candidate.actor)
    assert (await queries.state_counts(booth.event))[ExhibitState.SUBMITTED] == rules.MOST_EXHIBITS
