"""What came of a tour: costs, meetings at stops, the report, and thanks."""

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from fairs.core import clock, db
from fairs.core.errors import Conflict, NotFound
from fairs.reports.tours import queries, thanks
from fairs.tours import hosting, members
from fairs.tours.results import expenses, money, talks
from fairs.tours.results.forms import ExpenseForm, HostExpenseForm, TalkForm
from fairs.tours.tables import MemberState
from tests import factories, mails
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of
from tests.tours.stage import HERE, Stage, add_stop, open_tour, people


@pytest.mark.parametrize(
    ("typed", "currency", "stored"),
    [
        ("1,234.5", "CNY", 123_450),
        ("0.01", "CNY", 1),
        ("0", "CNY", None),
        ("12.345", "EUR", None),
        ("500", "JPY", 500),
        ("500.5", "JPY", None),
        ("500.0", "JPY", 500),
        ("9" * 15, "CNY", None),
    ],
)
def test_amounts_are_whole_minor_units(typed: str, currency: str, stored: int | None) -> None:
    assert money.minor(typed, currency) == stored
    if stored:
        assert Decimal(money.plain(stored, currency)) == Decimal(typed.replace(",", "")), "what was typed comes back"


async def _held(stage: Stage) -> int:
    """The tour has ended: two people, one stop at Wang's that confirmed."""
    stop = await add_stop(stage)
    for row in await people(stage, 2):
        talent = await factories.talent(name_passport=row.name_passport, email=row.email)
        await db.execute("UPDATE tour_member SET talent = $1 WHERE id = $2", talent, row.id)
    await hosting.ask_all("tour", by=stage.organiser)
    await hosting.confirm(stop, by=stage.wang.actor)
    return stop


def _after(stage: Stage) -> None:
    clock.move_by(stage.morning + timedelta(days=6) - clock.now())


async def test_a_bureau_enters_its_own_costs_and_the_organiser_sees_all(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop = await _held(stage)
    day = stage.morning.date()
    own = await expenses.save_hosted(stop, None, HostExpenseForm(day=day, amount="80"), by=stage.bureau)
    coach = ExpenseForm(day=day, amount="1,200.50", about=f"stop:{stop}", note="Coach")
    of_tour = await expenses.save_expense("tour", None, coach, by=stage.organiser)
    with pytest.raises(NotFound):
        await expenses.save_hosted(stop, of_tour, HostExpenseForm(day=day, amount="1"), by=stage.bureau)
    stranger = await make_actor("bureau", email="x@example.org", unit_id=await factories.unit_id("410100"))
    with pytest.raises(NotFound):
        await expenses.remove_hosted(stop, own, by=stranger)
    await sign_in(client, stage.bureau)
    page = main_of((await client.get(f"/hosting/{stop}/expenses")).text)
    assert "CNY 80.00" in page
    assert "1,200.50" not in page, "a bureau sees what it paid itself"
    assert (await client.get(f"{HERE}/expenses")).status_code == 404
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(f"{HERE}/expenses?unit=410300")).text)
    assert "CNY 1,280.50" in page, "both count for the city of the stop"
    assert "Luoyang" in page
    wrong = await post(
        client, f"{HERE}/expenses/new", {"day": str(day), "amount": "5.555", "currency": "CNY", "kind": "meal"}
    )
    assert wrong.status_code == 422
    assert 'value="5.555"' in wrong.text, "what was typed stays"
    assert (await client.get(f"{HERE}/expenses.csv")).text.count("\n") == 3
    await expenses.remove_hosted(stop, own, by=stage.bureau)
    assert "CNY 1,200.50" in main_of((await client.get(f"{HERE}/report")).text)


async def test_meetings_at_stops_count_once_and_open_into_rows(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop = await _held(stage)
    rows = await db.fetch("SELECT id, talent FROM tour_member ORDER BY id")
    listing = await db.fetchval("SELECT id FROM listing")
    form = TalkForm(member=str(rows[0]["id"]), listing=str(listing), outcome="intent")
    with pytest.raises(Conflict):
        await talks.note_talk(stop, form, by=stage.wang.actor)
    with pytest.raises(NotFound):
        await talks.note_talk(stop, form, by=stage.bureau)
    _after(stage)
    first = await talks.note_talk(stop, form, by=stage.wang.actor)
    assert await talks.note_talk(stop, form, by=stage.wang.actor) == first, "the same two, about the same listing"
    other = TalkForm(member=str(rows[1]["id"]), listing=str(listing), outcome="talks")
    await talks.note_talk(stop, other, by=stage.wang.actor)
    held = await db.fetch("SELECT event, state, outcome FROM meeting ORDER BY id")
    assert [(row["event"], row["state"], row["outcome"]) for row in held] == [
        (stage.event, "held", "intent"),
        (stage.event, "held", "talks"),
    ]
    assert len(await queries.met(stage.event, {"unit": "410300"})) == 2
    assert await queries.met(stage.event, {"unit": "410100"}) == []
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(f"{HERE}/report")).text)
    assert f"{HERE}/report/meetings?unit=410300&amp;outcome=intent" in page
    rows_page = main_of((await client.get(f"{HERE}/report/meetings?unit=410300&outcome=intent")).text)
    assert "Member 000" in rows_page
    assert "Member 001" not in rows_page
    await db.execute("UPDATE talent SET name_passport = 'Li Wei'")
    both = main_of((await client.get(f"{HERE}/report/meetings?lang=en")).text)
    assert "2 people" in both, "people of one name are as many as they are"
    assert (await client.get("/e/tour/dashboard/meetings_held")).text.count("data-row") == 2, "the same in the measures"
    assert (await client.get(f"{HERE}/report.xlsx")).content.startswith(b"PK")


async def test_everybody_who_came_is_thanked_once_in_the_own_language(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    stop = await _held(stage)
    rows = await db.fetch("SELECT id FROM tour_member ORDER BY id")
    await db.execute("UPDATE registration SET lang = 'zh' WHERE email = 'm1@example.org'")
    listing = await db.fetchval("SELECT id FROM listing")
    await members.step("tour", [row["id"] for row in rows], MemberState.CONFIRMED, by=stage.organiser)
    await members.step("tour", [row["id"] for row in rows], MemberState.CAME, by=stage.organiser)
    with pytest.raises(Conflict):
        await thanks.thank("tour", by=stage.organiser)
    _after(stage)
    form = TalkForm(member=str(rows[1]["id"]), listing=str(listing), outcome="talks")
    await talks.note_talk(stop, form, by=stage.wang.actor)
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(f"{HERE}/thanks?member={rows[1]['id']}")).text)
    assert "2 people will be thanked" in page
    assert "洛阳轴承" in page, "the agreed step, as the person reads it"
    assert await thanks.thank("tour", by=stage.organiser) == 2
    with pytest.raises(Conflict):
        await thanks.thank("tour", by=stage.organiser)
    assert "继续" in await mails.text_of("m1@example.org", kind="tour_thanks")
    assert "thank you for travelling" in await mails.text_of("m0@example.org", kind="tour_thanks")
