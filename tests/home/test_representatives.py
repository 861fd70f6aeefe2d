"""An employer registers who comes for it: one by one, from a sheet, by the API; each with a badge that says its name."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.badges.queries import printed_badge
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import bind
from fairs.events.queries import event_by_id
from fairs.registrations.entering import pasting, services
from fairs.registrations.entering.forms import RepresentativeForm
from fairs.registrations.phones import opened
from fairs.reports.measures import MEASURES
from fairs.reports.queries import number, scope_for
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.pages import form_of, main_of

HERE = "/employer/events/fair/representatives"


def someone(native: str = "王小明", phone: str = "13800138000", **more: Any) -> RepresentativeForm:
    form = bind(RepresentativeForm, {"name_native": native, "phone": phone, **more})
    return form.value


@pytest.fixture
async def wang(client: httpx.AsyncClient) -> fair.Employer:
    found = await fair.employer(name_zh="河南大学", name_en="Henan University")
    await sign_in(client, found.actor)
    return found


async def test_rows_are_registered_with_badge_and_mail(client: httpx.AsyncClient, wang: fair.Employer) -> None:
    event = await factories.event(slug="fair")
    empty = main_of((await client.get(HERE)).text)
    assert "Nobody is registered for you yet" in empty
    typed = form_of((await client.get(f"{HERE}/new")).text, f"{HERE}/new")
    day = factories.STARTS.date().isoformat()
    typed |= {"1-name_native": ["王小明"], "1-name_passport": ["Wang Xiaoming"], "1-phone": ["+86 138 0013 8000"]}
    typed |= {"1-email": ["Wang.X@example.org"], "1-days": [day]}
    typed |= {"3-name_passport": ["Mary Smith"], "3-phone": ["13900139000"], "3-badge_name": ["Mary"]}
    more = await post(client, f"{HERE}/new", typed | {"more": ["1"]})
    assert more.status_code == 200
    assert 'id="row-8"' in more.text
    assert 'value="Mary Smith"' in more.text
    made = await post(client, f"{HERE}/new", typed)
    assert made.headers["location"] == HERE
    rows = await fetch("SELECT * FROM registration WHERE event = $1 ORDER BY id", event)
    first, second = rows
    assert [row["category"] for row in rows] == ["employer", "employer"]
    assert {row["organisation"] for row in rows} == {wang.organisation}
    assert {row["entered_by"] for row in rows} == {wang.actor.account_id}
    assert (first["organisation_name"], second["organisation_name"]) == ("河南大学", "Henan University")
    assert (first["email"], second["email"], opened(second["phone"])) == ("wang.x@example.org", "", "13900139000")
    assert (first["days"][0].isoformat(), second["days"], second["badge_name"]) == (day, [], "Mary")
    mails = await fetch("SELECT to_email, kind FROM outgoing_mail")
    told = {(mail["to_email"], mail["kind"]) for mail in mails}
    assert ("wang.x@example.org", "registration_confirmed") in told
    assert {address for address, _ in told} == {"wang.x@example.org"}, "nothing to who has no address"
    badge = await printed_badge(await fetchval("SELECT id FROM badge WHERE registration = $1", second["id"]))
    assert (badge.organisation_name, badge.badge_name) == ("Henan University", "Mary")
    page = main_of((await client.get(HERE)).text)
    for shown in (first["number"], second["number"], "2 representatives", "Badge ready", "not yet", "Mary"):
        assert shown in page
    assert (await client.get(f"/me/fairs/{second['number']}/badge.pdf")).headers["content-type"] == "application/pdf"
    gate = await factories.gate(event)
    await factories.admission(second["id"], gate, factories.STARTS.date(), factories.STARTS)
    page = re.sub(r' title="[^"]*"', "", main_of((await client.get(HERE)).text))
    assert page.count("arrived") == 1
    assert main_of((await client.get(f"{HERE}?q=wang")).text).count("<tr data-row") == 1


async def test_wrong_rows_are_named_and_nobody_is_registered(client: httpx.AsyncClient, wang: fair.Employer) -> None:
    await factories.event(slug="fair")
    typed = {"1-name_native": "王小明", "1-phone": "13800138000", "2-phone": "13900139000", "3-name_passport": "X Y"}
    answer = await post(client, f"{HERE}/new", typed)
    assert answer.status_code == 422
    assert "Person 2 · Chinese name, or in another own script: Give the name in one of the scripts" in answer.text
    assert "Person 3 · Telephone: Please fill this in" in answer.text
    twice = {"1-name_native": "王小明", "1-phone": "138 0013 8000", "2-name_native": "王小明", "2-phone": "13800138000"}
    answer = await post(client, f"{HERE}/new", twice)
    assert answer.status_code == 422
    assert "Person 2: The same person stands in an earlier row" in answer.text
    assert (await post(client, f"{HERE}/new", {})).status_code == 422
    assert await fetchval("SELECT count(*) FROM registration") == 0


async def test_a_sheet_of_200_is_looked_at_first_and_registered_at_once(
    client: httpx.AsyncClient, wang: fair.Employer
) -> None:
    await factories.event(slug="fair")
    day = factories.STARTS.date()
    lines = ["姓名\t拼音\t电话\t邮箱\t证件姓名\t日期"]
    lines += [f"王{at}\tWang {at}\t138{at:08d}\tw{at}@example.org\t\t{day.month}月{day.day}日" for at in range(200)]
    text = "\n".join(lines)
    wrong = await post(client, f"{HERE}/paste", {"text": text.replace("w7@example.org", "w6@example.org")})
    assert wrong.status_code == 200, "what is registered or stands twice is found under the lock"
    late = await post(
        client, f"{HERE}/paste", {"text": text.replace("w7@example.org", "w6@example.org"), "confirm": "1"}
    )
    assert late.status_code == 422
    assert "1 line must be mended first" in late.text
    assert "The same person stands in an earlier row" in late.text
    wrong = await post(client, f"{HERE}/paste", {"text": text.replace("13800000007", "call me"), "confirm": "1"})
    assert wrong.status_code == 422
    assert "Telephone: Digits, spaces" in wrong.text
    assert await fetchval("SELECT count(*) FROM registration") == 0
    seen = await post(client, f"{HERE}/paste", {"text": text})
    assert "200 people were read; nobody is registered yet" in seen.text
    assert await fetchval("SELECT count(*) FROM registration") == 0
    made = await post(client, f"{HERE}/paste", form_of(seen.text, f"{HERE}/paste"))
    assert made.headers["location"] == HERE
    assert await fetchval("SELECT count(*) FROM registration WHERE days = $1", [day]) == 200
    assert await fetchval("SELECT count(*) FROM badge") == 200
    again = await post(client, f"{HERE}/paste", {"text": text, "confirm": "1"})
    assert again.status_code == 422
    assert "200 lines must be mended first" in again.text
    page = main_of((await client.get(f"{HERE}?page=4")).text)
    assert page.count("<tr data-row") == 50


async def test_days_of_a_sheet_in_several_forms(db: None) -> None:
    event = await event_by_id(await factories.event())
    first = factories.STARTS.date()
    second = first + timedelta(days=1)
    text = f"王,,13800138000,,,{first.day}；{second.month}-{second.day}\n李,,13800138001,,,{second.isoformat()}\n赵,,13800138002,,,15\n"
    rows = pasting.read_rows(text, event).rows
    assert [row.form.read["days"] for row in rows[:2]] == [
        [first.isoformat(), second.isoformat()],
        [second.isoformat()],
    ]
    assert rows[2].problems == ["Days: The event is not on this day: 15"]
    assert pasting.read_rows("a,,13800138000\n" * 301, event).too_many
    assert pasting.read_rows("王,,13800138000,,,,more", event).rows[0].problems == ["More than six columns"]


async def test_the_last_place_is_given_once(db: None) -> None:
    event = await factories.event(capacity=1)
    employers = [await fair.employer(email=f"e{at}@example.org") for at in range(2)]
    made = await asyncio.gather(
        *(services.enter_representatives(event, one.organisation, [someone()], by=one.actor) for one in employers)
    )
    assert sorted(one.state for [one] in made) == ["confirmed", "waitlisted"]
    await execute("UPDATE event SET waiting_list = false, capacity = 2")
    with pytest.raises(Conflict) as refused:
        await services.enter_representatives(
            event,
            employers[0].organisation,
            [someone(f"李{at}", f"1380013800{at}") for at in range(3)],
            by=employers[0].actor,
        )
    assert refused.value.code == "full"
    assert await fetchval("SELECT count(*) FROM registration") == 2


async def test_the_same_rows_sent_twice_at_once_are_registered_once(db: None) -> None:
    event, one = await factories.event(), await fair.employer()
    rows = [someone(), someone("李四", "13900139000")]
    answers = await asyncio.gather(
        *(services.enter_representatives(event, one.organisation, rows, by=one.actor) for _ in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert sum(isinstance(answer, services.RowsRefused) for answer in answers) == 4
    assert await fetchval("SELECT count(*) FROM registration") == 2


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"state": "closed"}, "not_open"),
        ({"state": "published", "starts_at": factories.PAST, "ends_at": factories.PAST + timedelta(days=1)}, "over"),
        ({"registration_opens_at": clock.now() + timedelta(days=1)}, "not_open_yet"),
        ({"registration_closes_at": clock.now() - timedelta(days=1)}, "registration_ended"),
    ],
)
async def test_an_event_that_takes_nobody_says_why(client: httpx.AsyncClient, event: dict[str, Any], code: str) -> None:
    made, one = await factories.event(slug="fair", **event), await fair.employer()
    with pytest.raises(Conflict) as refused:
        await services.enter_representatives(made, one.organisation, [someone()], by=one.actor)
    assert refused.value.code == code
    await sign_in(client, one.actor)
    for path in (HERE, f"{HERE}/new", f"{HERE}/paste"):
        page = main_of((await client.get(path)).text)
        assert "<textarea" not in page
        assert "Register representatives</a>" not in page
    answer = await post(client, f"{HERE}/new", {"1-name_native": "王小明", "1-phone": "13800138000"})
    assert answer.status_code == 409


async def test_drafts_and_employers_of_others_are_not_found(client: httpx.AsyncClient, wang: fair.Employer) -> None:
    await factories.event(slug="fair", state="draft")
    assert (await client.get(HERE)).status_code == 404
    event = await factories.event(slug="other")
    strange = await fair.employer(email="li@example.org", name="Li")
    with pytest.raises(NotFound):
        await services.enter_representatives(event, wang.organisation, [someone()], by=strange.actor)
    [made] = await services.enter_representatives(event, wang.organisation, [someone()], by=wang.actor)
    await sign_in(client, strange.actor)
    for path in (
        f"/registrations/{made.number}/edit",
        f"/me/fairs/{made.number}/cancel",
        f"/me/fairs/{made.number}/badge",
        f"/me/fairs/{made.number}/badge.pdf",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await post(client, f"/registrations/{made.number}/edit", {"name_native": "贼"})).status_code == 404
    assert (await post(client, f"/me/fairs/{made.number}/cancel", {"reason": "mine"})).status_code == 404
    assert "王小明" not in (await client.get("/employer/events/other/representatives")).text


async def test_an_employer_that_is_not_approved_waits(client: httpx.AsyncClient) -> None:
    event, one = await factories.event(slug="fair"), await fair.employer(state="pending")
    with pytest.raises(Conflict) as refused:
        await services.enter_representatives(event, one.organisation, [someone()], by=one.actor)
    assert refused.value.code == "not_approved"
    await sign_in(client, one.actor)
    assert "has not approved this employer yet" in main_of((await client.get(f"{HERE}/new")).text)


async def test_data_are_corrected_with_both_texts_when_two_do_it(
    client: httpx.AsyncClient, wang: fair.Employer
) -> None:
    event = await factories.event(slug="fair")
    [made] = await services.enter_representatives(event, wang.organisation, [someone()], by=wang.actor)
    path = f"/registrations/{made.number}/edit"
    first, second = form_of((await client.get(path)).text, path), form_of((await client.get(path)).text, path)
    stored = first | {"name_native": ["王晓明"], "email": ["new@example.org"]}
    assert (await post(client, path, stored)).headers["location"] == HERE
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'registration_confirmed'") == 1
    assert await fetchval("SELECT name_passport FROM registration") == "王晓明"
    late = await post(client, path, second | {"phone": ["13700137000"]})
    assert late.status_code == 409
    assert "saved from another page" in late.text
    from fairs.registrations.queries import search_ids

    assert (await search_ids(event=event, q="王晓明")).total == 1
    assert (await search_ids(event=event, q="王小明")).total == 0
    await factories.registration(event, email="taken@example.org")
    taken = form_of((await client.get(path)).text, path) | {"email": ["taken@example.org"]}
    assert (await post(client, path, taken)).status_code == 409
    self_made = await factories.registration(event, number="HN27-000777", registrant=wang.actor.account_id)
    await execute("UPDATE registration SET registrant = NULL, email = 'else@example.org' WHERE id = $1", self_made)
    assert (await client.get("/registrations/HN27-000777/edit")).status_code == 404


async def test_a_representative_is_cancelled_and_comes_back(client: httpx.AsyncClient, wang: fair.Employer) -> None:
    event = await factories.event(slug="fair", capacity=1)
    [made] = await services.enter_representatives(event, wang.organisation, [someone()], by=wang.actor)
    path = f"/me/fairs/{made.number}"
    assert (await post(client, f"{path}/cancel", {})).status_code == 422
    assert (await post(client, f"{path}/cancel", {"reason": "ill"})).headers["location"] == HERE
    assert "Cancellation" in main_of((await client.get(HERE)).text)
    assert (await post(client, f"{path}/restore", {"reason": "well again"})).headers["location"] == HERE
    assert await fetchval("SELECT count(*) FROM badge WHERE revoked_at IS NULL") == 1


async def test_employers_on_site_are_those_with_somebody_admitted(db: None) -> None:
    event = await factories.event(slug="fair")
    gate = await factories.gate(event)
    one, other = await fair.employer(), await fair.employer(email="li@example.org", name="Li")
    rows = [someone(), someone("李四", "13900139000")]
    made = await services.enter_representatives(event, one.organisation, rows, by=one.actor)
    await services.enter_representatives(event, other.organisation, [someone()], by=other.actor)
    measure = MEASURES["employers_on_site"]
    organiser = await make_actor("organiser", email="o@example.org")
    scope = await scope_for(organiser, await event_by_id(event), "")
    assert await number(scope, measure) == 0
    for person in made:
        await factories.admission(person.id, gate, factories.STARTS.date(), factories.STARTS)
    assert await number(scope, measure) == 1


async def test_a_program_registers_representatives_once(client: httpx.AsyncClient) -> None:
    event, one = await factories.event(slug="fair"), await fair.employer()
    path, headers = "/api/v1/events/fair/representatives", await fair.bearer(one.actor)
    sent = {
        "representatives": [{"name_native": "王小明", "phone": "13800138000"}, {"name_passport": "M", "phone": "1"}]
    }
    wrong = await client.post(path, json=sent, headers=headers)
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["representatives.1.phone"])
    sent["representatives"][1]["phone"] = "13900139000"
    key = headers | {"Idempotency-Key": "rows-1"}
    made, again = [await client.post(path, json=sent, headers=key) for _ in range(2)]
    assert (made.status_code, again.status_code, made.content) == (201, 201, again.content)
    assert [item["category"] for item in made.json()["items"]] == ["employer", "employer"]
    assert all(item["badge_code"] for item in made.json()["items"])
    twice = await client.post(path, json=sent, headers=headers)
    assert (twice.status_code, list(twice.json()["errors"])) == (422, ["representatives.0", "representatives.1"])
    assert await fetchval("SELECT count(*) FROM registration WHERE event = $1", event) == 2
    organiser = await fair.bearer(await make_actor("organiser", email="o@example.org"))
    code = await fetchval("SELECT uscc FROM organisation")
    more = {"representatives": [{"name_native": "赵六", "phone": "13700137000"}]}
    assert (await client.post(path, json=more, headers=organiser)).status_code == 422
    assert (await client.post(path, json=more | {"organisation": code}, headers=organiser)).status_code == 201
    strange = await fair.bearer((await fair.employer(email="li@example.org", name="Li")).actor)
    assert (await client.post(path, json=more | {"organisation": code}, headers=strange)).status_code == 404
    assert (await client.post(path, json={"representatives": []}, headers=strange)).status_code == 422


async def test_too_many_at_once_are_refused(db: None) -> None:
    event, one = await factories.event(), await fair.employer()
    for rows in ([], [someone()] * 301):
        with pytest.raises(Invalid):
            await services.enter_representatives(event, one.organisation, rows, by=one.actor)
