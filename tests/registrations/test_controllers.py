import asyncio
import io
from datetime import timedelta
from typing import Any

import httpx
import python_calamine

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.registrations import services, summaries
from tests import factories, fair, mails
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person
from tests.meetings.stage import booked, make_stage


async def bearer() -> dict[str, str]:
    return await fair.bearer(await make_actor("organiser", email="org@example.org", name="Org"))


def call(slug: str, number: int = 1, **given: Any) -> dict[str, Any]:
    person = {"email": f"p{number}@example.org", "name_passport": f"Person {number}"}
    return {"event": slug, "person": person, **given}


async def test_visitor_is_shown_the_way_to_an_account_and_back(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    page = await client.get("/e/fair/register")
    assert page.status_code == 200
    assert "/signup?next=/e/fair/register" in page.text
    assert "/login?next=/e/fair/register" in page.text
    answer = await post(client, "/e/fair/register", {"name_passport": "X"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


async def test_candidate_registers_with_what_the_profile_knows(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.session(event)
    alice = await make_actor("candidate")
    await factories.talent(account=alice.account_id, email="alice@example.org", name_native="爱丽丝", phone="+34 600")
    await sign_in(client, alice, proved=True)
    form = await client.get("/e/fair/register")
    for known in ('value="爱丽丝"', "Universitat Politècnica de Catalunya", 'value="+34 600"', 'value="forum"'):
        assert known in form.text
    data = {"category": "expert", "name_passport": "Alice W", "sessions": ["forum"], "email": "other@example.org"}
    answer = await post(client, "/e/fair/register", data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/fairs")
    row = await database.fetchrow("SELECT email, category, state, talent FROM registration")
    assert row is not None
    assert (row["email"], row["category"], row["state"]) == ("alice@example.org", "expert", "confirmed")
    mine = await client.get("/me/fairs")
    assert "Confirmed" in mine.text
    assert "Forum forum" in mine.text
    assert "You are registered" in (await client.get("/e/fair/register")).text


async def test_form_comes_back_with_all_errors_and_what_was_typed(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("candidate"), proved=True)
    bad = {
        "category": "staff",
        "name_passport": "",
        "organisation": "<script>x",
        "phone": "call me",
        "nationality": "??",
    }
    answer = await post(client, "/e/fair/register", bad)
    assert answer.status_code == 422
    assert errors_in(answer.text) == [
        "Choose one from the list",
        "Please fill this in",
        "Choose one from the list",
        "Digits, spaces and + ( ) . - only",
    ]
    assert "&lt;script&gt;x" in answer.text
    assert await database.fetchval("SELECT count(*) FROM registration") == 0


async def test_full_session_is_told_beside_the_sessions(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.session(event, capacity=0)
    await sign_in(client, await make_actor("candidate"), proved=True)
    answer = await post(
        client, "/e/fair/register", {"name_passport": "Alice", "category": "candidate", "sessions": "forum"}
    )
    assert answer.status_code == 422
    assert "No place is left in “Forum forum”" in answer.text


async def test_address_alone_shows_nothing_until_it_is_proved(client: httpx.AsyncClient) -> None:
    """Anybody may sign up with the address of a guest whom the organiser wrote in."""
    event = await factories.event(slug="fair")
    organiser = await make_actor("organiser", email="org@example.org")
    guest = await services.register(event, person(email="guest@example.org", category="guest"), by=organiser)
    impostor = await make_actor("candidate", email="guest@example.org", name="Not the guest", proved=False)
    await sign_in(client, impostor, proved=True)
    for path in (
        f"/me/fairs/{guest.number}/badge",
        f"/me/fairs/{guest.number}/badge.pdf",
        f"/me/fairs/{guest.number}/cancel",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await post(client, f"/me/fairs/{guest.number}/cancel")).status_code == 404
    for path in ("/me/fairs", "/e/fair/register"):
        page = await client.get(path)
        assert guest.number not in page.text
        assert "Prove that this address is yours" in page.text
    again = await post(client, "/e/fair/register", {"category": "visitor", "name_passport": "X"})
    assert (again.status_code, guest.number in again.text) == (409, False)
    await database.execute("UPDATE account SET email_confirmed_at = now() WHERE email = 'guest@example.org'")
    assert guest.number in (await client.get("/me/fairs")).text
    assert (await client.get(f"/me/fairs/{guest.number}/badge")).status_code == 200


async def test_waiting_person_sees_the_position_and_cancels_with_a_question(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", capacity=0)
    await services.register(event, person(1), by=SYSTEM)
    alice = await make_actor("candidate")
    made = await services.register(event, person(), by=alice)
    await sign_in(client, alice, proved=True)
    assert "Number 2 on the waiting list" in (await client.get("/me/fairs")).text
    question = await client.get(f"/me/fairs/{made.number}/cancel")
    assert "Cancel this registration?" in question.text
    answer = await post(client, f"/me/fairs/{made.number}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/fairs")
    assert (await post(client, f"/me/fairs/{made.number}/cancel")).status_code == 409


async def test_strangers_find_no_registration_of_others(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    made = await services.register(event, person(), by=SYSTEM)
    await sign_in(client, await make_actor("candidate"), proved=True)
    for path in ("cancel", "badge", "badge.pdf", "badge.png", "badge.svg"):
        assert (await client.get(f"/me/fairs/{made.number}/{path}")).status_code == 404
    assert (await post(client, f"/me/fairs/{made.number}/cancel")).status_code == 404
    assert (await client.get("/organise/editions/fair/registrations")).status_code == 403
    assert (await client.get("/me/fairs/%00/badge")).status_code == 404


async def test_organiser_searches_filters_and_exports_what_is_seen(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await services.register(event, person(1, name_native="张晓明", organisation="=1+1"), by=SYSTEM)
    await services.register(event, person(2, category="media"), by=SYSTEM)
    await sign_in(client, await make_actor("organiser"), proved=True)
    found = (await client.get("/organise/editions/fair/registrations?q=zxm")).text
    assert "张晓明" in found
    assert "p2@example.org" not in found
    answer = await client.get("/organise/editions/fair/registrations.xlsx?category=candidate")
    assert answer.headers["content-disposition"] == 'attachment; filename="registrations-fair.xlsx"'
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    shown = [
        rows[0].index(head) for head in ("Name in Latin letters", "Native name", "University, company or institute")
    ]
    assert [[row[at] for at in shown] for row in rows[1:]] == [["Person 1", "张晓明", "=1+1"]]
    for odd in ("?page=99999999", "?page=-1", "?state=x&category=y", "?q=%00%25"):
        assert (await client.get(f"/organise/editions/fair/registrations{odd}")).status_code == 200
    assert (await client.get("/organise/editions/nothing/registrations")).status_code == 404


async def test_api_registers_waits_cancels_and_promotes(client: httpx.AsyncClient) -> None:
    client.headers.update(await bearer())
    await factories.event(slug="fair-2018", capacity=1)
    first = (await client.post("/api/v1/registrations", json=call("fair-2018"))).json()
    assert {"id", "number", "state", "badge_code"} <= first.keys()
    assert (first["state"], "position" in first, first["category"]) == ("confirmed", False, "candidate")
    answer = await client.post("/api/v1/registrations", json=call("fair-2018", 2, category="expert"))
    second = answer.json()
    assert (answer.status_code, second["state"], second["position"], "badge_code" in second) == (
        201,
        "waitlisted",
        1,
        False,
    )
    cancelled = (await client.post(f"/api/v1/registrations/{first['id']}/cancel")).json()
    assert (cancelled["state"], cancelled["promoted"]) == ("cancelled", [second["id"]])
    now = (await client.get(f"/api/v1/registrations/{second['id']}")).json()
    assert (now["state"], len(now["badge_code"])) == ("confirmed", 128)


async def test_api_refusals_have_their_true_status(client: httpx.AsyncClient) -> None:
    client.headers.update(await bearer())
    await factories.event(slug="fair")
    await factories.event(slug="draft", state="draft")
    assert (await client.post("/api/v1/registrations", json=call("fair"))).status_code == 201
    expected = [
        (call("fair"), 409),
        (call("draft", 2), 409),
        (call("none", 2), 404),
        (call("fair", 2, sessions=["x"]), 422),
    ]
    expected += [({}, 422), ({"event": "fair", "person": {"email": "x"}}, 422), (call("\0", 2), 422)]
    for body, status in expected:
        answer = await client.post("/api/v1/registrations", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    errors = (await client.post("/api/v1/registrations", json={"event": "", "person": {"email": "x"}})).json()["errors"]
    assert sorted(errors) == ["event", "person.email", "person.name_passport"]
    assert (await client.post("/api/v1/registrations/999999/cancel")).status_code == 404
    assert (await client.get(f"/api/v1/registrations/{2**64}")).status_code == 404
    del client.headers["authorization"]
    assert (await client.post("/api/v1/registrations", json=call("fair"))).status_code == 401


async def test_api_same_key_registers_once_also_at_once(client: httpx.AsyncClient) -> None:
    client.headers.update(await bearer())
    await factories.event(slug="fair")
    keyed = {"idempotency-key": "abc"}
    sends = (client.post("/api/v1/registrations", json=call("fair"), headers=keyed) for _ in range(8))
    answers = await asyncio.gather(*sends)
    assert {(item.status_code, item.text) for item in answers} == {(201, answers[0].text)}
    other = await client.post("/api/v1/registrations", json=call("fair", 2), headers=keyed)
    assert other.status_code == 422
    assert await database.fetchval("SELECT count(*) FROM registration") == 1


async def test_api_list_follows_along_by_updated_since(client: httpx.AsyncClient) -> None:
    client.headers.update(await bearer())
    event = await factories.event(slug="fair")
    made = [await services.register(event, person(number, name_native="王伟"), by=SYSTEM) for number in range(3)]
    first = await client.get("/api/v1/registrations?event=fair&q=wangwei&page_size=2")
    body = first.json()
    assert [item["id"] for item in body["items"]] == [made[0].id, made[1].id]
    assert (body["total"], body["page"], body["page_size"]) == (3, 1, 2)
    since = {"event": "fair", "updated_since": first.headers["x-page-generated"]}
    await services.cancel(made[0].id, by=SYSTEM)
    changed = (await client.get("/api/v1/registrations", params=since)).json()["items"]
    assert [(item["id"], item["state"], item["badge_code"]) for item in changed] == [(made[0].id, "cancelled", None)]
    assert (await client.get("/api/v1/registrations?state=king")).status_code == 422


async def test_api_warns_of_what_lies_at_the_same_hour(client: httpx.AsyncClient) -> None:
    """Two sessions that share an hour; one that ends as the other begins shares none. Nothing is refused for it."""
    client.headers.update(await bearer())
    event = await factories.event(slug="fair")
    starts = factories.STARTS
    await factories.session(event, "early", starts_at=starts, ends_at=starts + timedelta(hours=2))
    await factories.session(
        event, "late", starts_at=starts + timedelta(minutes=119), ends_at=starts + timedelta(hours=3)
    )
    await factories.session(event, "next", starts_at=starts + timedelta(hours=3), ends_at=starts + timedelta(hours=4))
    overlap = {
        "code": "sessions_overlap",
        "sessions": ["early", "late"],
        "message": "“Forum early” and “Forum late” are at the same time.",
    }
    path, warned = "/api/v1/registrations", []
    for number, (codes, key) in enumerate(
        [
            (["late", "early", "next"], {}),
            (["late", "early"], {"idempotency-key": "a"}),
            (["late", "next"], {"idempotency-key": "b"}),
            ([], {}),
        ]
    ):
        answer = await client.post(path, json=call("fair", number, sessions=codes), headers=key)
        assert answer.status_code == 201
        made = answer.json()
        assert sorted(made["sessions"]) == sorted(codes)
        assert (await client.get(f"{path}/{made['id']}")).json()["warnings"] == made["warnings"]
        listed = (await client.get(path)).json()["items"]
        assert [item["warnings"] for item in listed if item["id"] == made["id"]] == [made["warnings"]]
        warned.append(made["warnings"])
    assert warned == [[overlap], [overlap], [], []]


async def test_api_warns_of_a_meeting_at_the_hour_of_a_session_until_it_is_cancelled(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await booked(stage)
    meeting = await database.fetchrow("SELECT * FROM meeting")
    assert meeting
    begins, ends = meeting["starts_at"], meeting["ends_at"]
    await factories.session(
        stage.event, "during", starts_at=begins - timedelta(hours=1), ends_at=begins + timedelta(minutes=1)
    )
    await factories.session(stage.event, "after", starts_at=ends, ends_at=ends + timedelta(hours=1))
    form = person(1, sessions=["during", "after"], email=stage.candidate.email)
    made = await services.register(stage.event, form, by=stage.candidate)
    client.headers.update(await bearer())
    path = f"/api/v1/registrations/{made.id}"
    message = "The person has a meeting at the time of “Forum during”."
    assert (await client.get(path)).json()["warnings"] == [
        {"code": "meeting_overlaps", "sessions": ["during"], "message": message}
    ]
    await database.execute("UPDATE meeting SET state = 'cancelled'")
    assert (await client.get(path)).json()["warnings"] == []


async def test_page_warns_of_a_meeting_and_only_the_person_who_has_one(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await booked(stage)
    begins = await database.fetchval("SELECT starts_at FROM meeting")
    await database.execute("UPDATE event SET slug = 'fair' WHERE id = $1", stage.event)
    await fair.session(stage.event, "before", starts_at=begins - timedelta(hours=1), ends_at=begins, sign_up=True)
    await fair.session(stage.event, "during", starts_at=begins, ends_at=begins + timedelta(minutes=1), sign_up=True)
    form = {"category": "candidate", "name_passport": "Maria", "sessions": ["before", "during"]}
    await sign_in(client, stage.candidate, proved=True)
    asked = await post(client, "/e/fair/register", form)
    assert asked.status_code == 409
    assert "You have a meeting at the time of “Forum during”." in asked.text
    assert "at the time of “Forum before”" not in asked.text
    other = await make_actor("candidate", email="other@example.org")
    await factories.talent(account=other.account_id, email=other.email)
    both = [
        (await services.register(stage.event, person(1, sessions=["before", "during"], email=one.email), by=one)).id
        for one in (stage.candidate, other)
    ]
    warned = await summaries.same_hours(both)
    assert {number: [warning["sessions"] for warning in found] for number, found in warned.items()} == {
        both[0]: [["during"]]
    }


async def test_api_describes_its_warnings(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    for method, path, status in (
        ("post", "", "201"),
        ("get", "/{registration_id}", "200"),
        ("post", "/{registration_id}/cancel", "200"),
    ):
        answer = paths[f"/api/v1/registrations{path}"][method]["responses"][status]["content"]["application/json"]
        warnings = answer["schema"]["properties"]["warnings"]
        assert warnings["items"]["properties"]["code"]["enum"] == ["sessions_overlap", "meeting_overlaps"]


async def test_banner_of_an_address_to_confirm_claims_no_mail_where_none_is_sent(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("candidate", proved=False), proved=True)
    page = (await client.get("/me/fairs")).text
    assert "is kept on the server, which sends no mail" in page
    assert "Make the link again" in page
    assert "We sent a link" not in page


async def test_staff_cancels_with_a_reason_that_the_person_reads_and_can_undo_it(client: httpx.AsyncClient) -> None:
    event = await factories.event(capacity=1)
    organiser = await make_actor("organiser", email="organiser@example.org", name="Zhang Wei")
    made = await services.register(event, person(7), by=SYSTEM)
    await sign_in(client, organiser)
    path = f"/me/fairs/{made.number}"
    for reason in ("", " "):
        answer = await post(client, f"{path}/cancel", {"reason": reason})
        assert answer.status_code == 422
        assert "Enter the reason in a few words" in errors_in(answer.text)
    assert (await post(client, f"{path}/cancel", {"reason": "Registered twice"})).status_code == 303
    text = await mails.text_of(kind="registration_cancelled")
    assert "by the organiser (Zhang Wei). Reason: Registered twice." in text
    page = (await client.get(f"{path}/cancel?lang=en")).text
    assert "Cancelled by Zhang Wei: Registered twice" in page
    assert f'action="{path}/restore"' in page
    assert (await post(client, f"{path}/restore", {"reason": ""})).status_code == 303
    assert await database.fetchval("SELECT state FROM registration") == "cancelled"
    assert (await post(client, f"{path}/restore", {"reason": "It was another person"})).status_code == 303
    assert await database.fetchval("SELECT state FROM registration") == "confirmed"
    assert await database.fetchval("SELECT count(*) FROM badge WHERE revoked_at IS NULL") == 1
    assert await database.fetchval("SELECT count(*) FROM badge WHERE revoked_at IS NOT NULL") == 1


async def test_api_cancellation_says_its_reason_or_its_integration(client: httpx.AsyncClient) -> None:
    event = await factories.event()
    head = await bearer()
    for body, words in (({}, "(API)"), ({"reason": "Visa refused"}, "Reason: Visa refused.")):
        made = await services.register(event, person(len(words)), by=SYSTEM)
        answer = await client.post(f"/api/v1/registrations/{made.id}/cancel", json=body, headers=head)
        assert answer.status_code == 200
        assert words in await mails.text_of(f"p{len(words)}@example.org", kind="registration_cancelled")
