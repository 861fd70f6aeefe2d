"""Targets: set in a grid or pasted, all or nothing; shown to each unit with its place."""

import io
import re
from fractions import Fraction
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from fairs.core import clock, versions
from fairs.core.db import execute, fetch, fetchval
from fairs.events.queries import event_by_id
from fairs.reports import queries as numbers
from fairs.reports.measures import MEASURES, REACHED_BY
from fairs.reports.targets import forms, queries, rules, services, standing
from fairs.units import catalogues
from fairs.units.kinds import UnitKind
from fairs.units.queries import all_units
from fairs.units.rows import UnitRow
from tests import factories
from tests.cast import make_actor, post, sign_in, sign_out
from tests.reports.scene import World, world
from tests.reports.test_services import _full

UNITS = [
    UnitRow(1, "410000", UnitKind.PROVINCE, "河南省", "Henan Province"),
    UnitRow(2, "410100", UnitKind.CITY, "郑州市", "Zhengzhou"),
    UnitRow(3, "410300", UnitKind.CITY, "洛阳市", "Luoyang"),
]
YEAR = clock.now().year  # in which the facts of these tests happen
GRID = f"/organise/editions/fair-one/targets?year={YEAR}"
PASTE = f"/organise/editions/fair-one/targets/paste?year={YEAR}"
DOCUMENT = {"document_title": "目标任务分解", "document_number": "豫人社〔2018〕7号", "document_date": "2018-04-02"}


async def _returned() -> World:
    """As `_full`, with somebody who came home after studies abroad."""
    made = await _full()
    await execute(
        "UPDATE talent SET nationality = 'CN', abroad_country = 'DE', abroad_degree = 'doctor' WHERE id = $1",
        made.luoyang.talent_id,
    )
    return made


def _read(text: str) -> rules.Pasted:
    return rules.read_pasted(text, UNITS, catalogues.targets())


def test_a_block_is_read_by_names_and_codes_in_both_languages() -> None:
    pasted = _read(
        "单位\t引进海外留学人才（人）\tForeign experts funded\n郑州\t1,200\t 30 \n410300\t300\t\n合计\t1500\t30\n\nHenan Province\t3300\t2000\n"
    )
    assert pasted.problems == []
    assert pasted.cells == {
        ("410100", "overseas_talents"): 1200,
        ("410100", "experts_funded"): 30,
        ("410300", "overseas_talents"): 300,
        ("410000", "overseas_talents"): 3300,
        ("410000", "experts_funded"): 2000,
    }
    assert pasted.totals == [4]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [1]),
        ("郑州 12", [1]),
        ("单位\t引进海外留学人才\n", [1]),
        ("单位\t什么\n郑州\t1", [1]),
        ("单位\tparks\tparks\n郑州\t1\t2", [1]),
        ("单位\tparks\n郑州\tx\n没有\t1\n洛阳\t-4\n郑州市\t4", [2, 3, 4, 5]),
        ("单位\t代码\tparks\n郑州\t410300\t2", [2]),
        ("单位\tparks\n郑州\t1\t77", [2]),
        ("单位\tparks\n郑州\t9999999999", [2]),
    ],
)
def test_each_error_names_its_row(text: str, rows: list[int]) -> None:
    assert [problem.row for problem in _read(text).problems] == rows


def test_equal_shares_share_a_place() -> None:
    half, all_of_it = rules.share(1, 2), rules.share(7, 7)
    found = rules.ranks(
        {"a": half, "b": all_of_it, "c": Fraction(2, 4), "d": rules.share(0, 9), "e": rules.share(3, 0)}
    )
    assert found == {"b": 1, "a": 2, "c": 2, "d": 4}
    assert rules.ranks({"a": rules.share(0, 9), "b": None}) == {}
    assert rules.percent(rules.share(999, 1000)) == 99


async def _grid(**cells: int | None) -> tuple[type[forms.DocumentForm], dict[str, Any]]:
    units = await all_units()
    stored = forms.stored_grid(units, await queries.targets_of(YEAR))
    return forms.grid_form(units), {**stored, **cells}


async def _set(made: World, seen: str = "", **cells: int | None) -> int:
    """Set cells of this year's grid."""
    kind, values = await _grid(**cells)
    document: dict[str, Any] = {
        "document_title": "目标任务分解",
        "document_number": "7",
        "document_date": factories.STARTS.date(),
    }
    return await services.set_targets(YEAR, kind(**values, **document), by=made.organiser, seen=seen)


async def test_a_unit_sees_its_share_what_is_missing_and_its_place(db: None) -> None:
    made = await _returned()
    cells: dict[str, Any] = {
        "t_410000_overseas_talents": 4,
        "t_410300_overseas_talents": 3,
        "t_411300_overseas_talents": 9,
    }
    assert await _set(made, **cells, t_410300_parks=1) == 4
    event = await event_by_id(made.event)
    scope = await numbers.scope_for(made.organiser, event)
    found = {(one.unit.code, one.target.key): one for one in await standing.of_year(scope, YEAR)}
    luoyang = found["410300", "overseas_talents"]
    assert (luoyang.reached, luoyang.share, luoyang.missing, luoyang.rank, luoyang.of) == (1, 33, 2, 1, 2)
    assert (found["411300", "overseas_talents"].rank, found["410000", "overseas_talents"].rank) == (2, None)
    assert found["410000", "overseas_talents"].share == 25
    assert found["410300", "parks"].reached is None
    own = standing.visible(made.luoyang.bureau, list(found.values()))
    assert {one.unit.code for one in own} == {"410300"}


async def test_every_change_has_its_document_and_an_entry_in_the_log(db: None) -> None:
    made = await world()
    await _set(made, t_410300_parks=1)
    assert await _set(made, t_410300_parks=1) == 0
    await _set(made, t_410300_parks=None, t_411300_parks=2)
    entries = await fetch("SELECT action, object_id FROM audit_entry WHERE object_kind = 'target' ORDER BY id")
    assert [tuple(entry) for entry in entries] == [
        ("target.set", f"{YEAR}/410300/parks"),
        ("target.remove", f"{YEAR}/410300/parks"),
        ("target.set", f"{YEAR}/411300/parks"),
    ]
    [row] = await queries.targets_of(YEAR)
    assert (row.code, row.value, row.source, row.document_number) == ("411300", 2, "目标任务分解", "7")


async def test_two_who_set_targets_at_once_lose_nothing(db: None) -> None:
    made = await world()
    kind, stored = await _grid()
    seen = versions.version_of(kind, stored)
    await _set(made, seen, t_410300_parks=1)
    with pytest.raises(versions.Outdated):
        await services.set_targets(YEAR, kind(**stored), by=made.organiser, seen=seen)  # fmt: skip
    assert [row.value for row in await queries.targets_of(YEAR)] == [1]


def _form(page: str) -> dict[str, str]:
    """The grid as a browser sends it."""
    found = re.findall(r'<input[^>]*? name="(t_\w+|_version)"[^>]*?value="([^"]*)"', page)
    return dict(found)


async def test_grid_saves_asks_for_the_document_and_shows_both_texts(client: httpx.AsyncClient) -> None:
    made = await world()
    await sign_in(client, made.organiser)
    page = await client.get(GRID)
    assert page.status_code == 200
    fields = _form(page.text)
    assert len(fields) == 1 + 30 * 4
    assert fields["_version"]
    without = await post(client, GRID, {**fields, "t_410300_parks": "3"})
    assert without.status_code == 422
    assert 'value="3"' in without.text
    assert await fetchval("SELECT count(*) FROM target") == 0
    wrong = await post(client, GRID, {**fields, **DOCUMENT, "t_410300_parks": "many"})
    assert wrong.status_code == 422
    assert "Give a whole number" in wrong.text
    saved = await post(client, GRID, {**fields, **DOCUMENT, "t_410300_parks": "3"})
    assert (saved.status_code, saved.headers["location"]) == (303, GRID)
    late = await post(client, GRID, {**fields, **DOCUMENT, "t_410300_parks": "8", "t_411300_parks": "1"})
    assert late.status_code == 409
    assert 'name="_keep_t_410300_parks"' in late.text
    again = {**_form(late.text), **DOCUMENT, "_keep_t_410300_parks": "theirs"}
    assert (await post(client, GRID, again)).status_code == 303
    rows = await fetch("SELECT u.code, g.value FROM target g JOIN unit u ON u.id = g.unit ORDER BY 1")
    assert [tuple(row) for row in rows] == [("410300", 3), ("411300", 1)]


async def test_pasted_cells_are_shown_first_and_stored_all_or_none(client: httpx.AsyncClient) -> None:
    made = await world()
    await sign_in(client, made.organiser)
    bad = await post(client, PASTE, {**DOCUMENT, "block": "单位\tparks\n洛阳\t1\n哪里\t2"})
    assert bad.status_code == 422
    assert "Row 3" in bad.text
    block = "单位\tparks\n洛阳\t1\n南阳\t2"
    shown = await post(client, PASTE, {**DOCUMENT, "block": block})
    assert shown.status_code == 200
    assert "2 targets would change" in shown.text
    assert await fetchval("SELECT count(*) FROM target") == 0
    sent = {**DOCUMENT, "block": block, "confirm": "1", "_version": _form(shown.text)["_version"]}
    await _set(made, t_410300_parks=9)
    late = await post(client, PASTE, sent)
    assert late.status_code == 409
    assert "saved by another person" in late.text
    assert await fetchval("SELECT array_agg(value) FROM target") == [9]
    assert (await post(client, PASTE, {**sent, "_version": _form(late.text)["_version"]})).status_code == 303
    assert await fetchval("SELECT array_agg(value ORDER BY value) FROM target") == [1, 2]


async def test_a_bureau_reads_its_own_targets_only(client: httpx.AsyncClient) -> None:
    made = await _returned()
    await _set(made, t_410300_overseas_talents=3, t_411300_overseas_talents=777)
    await sign_in(client, made.luoyang.bureau)
    page = (await client.get(f"/e/fair-one/targets?year={YEAR}")).text
    assert "1 of 2" in page
    assert "33 %" in page
    assert "777" not in page
    assert "Nanyang" not in page
    await execute("UPDATE event SET starts_at = now(), ends_at = now() + interval '1 day'")
    assert "rank 1 of 2" in (await client.get("/e/fair-one/dashboard")).text
    desk = (await client.get("/home")).text
    assert "33 % · rank 1 of 2" in " ".join(desk.split())
    assert '/e/fair-one/dashboard/year_overseas_talents?unit=410300"' in desk
    assert "777" not in desk
    assert (await client.get(GRID)).status_code == 403
    book = await client.get("/e/fair-one/targets/targets.xlsx", params={"year": str(YEAR)})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in sheet[1:]] == ["410300"]
    assert sheet[1][6:11] == [1, 33, 2, 1, 2]
    sign_out(client)
    await sign_in(client, made.organiser)
    everything = (
        await client.get("/e/fair-one/targets", params={"year": str(YEAR), "target": "overseas_talents"})
    ).text
    assert everything.index("Luoyang") < everything.index("Nanyang")
    desk = (await client.get("/home")).text
    assert "0 of 2 units have reached theirs" in desk
    assert '/e/fair-one/targets?target=overseas_talents"' in desk
    nobody = await make_actor("bureau", email="other@example.org", unit_id=await factories.unit_id("411500"))
    sign_out(client)
    await sign_in(client, nobody)
    assert "No target for this year" in (await client.get(f"/e/fair-one/targets?year={YEAR}")).text


@pytest.mark.parametrize("year", ["", "0", "99999", "20x8", "1200", "２０１８"])
async def test_odd_years_show_the_year_of_the_event(client: httpx.AsyncClient, year: str) -> None:
    made = await world()
    await sign_in(client, made.organiser)
    page = await client.get("/organise/editions/fair-one/targets", params={"year": year})
    assert f"Targets of {factories.STARTS.year}" in page.text


def test_every_target_has_a_measure_or_the_reason_why_none() -> None:
    for target in catalogues.targets():
        assert (target.measure in MEASURES) != bool(target.uncounted_zh and target.uncounted_en), target.key
    assert set(REACHED_BY.values()) <= MEASURES.keys()
