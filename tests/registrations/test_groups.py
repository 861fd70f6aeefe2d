"""Many people from a spreadsheet: looked at first, all or nobody, changed by number or address, cancelled by their contact."""

import io
from typing import Any
from uuid import uuid4

import httpx
import pytest
import python_calamine

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import db
from fairs.core.errors import NotFound
from fairs.registrations import services as registrations
from fairs.registrations.groups import queries, services
from fairs.registrations.groups.columns import sheet_of
from fairs.registrations.groups.forms import GroupForm
from fairs.registrations.groups.rights import event_to_group
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.registrations.asking import options, published

HERE = "/e/fair/groups"
HEAD = ("name_native", "name_passport", "email", "phone", "category", "organisation")


@pytest.fixture
async def organiser(db: None) -> Actor:
    return await make_actor("organiser", email="org@example.org", name="Org")


def table(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    return "\n".join("\t".join(line) for line in (head, *rows))


def line(n: int, **given: str) -> tuple[str, ...]:
    usual = {
        "name_passport": f"Person {n}",
        "email": f"p{n}@example.org",
        "category": "Candidate",
        "organisation": "Uni",
    }
    return tuple({**usual, **given}.get(name, "") for name in HEAD)


async def send(client: httpx.AsyncClient, text: str, *, confirm: bool = True, **given: Any) -> httpx.Response:
    sent = {"name": "Delegation", "text": text, "told": "true", "once": str(uuid4()), **given}
    return await post(client, f"{HERE}/new", {**sent, "confirm": "yes" if confirm else ""})


async def people() -> list[tuple[Any, ...]]:
    rows = await db.fetch("SELECT email, name_passport, state FROM registration ORDER BY id")
    return [tuple(row) for row in rows]


async def _stored(client: httpx.AsyncClient) -> int:
    """A group of four that was looked at first, then stored once although it was sent twice."""
    text = table(*(line(n) for n in range(1, 5)))
    looked = await send(client, text, confirm=False)
    assert looked.status_code == 200
    assert "4 new, 0 changed, 0 as they are" in looked.text
    assert "Nothing is stored yet." in looked.text
    assert await people() == []
    once = str(uuid4())
    stored = await send(client, text, once=once, contact_email="Contact@example.org")
    again = await send(client, text, once=once)
    assert stored.status_code == again.status_code == 303
    assert stored.headers["location"] == again.headers["location"]
    assert [state for _, _, state in await people()] == ["confirmed"] * 3 + ["waitlisted"]
    assert await db.fetchval("SELECT count(*) FROM badge") == 3
    mails = await db.fetch("SELECT kind FROM outgoing_mail WHERE kind LIKE 'registration_%' ORDER BY id")
    assert [row["kind"] for row in mails] == ["registration_confirmed"] * 3 + ["registration_waitlisted"]
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'registration_group.create'") == 1
    return int(stored.headers["location"].rsplit("/", 1)[1])


async def test_a_group_is_looked_at_stored_changed_and_cancelled(client: httpx.AsyncClient, organiser: Actor) -> None:
    await factories.event(slug="fair", capacity=3)
    await sign_in(client, organiser)
    group = await _stored(client)
    book = (await client.get(f"{HERE}/people.xlsx?group={group}")).content
    assert len(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()) == 5
    sent = {"name": "", "once": str(uuid4()), "told": "true"}
    unchanged = await post(
        client, f"{HERE}/new?group={group}", {**sent, "group": str(group)}, files={"file": ("a.xlsx", book)}
    )
    assert "0 new, 0 changed, 4 as they are" in unchanged.text
    changed = table(line(1, name_passport="Other Name"), line(5))
    assert "1 new, 1 changed" in (await send(client, changed, confirm=False, group=str(group))).text
    assert (await send(client, changed, group=str(group))).status_code == 303
    assert (await people())[0][1] == "Other Name"
    assert len(await people()) == 5
    assert await db.fetchval("SELECT count(*) FROM registration_group_member WHERE of_group = $1", group) == 5
    assert await db.fetchval("SELECT count(*) FROM registration_group") == 1
    assert "Delegation" in (await client.get(f"{HERE}?q=deleg&sort=-people")).text

    contact = await make_actor("candidate", email="contact@example.org", name="Contact")
    await sign_in(client, contact)
    assert f"{HERE}/{group}" in (await client.get("/me/fairs")).text
    assert (await client.get(HERE)).status_code == 200
    assert (await client.get(f"{HERE}/new")).status_code in (403, 404)
    first = await db.fetchval("SELECT min(id) FROM registration")
    refused = await post(client, f"{HERE}/{group}/cancel", {"person": str(first)})
    assert refused.status_code == 422
    assert "checked" in refused.text
    stranger = await factories.registration(await db.fetchval("SELECT id FROM event"))
    none = await post(client, f"{HERE}/{group}/cancel", {"person": str(stranger), "reason": "no"})
    assert none.status_code == 409
    done = await post(client, f"{HERE}/{group}/cancel", {"person": str(first), "reason": "ill"})
    assert done.status_code == 303
    states = await db.fetch("SELECT state FROM registration ORDER BY id")
    assert [row["state"] for row in states] == [
        "cancelled",
        *["confirmed"] * 2,
        "waitlisted",
        "waitlisted",
        "confirmed",
    ]
    await sign_in(client, await make_actor("candidate", email="other@example.org", name="Other"))
    for path in (HERE, f"{HERE}/{group}", f"{HERE}/new", f"{HERE}/people.xlsx"):
        assert (await client.get(path)).status_code in (403, 404), path
    assert (await post(client, f"{HERE}/{group}/cancel", {"person": str(first), "reason": "x"})).status_code == 404


async def test_every_error_has_its_row_and_column(client: httpx.AsyncClient, organiser: Actor) -> None:
    event = await factories.event(slug="fair", capacity=1, waiting_list=False)
    await factories.registration(event, email="self@example.org", number="HN27-000001", registrant=organiser.account_id)
    await sign_in(client, organiser)
    await db.execute("UPDATE event SET capacity = 3")
    wrong = table(
        line(1, category="Candidat"),
        line(2, email="nonsense"),
        line(3, name_passport=""),
        line(4, email="self@example.org"),
        line(5),
        line(6, email="p5@example.org"),
    )
    page = await send(client, wrong)
    assert page.status_code == 422
    for text in (
        "Row 2, Comes as: “Candidat” is not in the list; near: Candidate",
        "Row 3, E-mail address:",
        "Row 4, Name in own script:",
        "Row 5, E-mail address: This person is registered already: HN27-000001",
        "Row 7, E-mail address: The same person stands in an earlier row",
    ):
        assert text in page.text.replace("&#34;", '"'), text
    assert len(await people()) == 1
    full = await send(client, table(*(line(n) for n in range(1, 5))))
    assert full.status_code == 422
    assert "Row 4: All places are taken" in full.text
    assert len(await people()) == 1, "nobody, where one finds no place"
    assert await db.fetchval("SELECT count(*) FROM registration_group") == 0
    for text in ("", "\0", "x", "a\tb\tc\n1\t2\t3", "=1+1\t\t\t\n" * 3):
        assert (await send(client, text)).status_code == 422, text
    assert (await post(client, f"{HERE}/new", {"group": "99"})).status_code == 404


async def test_an_employer_uses_what_the_event_opened(client: httpx.AsyncClient, db: None) -> None:
    event = await factories.event(slug="fair", own_categories=["candidate"])
    employer, other = await fair.employer(), await fair.employer("li@example.org", "Li Li")
    await published(
        {"key": "hotel", "kind": "choice", "options": options("near", "far"), "reviewed": True}, category="candidate"
    )
    await sign_in(client, employer.actor)
    assert (await client.get(f"{HERE}/new")).status_code == 404
    await _set("UPDATE event SET groups_from = '{employer}'")
    assert "Ask hotel" in (await client.get(f"{HERE}/new")).text
    head = (*HEAD, "q_hotel")
    rows = [
        (*line(1), "Near"),
        (*line(2, category="Employer representative", email=""), ""),
        (*line(3, category="Guest"), ""),
    ]
    refused = await send(client, table(*rows, head=head))
    assert "Row 4, Comes as" in refused.text
    made = await send(client, table(*rows[:2], head=head), told="")
    assert made.status_code == 303, made.text
    assert [state for _, _, state in await people()] == ["pending", "confirmed"], "reviewed as one's own registration"
    assert await _value("SELECT count(*) FROM outgoing_mail") == 0, "nobody was to be told"
    assert await _value("SELECT organisation FROM registration WHERE category = 'employer'") == employer.organisation
    assert await _value("SELECT given->>'hotel' FROM registration_answers") == "near"
    twin = await send(client, table((*line(2, category="Employer representative", email=""), ""), head=head))
    assert twin.status_code == 422
    group = made.headers["location"]
    await sign_in(client, other.actor)
    assert (await client.get(group)).status_code == 404
    assert "Delegation" not in (await client.get(HERE)).text
    theirs = await send(client, table(line(1, name_passport="Stolen")))
    assert "Row 2, E-mail address: This person is already registered for this event" in theirs.text
    number = await _value("SELECT min(number) FROM registration")
    by_number = await send(client, table((number, "Stolen"), head=("number", "name_passport")))
    assert by_number.status_code == 422
    assert event


async def _set(sql: str) -> None:
    await db.execute(sql)


async def _value(sql: str) -> Any:
    return await db.fetchval(sql)


async def test_a_long_table_is_a_job_that_goes_on_where_it_stopped(organiser: Actor) -> None:
    event_id = await factories.event(slug="fair", capacity=300)
    event, right = await event_to_group(organiser, "fair")
    sheet = await sheet_of(event, right)
    rows = sheet.read_text(table(*(line(n) for n in range(320))))
    form, key = GroupForm(name="Many", told=True), uuid4()
    group = await services.begin("fair", rows, form, key=key, by=organiser)
    assert await services.begin("fair", rows, form, key=key, by=organiser) == group
    run = await db.fetchval("SELECT id FROM registration_group_run")
    assert "p319@example.org" not in await db.fetchval("SELECT rows FROM registration_group_run")
    stored = (await queries.run_by_id(run)) or pytest.fail("gone")
    assert await services._some(stored, rows.rows, organiser)  # as if the worker died afterwards
    assert await db.fetchval("SELECT count(*) FROM registration") == services.TOGETHER
    await registrations.register(event_id, fair.person(0, email="p319@example.org"), by=SYSTEM)
    await services.work({"run": run})
    await services.work({"run": run})
    counted = await db.fetch("SELECT state, count(*) AS n FROM registration GROUP BY state ORDER BY state")
    assert [tuple(row) for row in counted] == [("confirmed", 300), ("waitlisted", 20)]
    done = await db.fetchrow("SELECT state, done, added, rows FROM registration_group_run")
    assert done is not None
    assert tuple(done) == ("done", 320, 319, "")
    assert len(services.problems_of((await queries.run_by_id(run)) or pytest.fail("gone"))) in (0, 1)
    assert await db.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind LIKE 'registration_%'") == 1, (
        "the one in between"
    )
    await services.tell({"group": group})
    await services.tell({"group": group})
    assert await db.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind LIKE 'registration_%'") == 320
    with pytest.raises(NotFound):
        await services.begin("fair", rows, form, key=uuid4(), by=await make_actor("candidate", email="c@example.org"))
