"""Forms of registration: built in the browser, answered by the person, shown and exported to the organiser."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.events.cloning import clone
from fairs.events.forms import CloneForm
from fairs.registrations import services as registrations
from fairs.registrations.asking import queries, services
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import bearer
from tests.pages import form_of
from tests.registrations.asking import ROOT, content, export, options, published, send, store

DIET = {"key": "diet", "kind": "choice", "required": True, "options": options("veg", "other")}
MORE = {"key": "more", "required": True, "show_if": {"question": "diet", "values": ["other"]}}


async def test_form_is_built_published_answered_and_exported(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    organiser = await make_actor("organiser", email="org@example.org")
    await sign_in(client, organiser, proved=True)
    assert "standard form" in (await client.get(ROOT)).text
    made = await post(client, f"{ROOT}/new", {"category": "candidate", "start": ""})
    form = made.headers["location"]
    assert (await post(client, f"{form}/sections/new", {"zh": "饮食", "en": "Food"})).status_code == 303
    question = {"section": "section", "kind": "choice", "zh": "饮食要求", "en": "Diet", "required": "true"}
    rows = {"option-0-zh": "素食", "option-0-en": "Vegetarian", "option-1-zh": "其他", "option-1-en": "Other"}
    refused = await post(client, f"{form}/questions/new", question | {"option-0-zh": "素食"})
    assert refused.status_code == 422
    assert "at least two options" in refused.text
    assert (await post(client, f"{form}/questions/new", question | rows)).status_code == 303
    text = {"section": "section", "kind": "text", "zh": "说明", "en": "Say more", "conditions": ["diet=other"]}
    assert (await post(client, f"{form}/questions/new", text)).status_code == 303
    assert 'name="q_diet"' not in (await client.get("/e/fair/register")).text
    assert (await post(client, f"{form}/publish")).status_code == 303
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    page = (await client.get("/e/fair/register")).text
    assert 'name="q_diet"' in page
    assert "Only for “Diet”: Other" in page
    wrong = await send(client, q_say_more="Kept words")
    assert (wrong.status_code, errors_in(wrong.text)) == (422, ["Please fill this in"])
    assert "Kept words" in wrong.text
    right = await send(client, q_diet="other", q_say_more="No nuts")
    assert (right.status_code, right.headers["location"]) == (303, "/me/fairs")
    number = await database.fetchval("SELECT number FROM registration")
    assert 'value="No nuts"' in (await client.get(f"/me/fairs/{number}/answers")).text
    await sign_in(client, organiser, proved=True)
    shown = (await client.get(f"/me/fairs/{number}/answers")).text
    assert "No nuts" in shown
    [row] = await export(client)
    assert (row["Diet"], row["Say more"]) == ("Other", "No nuts")


async def test_a_category_without_a_form_takes_the_one_for_everybody_and_others_the_standard_one(
    client: httpx.AsyncClient,
) -> None:
    event = await factories.event(slug="fair")
    await sign_in(client, await make_actor("candidate"))
    assert (await send(client)).status_code == 303
    await database.execute("UPDATE registration SET state = 'cancelled', cancelled_at = now()")
    everybody = await published({"key": "one"})
    guests = await published({"key": "two"}, category="guest")
    for category, form in (("expert", everybody), ("guest", guests)):
        row = await queries.asked_of(event, category)
        assert row is not None
        assert row.form == form
    page = await client.get("/e/fair/register")
    assert "Show the questions of this category" in page.text
    shown = await post(client, "/e/fair/register", {"category": "guest", "name_passport": "Typed", "go": "questions"})
    assert shown.status_code == 200
    assert 'name="q_two"' in shown.text
    assert 'value="Typed"' in shown.text
    assert errors_in(shown.text) == []
    other = await post(
        client, "/e/fair/register", {"category": "guest", "name_passport": "Typed", "asked": "1", "q_two": "x"}
    )
    assert other.status_code == 409
    assert "The questions have changed" in other.text
    await services.withdraw_form("fair", guests, by=SYSTEM)
    await services.withdraw_form("fair", everybody, by=SYSTEM)
    assert (await send(client)).status_code == 303


@pytest.mark.parametrize(
    ("question", "wrong", "right", "kept"),
    [
        ({"kind": "number"}, "many", "12.5", 12.5),
        ({"kind": "date"}, "tomorrow", "2026-10-24", "2026-10-24"),
        ({"kind": "country"}, "ZZ", "DE", "DE"),
        ({"kind": "phone"}, "call me", "+49 30 123", "+49 30 123"),
        ({"kind": "email"}, "nobody", "A@Example.org", "a@example.org"),
        ({"kind": "link"}, "javascript:alert(1)", "https://example.org/a", "https://example.org/a"),
        ({"kind": "choice", "options": options("a", "b")}, "c", "a", "a"),
        ({"kind": "several", "options": options("a", "b")}, ["a", "c"], ["a", "b"], ["a", "b"]),
        ({"kind": "text"}, "x" * 401, "<b>x</b>", "<b>x</b>"),
        ({"kind": "long"}, "x" * 4001, "one\ntwo", "one\ntwo"),
        ({"kind": "consent", "required": True}, "", "true", True),
    ],
)
async def test_answers_of_each_kind_are_checked_by_page_and_call(
    client: httpx.AsyncClient, question: dict[str, Any], wrong: Any, right: Any, kept: Any
) -> None:
    await factories.event(slug="fair")
    await published({"key": "it", **question})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert (await send(client, q_it=wrong)).status_code == 422
    assert (await send(client, q_it=right)).status_code == 303
    stored = await database.fetchval("SELECT given::text FROM registration_answers")
    assert msgspec.json.decode(stored) == {"it": kept}
    client.headers.update(await bearer(await make_actor("organiser", email="org@example.org")))
    body = {"event": "fair", "person": {"email": "b@example.org", "name_passport": "Bo"}}
    refused = await client.post("/api/v1/registrations", json=body | {"answers": {"it": wrong or False}})
    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["answers.it"]
    sent = {"12.5": 12.5, "true": True}.get(str(right), right)
    made = await client.post("/api/v1/registrations", json=body | {"answers": {"it": sent}})
    assert made.status_code == 201
    told = await client.get(f"/api/v1/registrations/{made.json()['id']}")
    assert told.json()["answers"] == {"it": kept}


async def test_call_names_unknown_questions_and_needs_no_answers_without_a_form(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    client.headers.update(await bearer(await make_actor("organiser", email="org@example.org")))
    body = {"event": "fair", "person": {"email": "b@example.org", "name_passport": "Bo"}}
    wrong = await client.post("/api/v1/registrations", json=body | {"answers": {"diet": "veg"}})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["answers.diet"])
    no_object = await client.post("/api/v1/registrations", json=body | {"answers": [1]})
    assert list(no_object.json()["errors"]) == ["answers"]
    assert (await client.post("/api/v1/registrations", json=body)).status_code == 201
    await published(DIET, MORE)
    body["person"]["email"] = "c@example.org"  # type: ignore[index]  # a nested object
    missing = await client.post("/api/v1/registrations", json=body)
    assert list(missing.json()["errors"]) == ["answers.diet"]
    hidden = await client.post("/api/v1/registrations", json=body | {"answers": {"diet": "veg", "more": "ignored"}})
    assert hidden.status_code == 201
    told = await client.get(f"/api/v1/registrations/{hidden.json()['id']}")
    assert told.json()["answers"] == {"diet": "veg"}


async def test_limited_option_is_given_exactly_as_often_as_there_are_places(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    form = await published({"key": "tour", "kind": "choice", "options": options("bus", "walk", bus=7)})
    client.headers.update(await bearer(await make_actor("organiser", email="org@example.org")))

    async def one(number: int) -> httpx.Response:
        body = {"event": "fair", "person": {"email": f"p{number}@example.org", "name_passport": f"P {number}"}}
        return await client.post("/api/v1/registrations", json=body | {"answers": {"tour": "bus"}})

    answers = await asyncio.gather(*(one(number) for number in range(30)))
    assert sorted(answer.status_code for answer in answers) == [201] * 7 + [409] * 23
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert (refused["code"], refused["question"], refused["option"]) == ("option_full", "tour", "bus")
    assert await database.fetchval("SELECT count(*) FROM registration_option") == 7
    row = await queries.asked_of(event, "candidate")
    assert row is not None
    tour = content({"key": "tour", "kind": "choice", "options": options("bus", "walk", bus=7)})
    assert await queries.left_of(form, tour) == {("tour", "bus"): 0}
    first = next(answer for answer in answers if answer.status_code == 201).json()["id"]
    await registrations.cancel(first, by=SYSTEM, reason="free")
    assert await queries.left_of(form, tour) == {("tour", "bus"): 1}
    assert (await one(99)).status_code == 201
    with pytest.raises(Conflict) as full:
        await registrations.restore(first, reason="back", by=SYSTEM)
    assert full.value.code == "option_full"


async def test_person_changes_answers_until_the_date_and_the_organiser_after_it(client: httpx.AsyncClient) -> None:
    await factories.event(
        slug="fair", starts_at=clock.now() + timedelta(days=9), ends_at=clock.now() + timedelta(days=10)
    )
    form = await published({"key": "tour", "kind": "choice", "options": options("bus", "walk", bus=1)}, {"key": "why"})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert (await send(client, q_tour="bus", q_why="first")).status_code == 303
    number = await database.fetchval("SELECT number FROM registration")
    path = f"/me/fairs/{number}/answers"
    assert (await send(client, path, q_tour="bus", q_why="second")).status_code == 303
    assert (
        "Nothing has changed"
        in (await client.get((await send(client, path, q_tour="bus", q_why="second")).headers["location"])).text
    )
    assert await database.fetchval("SELECT count(*) FROM registration_option") == 1
    bob = await make_actor("candidate", email="bob@example.org")
    await sign_in(client, bob)
    assert (await client.get(path)).status_code == 404
    taken = await send(client, q_tour="bus")
    assert taken.status_code == 422
    assert "No place is left for “Bus”" in taken.text
    await services.set_until("fair", form, clock.now() - timedelta(hours=1), by=SYSTEM)
    await sign_in(client, alice)
    page = await client.get(path)
    assert "could be changed until" in page.text
    assert "second" in page.text
    late = await post(client, path, {"q_why": "third", "asked": "0"})
    assert late.status_code == 409
    version = await database.fetchval("SELECT version FROM registration_answers")
    assert (await post(client, path, {"q_why": "third", "asked": str(version)})).status_code == 409
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    assert (await send(client, path, q_tour="walk", q_why="by the organiser")).status_code == 303
    assert await database.fetchval("SELECT given->>'why' FROM registration_answers") == "by the organiser"
    assert await database.fetchval("SELECT option FROM registration_option") == "walk"
    entry = await database.fetchval(
        "SELECT after::text FROM audit_entry WHERE action = 'registration.answers' ORDER BY id DESC LIMIT 1"
    )
    assert msgspec.json.decode(entry) == {"questions": ["tour", "why"]}


async def test_answers_saved_from_an_older_page_are_asked_about(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await published(
        {"key": "why"}, {"key": "diet"}, {"key": "pass", "kind": "identity"}, {"key": "year", "kind": "number"}
    )
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    assert (await send(client, q_why="first", q_diet="none", q_pass="E12345678", q_year="2015")).status_code == 303
    path = f"/me/fairs/{await database.fetchval('SELECT number FROM registration')}/answers"
    early = form_of((await client.get(path)).text, path)
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    assert (await send(client, path, q_why="theirs", q_diet="vegan", q_year="2015")).status_code == 303
    await sign_in(client, alice)
    late = await post(client, path, early | {"q_why": "mine"})
    assert late.status_code == 409
    assert "theirs" in late.text
    again = form_of(late.text, path)
    assert (again["_keep_q_why"], again["_keep_q_diet"]) == (["mine"], ["theirs"])
    assert not {"_keep_q_pass", "_keep_q_year"} & {*again}  # the same number is no difference
    assert (await post(client, path, again)).status_code == 303
    given = await database.fetchval("SELECT given::text FROM registration_answers")
    assert msgspec.json.decode(given) == {"why": "mine", "diet": "vegan", "year": 2015}
    assert await database.fetchval("SELECT sealed <> '' FROM registration_answers")
    organiser = await make_actor("organiser", email="boss@example.org")
    await sign_in(client, organiser)
    early = form_of((await client.get(path)).text, path)
    await sign_in(client, alice)
    assert (await send(client, path, q_why="again", q_diet="vegan", q_pass="E87654321")).status_code == 303
    await sign_in(client, organiser)
    late = await post(client, path, early | {"q_why": "the organiser's"})
    assert late.status_code == 409
    assert "again" in late.text
    assert "E87654321" not in late.text
    assert "_keep_q_pass" not in late.text
    await sign_in(client, alice)
    same = form_of((await client.get(path)).text, path)
    for _ in range(2):
        assert (await post(client, path, same | {"q_why": "the same"})).status_code == 303


async def test_old_answers_stay_readable_and_exported_when_the_form_changes(client: httpx.AsyncClient) -> None:
    await factories.event(
        slug="fair", starts_at=clock.now() + timedelta(days=9), ends_at=clock.now() + timedelta(days=10)
    )
    form = await published({"key": "old"}, {"key": "both"})
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    await send(client, q_old="gone words", q_both="first words")
    await store(form, content({"key": "both", "en": "New name"}, {"key": "new", "required": True}))
    organiser = await make_actor("organiser", email="org@example.org")
    await sign_in(client, organiser, proved=True)
    assert "1 person has answered an earlier version" in (await client.get(f"{ROOT}/{form}")).text
    await post(client, f"{ROOT}/{form}/publish")
    [row] = await export(client)
    assert (row["New name"], row["Ask new"], row["Ask old"]) == ("first words", "", "gone words")
    number = await database.fetchval("SELECT number FROM registration")
    await sign_in(client, alice)
    assert "Some questions are not answered yet" in (await client.get("/me/fairs")).text
    assert (await send(client, f"/me/fairs/{number}/answers", q_both="changed", q_new="said")).status_code == 303
    assert "Some questions are not answered yet" not in (await client.get("/me/fairs")).text
    await sign_in(client, organiser, proved=True)
    shown = (await client.get(f"/me/fairs/{number}/answers")).text
    for text in ("gone words", "changed", "said"):
        assert text in shown
    [row] = await export(client)
    assert (row["New name"], row["Ask new"], row["Ask old"]) == ("changed", "said", "gone words")
    with pytest.raises(asyncpg.CheckViolationError):
        await database.execute("UPDATE registration_form_version SET content = '{}'")


async def test_copy_of_an_event_asks_the_same_and_templates_can_be_published(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await published(DIET, MORE, category="guest")
    organiser = await make_actor("organiser", email="org@example.org")
    copy = CloneForm(slug="two", title_zh="二", title_en="Two", starts_on=factories.STARTS.date() + timedelta(days=364))
    await clone("fair", copy, by=organiser)
    copied = await queries.asked_of(await database.fetchval("SELECT id FROM event WHERE slug = 'two'"), "guest")
    assert copied is not None
    assert copied.number == 1
    assert [question["key"] for question in msgspec.json.decode(copied.content)["sections"][0]["questions"]] == [
        "diet",
        "more",
    ]
    await sign_in(client, organiser)
    for category, start in (("candidate", "talent"), ("media", "media")):
        form = (await post(client, f"{ROOT}/new", {"category": category, "start": start})).headers["location"]
        assert (await post(client, f"{form}/publish")).status_code == 303
        preview = (await client.get(f"{form}/preview")).text
        assert "I agree that the organiser" in preview
        assert "我同意主办方" in preview
    assert await database.fetchval("SELECT count(*) FROM registration_form WHERE in_use") == 4
