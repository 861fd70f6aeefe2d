import httpx

from fairs.accounts.actor import SYSTEM
from fairs.badges import queries
from fairs.core import db as database
from fairs.registrations import services
from tests import factories
from tests.badges.pictures import read_picture, read_squares
from tests.cast import make_actor, post, sign_in
from tests.fair import person


async def test_owner_sees_the_badge_and_its_files(client: httpx.AsyncClient) -> None:
    event = await factories.event()
    alice = await make_actor("candidate")
    made = await services.register(event, person(name_native="爱丽丝"), by=alice)
    await sign_in(client, alice)
    page = await client.get(f"/me/fairs/{made.number}/badge")
    for shown in ("爱丽丝", "Person 1", made.number, "Candidate", f"/me/fairs/{made.number}/badge.svg"):
        assert shown in page.text
    assert "Issue a new badge" not in page.text
    code = await queries.badge_code_of(made.id)
    pdf = await client.get(f"/me/fairs/{made.number}/badge.pdf")
    png = await client.get(f"/me/fairs/{made.number.lower()}/badge.png")
    svg = await client.get(f"/me/fairs/{made.number}/badge.svg")
    assert (read_squares(pdf.content), read_picture(png.content)) == ([code], [code])
    assert [item.headers["content-type"].split(";")[0] for item in (pdf, png, svg)] == [
        "application/pdf",
        "image/png",
        "image/svg+xml",
    ]
    assert {item.headers["cache-control"] for item in (pdf, png, svg)} == {"private, no-store"}


async def test_waiting_person_has_no_badge_yet(client: httpx.AsyncClient) -> None:
    event = await factories.event(capacity=0)
    alice = await make_actor("candidate")
    made = await services.register(event, person(), by=alice)
    await sign_in(client, alice)
    assert "Number 1 on the waiting list" in (await client.get(f"/me/fairs/{made.number}/badge")).text
    assert (await client.get(f"/me/fairs/{made.number}/badge.pdf")).status_code == 404


async def test_organiser_reissues_and_a_candidate_cannot(client: httpx.AsyncClient) -> None:
    event = await factories.event()
    alice = await make_actor("candidate")
    made = await services.register(event, person(), by=alice)
    path = f"/organise/registrations/{made.number}/reissue"
    await sign_in(client, alice)
    assert (await post(client, path)).status_code == 403
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    answer = await post(client, path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/me/fairs/{made.number}/badge")
    assert await database.fetchval("SELECT count(*) FROM badge WHERE registration = $1", made.id) == 2


async def test_plain_phone_sees_the_fair_and_nobody(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    made = await services.register(event, person(name_native="爱丽丝", email="secret@example.org"), by=SYSTEM)
    code = await queries.badge_code_of(made.id)
    assert code is not None
    for address in (f"/b/{code}", f"/B/{code}", f"/b/{code.lower()}"):
        page = await client.get(address)
        assert page.status_code == 200
        assert "Talent conference" in page.text
        for personal in ("Person 1", "爱丽丝", "secret@", made.number):
            assert personal not in page.text
    forged = code[:40] + ("A" if code[40] != "A" else "B") + code[41:]
    for wrong in (forged, "x", "%00", code + "A"):
        assert (await client.get(f"/b/{wrong}")).status_code == 404
