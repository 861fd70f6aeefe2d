import re

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.meetings import services
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.meetings.stage import Stage, booked, both_want, make_stage


async def express(client: httpx.AsyncClient, stage: Stage, actor: Actor, level: str, **more: object) -> httpx.Response:
    await sign_in(client, actor)
    return await post(client, "/preferences", {"listing": stage.listing, "level": level, **more})


async def strangers() -> list[Actor]:
    other = await make_actor("employer", email="other@example.org", organisation_id=await factories.organisation())
    bob = await make_actor("candidate", email="bob@example.org")
    await factories.talent(account=bob.account_id, email="bob@example.org")
    return [other, bob]


async def test_wish_goes_back_to_where_it_was_said(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    answer = await express(client, stage, stage.candidate, "must", next="/me/suggestions?kind=people#listing-1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/suggestions?kind=people#listing-1")
    evil = await express(client, stage, stage.candidate, "meet", next="//evil.example")
    assert evil.headers["location"] == "/home"
    plain = await express(client, stage, stage.employer, "meet", talent=stage.talent)
    assert plain.headers["location"] == "/employer/meetings"
    page = (await client.get("/employer/meetings")).text
    assert "Both sides want to meet. The employer can book a table now" in page
    assert "To be booked" in page


async def test_private_candidate_is_led_to_the_profile(client: httpx.AsyncClient) -> None:
    stage = await make_stage(visibility="private")
    answer = await express(client, stage, stage.candidate, "meet")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/profile#visibility")


async def test_candidate_without_a_profile_is_led_to_it(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    carol = await make_actor("candidate", email="carol@example.org")
    answer = await express(client, stage, carol, "meet")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/profile")
    assert "Fill in your profile" in (await client.get("/me/meetings")).text


@pytest.mark.parametrize(
    "data",
    [{}, {"listing": "x"}, {"listing": "0", "level": "meet"}, {"listing": "9" * 40}, {"listing": "1", "level": "maybe"},
     {"listing": "1", "talent": "-3", "level": "meet"}, {"listing": ["1", "2"]}],
)  # fmt: skip
async def test_bad_wishes_are_refused(client: httpx.AsyncClient, data: dict[str, object]) -> None:
    stage = await make_stage()
    await sign_in(client, stage.candidate)
    assert (await post(client, "/preferences", data)).status_code == 422
    assert await db.fetchval("SELECT count(*) FROM preference") == 0


async def test_employer_books_what_is_free_and_both_pages_show_it(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await both_want(stage)
    await sign_in(client, stage.employer)
    page = (await client.get("/employer/meetings")).text
    assert re.findall(r'<option value="(\d+)">', page) == [str(slot) for slot in stage.slots]
    data = {"listing": stage.listing, "talent": stage.talent, "slot": stage.slots[1]}
    answer = await post(client, "/meetings", data)
    meeting = await db.fetchval("SELECT id FROM meeting")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/employer/meetings#meeting-{meeting}")
    page = (await client.get("/employer/meetings")).text
    assert f'id="meeting-{meeting}"' in page
    assert "To be booked" not in page
    again = await post(client, "/meetings", data)
    assert again.status_code == 409
    assert "These two already have a meeting." in again.text
    await sign_in(client, stage.candidate)
    client.cookies.set("tz", "Europe/Madrid", domain="fairs.test")
    mine = (await client.get("/me/meetings")).text
    assert "Table 1" in mine
    assert "09:25" in mine
    assert "(UTC+" in mine.split('class="viewer-time"')[1]


async def test_taken_slot_comes_back_with_what_is_free_now(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await booked(stage)
    second = await factories.talent(name_passport="Second Person")
    await both_want(stage, talent=second)
    await sign_in(client, stage.employer)
    answer = await post(client, "/meetings", {"listing": stage.listing, "talent": second, "slot": stage.slots[0]})
    assert answer.status_code == 409
    assert "No table is free in this slot." in answer.text
    assert re.findall(r'<option value="(\d+)">', answer.text) == [str(stage.slots[1])]


async def test_strangers_get_404_everywhere(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    for actor in await strangers():
        await sign_in(client, actor)
        role = "employer" if "employer" in actor.roles else "candidate"
        found = [(await client.get(f"/meetings/{meeting}/meeting.ics")).status_code]
        found.append((await post(client, f"/meetings/{meeting}/cancel")).status_code)
        wish = {"listing": stage.listing, "talent": stage.talent, "level": "meet"}
        found.append((await post(client, "/preferences", wish)).status_code)
        if role == "employer":
            found.append((await client.get(f"/meetings/{meeting}/outcome")).status_code)
            found.append((await post(client, f"/meetings/{meeting}/outcome", {"state": "held"})).status_code)
            book = {"listing": stage.listing, "talent": stage.talent}
            found.append((await post(client, "/meetings", book)).status_code)
        assert found == [404] * len(found)
        page = await client.get("/employer/meetings" if role == "employer" else "/me/meetings")
        assert page.status_code == 200
        assert "Maria" not in page.text
    assert await db.fetchval("SELECT state FROM meeting") == "scheduled"


async def test_calendar_file_is_for_both_sides(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    for actor, other in ((stage.candidate, "Zhongyuan Institute"), (stage.employer, "Maria Fernandez")):
        await sign_in(client, actor)
        answer = await client.get(f"/meetings/{meeting}/meeting.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        text = answer.text.replace("\r\n ", "")
        assert "METHOD:PUBLISH" in text
        assert f"SUMMARY:Meeting: {other}" in text
        assert f"UID:meeting-{meeting}@" in text
        assert "TRANSP:OPAQUE" in text
    await sign_in(client, stage.candidate)
    assert (await client.get("/me/meetings.ics")).text.count("BEGIN:VEVENT") == 1


async def test_cancelling_frees_the_slot(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    await sign_in(client, stage.candidate)
    answer = await post(client, f"/meetings/{meeting}/cancel")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/meetings")
    page = (await client.get("/me/meetings")).text
    assert "Past and cancelled" in page
    assert "Both want to meet" in page
    again = await post(client, f"/meetings/{meeting}/cancel")
    assert again.status_code == 303
    assert services.NOT_SCHEDULED.message in (await client.get("/me/meetings")).text


async def test_outcome_leads_on_to_the_agreement(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    await sign_in(client, stage.employer)
    path = f"/meetings/{meeting}/outcome"
    assert "Maria Fernandez" in (await client.get(path)).text
    early = await post(client, path, {"state": "held", "outcome": "talks"})
    assert early.status_code == 409
    assert "This meeting has not begun yet." in early.text
    await db.execute("UPDATE meeting SET starts_at = now() - interval '1 hour', ends_at = now() - interval '40 min'")
    empty = await post(client, path, {})
    assert (empty.status_code, errors_in(empty.text)) == (422, ["Please fill this in"])
    half = await post(client, path, {"state": "held", "note": "<b>good</b>"})
    assert (half.status_code, errors_in(half.text)) == (422, ["Enter the result of the meeting"])
    assert "&lt;b&gt;good&lt;/b&gt;" in half.text
    intent = await post(client, path, {"state": "held", "outcome": "intent"})
    assert intent.status_code == 303
    assert await db.fetchval("SELECT outcome FROM meeting") == "intent"
    talks = await post(client, path, {"state": "held", "outcome": "talks"})
    assert talks.headers["location"] == f"/employer/meetings#meeting-{meeting}"
    page = (await client.get("/employer/meetings")).text
    assert "Talks continue" in page


async def test_request_of_somebody_shown_after_a_match_has_no_name(client: httpx.AsyncClient) -> None:
    stage = await make_stage(visibility="matched")
    await express(client, stage, stage.candidate, "must")
    await sign_in(client, stage.employer)
    page = (await client.get("/employer/meetings")).text
    assert "Maria" not in page
    assert "Candidate from Spain, Computer Science and Technology" in page
    await express(client, stage, stage.employer, "meet", talent=stage.talent)
    assert "Maria Fernandez" in (await client.get("/employer/meetings")).text


async def test_organiser_sets_up_the_hall(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="spring")
    await factories.listing(await factories.organisation(), event)
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    path = "/organise/editions/spring/hall"
    assert (await client.get(path)).status_code == 200
    bad = await post(client, f"{path}/slots", {"starts_at": "soon", "minutes": "1", "gap": "0", "count": "0"})
    assert bad.status_code == 422
    assert errors_in(bad.text) == ["Give date and time like 2018-10-27 09:00", "At least 5", "At least 1"]
    good = {"starts_at": f"{factories.STARTS:%Y-%m-%d}T09:00", "minutes": "20", "gap": "5", "count": "3"}
    assert (await post(client, f"{path}/slots", good)).headers["location"] == path
    assert (
        await post(client, f"{path}/slots", good | {"starts_at": f"{factories.STARTS:%Y-%m-%d}T09:05"})
    ).status_code == 409
    assert (await post(client, f"{path}/tables", {"per_organisation": "2", "shared": "1"})).status_code == 303
    page = (await client.get(path)).text
    assert "09:50–10:10" in page
    rows = await db.fetch("SELECT organisation IS NULL AS shared FROM meeting_table ORDER BY number")
    assert [row["shared"] for row in rows] == [False, False, True]
    assert (await client.get("/organise/editions/nowhere/hall")).status_code == 404


async def test_pages_are_there_with_nothing_in_them_in_both_languages(client: httpx.AsyncClient) -> None:
    organisation = await factories.organisation()
    both = await make_actor("employer", email="both@example.org", organisation_id=organisation)
    carol = await make_actor("candidate", email="carol@example.org")
    for actor, path in ((both, "/employer/meetings"), (carol, "/me/meetings")):
        await sign_in(client, actor)
        for lang in ("en", "zh"):
            assert (await client.get(f"{path}?lang={lang}")).status_code == 200
    await factories.event()
    await sign_in(client, both)
    assert "本单位洽谈" in (await client.get("/employer/meetings?lang=zh")).text
