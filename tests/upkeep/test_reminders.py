"""Reminders before the fair and before meetings."""

from datetime import UTC, datetime, timedelta

from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.meetings import reminders as meeting_reminders
from fairs.registrations import reminders
from tests import factories
from tests.agreements.scene import scene
from tests.factories import STARTS


def days_before(days: float) -> None:
    clock.start_from((STARTS - timedelta(days=days)).isoformat())


async def kinds() -> list[str]:
    rows = await fetch("SELECT subject FROM outgoing_mail WHERE kind = 'registration_reminder' ORDER BY id")
    return [row["subject"] for row in rows]


async def test_person_is_reminded_a_week_and_a_day_before_once_each(db: None) -> None:
    days_before(40)
    event = await factories.event()
    await factories.registration(event)
    await factories.registration(event, state="cancelled")
    await factories.registration(await factories.event(state="draft"))
    days_before(8)
    assert await reminders.remind() == 0
    days_before(5)  # the worker was off on the seventh day
    assert [await reminders.remind(), await reminders.remind()] == [1, 0]
    days_before(2)
    assert await reminders.remind() == 0
    days_before(1)
    assert [await reminders.remind(), await reminders.remind()] == [1, 0]
    days_before(0)
    assert await reminders.remind() == 0
    assert await kinds() == ["In 7 days: Talent conference", "Tomorrow: Talent conference"]
    assert "Your badge" in await fetchval(
        "SELECT body_text FROM outgoing_mail WHERE kind = 'registration_reminder' LIMIT 1"
    )


async def test_who_signs_up_three_days_before_is_not_told_at_once(db: None) -> None:
    days_before(3)
    await factories.registration(await factories.event())
    assert await reminders.remind() == 0
    days_before(1)
    assert await reminders.remind() == 1


async def test_more_than_one_batch_is_reminded(db: None) -> None:
    days_before(40)
    event = await factories.event()
    await execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, created_at, updated_at)"
        " SELECT 'T' || n, $1, 'candidate', 'confirmed', 'p' || n || '@example.org', 'P', $2, $2"
        " FROM generate_series(1, 1001) n",
        event,
        clock.now(),
    )
    days_before(1)
    assert await reminders.remind() == 1001


async def test_both_sides_are_reminded_of_all_meetings_of_a_day_in_one_mail(db: None) -> None:
    days_before(40)
    on = await scene()
    other = await factories.talent()
    slot = await fetchval("SELECT starts_at FROM meeting WHERE id = $1", on.meeting)
    await factories.meeting(
        on.event,
        on.listing,
        on.organisation,
        other,
        starts_at=slot + timedelta(hours=1),
        ends_at=slot + timedelta(hours=2),
    )
    await execute("UPDATE meeting SET state = 'scheduled', outcome = ''")
    clock.start_from((slot - timedelta(days=2)).isoformat())
    assert await meeting_reminders.remind() == 0
    clock.start_from((slot - timedelta(days=1)).isoformat())
    assert await meeting_reminders.remind() == 3
    assert await meeting_reminders.remind() == 0
    body = await fetchval("SELECT body_text FROM outgoing_mail WHERE to_email = $1", on.employer.email)
    assert body.count("号桌") == 2


async def test_meeting_that_was_cancelled_reminds_nobody(db: None) -> None:
    days_before(40)
    on = await scene()
    await execute("UPDATE meeting SET state = 'cancelled'")
    slot: datetime = await fetchval("SELECT starts_at FROM meeting WHERE id = $1", on.meeting)
    clock.start_from((slot.astimezone(UTC) - timedelta(days=1)).isoformat())
    assert await meeting_reminders.remind() == 0
