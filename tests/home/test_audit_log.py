"""The audit log on pages, its exports, and the history of a record."""

import csv
import io
import re
from datetime import UTC, datetime

import httpx
import pytest
from python_calamine import load_workbook

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import db as database
from fairs.events.place_forms import GateForm
from fairs.events.services import add_gate
from tests import factories
from tests.cast import make_actor, sign_in


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> Actor:
    actor = await make_actor("organiser", email="org@example.org", name="Olga Organiser")
    await sign_in(client, actor)
    return actor


def _rows(page: httpx.Response) -> list[str]:
    body = page.text.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", body, re.S)]


async def test_entry_says_who_what_before_and_after(client: httpx.AsyncClient, organiser: Actor) -> None:
    event = await factories.event(title_en="The Fair")
    await record("event.update", "event", event, by=organiser, before={"capacity": 5}, after={"capacity": None})
    page = await client.get("/organise/audit?action=event.update")
    (row,) = _rows(page)
    assert "Olga Organiser org@ example.org Changed an event The Fair Event Places 5 → —" in row
    chinese = _rows(await client.get("/organise/audit?action=event.update&lang=zh"))
    assert "修改活动" in chinese[0]


async def test_filters_by_person_object_act_and_day(client: httpx.AsyncClient, organiser: Actor) -> None:
    other = await make_actor("organiser", email="zoe@example.org", name="Zoe Other")
    await record("listing.save", "listing", 7, by=organiser, after={"note": "mine"})
    await record("listing.close", "listing", 8, by=other, after={"note": "hers"})
    await database.execute(
        "INSERT INTO audit_entry (at, actor_label, action, object_kind, object_id) VALUES ($1, 'old', 'room.add', 'room', '1')",
        datetime(2020, 2, 3, 15, 59, tzinfo=UTC),  # one minute before midnight in Beijing
    )

    async def shown(query: str) -> list[str]:
        return _rows(await client.get(f"/organise/audit?{query}"))

    assert all("hers" not in row for row in await shown("q=olga"))
    assert [row for row in await shown(f"account={other.account_id}") if "hers" in row]
    assert await shown("q=nobody+of+that+name") == []
    assert len(await shown("kind=listing")) == 2
    assert len(await shown("kind=listing&object=8")) == 1
    assert len(await shown("action=listing.close")) == 1
    assert len(await shown("from=2020-02-03&to=2020-02-03")) == 1
    assert await shown("from=2020-02-04&to=2020-02-05") == []
    assert len(await shown("account=0&to=2021-01-01")) == 1
    assert len(await shown("from=nonsense&kind=moon&account=x")) > 2  # what is no filter filters nothing


async def test_pages_go_by_key(client: httpx.AsyncClient, organiser: Actor) -> None:
    for number in range(120):
        await record("gate.add", "gate", number, by=organiser, after={"number": f"n{number:03}"})
    seen: list[str] = []
    address: str | None = "/organise/audit?kind=gate"
    while address:
        page = await client.get(address)
        seen += re.findall(r"n\d{3}", page.text)
        older = re.search(r'rel="next" href="([^"]+)"', page.text)
        address = older[1].replace("&amp;", "&") if older else None
    assert seen == [f"n{number:03}" for number in reversed(range(120))]


async def test_exports_have_every_row_of_the_filter(client: httpx.AsyncClient, organiser: Actor) -> None:
    await database.execute(
        "INSERT INTO audit_entry (actor_label, action, object_kind, object_id, after) SELECT '=1+1', 'gate.add', 'gate',"
        " n::text, '{\"number\": 1}' FROM generate_series(1, 4500) n"
    )
    answer = await client.get("/organise/audit.csv?kind=gate")
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (len(rows), rows[0][1], rows[1][1], rows[1][2]) == (4501, "Done by", "'=1+1", "Added a gate")
    assert {row[4] for row in rows[1:]} == {str(n) for n in range(1, 4501)}
    book = await client.get("/organise/audit.xlsx?kind=gate")
    sheet = load_workbook(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert (len(sheet), sheet[1][1], sheet[1][7]) == (4501, "=1+1", "Number: 1")


async def test_history_of_an_event_has_its_parts(client: httpx.AsyncClient, organiser: Actor) -> None:
    event = await factories.event(slug="fair")
    other = await factories.event(slug="other")
    form = GateForm(code="north", kind="entry", name_zh="北门", name_en="North gate")
    gate = await add_gate(event, form, by=organiser)
    await record("event.update", "event", event, by=organiser, after={"note": "this"})
    await record("event.update", "event", other, by=organiser, after={"note": "that"})
    page = await client.get(f"/records/event/{event}/history")
    assert len(_rows(page)) == 2
    assert "that" not in page.text
    assert "North gate" in (await client.get(f"/records/gate/{gate}/history")).text
    assert f"/records/event/{event}/history" in (await client.get("/organise/editions/fair")).text
    assert (await client.get("/records/event/999999/history")).status_code == 404
    assert (await client.get("/records/moon/1/history")).status_code == 404


async def test_bureau_reads_the_history_of_its_own_records_only(client: httpx.AsyncClient) -> None:
    unit, foreign = await factories.unit_id("410300"), await factories.unit_id("411500")
    event = await factories.event()
    own = await factories.organisation(unit=unit)
    other = await factories.organisation(unit=foreign)
    listing, others = await factories.listing(own, event), await factories.listing(other, event)
    await record("organisation.invite", "organisation", own, by=SYSTEM, after={"email": "secret@example.org"})
    await record("listing.save", "listing", listing, by=SYSTEM)
    await record("listing.save", "listing", others, by=SYSTEM)
    await sign_in(client, await make_actor("bureau", unit_id=unit))
    page = await client.get(f"/records/organisation/{own}/history")
    assert "Invited a colleague" in page.text
    assert "secret@example.org" not in page.text
    assert (await client.get(f"/records/listing/{listing}/history")).status_code == 200
    for path in (f"organisation/{other}", f"listing/{others}", f"event/{event}"):
        assert (await client.get(f"/records/{path}/history")).status_code == 404
    assert (await client.get("/organise/audit")).status_code == 403
    assert f"/records/listing/{listing}/history" in (await client.get(f"/listings/{listing}")).text
    assert f"/records/listing/{others}/history" not in (await client.get(f"/listings/{others}")).text


async def test_sensitive_values_stay_masked(client: httpx.AsyncClient, organiser: Actor) -> None:
    await record("account.password", "account", 1, by=organiser, after={"password": "hunter2", "phone": "13800138000"})
    page = await client.get("/organise/audit?action=account.password")
    assert "•••" in page.text
    assert "hunter2" not in page.text
    assert "13800138000" not in (await client.get("/organise/audit.csv")).text


async def test_stranger_to_the_log_is_refused(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("employer", organisation_id=await factories.organisation()))
    for path in ("/organise/audit", "/organise/audit.csv", "/organise/audit.xlsx", "/records/event/1/history"):
        assert (await client.get(path)).status_code == 403
