"""What the badges seen at the tables say of meetings: the same in whatever order scans arrive, and a person has the last word."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.accounts.queries import actor_by_id
from fairs.core import clock, db
from fairs.core.db import fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.wishes import Side
from fairs.events.domain_events import EventCloned
from fairs.events.queries import event_by_id
from fairs.meetings import event_cloning, queries
from fairs.meetings import services as meetings
from fairs.meetings.attendance import one_table, services
from fairs.meetings.attendance.forms import WaitsForm
from fairs.meetings.attendance.verdicts import verdict
from fairs.meetings.forms import OutcomeForm
from fairs.reports.measures import MEASURES
from fairs.reports.queries import number, scope_for
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.pages import form_of, main_of

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Table:
    """A meeting that begins at `at`, and the registrations of its two sides."""

    event: int
    meeting: int
    organisation: int
    employer: fair.Employer
    talent: int
    representative: int
    gate: int
    at: datetime


async def table(minutes: float = -10) -> Table:
    """A meeting of 20 minutes that begins so many minutes from now."""
    now = clock.now().replace(microsecond=0)
    at = now + minutes * MINUTE
    event = await factories.event(slug="fair", starts_at=now - timedelta(hours=9), ends_at=now + timedelta(days=2))
    employer, candidate = await fair.employer(), await fair.candidate()
    listing = await factories.listing(employer.organisation, event)
    meeting = await factories.meeting(
        event, listing, employer.organisation, candidate.talent, starts_at=at, state="scheduled", outcome=""
    )
    await fair.scanner(event)
    visitor = await factories.registration(event, talent=candidate.talent)
    representative = await factories.registration(event, organisation=employer.organisation, category="employer")
    gate = await factories.gate(event, code="tables", kind="table", name_zh="洽谈台", name_en="Tables")
    return Table(event, meeting, employer.organisation, employer, visitor, representative, gate, at)


async def passed(gate: int, registration: int, at: datetime, *, way: str = "in", outcome: str = "admitted") -> None:
    """A scan that has arrived now."""
    reason = "full" if outcome == "refused" else None
    await db.execute(
        "INSERT INTO scan (uuid, gate, device_id, registration, direction, outcome, reason, scanned_at, received_at, code_seen)"
        " VALUES ($1, $2, (SELECT max(id) FROM access_token), $3, $4, $5, $6, $7, now(), '')",
        uuid.uuid4(),
        gate,
        registration,
        way,
        outcome,
        reason,
        at,
    )


async def state(place: Table) -> tuple[str, str]:
    """(state, absent side) after the scans have been read."""
    await services.bring_up(place.event)
    row = await queries.meeting_by_id(place.meeting)
    return row.state, row.absent


def test_verdicts() -> None:
    start = datetime.fromisoformat("2026-11-28T10:00:00+00:00")

    def said(talent: int | None, employer: int | None, now: int) -> tuple[str, str]:
        at = [None if minutes is None else start + minutes * MINUTE for minutes in (talent, employer)]
        return verdict(at[0], at[1], starts_at=start, wait=5 * MINUTE, now=start + now * MINUTE)

    assert said(None, None, 20) == ("scheduled", "")
    assert said(-3, None, 4) == ("scheduled", "")
    assert said(-3, None, 5) == ("no_show", "employer")
    assert said(None, 0, 5) == ("no_show", "talent")
    assert said(None, 8, 12) == ("scheduled", ""), "who came late waits as long"
    assert said(None, 8, 13) == ("no_show", "talent")
    assert said(9, -10, 9) == ("held", "")


@pytest.mark.usefixtures("db")
async def test_both_badges_hold_the_meeting_and_one_alone_is_a_no_show() -> None:
    place = await table()
    assert await state(place) == ("scheduled", "")
    await passed(place.gate, place.talent, place.at - 2 * MINUTE)
    assert await state(place) == ("no_show", "employer")
    await passed(place.gate, place.representative, place.at + 3 * MINUTE, outcome="refused")
    await passed(await factories.gate(place.event), place.representative, place.at)
    assert await state(place) == ("no_show", "employer"), "neither refused nor at another gate"
    await passed(place.gate, place.representative, place.at + 3 * MINUTE)
    assert await state(place) == ("held", ""), "a scan that a device sent late"
    assert await services.bring_up(place.event) == 0
    organiser = await make_actor("organiser")
    scope = await scope_for(organiser, await event_by_id(place.event), "")
    assert await number(scope, MEASURES["meetings_held"]) == 1
    logged = await db.fetch("SELECT action FROM audit_entry WHERE object_kind = 'meeting' ORDER BY id")
    assert [row["action"] for row in logged] == ["meeting.attendance"] * 2


@pytest.mark.usefixtures("db")
async def test_the_wait_is_the_events_own() -> None:
    place = await table(minutes=-8)
    await passed(place.gate, place.representative, place.at - MINUTE)
    assert await state(place) == ("no_show", "talent")
    await services.set_waits(place.event, WaitsForm(wait_minutes=9, before_minutes=15), seen="", by=SYSTEM)
    assert await state(place) == ("scheduled", "")
    await services.set_waits(place.event, WaitsForm(wait_minutes=3, before_minutes=0), seen="", by=SYSTEM)
    assert await state(place) == ("no_show", "talent")
    await passed(place.gate, place.talent, place.at - MINUTE)
    assert (await state(place))[0] == "no_show", "a minute before no longer counts"
    copy = await factories.event()
    async with db.DB.transaction():
        await event_cloning.on_event_cloned(EventCloned({place.event: copy}, 7, True))
    assert await db.fetchval("SELECT wait_minutes FROM attendance_rule WHERE event = $1", copy) == 3


@pytest.mark.usefixtures("db")
async def test_an_employer_stays_at_its_table_until_it_leaves() -> None:
    fairs_hour = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).hour
    clock.move_by(timedelta(hours=12 - fairs_hour))  # all of it on one day of the fair
    place = await table()
    await passed(place.gate, place.talent, place.at)
    await passed(place.gate, place.representative, place.at - 100 * MINUTE)
    assert await state(place) == ("held", "")
    await passed(place.gate, place.representative, place.at - 50 * MINUTE, way="out")
    assert await state(place) == ("no_show", "employer"), "its leaving was sent late"


@pytest.mark.usefixtures("db")
async def test_the_order_of_arrival_changes_nothing() -> None:
    place = await table(minutes=-15)
    dice = random.Random(7)
    for _ in range(12):
        await db.execute("DELETE FROM meeting_attendance")
        await db.execute("UPDATE meeting SET state = 'scheduled'")
        async with db.DB.transaction():
            await db.execute("ALTER TABLE scan DISABLE TRIGGER tg_scan_append_only")
            await db.execute("DELETE FROM scan")
            await db.execute("ALTER TABLE scan ENABLE TRIGGER tg_scan_append_only")
        scans = [
            (dice.choice([place.talent, place.representative]), dice.randint(-40, 14), dice.choice(["in", "in", "out"]))
            for _ in range(dice.randint(1, 5))
        ]
        for who, minutes, way in dice.sample(scans, len(scans)):
            await passed(place.gate, who, place.at + minutes * MINUTE, way=way)
            await services.bring_up(place.event)
        reached = await state(place)
        around = {who for who, minutes, way in scans if way == "in" and -15 <= minutes < 20}
        before = sorted(
            (minutes, at, way)
            for at, (who, minutes, way) in enumerate(scans)
            if who == place.representative and minutes < -15
        )
        same_day = (
            before and len({(place.at + m * MINUTE + timedelta(hours=8)).date() for m in (before[-1][0], 0)}) == 1
        )
        ties = before and len({way for m, _, way in before if m == before[-1][0]}) > 1
        if ties or (before and not same_day):
            continue
        if before and before[-1][2] == "in":
            around.add(place.representative)
        late = {who for who in around if not any(w == who and way == "in" and m < 10 for w, m, way in scans)}
        if len(around) == 1 and late:
            continue  # still waited for
        expected = {2: ("held", ""), 0: ("scheduled", "")}.get(
            len(around), ("no_show", "employer" if place.talent in around else "talent")
        )
        assert reached == expected, scans


@pytest.mark.usefixtures("db")
async def test_a_person_has_the_last_word() -> None:
    place = await table()
    await passed(place.gate, place.talent, place.at)
    assert await state(place) == ("no_show", "employer")
    with pytest.raises(Invalid):
        await services.undo(place.event, place.meeting, reason="", by=SYSTEM)
    await services.undo(place.event, place.meeting, reason="was at the table", by=SYSTEM)
    assert await state(place) == ("scheduled", "")
    await passed(place.gate, place.representative, place.at)
    assert await state(place) == ("scheduled", ""), "decided by a person"
    with pytest.raises(Conflict):
        await services.undo(place.event, place.meeting, reason="again", by=SYSTEM)
    await meetings.record_outcome(place.meeting, OutcomeForm(state="held", outcome="talks"), by=place.employer.actor)
    assert await state(place) == ("held", "")


@pytest.mark.usefixtures("db")
async def test_what_the_employer_reports_stands() -> None:
    place = await table()
    await passed(place.gate, place.talent, place.at)
    await passed(place.gate, place.representative, place.at)
    assert await state(place) == ("held", "")
    await meetings.record_outcome(place.meeting, OutcomeForm(state="no_show"), by=place.employer.actor)
    assert await state(place) == ("no_show", "")


@pytest.mark.usefixtures("db")
async def test_a_place_taken_meanwhile_is_not_taken_back() -> None:
    place = await table()
    await passed(place.gate, place.talent, place.at)
    assert (await state(place))[0] == "no_show"
    row = await queries.meeting_by_id(place.meeting)
    other = await factories.listing(place.organisation, place.event)
    again = await factories.meeting(
        place.event, other, place.organisation, row.talent, starts_at=place.at, state="scheduled", outcome=""
    )
    await passed(place.gate, place.representative, place.at)
    await services.bring_up(place.event)
    states = {item["id"]: item["state"] for item in await db.fetch("SELECT id, state FROM meeting")}
    assert states == {place.meeting: "no_show", again: "held"}


async def test_staff_see_note_and_undo(client: httpx.AsyncClient) -> None:
    place = await table(minutes=-7)
    here = "/organise/editions/fair/attendance"
    staff = await make_actor("staff", email="gate@example.org", event_id=place.event)
    await sign_in(client, staff)
    page = main_of((await client.get(here)).text)
    assert "Maria Fernandez is here" in page
    assert "How long is waited" not in page
    assert (await post(client, f"{here}/waits", {"wait_minutes": "9"})).status_code == 403
    for side in ("talent", "nobody"):
        await post(client, f"{here}/{place.meeting}/arrived", {"side": side})
    assert await db.fetchval("SELECT count(*) FROM meeting_sighting") == 1
    await db.execute("UPDATE meeting_sighting SET seen_at = seen_at - interval '6 minutes'")
    assert "the employer did not come" in main_of((await client.get(f"{here}?state=no_show&q=maria&when=now")).text)
    assert "No meeting matches" in main_of((await client.get(f"{here}?state=held")).text)
    undo = f"{here}/{place.meeting}/undo"
    assert (await post(client, undo, {"reason": ""})).status_code == 422
    assert (await post(client, undo, {"reason": "was there"})).headers["location"] == here
    assert await db.fetchval("SELECT state FROM meeting") == "scheduled"
    assert (await post(client, undo, {"reason": "was there"})).status_code == 409
    elsewhere = await factories.event(slug="other")
    await sign_in(client, await make_actor("staff", email="x@example.org", event_id=elsewhere))
    for path in (here, undo, f"/organise/editions/other/attendance/{place.meeting}/undo"):
        assert (await client.get(path)).status_code == 404


async def test_organiser_changes_the_waits(client: httpx.AsyncClient) -> None:
    await table()
    here = "/organise/editions/fair/attendance"
    await sign_in(client, await make_actor("organiser"))
    typed = form_of((await client.get(here)).text, f"{here}/waits")
    assert (typed["wait_minutes"], typed["before_minutes"]) == (["5"], ["15"])
    assert (await post(client, f"{here}/waits", typed | {"wait_minutes": ["0"]})).status_code == 422
    await post(client, f"{here}/waits", typed | {"wait_minutes": ["8"]})
    assert (await post(client, f"{here}/waits", typed | {"wait_minutes": ["9"]})).status_code == 409
    assert await db.fetchval("SELECT wait_minutes FROM attendance_rule") == 8


async def test_employers_scan_of_its_candidate_holds_the_meeting(client: httpx.AsyncClient) -> None:
    place = await table(minutes=2)
    assert await services.note_both(place.event, place.organisation, place.representative, by=SYSTEM) is None
    assert (
        await services.note_both(place.event, place.organisation, place.talent, by=place.employer.actor)
        == place.meeting
    )
    assert await state(place) == ("held", "")
    await sign_in(client, place.employer.actor)
    page = main_of((await client.get("/employer/meetings?event=fair")).text)
    assert "How did it go?" in page
    asked = main_of((await client.get(f"/meetings/{place.meeting}/outcome")).text)
    assert "candidate seen" in asked
    assert "your side seen" in asked
    await db.execute(
        "UPDATE meeting SET starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'"
    )
    with pytest.raises(Conflict):
        await services.note_arrival(place.event, place.meeting, Side.TALENT, by=SYSTEM)


@pytest.mark.usefixtures("db")
async def test_the_periodic_job_follows_all_events() -> None:
    place = await table()
    await passed(place.gate, place.talent, place.at)
    assert await services.follow() == 1
    assert await services.follow() == 0


async def test_candidate_reads_that_the_employer_did_not_come(client: httpx.AsyncClient) -> None:
    place = await table()
    await passed(place.gate, place.talent, place.at)
    account = await db.fetchval("SELECT account FROM talent")
    actor = await actor_by_id(account)
    assert actor is not None
    await sign_in(client, actor)
    assert "The employer did not come" in main_of((await client.get("/me/meetings")).text)
    await sign_in(client, await make_actor("organiser"))
    assert "attendance?state=no_show" in main_of((await client.get("/organise/editions/fair/hall")).text)


@pytest.mark.usefixtures("db")
async def test_an_undone_scan_says_nothing_of_a_meeting() -> None:
    place = await table()
    await passed(place.gate, place.representative, place.at)
    await passed(place.gate, place.talent, place.at + MINUTE)
    assert await state(place) == ("held", "")
    await db.execute(
        "INSERT INTO scan_correction (scan, kind, reason, scanned_at) SELECT id, 'undone', 'wrong_person', scanned_at"
        " FROM scan WHERE registration = $1",
        place.talent,
    )
    assert await state(place) == ("no_show", Side.TALENT)


@pytest.mark.usefixtures("db")
async def test_a_gate_of_one_table_counts_there_only() -> None:
    place = await table()
    other = await factories.meeting_table(place.event, number=77)
    organiser = await make_actor("organiser")
    await one_table.assign(place.event, place.gate, 77, by=organiser)
    await passed(place.gate, place.talent, place.at)
    await passed(place.gate, place.representative, place.at)
    assert await state(place) == ("scheduled", ""), "seen at another table"
    number = await db.fetchval(
        "SELECT h.number FROM meeting m JOIN meeting_table h ON h.id = m.hall_table WHERE m.id = $1", place.meeting
    )
    await one_table.assign(place.event, place.gate, number, by=organiser)
    assert await state(place) == ("held", ""), "all scans count for the table where the gate stands"
    with pytest.raises(Invalid):
        await one_table.assign(place.event, place.gate, 78, by=organiser)
    with pytest.raises(NotFound):
        await one_table.assign(place.event, await factories.gate(place.event, code="door"), number, by=organiser)
    assert other
    copy = await factories.event()
    await factories.gate(copy, code="tables", kind="table")
    async with db.DB.transaction():
        await event_cloning.on_event_cloned(EventCloned({place.event: copy}, 7, True))
    copied = await db.fetchval(
        "SELECT h.number FROM table_gate o JOIN meeting_table h ON h.id = o.hall_table WHERE h.event = $1", copy
    )
    assert copied == number


async def test_the_page_and_the_scanner_of_a_table_say_who_is_waited_for(client: httpx.AsyncClient, db: None) -> None:
    place = await table(minutes=-1)
    number = await fetchval(
        "SELECT h.number FROM meeting m JOIN meeting_table h ON h.id = m.hall_table WHERE m.id = $1", place.meeting
    )
    await sign_in(client, await make_actor("organiser"))
    page = await client.get("/organise/editions/fair/table-gates")
    assert "all tables" in page.text
    assert (
        await post(client, "/organise/editions/fair/table-gates", {"gate": place.gate, "number": number})
    ).status_code == 303
    assert (
        await post(client, "/organise/editions/fair/table-gates", {"gate": place.gate, "number": "999"})
    ).status_code == 422
    await passed(place.gate, place.talent, place.at)
    here = f"/organise/editions/fair/attendance/tables/{number}"
    shown = main_of((await client.get(here)).text)
    assert "Waits until" in shown
    assert "the employer did not come" in shown
    assert (await client.get("/organise/editions/fair/attendance/tables/999")).status_code == 404
    token, _ = await fair.scanner(place.event)
    headers = {"authorization": f"Bearer {token}"}
    told = (await client.get("/api/v1/checkin/gates/tables/table", headers=headers)).json()
    assert told["table"] == number
    [meeting] = told["now"]
    assert (meeting["missing"], meeting["state"]) == ("employer", "scheduled")
    assert meeting["until"]
    arrived = await post(
        client, f"/organise/editions/fair/attendance/{place.meeting}/arrived", {"side": "employer", "table": number}
    )
    assert arrived.headers["location"] == here
    assert "here since" in main_of((await client.get(here)).text)
    told = (await client.get("/api/v1/checkin/gates/tables/table", headers=headers)).json()
    assert (told["now"][0]["state"], told["now"][0]["until"]) == ("held", None)
    await factories.gate(place.event, code="door")
    assert (await client.get("/api/v1/checkin/gates/door/table", headers=headers)).json()["table"] is None
    assert (await client.get("/api/v1/checkin/gates/none/table", headers=headers)).status_code == 404
    await sign_in(client, await make_actor("candidate", email="other@example.org"))
    assert (await client.get(here)).status_code == 403
