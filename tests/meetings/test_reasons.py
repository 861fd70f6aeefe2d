"""Why a pair has no slot is said by its reason; slots lie within the event's days and are asked about at odd hours."""

from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid
from fairs.meetings import rules, services
from fairs.meetings.scheduling import slots_and_tables
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.meetings.stage import Stage, booked, both_want, make_stage


async def without(stage: Stage, lacking: str) -> None:
    if lacking == "over":
        await db.execute(
            "UPDATE event SET starts_at = starts_at - interval '30 days', ends_at = ends_at - interval '30 days'"
        )
    elif lacking == "no_slots":
        await db.execute("DELETE FROM meeting_slot")
    elif lacking == "no_table":
        await db.execute("DELETE FROM meeting_table")
    elif lacking == "person_busy":
        await busy(stage, talent=stage.talent, organisation=await factories.organisation())
    else:
        await busy(stage, talent=await factories.talent(), organisation=stage.organisation)


async def busy(stage: Stage, *, talent: int, organisation: int) -> None:
    """Meetings in every slot: of the person at another table, or of others at the employer's."""
    listing = await factories.listing(organisation, stage.event)
    table = await db.fetchval("SELECT id FROM meeting_table WHERE organisation = $1", organisation)
    if table is None:
        table = await factories.meeting_table(stage.event, organisation=organisation)
    for slot in stage.slots:
        begins = await db.fetchval("SELECT starts_at FROM meeting_slot WHERE id = $1", slot)
        planned = {"hall_table": table, "starts_at": begins, "state": "scheduled", "outcome": ""}
        await factories.meeting(stage.event, listing, organisation, talent, **planned)
        listing = await factories.listing(organisation, stage.event)


@pytest.mark.parametrize("lacking", ["over", "no_slots", "no_table", "person_busy", "hall_full"])
async def test_reason_is_named(client: httpx.AsyncClient, lacking: str) -> None:
    stage = await make_stage()
    await both_want(stage)
    await without(stage, lacking)
    with pytest.raises(Conflict) as refused:
        await services.book(stage.listing, stage.talent, by=stage.employer)
    assert refused.value.code == lacking
    await sign_in(client, stage.employer)
    sentence = str(rules.REASONS[lacking])
    answer = await post(client, "/meetings", {"listing": str(stage.listing), "talent": str(stage.talent), "slot": ""})
    assert answer.status_code == 409
    assert sentence in unescape(answer.text)
    assert sentence in unescape((await client.get("/employer/meetings")).text)


@pytest.mark.parametrize("days", [-1, 6])
async def test_slots_lie_within_the_days_of_the_event(client: httpx.AsyncClient, days: int) -> None:
    stage = await make_stage()
    tomorrow = clock.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with pytest.raises(Invalid):
        await slots_and_tables.create_slots(stage.event, tomorrow + timedelta(days=days), 20, 2, by=SYSTEM)


async def test_talks_are_held_ahead_of_the_event_when_it_is_said(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    slug = await db.fetchval("SELECT slug FROM event WHERE id = $1", stage.event)
    await sign_in(client, await make_actor("organiser"))
    starts = await db.fetchval("SELECT starts_at FROM event WHERE id = $1", stage.event)
    form = {"minutes": "20", "gap": "0", "count": "2"}
    before, after = ((starts + timedelta(days=days)).strftime("%Y-%m-%dT10:00") for days in (-30, 40))
    path = f"/organise/editions/{slug}/hall/slots"
    assert (await post(client, path, {**form, "starts_at": before})).status_code == 422
    assert (await post(client, path, {**form, "starts_at": before, "ahead": "on"})).status_code == 303
    assert (await post(client, path, {**form, "starts_at": after, "ahead": "on"})).status_code == 422


async def test_odd_hours_are_asked_about(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    slug = await db.fetchval("SELECT slug FROM event WHERE id = $1", stage.event)
    await sign_in(client, await make_actor("organiser"))
    day = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%d")
    form = {"starts_at": f"{day}T18:00", "minutes": "20", "gap": "0", "count": "2"}
    path = f"/organise/editions/{slug}/hall/slots"
    asked = await post(client, path, form)
    assert asked.status_code == 409
    assert "before 08:00 or after 18:30" in asked.text
    assert f"{day}T18:00" in asked.text
    assert await db.fetchval("SELECT count(*) FROM meeting_slot") == 2
    assert (await post(client, path, {**form, "at_any_hour": "on"})).status_code == 303
    assert await db.fetchval("SELECT count(*) FROM meeting_slot") == 4
    assert (await post(client, path, {**form, "starts_at": f"{day}T09:00"})).status_code == 303


@pytest.mark.parametrize(
    ("starts", "ends", "odd"),
    [("00:00", "00:20", False), ("00:00", "10:31", True), ("23:59", "00:19", True), ("10:00", "10:30", False)],
)
def test_odd_hours_are_those_of_the_place(starts: str, ends: str, odd: bool) -> None:
    day = datetime(2018, 10, 27, tzinfo=UTC)  # 00:00 UTC is 08:00 in Zhengzhou
    span = [day + timedelta(hours=int(text[:2]), minutes=int(text[3:])) for text in (starts, ends)]
    if span[1] <= span[0]:
        span[0] -= timedelta(days=1)
    assert bool(rules.at_odd_hours([(span[0], span[1])], "Asia/Shanghai")) is odd


@pytest.mark.parametrize("side", ["employer", "candidate"])
async def test_meeting_that_has_begun_has_no_button_to_cancel(client: httpx.AsyncClient, side: str) -> None:
    stage = await make_stage()
    await booked(stage)
    await sign_in(client, getattr(stage, side))
    path = "/employer/meetings" if side == "employer" else "/me/meetings"
    assert "Cancel the meeting" in (await client.get(path)).text
    for days in (0, 9):
        await db.execute(
            "UPDATE meeting SET starts_at = now() - make_interval(days => $1, mins => 1),"
            " ends_at = now() - make_interval(days => $1) + interval '19 min'",
            days,
        )
        assert "Cancel the meeting" not in (await client.get(path)).text


async def test_past_meeting_without_an_outcome_is_not_called_scheduled(client: httpx.AsyncClient) -> None:
    stage = await make_stage()
    await booked(stage)
    await sign_in(client, stage.candidate)
    assert "Over; no outcome yet" not in (await client.get("/me/meetings")).text
    await db.execute(
        "UPDATE meeting SET starts_at = starts_at - interval '9 days', ends_at = ends_at - interval '9 days'"
    )
    page = (await client.get("/me/meetings")).text
    assert "Over; no outcome yet" in page
    assert "Scheduled" not in page
