"""People of a tour: invited, with a place, gone, instead of others; what they do themselves."""

from datetime import timedelta

import httpx
import pytest

from fairs.core import clock, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.personal import Person
from fairs.registrations import services as registrations
from fairs.tours import by_clock, members, personal, services
from fairs.tours.forms import GroupForm, PersonForm, PlanForm
from fairs.tours.tables import MemberState, Origin
from tests import fair
from tests.cast import make_actor, post, sign_in
from tests.pages import form_of, main_of
from tests.tours.stage import HERE, Stage, mailed, open_tour, people

PEOPLE = f"{HERE}/people"


async def invite(stage: Stage, email: str = "maria@example.org", *, substitute: bool = False) -> int:
    form = PersonForm(email=email, name_passport="Maria Fernandez", name_native="玛丽亚", phone="+34 600 000 000")
    await members.add_people("tour", [form], substitute=substitute, origin=Origin.HAND, by=stage.organiser)
    found = await db.fetchval("SELECT id FROM tour_member WHERE email = $1", email)
    assert isinstance(found, int)
    return found


async def state(member: int) -> str:
    return str(await db.fetchval("SELECT state FROM tour_member WHERE id = $1", member))


async def test_from_the_invitation_to_the_badge(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    maria = await fair.candidate()
    await sign_in(client, stage.organiser)
    assert "Nobody is on the list yet" in (await client.get(PEOPLE)).text
    typed = {"email": "Maria@Example.org", "name_passport": "Maria Fernandez", "phone": "+34 600 000 000", "lang": "en"}
    wrong = await post(client, f"{PEOPLE}/new", typed | {"email": "maria"})
    assert wrong.status_code == 422
    assert 'value="Maria Fernandez"' in wrong.text
    assert (await post(client, f"{PEOPLE}/new", typed)).headers["location"] == PEOPLE
    again = await post(client, f"{PEOPLE}/new", typed)
    assert again.status_code == 409
    assert "is in the list already" in again.text
    assert await mailed("tour_invited") == ["maria@example.org"]
    member = await db.fetchval("SELECT id FROM tour_member")
    await sign_in(client, maria.actor)
    here = f"/me/tours/{member}"
    assert "You are invited" in (await client.get("/me/tours")).text
    assert "I accept" in (await client.get(here)).text
    await post(client, f"{here}/answer", {"target": "approved"})
    assert await state(member) == "invited", "nobody gives a place to themselves"
    await post(client, f"{here}/answer", {"target": "accepted"})
    assert await state(member) == "accepted"
    await sign_in(client, stage.organiser)
    one = f"{PEOPLE}/{member}"
    for words in ("Maria Fernandez", "+34 600 000 000", "Give a place"):
        assert words in main_of((await client.get(one)).text)
    await post(client, f"{one}/step", {"target": "approved"})
    row = await db.fetchrow(
        "SELECT r.state, r.email, r.id FROM tour_member m JOIN registration r ON r.id = m.registration"
    )
    assert row is not None
    assert (row["state"], row["email"]) == ("confirmed", "maria@example.org")
    assert await db.fetchval("SELECT count(*) FROM badge WHERE registration = $1", row["id"]) == 1
    await sign_in(client, maria.actor)
    await post(client, f"{here}/answer", {"target": "confirmed"})
    assert await state(member) == "confirmed"
    await post(client, f"{here}/answer", {"target": "withdrawn"})
    assert await state(member) == "withdrawn"
    assert await db.fetchval("SELECT state FROM registration") == "withdrawn"


async def test_a_stranger_finds_no_tour_of_others(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    member, waiting = await invite(stage), await invite(stage, "sub@example.org", substitute=True)
    await sign_in(client, await make_actor("candidate", email="x@example.org"))
    for path in (f"/me/tours/{member}", f"/me/tours/{member}/itinerary.pdf", f"/me/tours/{member}/itinerary.ics"):
        assert (await client.get(path)).status_code == 404
    for act in ("answer", "read"):
        assert (await post(client, f"/me/tours/{member}/{act}", {"target": "accepted"})).status_code == 404
    assert "No tour yet" in (await client.get("/me/tours")).text
    await sign_in(client, await make_actor("candidate", email="sub@example.org"))
    assert (await client.get(f"/me/tours/{waiting}")).status_code == 404, "a substitute is not told"
    unproved = await make_actor("candidate", email="maria@example.org", proved=False)
    await sign_in(client, unproved)
    assert (await client.get(f"/me/tours/{member}")).status_code == 404, (
        "anybody may sign up with the address of a guest"
    )


async def test_places_are_counted_and_who_is_gone_gives_theirs_to_a_substitute(client: httpx.AsyncClient) -> None:
    stage = await open_tour(capacity=2)
    ids = [await invite(stage, f"p{at}@example.org") for at in range(3)]
    waits = await invite(stage, "sub@example.org", substitute=True)
    accepted = await members.step("tour", ids, MemberState.ACCEPTED, by=stage.organiser)
    assert accepted.number == 3
    done = await members.step("tour", [*ids, waits], MemberState.APPROVED, by=stage.organiser)
    assert done.number == 2
    assert [str(why) for _, why in done.refused] == [
        "All places of the tour are taken",
        "This step does not follow from the present state",
    ]
    await registrations.cancel(
        await db.fetchval("SELECT registration FROM tour_member WHERE id = $1", ids[0]),
        by=stage.organiser,
        reason="Asked by phone",
    )
    assert await state(ids[0]) == "withdrawn", "by whomever the registration was cancelled"
    await sign_in(client, stage.organiser)
    page = await client.get(f"{PEOPLE}/{ids[0]}")
    assert "Somebody instead" in page.text
    await post(client, f"{PEOPLE}/{ids[0]}/substitute", {"substitute": str(waits)})
    assert await state(waits) == "invited"
    assert "Instead of" in (await client.get(f"{PEOPLE}/{waits}")).text
    with pytest.raises(Conflict):
        await members.substitute("tour", ids[0], waits, by=stage.organiser)
    assert (await mailed("tour_invited"))[-1] == "sub@example.org"


async def test_a_table_and_registrations_and_acts_on_many(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await people(stage, 2)
    assert await members.take_over("tour", by=stage.organiser) == 0, "each once"
    group = await services.add_group("tour", GroupForm(name="A"), by=stage.organiser)
    await sign_in(client, stage.organiser)
    table = "name_passport\temail\tunit\nNew One\tnew@example.org\tLuoyang\nMember\tm0@example.org\t\n"
    assert (await post(client, f"{PEOPLE}/import", {"text": table + "Bad\tbad\t\n"})).status_code == 422
    assert (await post(client, f"{PEOPLE}/import", {"text": table + "Twice\tnew@example.org\t\n"})).status_code == 422
    page = await post(client, f"{PEOPLE}/import", {"text": table})
    assert await mailed("tour_invited") == []
    await post(client, f"{PEOPLE}/import", form_of(page.text, f"{PEOPLE}/import"))
    assert await mailed("tour_invited") == ["new@example.org"], "who is on the list already is left as they are"
    ids = [str(row["id"]) for row in await db.fetch("SELECT id FROM tour_member ORDER BY id")]
    await post(client, f"{PEOPLE}/act", {"member": ids, "act": f"group:{group}", "back": "state=invited"})
    await post(client, f"{PEOPLE}/act", {"member": ids[:1], "act": "unit:410300", "back": ""})
    assert await db.fetchval("SELECT count(*) FROM tour_member WHERE grp = $1", group) == 3
    told = await post(client, f"{PEOPLE}/act", {"member": [*ids, "x", "9" * 30], "act": "step:confirmed"})
    assert told.status_code == 303
    assert [await state(int(one)) for one in ids] == ["confirmed", "confirmed", "invited"]
    for act in ("", "step:king", "group:999", "unit:zz"):
        assert (await post(client, f"{PEOPLE}/act", {"member": ids, "act": act})).status_code in (303, 404)
    shown = main_of((await client.get(f"{PEOPLE}?state=confirmed&group={group}&unit=410300&q=member&sort=-city")).text)
    assert "Member 000" in shown
    assert "1 person" in shown
    assert "Nobody matches" in (await client.get(f"{PEOPLE}?q=zzz")).text


async def test_who_has_not_answered_is_reminded_once(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    until = (clock.now() + timedelta(days=2)).date()
    await services.save_plan("tour", PlanForm(reply_by=until), seen="", by=stage.organiser)
    late, soon = await invite(stage), await invite(stage, "soon@example.org")
    await members.step("tour", [soon], MemberState.ACCEPTED, by=stage.organiser)
    assert await by_clock.remind() == 1
    assert await by_clock.remind() == 0
    assert await mailed("tour_invited") == ["maria@example.org", "soon@example.org", "maria@example.org"]
    await db.execute("UPDATE tour_member SET reply_by = $1 WHERE id = $2", until - timedelta(days=5), late)
    await sign_in(client, stage.organiser)
    assert "1 person" in main_of((await client.get(f"{PEOPLE}?late=yes")).text)


@pytest.mark.usefixtures("db")
async def test_acts_of_others_tours_are_not_found() -> None:
    stage = await open_tour()
    member = await invite(stage)
    with pytest.raises(NotFound):
        await members.step("tour", [member], MemberState.ACCEPTED, by=stage.bureau)
    with pytest.raises(NotFound):
        await members.answer(member, MemberState.ACCEPTED, by=stage.organiser)


@pytest.mark.usefixtures("db")
async def test_a_person_is_told_all_and_forgotten() -> None:
    stage = await open_tour()
    await invite(stage)
    [kind] = personal.KINDS
    who = Person(emails=("maria@example.org",))
    [entry] = await kind.read(who)
    assert entry["state"] == "invited"
    assert (await kind.forget(who)).deleted == 1
    assert await kind.read(who) == []
