"""The working list: filters with counts, order, columns, views, who may see it, and its exports."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

import httpx
import python_calamine

from fairs.accounts.actor import SYSTEM
from fairs.core.db import execute, fetchval
from fairs.registrations import services
from fairs.registrations.working import queries, wanted
from fairs.registrations.working.columns import EXTRAS, Extras, ListColumn, offer
from fairs.registrations.working.facets import Facet
from fairs.registrations.working.queries import Selection
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.fair import person

LIST = "/organise/editions/fair/registrations"


async def _people() -> dict[str, int]:
    """Four people: a German expert with a profile, badge and admission; two candidates; one cancelled. name → id."""
    event = await factories.event(slug="fair")
    forum = await factories.session(event, "forum")
    gate = await factories.gate(event)
    made: dict[str, int] = {}
    given: dict[str, dict[str, Any]] = {
        "expert": {"category": "expert", "nationality": "DE", "name_native": "张晓明", "sessions": ["forum"]},
        "first": {"nationality": "DE", "organisation": "=1+1"},
        "second": {"nationality": "", "name_native": "阿宝"},
        "gone": {"nationality": "US"},
    }
    for n, (name, values) in enumerate(given.items()):
        made[name] = (await services.register(event, person(n, **values), by=SYSTEM)).id
    talent = await factories.talent(email="p0@example.org", degree="master", discipline="1405")
    await execute("UPDATE registration SET talent = $1 WHERE id = $2", talent, made["expert"])
    await execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) VALUES ($1, $2, current_date, now())",
        gate,
        made["expert"],
    )
    badge = await fetchval("SELECT id FROM badge WHERE registration = $1", made["expert"])
    await execute("INSERT INTO badge_print (badge, way) VALUES ($1, 'desk')", badge)
    await execute("INSERT INTO registration_tag (registration, tag) VALUES ($1, 'VIP')", made["first"])
    await services.cancel(made["gone"], by=SYSTEM, reason="gone")
    return made | {"event": event, "forum": forum}


async def _ids(event: int, **given: str) -> list[int]:
    offered = await offer(event)
    return await queries.ids_of(Selection(event, wanted.read(given, offered)), offered)


async def test_each_filter_finds_its_people_and_counts_them(db: None) -> None:
    made = await _people()
    event, expert, first, second = (made[name] for name in ("event", "expert", "first", "second"))
    for given, found in (
        ({"state": "cancelled"}, {made["gone"]}),
        ({"category": "expert"}, {expert}),
        ({"country": "DE"}, {expert, first}),
        ({"country": "-,US"}, {second, made["gone"]}),
        ({"session": "forum"}, {expert}),
        ({"arrived": "yes"}, {expert}),
        ({"arrived": "no", "state": "confirmed"}, {first, second}),
        ({"degree": "master"}, {expert}),
        ({"field": "1405"}, {expert}),
        ({"printed": "yes"}, {expert}),
        ({"printed": "no"}, {first, second}),
        ({"printed": "-"}, {made["gone"]}),
        ({"tag": "VIP"}, {first}),
        ({"q": "zxm", "country": "DE"}, {expert}),
        ({"q": "!!!"}, set()),
        ({"country": "DE", "category": "candidate"}, {first}),
    ):
        assert set(await _ids(event, **given)) == found, given
    offered = await offer(event)
    counted = await queries.counts(event, wanted.read({"country": "DE", "category": "candidate"}, offered), offered)
    assert counted.total == 1
    assert counted.values["category"] == {"candidate": 1, "expert": 1}  # as if no category were chosen
    assert counted.values["country"] == {"DE": 1, "-": 1, "US": 1}
    assert counted.values["tag"] == {"VIP": 1}
    assert counted.values["session"] == {}


async def test_the_list_is_sorted_by_several_columns_and_by_pinyin(db: None) -> None:
    made = await _people()
    event = made["event"]
    names = {number: name for name, number in made.items()}
    assert [names[key] for key in await _ids(event)] == ["gone", "second", "first", "expert"]
    by_name = [names[key] for key in await _ids(event, sort="name", state="confirmed")]
    assert by_name == ["second", "first", "expert"]  # abao, person 1, zhangxiaoming
    by_both = [names[key] for key in await _ids(event, sort="-country,number", state="confirmed")]
    assert by_both == ["expert", "first", "second"]
    offered = await offer(event)
    asked = wanted.read({"sort": "phone,name,-nothing,-country,x,state,number"}, offered)
    assert asked.sort == ("name", "-country", "state")
    assert asked.sorted_by("country").sort == ("country", "name", "state")
    assert asked.sorted_by("name").sort == ("-name", "-country", "state")


async def test_the_page_shows_filters_remembers_columns_and_bears_nonsense(client: httpx.AsyncClient) -> None:
    made = await _people()
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get(f"{LIST}?country=DE")).text
    assert "张晓明" in page
    assert "p3@example.org" not in page
    assert re.search(r"2 registrations", page)
    answer = await post(
        client, f"{LIST}/columns", {"columns": ["phone", "days", "nothing"], "list": "country=DE&sort=name", "view": ""}
    )
    assert answer.headers["location"] == f"{LIST}?country=DE&sort=name&columns=phone%2Cdays"
    heads = re.findall(r'<th scope="col".*?>(?:<a[^>]*>)?([^<]+)', (await client.get(LIST)).text)
    assert "Phone" in heads
    assert "E-mail address" not in heads
    other = await factories.event(slug="other")
    assert other
    assert "Phone" in (await client.get(f"{LIST}")).text
    for odd in (
        "?page=99999999",
        "?page=-1",
        "?state=x&category=y",
        "?q=%00%25",
        "?sort=,,-&columns=,",
        "?view=99",
        "?tag=%27",
    ):
        assert (await client.get(f"{LIST}{odd}")).status_code == 200, odd
    assert (await client.get("/organise/editions/nothing/registrations")).status_code == 404
    assert made


async def test_views_are_saved_shared_shown_first_renamed_and_deleted(client: httpx.AsyncClient) -> None:
    await _people()
    alice, bob = await make_actor("organiser"), await make_actor("organiser", email="bob@example.org", name="Bob")
    await sign_in(client, alice)
    saved = {"name": " Germans ", "shared": "1", "list": "country=DE&sort=name&rubbish=1"}
    answer = await post(client, f"{LIST}/views", saved)
    view = await fetchval("SELECT id FROM registration_view")
    assert answer.headers["location"] == f"{LIST}?country=DE&sort=name&view={view}"
    await post(client, f"{LIST}/views", saved | {"list": "country=DE"})
    assert await fetchval("SELECT query FROM registration_view") == "country=DE"  # the same name replaces it
    await post(client, f"{LIST}/views", {"name": "Mine", "list": "tag=VIP"})
    mine = await fetchval("SELECT id FROM registration_view WHERE name = 'Mine'")
    assert (await post(client, f"{LIST}/views", {"name": "  ", "list": ""})).status_code == 422
    assert (await post(client, f"{LIST}/views/{mine}", {"name": "Germans"})).status_code == 409
    await sign_in(client, bob)
    page = (await client.get(f"{LIST}/views")).text
    assert "Germans" in page
    assert "Mine" not in page
    for act in ("", "/delete"):
        assert (await post(client, f"{LIST}/views/{view}{act}", {"name": "x"})).status_code == 404
    assert (await post(client, f"{LIST}/views/{mine}/first")).status_code == 404
    await post(client, f"{LIST}/views/{view}/first")
    assert (await client.get(LIST)).headers["location"] == f"{LIST}?country=DE&view={view}"
    assert "4 registrations" in (await client.get(f"{LIST}?view=0")).text
    await sign_in(client, alice)
    await post(client, f"{LIST}/views/{view}", {"name": "Deutsche"})
    assert tuple(await fetchval("SELECT (name, shared) FROM registration_view WHERE id = $1", view)) == (
        "Deutsche",
        False,
    )
    await post(client, f"{LIST}/views/{view}/delete")
    await sign_in(client, bob)
    assert (await client.get(LIST)).status_code == 200  # its first view is gone


async def test_tags_notes_and_names_of_views_are_cleaned_as_in_every_form(client: httpx.AsyncClient) -> None:
    await _people()
    await sign_in(client, await make_actor("organiser"))
    number = await fetchval("SELECT number FROM registration ORDER BY id LIMIT 1")
    person = f"{LIST}/{number}"
    for tag in ("VIP\u200b", "\ufeffVIP", "\u202eVIP\u202c", "VIP\u00a0"):
        assert (await post(client, f"{person}/tags", {"tag": tag})).status_code == 303
    assert await fetchval("SELECT array_agg(DISTINCT tag) FROM registration_tag WHERE tag LIKE '%VIP%'") == ["VIP"]
    assert (await post(client, f"{person}/notes", {"note": "one\u200b\x0btwo\u2028three"})).status_code == 303
    assert await fetchval("SELECT text FROM registration_note ORDER BY id DESC LIMIT 1") == "one\ntwo\nthree"
    assert (await post(client, f"{LIST}/views", {"name": "\u200eMine\u200b", "list": ""})).status_code == 303
    assert await fetchval("SELECT name FROM registration_view ORDER BY id DESC LIMIT 1") == "Mine"
    for path, name in ((f"{person}/tags", "tag"), (f"{person}/notes", "note"), (f"{LIST}/views", "name")):
        for odd in ("\u200b\u2060", "a\x00b", "a\x1fb"):
            assert (await post(client, path, {name: odd})).status_code == 422, (name, odd)


async def test_only_who_runs_the_event_reaches_list_and_people(client: httpx.AsyncClient) -> None:
    made = await _people()
    number = await fetchval("SELECT number FROM registration WHERE id = $1", made["first"])
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id("410300")))
    paths = ("", "/views", "/export", "/acts", f"/{number}")
    assert {(await client.get(f"{LIST}{path}")).status_code for path in paths} == {404}
    for path in ("/chosen", "/columns", "/views", f"/{number}/notes", f"/{number}/tags"):
        assert (
            await post(client, f"{LIST}{path}", {"kind": "tag", "all": "1", "tag": "x", "note": "x"})
        ).status_code == 404
    assert await fetchval("SELECT count(*) FROM registration_bulk") == 0


async def test_exports_have_the_filter_the_columns_and_no_formulas(client: httpx.AsyncClient) -> None:
    await _people()
    await execute(
        "UPDATE registration SET badge_name = '@SUM(1)', days = ARRAY[DATE '2026-10-27'] WHERE nationality = 'DE'"
    )
    await sign_in(client, await make_actor("organiser"), proved=True)
    page = (await client.get(f"{LIST}/export?country=DE")).text
    assert '<b class="num">2</b> people who match' in page
    answer = await client.get(
        f"{LIST}.csv?country=DE&sort=number&columns=organisation&columns=badge_name&columns=days,tags,phone"
    )
    assert answer.headers["content-disposition"] == 'attachment; filename="registrations-fair.csv"'
    head, *rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert head == ["University, company or institute", "Name on the badge", "Days", "Tags", "Phone"]
    assert [row[:4] for row in rows] == [["", "'@SUM(1)", "2026-10-27", ""], ["'=1+1", "'@SUM(1)", "2026-10-27", "VIP"]]
    answer = await client.get(f"{LIST}.xlsx?category=candidate&state=confirmed&sort=number")
    sheet = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    at = {name: place for place, name in enumerate(sheet[0])}
    assert {"Days", "Name on the badge", "Badge printed", "Arrived at"} <= at.keys()
    assert [row[at["University, company or institute"]] for row in sheet[1:]] == ["=1+1", ""]


async def test_a_higher_slice_adds_a_filter_and_a_column(db: None) -> None:
    made = await _people()

    async def words(event: Any) -> dict[str, str]:
        return {"none": "None", "some": "Some"}

    async def answers(event_id: int) -> Extras:
        value = "CASE WHEN r.organisation_name = :wanted_answer THEN 'some' ELSE 'none' END"
        arguments = {"wanted_answer": "=1+1"}
        facet = Facet("diet", "Diet", words, value, arguments=arguments)
        return Extras((facet,), (ListColumn("diet", "Diet", value, arguments=arguments),))

    wired = EXTRAS()
    EXTRAS.set((*wired, answers))
    try:
        assert await _ids(made["event"], diet="some") == [made["first"]]
        offered = await offer(made["event"])
        asked = wanted.read({"diet": "none", "columns": "diet"}, offered)
        page, counted, _ = await queries.page_of(made["event"], asked, offered, 1)
        assert (counted.total, counted.values["diet"]) == (3, {"none": 3, "some": 1})
        assert {row.cells[-1] for row in page.rows} == {"none"}
        assert replace(asked, chosen=()).filters is False
    finally:
        EXTRAS.set(wired)
