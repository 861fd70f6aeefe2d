"""What is kept of the answers to a form: typed words, sealed numbers, files; who reads it, and how long."""

import re
from datetime import timedelta

import httpx

from fairs.core import clock, crypto
from fairs.core import db as database
from fairs.registrations.asking.sealed import SEALED
from fairs.registrations.retention import RULES
from tests import factories
from tests.cast import csrf, make_actor, post, sign_in
from tests.fair import bearer
from tests.files import samples
from tests.registrations.asking import export, mark, options, published, send

DIET = {"key": "diet", "kind": "choice", "required": True, "options": options("veg", "other")}


async def test_typed_words_are_found_again_on_another_device_and_gone_when_sent(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await published(DIET, {"key": "why", "kind": "long"})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    kept = await post(
        client, "/e/fair/register/draft", {"name_passport": "Half typed", "q_why": "Because", "category": "guest"}
    )
    assert kept.status_code == 303
    stored = await database.fetchval("SELECT typed FROM registration_draft")
    assert "Because" not in stored
    await sign_in(client, alice)  # another session of the same person
    page = (await client.get("/e/fair/register")).text
    for text in ('value="Half typed"', "Because", '<option value="guest" selected', "It has not been sent yet"):
        assert text in page
    call = {"name_passport": "Alice", "q_why": "By script"}
    told = await post(client, "/e/fair/register/draft", call, headers={"accept": "application/json"})
    assert told.json() == {"kept": True}
    await sign_in(client, await make_actor("candidate", email="bob@example.org"))
    assert "By script" not in (await client.get("/e/fair/register")).text
    await sign_in(client, alice)
    assert (await send(client, q_why="x")).status_code == 422  # an error keeps it too
    assert (await send(client, q_diet="veg", q_why="x")).status_code == 303
    assert await database.fetchval("SELECT count(*) FROM registration_draft") == 0


async def test_number_of_a_document_is_sealed_masked_and_deleted_first(client: httpx.AsyncClient) -> None:
    event = await factories.event(
        slug="fair", starts_at=clock.now() + timedelta(days=2), ends_at=clock.now() + timedelta(days=3)
    )
    await published({"key": "passport", "kind": "identity"}, {"key": "food", "keep": "fair"}, {"key": "why"})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    await send(client, q_passport="E12345678", q_food="rice", q_why="work")
    row = await database.fetchrow("SELECT given::text, brief::text, sealed FROM registration_answers")
    assert row is not None
    assert "E12345678" not in str(row)
    assert "E12345678" in crypto.open_text(row["sealed"], SEALED)
    mine = (await client.get("/me/profile/export.json")).text
    assert "E12345678" in mine
    number = await database.fetchval("SELECT number FROM registration")
    organiser = await make_actor("organiser", email="org@example.org")
    await sign_in(client, organiser, proved=True)
    page = (await client.get(f"/me/fairs/{number}/answers")).text
    assert "E12345678" not in page
    assert "••••78" in page
    beside = (await client.get(f"/organise/editions/fair/registrations/{number}")).text
    assert ("E12345678" in beside, "••••78" in beside, ">rice</dd>" in beside) == (False, True, True)
    [exported] = await export(client)
    assert exported["Ask passport"] == "••••78"
    assert (await send(client, f"/me/fairs/{number}/answers", q_why="other", q_food="rice")).status_code == 303
    assert "E12345678" in crypto.open_text(await database.fetchval("SELECT sealed FROM registration_answers"), SEALED)
    await sign_in(client, alice)
    assert (await post(client, "/account/consents/sensitive", {"given": "no"})).status_code == 303
    assert await database.fetchval("SELECT sealed FROM registration_answers") == ""
    await database.execute("UPDATE registration_answers SET sealed = $1", row["sealed"])
    await database.execute(
        "UPDATE event SET ends_at = now() - interval '40 days', starts_at = now() - interval '41 days' WHERE id = $1",
        event,
    )
    before = clock.now() - timedelta(days=30)
    for rule in RULES:
        if rule.key in ("travel", "identity_numbers"):
            await rule.apply(before)
    left = await database.fetchrow("SELECT given::text, brief::text, sealed FROM registration_answers")
    assert left is not None
    assert tuple(left) == ('{"why": "other"}', "{}", "")
    for rule in RULES:
        if rule.key == "listings":
            await rule.apply(clock.now())
    assert await database.fetchval("SELECT count(*) FROM registration_answers") == 0


async def test_bureau_and_employer_read_what_is_meant_for_them(client: httpx.AsyncClient) -> None:
    unit = await factories.unit_id("410300")
    event = await factories.event(slug="fair", unit=unit)
    employer = await factories.organisation(unit=unit)
    await published({"key": "own"}, {"key": "city", "seen_by": "bureau"}, {"key": "firm", "seen_by": "employer"})
    boss = await make_actor("employer", email="boss@example.org", organisation_id=employer)
    bureau = await make_actor("bureau", email="bureau@example.org", unit_id=unit)
    client.headers.update(await bearer(await make_actor("organiser", email="org@example.org")))
    body = {"event": "fair", "category": "employer", "person": {"email": "boss@example.org", "name_passport": "Bo"}}
    told = {"own": "secret own", "city": "for the city", "firm": "for the firm"}
    made = (await client.post("/api/v1/registrations", json=body | {"answers": told})).json()
    client.headers.pop("authorization")
    await database.execute(
        "UPDATE registration SET organisation = $1, email = 'rep@example.org' WHERE id = $2", employer, made["id"]
    )
    assert event
    seen = {}
    for actor in (boss, bureau):
        await sign_in(client, actor)
        page = (await client.get(f"/me/fairs/{made['number']}/answers")).text
        seen[actor.email] = [key for key, text in told.items() if text in page]
    assert seen == {"boss@example.org": ["firm"], "bureau@example.org": ["city", "firm"]}


async def test_file_is_checked_kept_with_the_draft_and_read_by_those_who_may(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await published({"key": "cv", "kind": "file", "required": True}, {"key": "why", "required": True})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    pdf = {"q_cv": ("cv.pdf", samples.pdf(), "application/pdf")}
    person = {"category": "candidate", "name_passport": "Alice W", "_csrf_token": await csrf(client)}
    version = await mark(client)
    fake = {"q_cv": ("cv.pdf", b"MZ not a document", "application/pdf")}
    refused = await client.post("/e/fair/register", data=person | {"asked": version, "q_why": "x"}, files=fake)
    assert refused.status_code == 422
    wrong = await client.post("/e/fair/register", data=person | {"asked": version}, files=pdf)
    assert wrong.status_code == 422
    assert "Already here, checked: cv.pdf" in wrong.text
    again = (await client.get("/e/fair/register")).text
    token = re.search(r'name="q_cv" value="([^"]+)"', again)
    assert token
    sent = await client.post("/e/fair/register", data=person | {"asked": version, "q_why": "x", "q_cv": token[1]})
    assert sent.status_code == 303
    file_id = await database.fetchval("SELECT file FROM registration_file")
    assert (await client.get(f"/files/{file_id}")).status_code == 200
    number = await database.fetchval("SELECT number FROM registration")
    kept = await send(client, f"/me/fairs/{number}/answers", q_why="other")
    assert kept.status_code == 303
    assert await database.fetchval("SELECT file FROM registration_file") == file_id
    for actor, status in (("organiser", 200), ("employer", 404)):
        organisation = await factories.organisation() if actor == "employer" else None
        await sign_in(
            client, await make_actor(actor, email=f"{actor}@example.org", organisation_id=organisation), proved=True
        )
        assert (await client.get(f"/files/{file_id}")).status_code == status
    await sign_in(client, await make_actor("organiser", email="o2@example.org"), proved=True)
    [row] = await export(client)
    assert row["Ask cv"] == "cv.pdf"
