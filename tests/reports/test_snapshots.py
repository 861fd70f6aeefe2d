"""A frozen month stays as it was counted, and every difference to today has its rows."""

import asyncio
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest
from python_calamine import CalamineWorkbook

from fairs.accounts.actor import SYSTEM
from fairs.agreements import services as agreements
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import EVENT_ZONE
from fairs.core.roles import Role
from fairs.events import life
from fairs.events.queries import event_by_id
from fairs.reports import queries as numbers
from fairs.reports.measures import MEASURES
from fairs.reports.snapshots import by_clock, pages, queries, rules
from fairs.reports.snapshots.rows import CountedEvent
from fairs.reports.snapshots.services import freeze_month
from tests import factories
from tests.agreements.scene import drawn_up, signed
from tests.cast import make_actor, post, sign_in, sign_out
from tests.reports.scene import World, world

MONTH = clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date().replace(day=1)
TEXT = rules.written(MONTH)
ADDRESS = f"/e/fair-one/months/{TEXT}"


async def _frozen(made: World) -> int:
    await signed(made.luoyang, amount_cny=1_000_000)
    return await freeze_month(made.event, MONTH, by=made.organiser)


def test_months_and_versions() -> None:
    assert rules.read_month("2018-12") == date(2018, 12, 1)
    assert [rules.read_month(text) for text in ("2018-13", "2018-1", "18-01", "２０１８-01", "2018-01\n")] == [None] * 5
    assert rules.next_month(date(2018, 12, 1)) == date(2019, 1, 1)
    since, until = rules.bounds(date(2018, 10, 1), "Asia/Shanghai")
    assert (since.astimezone(UTC), until.astimezone(UTC)) == (
        datetime(2018, 9, 30, 16, tzinfo=UTC),
        datetime(2018, 10, 31, 16, tzinfo=UTC),
    )
    first, last = datetime(2018, 11, 30, 16, tzinfo=UTC), datetime(2019, 2, 1, tzinfo=UTC)
    shown = rules.months_between(first, last, "Asia/Shanghai")
    assert [rules.written(month) for month in shown] == ["2019-02", "2019-01", "2018-12"]
    intents = MEASURES["intents"]
    assert rules.version_of(intents) != rules.version_of(replace(intents, source=intents.source + " "))


async def test_numbers_of_a_month_are_those_of_the_dashboard(db: None) -> None:
    """Everything of this world but its scans happens in one month, so that both ways of counting agree."""
    made = await world()
    snapshot = await _frozen(made)
    kept = pages.summed(await queries.kept_numbers(snapshot), None)
    scope = replace(await numbers.scope_for(made.organiser, await event_by_id(made.event)), year=MONTH.year)
    now = await numbers.numbers(scope)
    for measure in rules.FROZEN:
        rows = [row.at for row in await numbers.all_rows(scope, measure)]
        values = await numbers.all_rows(scope, measure)
        since, until = rules.bounds(MONTH, scope.zone)
        inside = sum(row.value for row in values if since <= row.at < until)
        assert kept.get(measure.key, (0, 0))[0] == inside, measure.key
        assert kept.get(measure.key, (0, 0))[1] == sum(row.value for row in values if row.at < until), measure.key
        assert now[measure.key] >= inside, (measure.key, rows)
    assert kept["signed_intents"] == (1, 1)
    assert kept["amount"] == (1_000_000, 1_000_000)


async def test_a_frozen_month_keeps_its_numbers_and_explains_the_difference(db: None) -> None:
    made = await world()
    snapshot = await _frozen(made)
    fresh = await drawn_up(made.nanyang)
    await execute("UPDATE agreement SET amount_cny = 7 WHERE state = 'signed_intent'")
    await execute("UPDATE organisation SET state = 'rejected' WHERE id = $1", made.nanyang.organisation)
    kept = pages.summed(await queries.kept_numbers(snapshot), None)
    scope = await numbers.scope_for(made.organiser, await event_by_id(made.event))
    today = pages.summed(await queries.numbers_today(scope, MONTH), None)
    assert (kept["intents"][0], today["intents"][0]) == (1, 2)
    head = await queries.snapshot(made.event, MONTH)
    for measure in rules.FROZEN:
        page = await queries.differences(scope, head, measure, codes=None, page=None)
        explained = sum((row.after or 0) - (row.before or 0) for row in page.rows)
        assert page.total == len(page.rows)
        assert explained == today.get(measure.key, (0, 0))[0] - kept.get(measure.key, (0, 0))[0], measure.key
    [added] = (await queries.differences(scope, head, MEASURES["intents"], codes=None, page=None)).rows
    assert (added.mark, added.before, added.after) == (fresh, None, 1)
    [changed] = (await queries.differences(scope, head, MEASURES["amount"], codes=["410300"], page=None)).rows
    assert (changed.before, changed.after) == (1_000_000, 7)
    [removed] = (await queries.differences(scope, head, MEASURES["employers_approved"], codes=None, page=None)).rows
    assert (removed.before, removed.after, removed.label_zh) == (1, None, None)
    assert removed.mark


async def test_frozen_rows_name_no_person(db: None) -> None:
    made = await world()
    await _frozen(made)
    names = await fetch("SELECT name_passport AS n FROM registration UNION SELECT name_passport FROM talent")
    marks = " ".join(row["mark"] for row in await fetch("SELECT DISTINCT mark FROM snapshot_row"))
    assert names
    assert [row["n"] for row in names if row["n"] in marks] == []


async def test_frozen_rows_refuse_every_change(db: None) -> None:
    made = await world()
    await _frozen(made)
    for table in ("snapshot", "snapshot_rule", "snapshot_number", "snapshot_row"):
        assert await fetchval(f"SELECT count(*) FROM {table}") > 0
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await execute(change)


async def test_a_correction_is_a_new_count_with_a_reason(db: None) -> None:
    made = await world()
    await _frozen(made)
    with pytest.raises(Conflict):
        await freeze_month(made.event, MONTH, by=SYSTEM)
    await drawn_up(made.nanyang)
    await freeze_month(made.event, MONTH.replace(day=3), by=made.organiser, reason="reported late")
    heads = await queries.snapshots_of(made.event)
    assert [(head.number, head.reason, head.last, head.complete) for head in heads] == [
        (2, "reported late", 2, False),
        (1, "", 2, False),
    ]
    counted = [pages.summed(await queries.kept_numbers(head.id), None)["intents"][0] for head in reversed(heads)]
    assert counted == [1, 2]
    entries = await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'month.freeze'")
    assert entries == 2
    with pytest.raises(Invalid):
        await freeze_month(made.event, rules.next_month(MONTH), by=made.organiser)
    with pytest.raises(NotFound):
        await freeze_month(made.event, MONTH, by=made.luoyang.bureau, reason="mine")
    assert (await life.holdings(made.event)).months == 2


async def test_two_who_freeze_at_once_freeze_once(db: None) -> None:
    made = await world()
    results = await asyncio.gather(
        *(freeze_month(made.event, MONTH, by=made.organiser) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "Conflict", "int"]


async def test_a_month_is_frozen_and_read_on_pages(client: httpx.AsyncClient) -> None:
    made = await world()
    number = await signed(made.luoyang)
    await sign_in(client, made.organiser)
    assert "No month is frozen yet" in (await client.get("/e/fair-one/months")).text
    freeze = "/organise/editions/fair-one/months"
    assert (await post(client, freeze, {"month": "2018-13"})).status_code == 422
    assert (await post(client, freeze, {"month": rules.written(rules.next_month(MONTH))})).status_code == 422
    done = await post(client, freeze, {"month": TEXT})
    assert (done.status_code, done.headers["location"]) == (303, ADDRESS)
    again = await post(client, freeze, {"month": TEXT})
    assert again.status_code == 409
    assert "needs a reason" in again.text
    await agreements.transition(number, "terminated", by=made.luoyang.employer, reason="terms")
    assert "before the month was over" in (await client.get(ADDRESS)).text
    page = await client.get(f"{ADDRESS}/state_signed_intent?unit=410300")
    assert page.status_code == 200
    assert "removed" in page.text
    assert number in page.text
    book = await client.get(f"{ADDRESS}/month.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert len(sheet) == 1 + 32 * len(rules.FROZEN)
    assert [row[5:9] for row in sheet if row[1] == "Signed by both" and row[3] == "410300"] == [[1, 1, 0, 1]]


async def test_a_bureau_reads_the_frozen_month_of_its_own_unit(client: httpx.AsyncClient) -> None:
    made = await world()
    await _frozen(made)
    await sign_in(client, made.nanyang.bureau)
    assert "Freeze a month" not in (await client.get("/e/fair-one/months")).text
    assert (await client.get(f"{ADDRESS}?unit=410300")).status_code == 404
    assert (await client.get(f"{ADDRESS}/intents?unit=410300")).status_code == 404
    book = await client.get(f"{ADDRESS}/month.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert {row[3] for row in sheet[1:]} == {"411300"}
    assert [row[5] for row in sheet if row[1] == "Signed by both"] == [0]
    for path in (
        "/e/fair-one/months/2001-01",
        f"{ADDRESS}?number=7",
        f"{ADDRESS}?number=x",
        f"{ADDRESS}/present_today",
    ):
        assert (await client.get(path)).status_code == 404, path
    sign_out(client)
    await sign_in(client, made.luoyang.employer)
    assert (await client.get(ADDRESS)).status_code == 403


async def test_a_draft_has_no_months(db: None) -> None:
    made = await world()
    draft = await factories.event(slug="fair-draft", state="draft")
    with pytest.raises(Conflict):
        await freeze_month(draft, MONTH, by=made.organiser)


def _on(moment: str) -> None:
    """Set the clock, in Beijing time."""
    clock.start_from(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(EVENT_ZONE)).isoformat())


async def _kept() -> list[tuple[str, int, bool, int | None]]:
    rows = await fetch("SELECT month, number, complete, taken_by FROM snapshot ORDER BY month, number")
    return [(rules.written(row["month"]), row["number"], row["complete"], row["taken_by"]) for row in rows]


async def test_clock_freezes_a_month_once_on_its_day(db: None) -> None:
    _on("2027-01-20T12:00")
    await factories.event(starts_at=datetime(2027, 3, 1, tzinfo=UTC), ends_at=datetime(2027, 3, 2, tzinfo=UTC))
    await factories.event(state="draft")
    await factories.event(state="archived")
    _on("2027-02-04T23:00")
    assert await by_clock.freeze_months() == 0
    _on("2027-02-05T04:00")
    assert [await by_clock.freeze_months(), await by_clock.freeze_months()] == [1, 0]
    assert await _kept() == [("2027-01", 1, True, None)]


async def test_clock_makes_up_for_each_missed_month_once_and_keeps_those_frozen_by_hand(
    db: None, client: httpx.AsyncClient
) -> None:
    _on("2027-01-20T12:00")
    event = await factories.event(
        slug="fair-one", starts_at=datetime(2027, 6, 1, tzinfo=UTC), ends_at=datetime(2027, 6, 2, tzinfo=UTC)
    )
    organiser = await make_actor(Role.ORGANISER)
    _on("2027-02-01T09:00")
    await freeze_month(event, date(2027, 1, 1), by=organiser)
    _on("2027-02-10T09:00")
    await freeze_month(event, date(2027, 2, 1), by=organiser)  # it is not over
    _on("2027-05-05T04:00")
    assert sum(await asyncio.gather(by_clock.freeze_months(), by_clock.freeze_months())) == 3
    by = organiser.account_id
    assert await _kept() == [
        ("2027-01", 1, True, by),
        ("2027-02", 1, False, by),
        ("2027-02", 2, True, None),
        ("2027-03", 1, True, None),
        ("2027-04", 1, True, None),
    ]
    await sign_in(client, organiser)
    page = (await client.get("/e/fair-one/months?lang=en")).text
    assert page.count(">the clock<") == 3
    assert "the month was not over when it was frozen before" in page


async def test_clock_goes_back_as_far_as_the_plan_says(db: None) -> None:
    _on("2020-01-01T12:00")
    await factories.event()
    _on("2027-05-05T04:00")
    event = await fetch("SELECT id, timezone, created_at FROM event")
    counted = CountedEvent(id=event[0]["id"], timezone=event[0]["timezone"], since=event[0]["created_at"])
    months = [rules.written(month) for month in by_clock.due(counted, clock.now())]
    assert (months[0], months[-1], len(months)) == ("2026-05", "2027-04", 12)
