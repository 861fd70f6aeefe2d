"""Passports and invitation letters, and sheets by a link that ends."""

import hashlib
from datetime import date, timedelta

import httpx

from fairs.core import clock, crypto, db
from fairs.registrations import services as registrations
from fairs.tours import members
from fairs.tours.logistics import trips
from fairs.tours.logistics.forms import InterpreterForm, TripForm, VehicleForm
from fairs.tours.logistics.tables import Direction
from fairs.tours.logistics.vehicles import save_interpreter, save_vehicle
from fairs.tours.papers import letters
from fairs.tours.papers.forms import PassportForm, RequestForm
from fairs.tours.papers.sealed import LETTER
from fairs.tours.retention import RULES
from fairs.tours.tables import MemberState
from tests.cast import make_actor, post, sign_in
from tests.pages import main_of
from tests.tours.stage import HERE, add_stop, open_tour, people

NUMBER = "X8812345"


async def _asked(client: httpx.AsyncClient, mine: str) -> int:
    """The letter that a person asked for, with a passport that is stored sealed."""
    asked = await post(client, mine, {"kind": "F"})
    assert asked.status_code == 303
    assert await db.fetchval("SELECT count(*) FROM tour_letter") == 0, "no passport yet"
    passport = {"number": NUMBER, "nationality": "ES", "born": "1980-05-06"}
    soon = f"{(clock.now() + timedelta(days=2)).date()}"
    assert "must be valid beyond" in (await post(client, f"{mine}/passport", passport | {"expires": soon})).text
    stored = await post(client, f"{mine}/passport", passport | {"expires": "2099-01-01"})
    assert stored.status_code == 303
    assert NUMBER not in await db.fetchval("SELECT data FROM tour_passport")
    assert NUMBER not in (await client.get(mine)).text
    await post(client, mine, {"kind": "F"})
    await post(client, mine, {"kind": "F"})
    [letter] = [found["id"] for found in await db.fetch("SELECT id FROM tour_letter")]
    assert (await client.get(f"{mine}/{letter}/letter.pdf")).status_code == 404, "not issued"
    return int(letter)


async def test_a_letter_is_asked_for_issued_checked_and_revoked(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    [row, other] = await people(stage, 2, nationality="ES")
    await add_stop(stage)
    await sign_in(client, await make_actor("candidate", email=row.email))
    assert (await client.get(f"/me/tours/{other.id}/letter")).status_code == 404
    letter = await _asked(client, f"/me/tours/{row.id}/letter")
    await sign_in(client, stage.organiser, proved=True)
    assert "waits for an invitation letter" in (await client.get(HERE)).text
    theirs = f"{HERE}/people/{row.id}/letter"
    await post(client, f"{HERE}/letters/texts/F", {"body_zh": "邀请 {name}", "body_en": "Come, {name} ({passport})"})
    assert (await post(client, f"{HERE}/letters/texts/F", {"body_zh": "{x}", "body_en": "y"})).status_code == 422
    await post(client, f"{HERE}/letters/issue", {"letter": [str(letter)]})
    issued = (await db.fetch("SELECT number, digest, document, initials FROM tour_letter"))[0]
    assert issued["number"].endswith("-001")
    text = crypto.open_text(issued["document"], LETTER)
    assert "Come, Member 000 (X8812345)" in text
    assert hashlib.sha256(text.encode()).digest() == issued["digest"]
    page = await client.get(theirs)
    assert NUMBER not in page.text
    assert (await post(client, f"{theirs}/open", {"reason": ""})).status_code == 422
    assert NUMBER in (await post(client, f"{theirs}/open", {"reason": "The consulate calls"})).text
    assert (await post(client, f"{theirs}/{letter}/print", {"reason": "For the file"})).headers[
        "content-type"
    ] == "application/pdf"
    log = await db.fetch(
        "SELECT action, after::text AS after FROM audit_entry WHERE action LIKE 'tour_%.open' ORDER BY id"
    )
    assert [entry["action"] for entry in log] == ["tour_passport.open", "tour_letter.open"]
    assert NUMBER not in str(await db.fetch("SELECT after::text, before::text FROM audit_entry"))
    police = await post(client, f"{HERE}/sheets/police", {"reason": "Registration of the stay"})
    assert NUMBER in police.text
    police = await post(client, f"{HERE}/sheets/police", {"reason": "Registration of the stay", "form": "pdf"})
    assert (police.status_code, police.content[:4]) == (200, b"%PDF")
    await sign_in(client, await make_actor("candidate", email="again@example.org"))
    client.cookies.clear()
    checked = await client.get(f"/letters/{issued['digest'].hex()}")
    shown = main_of(checked.text)
    assert issued["number"] in shown
    assert "M." in shown
    assert "in force" in shown
    assert "Member" not in shown
    assert NUMBER not in checked.text
    for wrong in ("0" * 64, "x", "é" * 64):
        assert (await client.get(f"/letters/{wrong}")).status_code == 404
    await sign_in(client, stage.organiser, proved=True)
    assert (await post(client, f"{theirs}/{letter}/revoke", {"reason": "Stays at home"})).status_code == 303
    assert "has been revoked" in (await client.get(f"/letters/{issued['digest'].hex()}")).text
    assert "waits for an invitation letter" in (await client.get(HERE)).text
    for rule in RULES:
        await rule.apply(clock.now() + timedelta(days=90))
    left = await db.fetch("SELECT (SELECT count(*) FROM tour_passport) AS p, count(*) AS l FROM tour_letter")
    assert (left[0]["p"], left[0]["l"]) == (0, 0), "the people have gone with the last rule"


async def test_a_sheet_opens_by_its_link_until_it_ends(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    await people(stage, 2)
    stop = await add_stop(stage)
    await add_stop(stage, 0, 3, title_en="Elsewhere")
    vehicle = await save_vehicle(
        "tour", None, VehicleForm(name="Coach", seats=45, stops=[str(stop)]), by=stage.organiser
    )
    speaker = InterpreterForm(name="Li", languages=["en"], stops=[str(stop)])
    interpreter = await save_interpreter("tour", None, speaker, by=stage.organiser)
    await sign_in(client, stage.organiser, proved=True)
    links = []
    for whose in (f"vehicle:{vehicle}", f"interpreter:{interpreter}"):
        page = await post(client, f"{HERE}/sheets/links", {"whose": whose})
        links.append("/sheet/" + page.text.split("/sheet/")[1].split('"')[0])
    assert (await post(client, f"{HERE}/sheets/links", {"whose": "vehicle:999999"})).status_code == 404
    assert (await post(client, f"{HERE}/sheets/links", {"whose": "x"})).status_code == 303
    client.cookies.clear()
    for link in links:
        sheet = main_of((await client.get(link)).text)
        assert "Visit" in sheet
        assert "Elsewhere" not in sheet
        assert "Member" not in sheet, "no names but those to be fetched"
        assert (await client.get(f"{link}?form=pdf")).content.startswith(b"%PDF")
    assert (await client.get(links[0] + "x")).status_code == 404
    await sign_in(client, stage.organiser, proved=True)
    again = await post(client, f"{HERE}/sheets/links", {"whose": f"vehicle:{vehicle}"})
    assert again.status_code == 200
    assert (await client.get(links[0])).status_code == 404, "a new link ends the one before"
    last = await db.fetchval("SELECT id FROM tour_sheet_link WHERE interpreter IS NOT NULL")
    await post(client, f"{HERE}/sheets/links/{last}/revoke")
    assert (await client.get(links[1])).status_code == 404
    await db.execute("UPDATE tour_sheet_link SET expires_at = now() - interval '1 minute', revoked_at = NULL")
    assert (await client.get(links[0])).status_code == 404
    assert "Member 000" in (await client.get(f"{HERE}/sheets/stops/{stop}")).text


def test_a_long_letter_is_printed() -> None:
    from fairs.tours.papers.printing import print_letter

    content = {
        "number": "YQ-1",
        "issued_on": "2027-01-01",
        "valid_until": "2027-02-01",
        "organiser": {"zh": "河南省", "en": "Henan"},
        "event": {"zh": "中原行", "en": "Tour"},
        "contact": {"name": "", "phone": "", "email": ""},
        "body": {"zh": "兹邀请。\n" * 60, "en": "We invite.\n" * 60},
    }
    made = print_letter(content, "ab" * 32, "https://fairs.test/letters/abab")
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") > 1, "its text goes on, on a second page"


async def test_who_leaves_the_tour_has_no_letter_in_force(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    [row, other] = await people(stage, 2, nationality="ES")
    await add_stop(stage)
    passport = PassportForm(number=NUMBER, nationality="ES", born=date(1980, 5, 6), expires=date(2099, 1, 1))
    numbers = []
    for one in (row, other):
        await letters.save_passport("tour", one.id, passport, by=stage.organiser)
        await letters.request_for("tour", one.id, RequestForm(kind="F"), by=stage.organiser)
        letter = await db.fetchval("SELECT max(id) FROM tour_letter")
        await letters.issue("tour", [letter], by=stage.organiser)
        numbers.append(await db.fetchval("SELECT number FROM tour_letter WHERE id = $1", letter))
    digests = [found["digest"].hex() for found in await db.fetch("SELECT digest FROM tour_letter ORDER BY id")]
    await members.step("tour", [row.id], MemberState.WITHDRAWN, by=stage.organiser)
    await registrations.cancel(other.registration or 0, by=stage.organiser, reason="Is ill")
    for digest in digests:
        assert "has been revoked" in (await client.get(f"/letters/{digest}")).text
    log = await db.fetch("SELECT object_id FROM audit_entry WHERE action = 'tour_letter.revoke' ORDER BY id")
    assert [entry["object_id"] for entry in log] == [str(row.id), str(other.id)], "once each"
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(f"{HERE}/people/{row.id}")).text)
    assert "The invitation letter was revoked" in page
    assert numbers[0] in page
    for target in (MemberState.INVITED, MemberState.ACCEPTED, MemberState.APPROVED):
        assert (await members.step("tour", [row.id], target, by=stage.organiser)).number == 1
    assert "has been revoked" in (await client.get(f"/letters/{digests[0]}")).text, "back, and still not in force"
    assert "waits for an invitation letter" in (await client.get(HERE)).text


async def test_who_comes_from_abroad_soon_needs_a_letter_or_a_permit(client: httpx.AsyncClient) -> None:
    stage = await open_tour()
    [row, home] = await people(stage, 2, nationality="ES")
    await add_stop(stage)
    await db.execute("UPDATE registration SET nationality = 'CN' WHERE id = $1", home.registration)
    for one in (row, home):
        flight = TripForm(mode="flight", number="CA1", at=stage.morning, place="CGO")
        await trips.save_trip("tour", one.id, Direction.ARRIVAL, flight, by=stage.organiser)
    await sign_in(client, stage.organiser)
    page = main_of((await client.get(HERE)).text)
    assert page.count("has no invitation letter") == 1, "only the one from abroad"
    way = f"{HERE}/people/{row.id}/letter"
    assert way in page, "the way out leads to the person"
    assert (await post(client, f"{way}/unneeded", {"why": "x" * 301})).status_code == 422
    await post(client, f"{way}/unneeded", {"why": "Residence permit until 2030"})
    assert "Residence permit until 2030" in (await client.get(way)).text
    assert "has no invitation letter" not in (await client.get(HERE)).text


def test_a_long_name_list_goes_on_over_pages_in_all_scripts() -> None:
    from fairs.tours.papers.list_printing import print_names

    rows = [["Hina Chaudhry", "حنا چودھری", "No peanuts, no milk, " * 9, ""], ["García", "加西亚", "", "x" * 200]] * 40
    made = print_names("Rooming list 酒店名单", "29 Nov – 1 Dec", ["Name", "姓名", "May not eat", "Note"], rows)
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") > 3
    assert print_names("Nobody", "", ["Name"], []).startswith(b"%PDF")
