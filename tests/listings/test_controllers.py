import csv
import io
import re
from typing import Any

import httpx
import pytest
import python_calamine

from fairs.accounts.actor import Actor
from fairs.core import db
from tests import factories, fair
from tests.cast import errors_in, make_actor, post, sign_in
from tests.listings.test_services import PEOPLE

PROJECT = {
    "kind": "project",
    "title_zh": "钢铁企业余热利用技术攻关",
    "description_zh": "现有烧结工序余热未充分回收，需要中低温余热发电技术。",
    "discipline": "0807",
    "engagement": "project",
    "city": "410500",
    "pay_min": "300",
}


async def employer(client: httpx.AsyncClient, **given: Any) -> tuple[Actor, int, int]:
    event, made = (
        await factories.event(slug="fair-2018"),
        await fair.employer("alice@example.org", "Alice Wanderer", **given),
    )
    await sign_in(client, made.actor)
    return made.actor, made.organisation, event


async def test_new_people_wanted_is_saved_and_published(client: httpx.AsyncClient) -> None:
    await employer(client)
    assert 'name="headcount"' in (await client.get("/employer/listings/new")).text
    answer = await post(client, "/employer/listings/new", PEOPLE | {"kind": "people", "then": "publish"})
    row = await db.fetchrow("SELECT id, kind, state, headcount FROM listing")
    assert row is not None
    assert (answer.status_code, answer.headers["location"]) == (303, f"/listings/{row['id']}")
    assert tuple(row)[1:] == ("people", "published", 2)
    page = await client.get(f"/listings/{row['id']}")
    assert "The listing is published." in page.text
    assert "Suggested people" in page.text


async def test_the_staff_reads_a_table_and_everybody_else_cards(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    await factories.listing(organisation, event, title_en="Battery chemist")
    page = (await client.get("/e/fair-2018/listings")).text
    assert ('<ol class="offers">' in page, "<tr data-row>" in page) == (True, False)
    for role, unit in (("organiser", None), ("bureau", await factories.unit_id("410300"))):
        await sign_in(client, await make_actor(role, email=f"{role}@example.org", unit_id=unit))
        page = (await client.get("/e/fair-2018/listings")).text
        assert ('<ol class="offers">' in page, page.count("<tr data-row>")) == (False, 1)
        assert "Battery chemist" in page
        page = (await client.get("/e/fair-2018/listings?q=nothing-like-it")).text
        assert "Nothing matches all of these" in page


async def test_the_province_answers_beside_the_list(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    asked = await factories.listing(organisation, event, urgent_reason="A key project", urgent_asked=True)
    other = await factories.listing(organisation, event)
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    here = "/organise/editions/fair-2018/urgent"
    page = (await client.get(f"{here}?answer=waiting")).text
    assert (page.count("<tr data-row"), 'name="note"' in page) == (1, False)
    assert f"decide={asked}#decide" in page
    for nobody in (str(other), "0", "²", "x", "9" * 30):
        assert 'name="note"' not in (await client.get(here, params={"decide": nobody})).text
    assert 'name="note"' in (await client.get(f"{here}?decide={asked}")).text
    act = f"/organise/listings/{asked}/urgent?answer=waiting"
    short = await post(client, act, {"decision": "grant", "note": "x"})
    assert (short.status_code, 'value="x"' in short.text, "answer=waiting" in short.text) == (422, True, True)
    done = await post(client, act, {"decision": "grant", "note": "Work begins in March"})
    assert (done.status_code, done.headers["location"]) == (303, f"{here}?answer=waiting&page=1")
    assert await db.fetchval("SELECT urgent FROM listing WHERE id = $1", asked)
    assert 'value="Work begins in March"' in (await client.get(f"{here}?decide={asked}")).text


async def test_new_project_wanted_needs_no_degree_and_no_headcount(client: httpx.AsyncClient) -> None:
    await employer(client)
    page = await client.get("/employer/listings/new?kind=project")
    assert "Budget from" in page.text
    answer = await post(client, "/employer/listings/new", PROJECT)
    assert answer.status_code == 303
    row = await db.fetchrow("SELECT kind, state, degree, headcount, pay_min FROM listing")
    assert row is not None
    assert tuple(row) == ("project", "draft", "none", 1, 300)


async def test_draft_is_kept_when_publishing_is_not_possible_yet(client: httpx.AsyncClient) -> None:
    await employer(client, state="pending")
    form = await client.get("/employer/listings/new")
    assert 'value="publish"' not in form.text
    answer = await post(client, "/employer/listings/new", PEOPLE | {"then": "publish"})
    page = await client.get(answer.headers["location"])
    assert "The draft is kept" in page.text
    assert await db.fetchval("SELECT state FROM listing") == "draft"
    listing = await db.fetchval("SELECT id FROM listing")
    refused = await post(client, f"/employer/listings/{listing}/publish")
    assert refused.status_code == 409
    assert "not approved yet" in refused.text


async def test_empty_form_says_every_error_at_once(client: httpx.AsyncClient) -> None:
    await employer(client)
    answer = await post(client, "/employer/listings/new", {"kind": "people"})
    assert answer.status_code == 422
    assert errors_in(answer.text) == [
        "Please fill this in",
        "Please fill this in",
        "Please fill this in",
        "Please fill this in",
        "Please fill this in",
        "Please choose at least one",
        "Please fill this in",
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title_zh", "x" * 10_240, "At most 200 characters, this has 10240"),
        ("description_zh", "x" * 10_240, "At most 5000 characters, this has 10240"),
        ("description_en", "a\x00b", "Contains characters that cannot be stored"),
        ("headcount", "many", "Give a whole number"),
        ("headcount", "1000", "At most 999"),
        ("headcount", "0", "At least 1"),
        ("pay_min", "1.5", "Give a whole number"),
        ("pay_max", "20", "Not below the lower figure, 30"),
        ("discipline", "9999", "Choose one from the list"),
        ("city", "110000", "Choose one from the list"),
        ("degree", "genius", "Choose one from the list"),
        ("engagement", "training_abroad", "Choose one from the list"),
        ("valid_to", "2018-02-30", "Give a date like 2018-10-27"),
        ("valid_to", "2001-01-01", "This day is past"),
        ("start_by", "2001-01-01", "This day is past"),
        ("sponsors_permit", "perhaps", "Answer yes or no"),
        ("urgent_asked", "on", "Say in a sentence why it is urgent"),
    ],
)
async def test_bad_input_gets_one_clear_error_beside_its_field(
    client: httpx.AsyncClient, field: str, value: str, message: str
) -> None:
    await employer(client)
    answer = await post(client, "/employer/listings/new", PEOPLE | {field: value})
    assert answer.status_code == 422
    assert errors_in(answer.text) == [message]
    kept = PEOPLE["title_zh"] if field != "title_zh" else PEOPLE["description_zh"]
    assert str(kept) in answer.text
    assert await db.fetchval("SELECT count(*) FROM listing") == 0


async def test_discriminatory_words_are_quoted_beside_their_field(client: httpx.AsyncClient) -> None:
    await employer(client)
    bad = PEOPLE | {"description_zh": "限男性，年龄不超过40周岁，未婚者优先。", "title_en": "Engineer (male only)"}
    english = await post(client, "/employer/listings/new", bad)
    assert english.status_code == 422
    found = errors_in(english.text)
    assert found[0].startswith("“male only”: a listing may not ask for or prefer a sex")
    for words in ("“限男性”", "“年龄不超过40周岁”", "“未婚者优先”"):
        assert words in found[1]
    await client.get("/employer/listings/new?lang=zh")
    chinese = await post(client, "/employer/listings/new", bad)
    assert "「限男性」：不得限定性别或规定性别优先（就业促进法第27条" in chinese.text


async def test_markup_emoji_and_right_to_left_text_are_shown_as_text(client: httpx.AsyncClient) -> None:
    await employer(client)
    title = "<script>alert(1)</script> 🌾 مرحبا"
    answer = await post(
        client, "/employer/listings/new", PEOPLE | {"title_zh": title, "title_en": "", "then": "publish"}
    )
    for path in (answer.headers["location"], "/employer/listings", "/e/fair-2018/listings"):
        page = await client.get(path)
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 🌾 مرحبا" in page.text
        assert "<script>alert" not in page.text


async def test_change_keeps_a_published_listing_published(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    listing = await factories.listing(organisation, event)
    page = await client.get(f"/employer/listings/{listing}/edit")
    assert "医学影像人工智能研究员" in page.text
    assert 'value="publish"' not in page.text
    answer = await post(client, f"/employer/listings/{listing}/edit", PEOPLE | {"title_zh": "新标题"})
    assert answer.status_code == 303
    row = await db.fetchrow("SELECT title_zh, state FROM listing")
    assert row is not None
    assert tuple(row) == ("新标题", "published")
    refused = await post(client, f"/employer/listings/{listing}/edit", PEOPLE | {"title_zh": ""})
    assert (refused.status_code, errors_in(refused.text)) == (422, ["Please fill this in"])


@pytest.mark.parametrize(
    ("typed", "stored", "english", "chinese"),
    [
        ("yes", True, "the employer applies for it", "由用人单位申办"),
        ("no", False, "the employer does not apply for it", "用人单位不申办"),
        ("", None, "", ""),
    ],
)
async def test_who_applies_for_the_work_permit_is_asked_kept_and_shown(
    client: httpx.AsyncClient, typed: str, stored: bool | None, english: str, chinese: str
) -> None:
    await employer(client)
    form = (await client.get("/employer/listings/new")).text
    assert "Whether you apply for the permit of a foreign employee" in form
    given = PEOPLE | {"then": "publish", "sponsors_permit": typed}
    path = (await post(client, "/employer/listings/new", given)).headers["location"]
    assert await db.fetchval("SELECT sponsors_permit FROM listing") is stored
    page, translated = (await client.get(f"{path}?lang=en")).text, (await client.get(f"{path}?lang=zh")).text
    assert ("Work permit for foreigners" in page, "外国人来华工作许可" in translated) == (bool(typed), bool(typed))
    assert english in page
    assert chinese in translated


@pytest.mark.parametrize("stored", [True, False, None])
async def test_change_of_other_fields_keeps_who_applies_for_the_work_permit(
    client: httpx.AsyncClient, stored: bool | None
) -> None:
    _, organisation, event = await employer(client)
    listing = await factories.listing(organisation, event, sponsors_permit=stored)
    path = f"/employer/listings/{listing}/edit"
    select = re.search(r'name="sponsors_permit".*?</select>', (await client.get(path)).text, re.S)
    assert select is not None
    shown = re.findall(r'<option value="(\w*)" selected>', select[0])
    answer = await post(client, path, PEOPLE | {"title_zh": "新标题", "sponsors_permit": shown})
    assert answer.status_code == 303
    row = await db.fetchrow("SELECT title_zh, sponsors_permit FROM listing")
    assert row is not None
    assert tuple(row) == ("新标题", stored)


async def test_close_and_publish_again(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    listing = await factories.listing(organisation, event)
    await post(client, f"/employer/listings/{listing}/close")
    page = await client.get(f"/listings/{listing}")
    assert "Publish again" in page.text
    await post(client, f"/employer/listings/{listing}/publish")
    assert await db.fetchval("SELECT state FROM listing") == "published"


async def test_another_employers_listing_is_not_found(client: httpx.AsyncClient) -> None:
    event, other = await factories.event(), await factories.organisation()
    listing = await factories.listing(other, event, state="draft")
    await sign_in(client, await make_actor("employer", organisation_id=await factories.organisation()))
    for path in (f"/listings/{listing}", f"/employer/listings/{listing}/edit"):
        assert (await client.get(path)).status_code == 404
    for verb in ("edit", "publish", "close"):
        assert (await post(client, f"/employer/listings/{listing}/{verb}", PEOPLE)).status_code == 404
    assert await db.fetchval("SELECT state FROM listing") == "draft"


async def test_wrong_roles_are_refused(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair-2018")
    await sign_in(client, await make_actor("candidate"))
    for path in ("", "/new", "/1/edit", ".xlsx", ".csv"):
        assert (await client.get(f"/employer/listings{path}")).status_code == 403
    for path in ("/new", "/1/edit", "/1/publish", "/1/close"):
        assert (await post(client, f"/employer/listings{path}")).status_code == 403
    for form in ("xlsx", "csv"):
        assert (await client.get(f"/e/fair-2018/listings.{form}")).status_code == 403


async def test_exports_hold_what_is_seen(client: httpx.AsyncClient) -> None:
    _, organisation, event = await employer(client)
    await factories.listing(organisation, event, title_zh="=HYPERLINK(1)", search_key="a", sponsors_permit=True)
    await factories.listing(organisation, event, title_zh="草稿", state="draft", search_key="b")
    book = await client.get("/employer/listings.xlsx?state=published")
    rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[3] for row in rows] == ["Title in Chinese", "=HYPERLINK(1)"]
    assert [row[-1] for row in rows] == ["Work permit for foreigners", "the employer applies for it"]
    assert "spreadsheetml" in book.headers["content-type"]
    text = (await client.get("/employer/listings.csv?lang=zh")).content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:4] == ["用人单位", "类别", "状态", "中文标题"]
    assert sorted(row[3] for row in table[1:]) == ["'=HYPERLINK(1)", "草稿"]
    await sign_in(client, await make_actor("organiser", email="o@example.org"))
    seen = (await client.get("/e/fair-2018/listings.csv?kind=people")).content.decode("utf-8-sig")
    assert [row[3] for row in csv.reader(io.StringIO(seen))][1:] == ["'=HYPERLINK(1)"]


async def test_public_list_shows_filters_as_chips_and_counts(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(slug="fair-2018"), await factories.organisation()
    await factories.listing(organisation, event, title_en="AI researcher", search_key="ai researcher")
    await factories.listing(
        organisation, event, title_en="Wheat", discipline="0901", city="410700", search_key="wheat", headcount=3
    )
    page = (await client.get("/e/fair-2018/listings")).text
    assert "2 listings · 5 people wanted · 1 employer" in page
    assert '<option value="08">Engineering (1)</option>' in page
    found = (await client.get("/e/fair-2018/listings?category=09&q=wheat&city=410700")).text
    assert "1 listing · 3 people wanted · 1 employer" in found
    assert 'href="/e/fair-2018/listings?q=wheat&amp;city=410700"' in found
    assert "AI researcher" not in found
    empty = (await client.get("/e/fair-2018/listings?q=%00%F0%9F%8C%BE&category=zz")).text
    assert "Nothing matches all of these" in empty


async def test_public_list_has_pages(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(slug="fair-2018"), await factories.organisation()
    for at in range(23):
        await factories.listing(organisation, event, title_zh=f"岗位{at:02}")
    second = (await client.get("/e/fair-2018/listings?page=2&kind=people")).text
    assert second.count('class="offer"') == 3
    assert 'href="?kind=people&amp;page=1"' in second
    assert (await client.get("/e/fair-2018/listings?page=abc")).text.count('class="offer"') == 20


async def test_public_list_of_a_draft_event_is_not_found(client: httpx.AsyncClient) -> None:
    await factories.event(slug="next-year", state="draft")
    assert (await client.get("/e/next-year/listings")).status_code == 404
    assert (await client.get("/e/nowhere/listings")).status_code == 404
