import re
from typing import Any

import httpx

from fairs.accounts.actor import Actor
from fairs.core import db
from tests import factories, fair
from tests.cast import make_actor, sign_in
from tests.matching.people import make_listings, make_people, read_everything
from tests.meetings.stage import booked, make_stage


async def candidate(**given: Any) -> tuple[Actor, int]:
    made = await fair.candidate(**given)
    return made.actor, made.talent


async def employer(organisation: int, email: str = "wang@example.org") -> Actor:
    return await make_actor("employer", email=email, name="Wang Wei", organisation_id=organisation)


def titles(page: str) -> list[str]:
    """The heads of the cards, in order."""
    return [
        re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r'<h2 class="card__title">(.*?)</h2>', page, re.S)
    ]


async def test_candidate_sees_listings_with_a_sentence_conditions_and_terms(client: httpx.AsyncClient) -> None:
    organisation = await factories.organisation(name_en="Zhongyuan University")
    event = await factories.event(title_en="Talent fair")
    actor, _ = await candidate()
    await factories.listing(organisation, event, title_en="Imaging researcher", languages=["zh"])
    await factories.listing(organisation, event, title_en="Wheat breeder", discipline="0901", description_zh="小麦抗旱育种", city="410300", languages=["zh"])  # fmt: skip
    await read_everything()
    await sign_in(client, actor)
    page = (await client.get("/me/suggestions")).text
    assert titles(page) == ["Imaging researcher", "Wheat breeder"]
    assert "Your field, Computer Science and Technology, is the one they ask for." in page
    assert "Zhongyuan University" in page
    assert "深度学习" in page
    assert "match__condition--missed" in page
    assert "Above the next one, whose field is further from yours." not in page  # the next one misses a city as well
    assert "Above the next one, which lacks: City." in page
    assert page.count('name="level" value="must"') == 2
    assert re.search(r'name="next" value="/me/suggestions#listing-\d+"', page)
    chinese = (await client.get("/me/suggestions?lang=zh")).text
    assert "您的学科“计算机科学与技术”正是对方所需。" in chinese
    assert "双方文本都提到" in chinese


async def test_card_says_pay_of_a_post_and_budget_of_a_project_and_marks_a_title_in_the_other_language(
    client: httpx.AsyncClient,
) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    actor, _ = await candidate()
    await factories.listing(organisation, event, title_en="Imaging researcher", headcount=1)
    await factories.listing(organisation, event, title_zh="阅片攻关", kind="project", pay_min=80, pay_max=80)
    await read_everything()
    await sign_in(client, actor)
    page = (await client.get("/me/suggestions")).text
    tags = {
        tag
        for found in re.findall(r'<ul class="tags">(.*?)</ul>', page, re.S)
        for tag in re.findall(r">([^<>\n]+)<", found)
    }
    assert tags == {
        "Zhengzhou",
        "one person wanted",
        "300,000–500,000 CNY a year",
        "Project wanted",
        "800,000 CNY in total",
    }
    assert re.findall(r'<h2 class="card__title"( lang="zh-Hans")?>', page).count(' lang="zh-Hans"') == 1


async def test_chinese_readers_see_the_native_name_in_han_characters_only(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    listing = await factories.listing(organisation, event)
    await factories.talent(name_passport="Lai Hsin-Yi", name_native="賴欣怡")
    await factories.talent(name_passport="Farzana Karim", name_native="ফারজানা করিম")
    await read_everything()
    await sign_in(client, await employer(organisation))
    path = f"/employer/listings/{listing}/suggestions"
    assert sorted(titles((await client.get(f"{path}?lang=zh")).text)) == ["Farzana Karim", "賴欣怡"]
    assert sorted(titles((await client.get(f"{path}?lang=en")).text)) == ["Farzana Karim", "Lai Hsin-Yi"]


async def test_candidate_filters_by_city_kind_and_conditions(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    actor, _ = await candidate()
    await factories.listing(organisation, event, title_en="Near post")
    await factories.listing(organisation, event, title_en="Far project", kind="project", city="410300")
    await read_everything()
    await sign_in(client, actor)
    found = {}
    for query in ("", "city=410300", "kind=project", "fitting=1", "city=nowhere&kind=%00&show=x", "city=410200"):
        found[query] = titles((await client.get(f"/me/suggestions?{query}")).text)
    assert found == {
        "": ["Near post", "Far project"],
        "city=410300": ["Far project"],
        "kind=project": ["Far project"],
        "fitting=1": ["Near post"],
        "city=nowhere&kind=%00&show=x": ["Near post", "Far project"],
        "city=410200": [],
    }
    assert "Nothing fits these filters" in (await client.get("/me/suggestions?city=410200")).text


async def test_empty_pages_say_the_next_step(client: httpx.AsyncClient) -> None:
    actor = await make_actor("candidate", email="new@example.org")
    await sign_in(client, actor)
    assert 'href="/me/profile"' in (await client.get("/me/suggestions")).text
    await factories.talent(account=actor.account_id, email="new@example.org")
    assert "No fair is open now" in (await client.get("/me/suggestions")).text
    await factories.event(slug="spring")
    page = (await client.get("/me/suggestions")).text
    assert "No listings yet" in page
    assert 'href="/e/spring"' in page
    assert "Being read" in page


async def test_employer_sees_people_for_the_own_listing_only(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    listing = await factories.listing(organisation, event)
    shown = await factories.talent(name_passport="Maria Fernandez", pay_min=7)
    await factories.talent(name_passport="Secret Person", headline="Secret headline", visibility="matched")
    await factories.talent(name_passport="Private Person", visibility="private")
    await read_everything()
    await sign_in(client, await employer(organisation))
    page = (await client.get(f"/employer/listings/{listing}/suggestions")).text
    assert sorted(titles(page)) == ["Candidate from Spain, Computer Science and Technology", "Maria Fernandez"]
    assert "Secret" not in page
    assert "Private Person" not in page
    assert f'href="/talents/{shown}"' in page
    assert page.count('href="/talents/') == 1
    assert "The pay reaches" not in page
    await sign_in(client, await employer(await factories.organisation(), "other@example.org"))
    assert (await client.get(f"/employer/listings/{listing}/suggestions")).status_code == 404
    assert (await client.get("/employer/listings/99999999999999999999/suggestions")).status_code == 404


async def test_listing_that_is_not_published_has_no_suggestions(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(state="pending"), await factories.event()
    listing = await factories.listing(organisation, event)
    await factories.talent(name_passport="Maria Fernandez")
    await sign_in(client, await employer(organisation))
    page = (await client.get(f"/employer/listings/{listing}/suggestions")).text
    assert "This listing is not published yet" in page
    assert "Maria" not in page


async def test_what_was_said_is_shown(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    actor, talent = await candidate()
    listing = await factories.listing(organisation, event)
    await fair.both_want(event, talent, listing, "must")
    await sign_in(client, actor)
    page = (await client.get("/me/suggestions")).text
    assert "Both want to meet" in page
    assert "Your answer: Must meet" in page
    assert "Take back" in page


async def api_token() -> dict[str, str]:
    return await fair.bearer(await make_actor("organiser", email="o@example.org"))


async def test_api_tells_scores_reasons_and_gates_of_both_sides(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(name_zh="中原大学"), await factories.event(slug="spring")
    people, listings = await make_people(), await make_listings(organisation, event)
    await read_everything()
    headers = await api_token()
    answer = await client.get(f"/api/v1/talents/{people['0812']}/suggestions?event=spring&limit=2", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["x-page-generated"].endswith("Z")
    body = answer.json()
    first = body["items"][0]
    assert {key: body[key] for key in ("talent", "event", "state", "pool")} == {
        "talent": people["0812"], "event": "spring", "state": "ready", "pool": len(listings),
    }  # fmt: skip
    assert (len(body["items"]), first["listing"], first["organisation"], first["read"]) == (
        2, listings["0812"], "中原大学", True,
    )  # fmt: skip
    assert 0 < body["items"][1]["score"] < first["score"] <= 100
    assert {"zh": "深度学习", "en": "deep learning"} in [r["params"] for r in first["reasons"] if r["kind"] == "term"]
    reverse = (await client.get(f"/api/v1/listings/{listings['0901']}/suggestions", headers=headers)).json()
    assert reverse["items"][0]["talent"] == people["0901"]
    assert (reverse["listing"], reverse["state"]) == (listings["0901"], "ready")


async def test_api_keeps_who_is_not_to_be_named(client: httpx.AsyncClient) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    listing = await factories.listing(organisation, event)
    await factories.talent(name_passport="Secret Person", visibility="matched", pay_min=1)
    await factories.talent(visibility="private")
    headers = await api_token()
    answer = await client.get(f"/api/v1/listings/{listing}/suggestions", headers=headers | {"accept-language": "en"})
    items = answer.json()["items"]
    assert [(item["talent"], item["name"]) for item in items] == [
        (None, "Candidate from Spain, Computer Science and Technology")
    ]
    assert "pay_met" not in answer.text
    assert "Secret" not in answer.text


async def test_api_refuses_with_true_status(client: httpx.AsyncClient) -> None:
    event = await factories.event(state="draft", slug="draft")
    talent = await factories.talent()
    listing = await factories.listing(await factories.organisation(), event, state="draft")
    headers = await api_token()
    found = {}
    for path in (
        f"/api/v1/talents/{talent}/suggestions",
        "/api/v1/talents/999999/suggestions?event=draft",
        f"/api/v1/talents/{talent}/suggestions?event=nowhere",
        f"/api/v1/talents/{talent}/suggestions?event=draft&limit=0",
        f"/api/v1/talents/{talent}/suggestions?event=draft&limit=500",
        f"/api/v1/listings/{listing}/suggestions",
        "/api/v1/listings/99999999999999999999/suggestions",
    ):
        found[path.rpartition("/api/v1/")[2].replace(str(talent), "T").replace(str(listing), "L")] = (
            await client.get(path, headers=headers)
        ).status_code
    assert sorted(found.values()) == [404, 404, 404, 404, 422, 422, 422]  # 422 without an event, too: none runs
    assert (await client.get(f"/api/v1/talents/{talent}/suggestions")).status_code == 401
    employer_actor = await employer(await factories.organisation())
    own = await fair.bearer(employer_actor)
    forbidden = await client.get(f"/api/v1/talents/{talent}/suggestions", headers=own)
    assert forbidden.status_code == 403


async def test_page_that_waits_for_its_text_goes_on_by_itself_and_says_when_it_is_stuck(
    client: httpx.AsyncClient,
) -> None:
    organisation, event = await factories.organisation(), await factories.event()
    actor, talent = await candidate()
    listing = await factories.listing(organisation, event)
    await sign_in(client, actor)
    asks = {"hx-request": "true"}
    page = (await client.get("/me/suggestions?fitting=1")).text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert 'hx-get="?fitting=1&amp;part=reading" hx-trigger="every 3s"' in page
    assert "Being read" in page
    again = await client.get("/me/suggestions?fitting=1&part=reading", headers=asks)
    assert (again.text.count("<h2"), again.text.strip()[:17], "Being read" in again.text) == (
        0,
        '<div id="reading"',
        True,
    )
    await db.execute("UPDATE pgqueuer SET created = now() - interval '3 min'")
    assert "Reading takes longer than usual" in (await client.get("/me/suggestions")).text
    assert "解读时间比平时长" in (await client.get("/me/suggestions?part=reading&lang=zh", headers=asks)).text
    await read_everything()
    done = await client.get("/me/suggestions?part=reading", headers=asks)
    assert (done.text, done.headers["hx-refresh"]) == ("", "true")
    ready = (await client.get("/me/suggestions?lang=en")).text
    assert ('id="reading"' in ready, 'http-equiv="refresh"' in ready) == (False, False)
    await sign_in(client, await employer(organisation))
    await db.execute("DELETE FROM text_vector WHERE owner_kind = 'listing'")
    path = f"/employer/listings/{listing}/suggestions"
    assert 'id="reading"' in (await client.get(path)).text
    assert (await client.get(f"{path}?part=reading", headers=asks)).text.strip().startswith('<div id="reading"')
    assert talent


async def test_pair_with_a_meeting_is_led_to_it_on_both_pages(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await factories.listing(stage.organisation, stage.event)
    await factories.talent()
    meeting = await booked(stage)
    await read_everything()
    pages = (
        (stage.candidate, "/me/suggestions", "/me/meetings"),
        (stage.employer, f"/employer/listings/{stage.listing}/suggestions", "/employer/meetings"),
    )
    for shown in (1, 0):
        for actor, path, aim in pages:
            await sign_in(client, actor)
            page = (await client.get(path)).text
            assert page.count("card__title") == 2
            assert page.count("The meeting is booked") == page.count(f'<a href="{aim}">See it</a>') == shown
        await db.execute("UPDATE meeting SET state = 'cancelled' WHERE id = $1", meeting)
