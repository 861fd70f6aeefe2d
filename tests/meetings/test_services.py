import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, db
from fairs.core.errors import Conflict, Forbidden, Invalid, NotFound
from fairs.core.wishes import Side
from fairs.meetings import booking, emails, queries, rules, services
from fairs.meetings.booking import NewMeeting
from fairs.meetings.forms import OutcomeForm
from fairs.meetings.scheduling import slots_and_tables
from tests import factories
from tests.cast import make_actor
from tests.meetings.stage import Stage, booked, both_want, mails, make_stage

pytestmark = pytest.mark.usefixtures("db")


async def test_booking_takes_the_slot_and_invites_both_sides_in_both_clocks() -> None:
    stage = await make_stage()
    await db.execute("UPDATE account SET timezone = 'Europe/Madrid' WHERE email = 'maria@example.org'")
    await db.execute("UPDATE account SET lang = 'zh' WHERE email = 'wang@example.org'")
    meeting_id = await booked(stage)
    row = await queries.meeting_for(stage.candidate, meeting_id)
    slot = await queries.slot(stage.event, stage.slots[0])
    assert slot
    assert (row.state, row.table_number, row.starts_at) == ("scheduled", 1, slot.starts_at)
    assert await mails() == [
        ("meeting_scheduled", "en", "maria@example.org"),
        ("meeting_scheduled", "zh", "wang@example.org"),
    ]
    texts = [r["body_text"] for r in await db.fetch("SELECT body_text FROM outgoing_mail ORDER BY id")]
    assert "09:00–09:20 (Beijing time)" in texts[0]
    assert "(Madrid (UTC+" in texts[0]
    assert "your time" in texts[0]
    assert "1 号洽谈台" in texts[1]
    assert "Maria Fernandez" in texts[1]
    files = await db.fetch("SELECT content_type, argument FROM mail_attachment ORDER BY id")
    assert [tuple(file) for file in files] == [
        ("text/calendar; method=REQUEST; charset=utf-8", f"{meeting_id}:REQUEST:0:talent"),
        ("text/calendar; method=REQUEST; charset=utf-8", f"{meeting_id}:REQUEST:0:employer"),
    ]


async def test_invitation_keeps_its_uid_and_cancelling_raises_the_sequence() -> None:
    stage = await make_stage()
    meeting_id = await booked(stage)
    invited = (await emails.make_calendar(f"{meeting_id}:REQUEST:0:talent")).decode()
    await services.cancel(meeting_id, by=stage.candidate)
    argument = await db.fetchval("SELECT argument FROM mail_attachment ORDER BY id DESC LIMIT 1")
    assert argument == f"{meeting_id}:CANCEL:1:employer"
    called_off = (await emails.make_calendar(f"{meeting_id}:CANCEL:1:talent")).decode().replace("\r\n ", "")
    invited = invited.replace("\r\n ", "")
    for line in (f"UID:meeting-{meeting_id}@", "METHOD:REQUEST", "SEQUENCE:0", "mailto:maria@example.org"):
        assert line in invited
    for line in (f"UID:meeting-{meeting_id}@", "METHOD:CANCEL", "SEQUENCE:1", "STATUS:CANCELLED"):
        assert line in called_off
    assert "Table 1" in invited
    assert "DTSTART;TZID=Asia/Shanghai:" in invited


async def test_cancelling_gives_the_slot_back_and_tells_both_sides() -> None:
    stage = await make_stage()
    first = await booked(stage)
    await services.cancel(first, by=stage.employer)
    assert [row[0] for row in await mails()][2:] == ["meeting_cancelled", "meeting_cancelled"]
    second = await services.book(stage.listing, stage.talent, stage.slots[0], by=stage.employer)
    assert second != first
    with pytest.raises(Conflict) as refused:
        await services.cancel(first, by=stage.employer)
    assert refused.value.message == services.NOT_SCHEDULED


async def test_booking_needs_both_sides() -> None:
    stage = await make_stage()
    await services.express(stage.listing, stage.talent, "must", side=Side.EMPLOYER, by=stage.employer)
    with pytest.raises(Conflict) as refused:
        await services.book(stage.listing, stage.talent, by=stage.employer)
    assert refused.value.message == services.NOT_MUTUAL


async def test_booking_without_a_slot_takes_the_one_that_suits_best() -> None:
    stage = await make_stage()
    await both_want(stage)
    other_listing = await factories.listing(stage.organisation, stage.event)
    await both_want(stage, listing=other_listing)
    for listing in (stage.listing, other_listing):
        await services.book(listing, stage.talent, by=stage.employer)
    slots = await queries.slots(stage.event)
    taken = await db.fetch("SELECT starts_at FROM meeting ORDER BY id")
    assert [row["starts_at"] for row in taken] == [slot.starts_at for slot in slots]
    third = await factories.listing(stage.organisation, stage.event)
    await both_want(stage, listing=third)
    with pytest.raises(Conflict) as refused:
        await services.book(third, stage.talent, by=stage.employer)
    assert refused.value.code == "person_busy"


async def test_booking_without_a_slot_leaves_no_gap_and_takes_the_least_used_table() -> None:
    stage = await make_stage(tables=2)
    more = await slots_and_tables.create_slots(stage.event, clock.now() + timedelta(days=2), 20, 3, by=SYSTEM)
    bob = await factories.talent()
    await both_want(stage, talent=bob)
    await services.book(stage.listing, bob, more[0], by=stage.employer)
    await both_want(stage)
    second = await factories.listing(stage.organisation, stage.event)
    await both_want(stage, listing=second)
    await services.book(stage.listing, stage.talent, more[2], by=stage.employer)
    meeting = await services.book(second, stage.talent, by=stage.employer)
    row = await queries.meeting_by_id(meeting)
    tomorrow = await queries.slot(stage.event, stage.slots[0])  # another day: no gap, and the earliest
    assert tomorrow
    assert (row.starts_at, row.table_number) == (tomorrow.starts_at, 1)
    third = await factories.listing(stage.organisation, stage.event)
    await both_want(stage, listing=third)
    await db.execute("DELETE FROM meeting_slot WHERE id = ANY($1::bigint[])", stage.slots)
    row = await queries.meeting_by_id(await services.book(third, stage.talent, by=stage.employer))
    beside = await queries.slot(stage.event, more[1])
    assert beside
    assert row.starts_at == beside.starts_at


async def test_refusals_say_what_stands_in_the_way() -> None:
    stage = await make_stage()
    await booked(stage)
    again = await raises(services.book(stage.listing, stage.talent, stage.slots[1], by=stage.employer))
    second = await factories.listing(stage.organisation, stage.event)
    await both_want(stage, listing=second)
    busy = await raises(services.book(second, stage.talent, stage.slots[0], by=stage.employer))
    bob = await factories.talent()
    await both_want(stage, talent=bob)
    taken = await raises(services.book(stage.listing, bob, stage.slots[0], by=stage.employer))
    gone = await raises(services.book(stage.listing, bob, 2**40, by=stage.employer))
    assert (again, busy, taken, gone) == (
        booking.BOOKED,
        booking.TALENT_BUSY,
        booking.TABLE_TAKEN,
        services.SLOT_GONE,
    )


async def raises(work: Any) -> object:
    with pytest.raises(Conflict) as refused:
        await work
    return refused.value.message


async def test_employer_without_a_table_shares_one_and_sits_at_one_at_a_time() -> None:
    stage = await make_stage(tables=0, shared=3)
    bob = await factories.talent()
    await both_want(stage, talent=bob)
    await booked(stage)
    refused = await raises(services.book(stage.listing, bob, stage.slots[0], by=stage.employer))
    assert refused == booking.TABLE_TAKEN
    assert [row.id for row in (await queries.free_slots(stage.event, stage.organisation, [bob], clock.now()))[bob]] == [
        stage.slots[1]
    ]


MOMENT = timedelta(microseconds=1)


async def at_the_beginning(monkeypatch: pytest.MonkeyPatch, stage: Stage, *, before: timedelta) -> None:
    """It is as long before the beginning of the first slot."""
    slot = await queries.slot(stage.event, stage.slots[0])
    assert slot
    monkeypatch.setattr(clock, "now", lambda: slot.starts_at - before)


async def test_slot_can_be_booked_up_to_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await make_stage()
    await both_want(stage)
    await at_the_beginning(monkeypatch, stage, before=MOMENT)
    meeting = await queries.meeting_by_id(
        await services.book(stage.listing, stage.talent, stage.slots[0], by=stage.employer)
    )
    assert meeting.starts_at == clock.now() + MOMENT


@pytest.mark.parametrize("minutes", [0, 10, 20, 22])
async def test_slot_that_has_begun_cannot_be_booked_nor_is_it_offered(
    monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    stage = await make_stage()
    await both_want(stage)
    await at_the_beginning(monkeypatch, stage, before=-timedelta(minutes=minutes))
    for by in (stage.employer, SYSTEM):  # an organiser neither
        refused = await raises(services.book(stage.listing, stage.talent, stage.slots[0], by=by))
        assert refused == services.SLOT_GONE
    free = await queries.free_slots(stage.event, stage.organisation, [stage.talent], clock.now())
    assert [slot.id for slot in free[stage.talent]] == [stage.slots[1]]
    meeting = await queries.meeting_by_id(await services.book(stage.listing, stage.talent, by=stage.employer))
    second = await queries.slot(stage.event, stage.slots[1])
    assert second
    assert meeting.starts_at == second.starts_at


async def test_when_the_last_slot_has_begun_no_slot_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await make_stage()
    await both_want(stage)
    await at_the_beginning(monkeypatch, stage, before=-timedelta(minutes=25))
    refused = await raises(services.book(stage.listing, stage.talent, by=stage.employer))
    assert refused == rules.REASONS["no_slots"]


async def test_meeting_can_be_cancelled_up_to_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await make_stage()
    meeting = await booked(stage)
    for minutes in (0, 10, 20):
        await at_the_beginning(monkeypatch, stage, before=-timedelta(minutes=minutes))
        for by in (stage.employer, stage.candidate, SYSTEM):
            assert await raises(services.cancel(meeting, by=by)) == services.MEETING_BEGUN
    await at_the_beginning(monkeypatch, stage, before=MOMENT)
    await services.cancel(meeting, by=stage.candidate)
    assert (await queries.meeting_by_id(meeting)).state == "cancelled"


async def test_one_of_fifty_employers_gets_the_person() -> None:
    stage = await make_stage(tables=0)
    pairs = []
    for number in range(50):
        organisation = await factories.organisation()
        listing = await factories.listing(organisation, stage.event)
        await both_want(stage, listing=listing)
        actor = await make_actor("employer", email=f"e{number}@example.org", organisation_id=organisation)
        pairs.append((listing, actor))
    await slots_and_tables.create_tables(stage.event, per_organisation=1, by=SYSTEM)
    answers = await asyncio.gather(
        *(services.book(listing, stage.talent, stage.slots[0], by=actor) for listing, actor in pairs),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [answer.message for answer in refused] == [booking.TALENT_BUSY] * 49
    assert await db.fetchval("SELECT count(*) FROM meeting") == 1


async def test_one_of_fifty_people_gets_the_table() -> None:
    stage = await make_stage()
    people = [await factories.talent() for _ in range(50)]
    for person in people:
        await both_want(stage, talent=person)
    answers = await asyncio.gather(
        *(services.book(stage.listing, person, stage.slots[0], by=stage.employer) for person in people),
        return_exceptions=True,
    )
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert [answer.message for answer in refused] == [booking.TABLE_TAKEN] * 49
    assert await db.fetchval("SELECT count(*) FROM meeting") == 1


@pytest.mark.parametrize("shared", ["talent", "table", "pair"])
async def test_the_database_refuses_what_slips_past_the_service(shared: str) -> None:
    """Fifty writers that ask nothing before: overlapping spans of one person, of one table, or of one pair."""
    stage = await make_stage(tables=50)
    tables = [row["id"] for row in await db.fetch("SELECT id FROM meeting_table ORDER BY number")]
    people = [await factories.talent() for _ in range(50)]
    start = clock.now() + timedelta(days=1)
    places = asyncio.Semaphore(8)  # as many as there are connections: those who queue for one would time out

    async def insert(at: int) -> None:
        moment = start + timedelta(hours=at if shared == "pair" else 0, seconds=at)
        async with places, db.DB.transaction():
            row = NewMeeting(
                event=stage.event,
                organisation=stage.organisation,
                listing=stage.listing,
                talent=people[at] if shared == "table" else stage.talent,
                hall_table=tables[0] if shared == "table" else tables[at],
                number=1,
                starts_at=moment,
                ends_at=moment + timedelta(minutes=20),
            )
            await booking.insert([row])

    answers = await asyncio.gather(*(insert(at) for at in range(50)), return_exceptions=True)
    assert sum(answer is None for answer in answers) == 1
    assert [repr(answer) for answer in answers if answer is not None and not isinstance(answer, Conflict)] == []
    assert await db.fetchval("SELECT count(*) FROM meeting") == 1


async def test_strangers_find_no_meeting() -> None:
    stage = await make_stage()
    meeting_id = await booked(stage)
    other = await make_actor("employer", email="other@example.org", organisation_id=await factories.organisation())
    bob = await make_actor("candidate", email="bob@example.org")
    form = OutcomeForm(state="held", outcome="talks")
    for actor in (other, bob):
        with pytest.raises(NotFound):
            await queries.meeting_for(actor, meeting_id)
        with pytest.raises(NotFound):
            await services.cancel(meeting_id, by=actor)
        with pytest.raises(NotFound):
            await services.record_outcome(meeting_id, form, by=actor)
        with pytest.raises(NotFound):
            await services.book(stage.listing, stage.talent, by=actor)
    with pytest.raises(NotFound):
        await services.record_outcome(meeting_id, form, by=stage.candidate)
    with pytest.raises(NotFound):
        await services.book(stage.listing, stage.talent, by=stage.candidate)


async def test_slots_are_made_once_and_never_overlap() -> None:
    stage = await make_stage()
    first = (await queries.slots(stage.event))[0].starts_at
    again = await slots_and_tables.create_slots(stage.event, first, 20, 3, gap=5, by=SYSTEM)
    assert again[:2] == stage.slots
    assert len(await queries.slots(stage.event)) == 3
    with pytest.raises(Conflict):
        await slots_and_tables.create_slots(stage.event, first + timedelta(minutes=10), 20, by=SYSTEM)
    with pytest.raises(Invalid):
        await slots_and_tables.create_slots(stage.event, first, 3, by=SYSTEM)
    with pytest.raises(NotFound):
        await slots_and_tables.create_slots(stage.event, first, 20, by=stage.employer)


async def test_tables_are_topped_up_never_doubled() -> None:
    stage = await make_stage()
    await factories.organisation()  # without a listing: no table
    added = [
        await slots_and_tables.create_tables(stage.event, per_organisation=2, shared=2, by=SYSTEM) for _ in range(2)
    ]
    assert added == [3, 0]
    rows = await db.fetch("SELECT number, organisation FROM meeting_table ORDER BY number")
    assert [tuple(row) for row in rows] == [(1, stage.organisation), (2, stage.organisation), (3, None), (4, None)]
    with pytest.raises(NotFound):
        await slots_and_tables.create_tables(stage.event, shared=9, by=stage.employer)


async def test_bookings_at_once_fill_what_is_free_and_refuse_the_rest() -> None:
    stage = await make_stage()  # two slots, one table
    people = [stage.talent, *[await factories.talent() for _ in range(5)]]
    for person in people:
        await both_want(stage, talent=person)
    asked = [services.book(stage.listing, person, by=stage.employer) for person in people]
    asked.append(services.book(stage.listing, people[0], 2**70, by=stage.employer))
    made = await asyncio.gather(*asked, return_exceptions=True)
    booked_ids = [item for item in made if isinstance(item, int)]
    assert len(booked_ids) == len(set(booked_ids)) == 2
    assert sum(isinstance(item, Conflict) for item in made) >= 4
    rows = await db.fetch("SELECT starts_at, hall_table FROM meeting WHERE state = 'scheduled'")
    assert len({tuple(row) for row in rows}) == 2
    assert await db.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'meeting_scheduled'") == 4
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'meeting.book'") == 2


async def test_organiser_cancels_with_a_reason_that_both_read_and_can_undo_it() -> None:
    stage = await make_stage()
    meeting_id = await booked(stage)
    organiser = await make_actor("organiser", email="org@example.org", name="Zhang Wei")
    with pytest.raises(Invalid):
        await services.cancel(meeting_id, by=organiser)
    await services.cancel(meeting_id, by=organiser, reason="The hall is closed")
    texts = [row["body_text"] for row in await db.fetch("SELECT body_text FROM outgoing_mail ORDER BY id DESC LIMIT 2")]
    for text in texts:
        assert "The hall is closed" in text
        assert "Zhang Wei" in text
    with pytest.raises(Forbidden):
        await services.restore(meeting_id, reason="we want it", by=stage.employer)
    await services.restore(meeting_id, reason="open again", by=organiser)
    row = await queries.meeting_for(stage.candidate, meeting_id)
    assert (row.state, row.sequence, row.cancelled_by, row.cancel_reason) == ("scheduled", 2, None, "")
    assert [row[0] for row in await mails()][-2:] == ["meeting_scheduled", "meeting_scheduled"]


async def test_cancelled_meeting_does_not_come_back_to_a_taken_table_or_after_ten_minutes() -> None:
    stage = await make_stage()
    first = await booked(stage)
    await services.cancel(first, by=stage.employer)
    again = await services.book(stage.listing, stage.talent, stage.slots[0], by=stage.employer)
    with pytest.raises(Conflict):
        await services.restore(first, reason="by mistake", by=stage.employer)
    await services.cancel(again, by=stage.employer)
    await db.execute("UPDATE meeting SET cancelled_at = now() - interval '11 minutes'")
    with pytest.raises(Conflict) as refused:
        await services.restore(first, reason="by mistake", by=stage.employer)
    assert refused.value.code == "too_late"
