"""Questions about a photo, about sessions and about nights, and answers that are printed on the badge."""

import io
from typing import Any

import httpx
import python_calamine

from fairs.accounts.actor import SYSTEM
from fairs.badges import printing
from fairs.badges import queries as badges
from fairs.badges.designing import layout
from fairs.badges.designing import queries as designs
from fairs.badges.designing.boxes import BoxKind, standard
from fairs.checkin import photos
from fairs.core import db as database
from fairs.registrations.asking import on_badges, queries, services
from fairs.registrations.asking.content import written
from tests import factories
from tests.cast import csrf, make_actor, post, sign_in
from tests.fair import bearer, session, tomorrow
from tests.files import samples
from tests.pages import form_of
from tests.registrations.asking import ROOT, content, mark, options, published, send, store

NIGHTS = {"key": "stay", "kind": "nights", "first": "2027-10-25", "last": "2027-10-30", "most": 3, "places": 1}
SPAN = ["2027-10-26", "2027-10-28"]


async def test_sessions_are_signed_up_to_by_an_answer(client: httpx.AsyncClient) -> None:
    morning = tomorrow()
    event = await factories.event(slug="fair", starts_at=morning)
    one = await session(event, "ONE", morning, sign_up=True, capacity=1)
    two = await session(event, "TWO", morning, sign_up=True)
    asks = {"key": "talks", "kind": "session", "required": True, "most": 1, "on_badge": True}
    form = await published(asks, {"key": "why", "show_if": {"question": "talks", "values": ["TWO"]}})
    await sign_in(client, await make_actor("candidate", email="a@example.org"), proved=True)
    page = (await client.get("/e/fair/register")).text
    assert page.count('name="q_talks"') == 2
    assert 'name="sessions"' not in page
    nothing: dict[str, Any] = {}
    for wrong, words in ((nothing, "Please fill this in"), ({"q_talks": ["ONE", "TWO"]}, "Sessions, at the most: 1")):
        answer = await send(client, **wrong)
        assert answer.status_code == 422
        assert words in answer.text
    assert (await send(client, q_talks="ONE")).status_code == 303
    assert await database.fetchval("SELECT session FROM registration_session") == one
    answers = f"/me/fairs/{await database.fetchval('SELECT number FROM registration')}/answers"
    assert 'value="ONE" checked' in (await client.get(answers)).text
    assert (await send(client, answers, q_talks="TWO", q_why="curious")).status_code == 303
    assert await database.fetchval("SELECT session FROM registration_session") == two
    assert await database.fetchval("SELECT given::text FROM registration_answers") == '{"why": "curious"}'
    title = await database.fetchval("SELECT title_zh FROM event_session WHERE id = $1", two)
    registered = await database.fetchval("SELECT id FROM registration")
    assert title
    assert await on_badges.texts_of({registered: "zh"}) == {registered: title}
    await sign_in(client, await make_actor("candidate", email="b@example.org"), proved=True)
    assert (await send(client, q_talks="ONE")).status_code == 303
    await sign_in(client, await make_actor("candidate", email="c@example.org"), proved=True)
    full = await send(client, q_talks="ONE")
    assert full.status_code == 422
    assert "No place is left" in full.text
    stranger = await send(client, q_talks="THREE")
    assert "There is no session THREE" in stranger.text
    organiser = await make_actor("organiser", email="o@example.org")
    await sign_in(client, organiser, proved=True)
    book = (await client.get("/organise/editions/fair/registrations.xlsx")).content
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert sorted(row[list(rows[0]).index("Ask talks")] for row in rows[1:]) == ["ONE", "TWO"]
    await store(form, content({**asks, "on_badge": False}, {"key": "other", "kind": "session"}))
    assert "only one question" in (await client.get(f"{ROOT}/{form}")).text


async def test_nights_are_counted_each_and_no_more_than_there_are(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    form = await published(NIGHTS, {"key": "spare", "kind": "nights", "first": "2027-10-25", "last": "2027-10-26"})
    await sign_in(client, await make_actor("candidate", email="a@example.org"), proved=True)
    for typed, words in (
        (["2027-10-26", ""], "the day of arrival and the day of departure"),
        (["2027-10-28", "2027-10-26"], "a day after the arrival"),
        (["2027-10-24", "2027-10-26"], "at the most"),
        (["2027-10-25", "2027-10-30"], "Nights, at the most: 3"),
    ):
        refused = await send(client, q_stay=typed)
        assert refused.status_code == 422
        assert words in refused.text
        assert f'value="{typed[0]}" min="2027-10-25"' in refused.text
    assert (await send(client, q_stay=SPAN)).status_code == 303
    assert await database.fetchval("SELECT given ->> 'stay' FROM registration_answers") == "/".join(SPAN)
    taken = await queries.taken_of([form])
    assert taken == {(form, "stay", "2027-10-26"): 1, (form, "stay", "2027-10-27"): 1}
    answers = f"/me/fairs/{await database.fetchval('SELECT number FROM registration')}/answers"
    assert 'value="2027-10-28"' in (await client.get(answers)).text
    assert (await send(client, answers, q_stay=["2027-10-27", "2027-10-29"])).status_code == 303
    head = await bearer(await make_actor("organiser", email="org@example.org"))
    person = {"event": "fair", "person": {"email": "b@example.org", "name_passport": "Bob W"}}
    path = "/api/v1/registrations"
    full = await client.post(path, json=person | {"answers": {"stay": "2027-10-28/2027-10-30"}}, headers=head)
    assert full.json()["code"] == "option_full"
    wrong = await client.post(path, json=person | {"answers": {"stay": 5}}, headers=head)
    assert "answers.stay" in wrong.json()["errors"]
    good = await client.post(path, json=person | {"answers": {"stay": "2027-10-25/2027-10-27"}}, headers=head)
    assert good.status_code == 201
    told = await client.get(f"/api/v1/registrations/{good.json()['id']}", headers=head)
    assert told.json()["answers"] == {"stay": "2027-10-25/2027-10-27"}
    await sign_in(client, await make_actor("organiser", email="o2@example.org"), proved=True)
    await store(form, content({"key": "stay", "kind": "nights"}))
    assert "needs the first arrival" in (await client.get(f"{ROOT}/{form}")).text


async def test_marked_answers_and_the_photo_are_on_the_badge_and_at_the_gate(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    asks = ({"key": "face", "kind": "photo", "required": True, "on_badge": True}, {"key": "role", "on_badge": True})
    form = await published(*asks, {"key": "secret"})
    await sign_in(client, await make_actor("candidate", email="a@example.org"), proved=True)
    person = {"category": "candidate", "name_passport": "Alice W", "_csrf_token": await csrf(client)}
    person |= {"asked": await mark(client), "q_role": "Speaker of the day", "q_secret": "unprinted"}
    wrong = await client.post(
        "/e/fair/register", data=person, files={"q_face": ("a.pdf", samples.pdf(), "application/pdf")}
    )
    assert wrong.status_code == 422
    made = await client.post(
        "/e/fair/register", data=person, files={"q_face": ("a.jpg", samples.picture(), "image/jpeg")}
    )
    assert made.status_code == 303
    number = await database.fetchval("SELECT number FROM registration")
    registration = await database.fetchval("SELECT id FROM registration")
    file_id = await database.fetchval("SELECT file FROM registration_file WHERE on_badge")
    assert (await client.get(f"/files/{file_id}")).status_code == 200
    assert registration in await designs.photo_keys([registration])
    assert await photos.photos_of(event, [registration]) == {registration: file_id}
    for path in (f"/me/fairs/{number}/badge", f"/me/fairs/{number}/badge/pass"):
        page = (await client.get(path)).text
        assert "Speaker of the day" in page
        assert "unprinted" not in page
    badge = await badges.printed_badge(await database.fetchval("SELECT id FROM badge"))
    assert layout.printed(standard(), printing.content_of(badge), BoxKind.ANSWERS) == "Speaker of the day"
    await sign_in(
        client, await make_actor("employer", email="e@example.org", organisation_id=await factories.organisation())
    )
    assert (await client.get(f"/files/{file_id}")).status_code == 404
    await store(form, content({**asks[0], "on_badge": False}, {"key": "role"}, {"key": "secret"}))
    await services.publish_form("fair", form, by=SYSTEM)
    assert await designs.photo_keys([registration]) == {}
    assert (await badges.printed_badge(badge.id)).answers == ""


async def test_a_question_of_each_new_kind_is_built_on_the_page(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    form = await published({"key": "first"})
    await sign_in(client, await make_actor("organiser", email="o@example.org"), proved=True)
    new = {
        "section": "about",
        "zh": "住宿",
        "en": "Hotel",
        "kind": "nights",
        "seen_by": "organiser",
        "keep": "registration",
    }
    given = {
        "first": "2027-10-25",
        "last": "2027-10-30",
        "places": "20",
        "most": "3",
        "on_badge": "true",
        "key": "stay",
    }
    assert (await post(client, f"{ROOT}/{form}/questions/new", new | given)).status_code == 303
    page = (await client.get(f"{ROOT}/{form}/questions/stay")).text
    assert 'value="2027-10-25"' in page
    shown = (await client.get(f"{ROOT}/{form}")).text
    assert "20 places each night" in shown
    assert "on the badge" in shown
    assert (await client.get(f"{ROOT}/{form}/preview")).status_code == 200
    unfit = new | {"kind": "identity", "on_badge": "true", "key": "passport", "zh": "证件", "en": "Pass"}
    refused = await post(client, f"{ROOT}/{form}/questions/new", unfit)
    assert "numbers of documents are not printed" in refused.text
    assert '"nights"' in written(content({"key": "a", "kind": "nights"}))


async def test_a_part_asks_the_questions_of_the_event_above_where_it_says_so(client: httpx.AsyncClient) -> None:
    morning = tomorrow()
    edition = await factories.event(slug="fair", starts_at=morning)
    part = await factories.event(slug="part", kind="session", parent=edition, starts_at=morning)
    await session(part, "LOCAL", morning, sign_up=True)
    stay = {"key": "diet", "kind": "choice", "required": True, "options": options("veg", "all", veg=1)}
    form = await published(stay, {"key": "talks", "kind": "session"})
    await published({"key": "badge_text"}, slug="part", category="guest")
    organiser = await make_actor("organiser", email="o@example.org")
    await sign_in(client, organiser, proved=True)
    settings = "/organise/editions/part/registration"
    assert 'name="q_diet"' not in (await client.get("/e/part/register")).text
    shown = form_of((await client.get(settings)).text, settings)
    assert (await post(client, settings, shown | {"forms_above": "true"})).status_code == 303
    assert "taken over" in (await client.get(settings)).text
    here = (await client.get("/organise/editions/part/forms")).text
    assert "Taken over from the event above" in here
    assert "Also asked in" in (await client.get(ROOT)).text
    await sign_in(client, await make_actor("candidate", email="a@example.org"), proved=True)
    page = (await client.get("/e/part/register")).text
    assert 'name="q_diet"' in page
    assert 'value="LOCAL"' in page
    assert (await send(client, "/e/part/register", q_diet="veg", q_talks="LOCAL")).status_code == 303
    assert await queries.taken_of([form]) == {(form, "diet", "veg"): 1}
    full = await send(client, "/e/fair/register", q_diet="veg")
    assert "No place is left" in full.text
    number = await database.fetchval("SELECT number FROM registration")
    assert (await send(client, f"/me/fairs/{number}/answers", q_diet="all", q_talks="LOCAL")).status_code == 303
    asks = await queries.asked_of(part, "guest")
    assert asks is not None
    assert "badge_text" in asks.content
    await sign_in(client, organiser, proved=True)
    book = (await client.get("/organise/editions/part/registrations.xlsx")).content
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert "Ask diet" in rows[0]
