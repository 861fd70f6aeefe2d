"""Keeps the state of meetings as the scans at the tables say it; a person who decides has the last word.

The state follows from the scans and the hour alone, so it is the same in whatever order scans arrive and however often it is
read. A scan that a device without a network sends late counts by the moment at which it was made.
"""

from datetime import timedelta
from typing import Any

from fairs.accounts import undoing
from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_value_or_none, fetch_values
from fairs.core.schedule import Every, periodic
from fairs.core.wishes import Side
from fairs.meetings import queries as meetings
from fairs.meetings.attendance import queries
from fairs.meetings.attendance.forms import WaitsForm
from fairs.meetings.attendance.rows import Sides, Waits
from fairs.meetings.attendance.verdicts import verdict
from fairs.meetings.booking import lock_event
from fairs.meetings.tables import Meeting, MeetingState

TAKEN = N_("The person or the table has another meeting at that time.")
NOT_DERIVED = N_("The state of this meeting does not come from scans, or somebody has decided already.")
NOT_NOW = N_("This meeting is not due now.")


async def bring_up(event_id: int) -> int:
    """Set the states of an event's meetings to what the scans say; returns how many changed."""
    if not await queries.is_seen_at_tables(event_id):
        return 0
    waits, now, changed = await queries.waits_of(event_id), clock.now(), 0
    found = await queries.sides(event_id, waits, now)
    if not any(_is_news(row, waits) for row in found):
        return 0
    async with db.transaction_or_join():
        await lock_event(event_id)
        for row in await queries.sides(event_id, waits, now):  # again, under the lock of bookings
            if _is_news(row, waits):
                changed += await _store(row, waits)
        if changed:
            await publish(f"event:{event_id}", {"what": "meeting"})
    return changed


def _said(row: Sides, waits: Waits) -> tuple[MeetingState, str]:
    wait = timedelta(minutes=waits.wait_minutes)
    return verdict(row.talent_at, row.employer_at, starts_at=row.starts_at, wait=wait, now=clock.now())


def _is_news(row: Sides, waits: Waits) -> bool:
    """Whether the state differs from what was seen, or somebody was seen for the first time."""
    seen = row.talent_at is not None or row.employer_at is not None
    return _said(row, waits)[0] != row.state or (seen and not row.derived)


async def _store(row: Sides, waits: Waits) -> int:
    """Store who was seen, and the state; where another meeting has taken the place meanwhile, the state stays."""
    state, absent = _said(row, waits)
    taken = dict.fromkeys(("ex_meeting_talent", "ex_meeting_table", "uq_meeting_pair"), Conflict(TAKEN))
    try:
        with db.constraint_errors({**taken}):
            async with db.savepoint():
                await Meeting.update(state=state.value, updated_at=clock.now()).where(Meeting.id == row.id)
    except Conflict:
        return 0
    await execute(
        "INSERT INTO meeting_attendance (meeting, talent_at, employer_at, absent, decided_at)"
        " VALUES (:meeting, :talent_at, :employer_at, :absent, :now) ON CONFLICT (meeting) DO UPDATE SET"
        " talent_at = excluded.talent_at, employer_at = excluded.employer_at, absent = excluded.absent,"
        " decided_at = excluded.decided_at",
        meeting=row.id,
        talent_at=row.talent_at,
        employer_at=row.employer_at,
        absent=absent,
        now=clock.now(),
    )
    if state == row.state:
        return 0
    after = {"state": state.value, "missed": absent} if absent else {"state": state.value}
    await record("meeting.attendance", "meeting", row.id, by=SYSTEM, before={"state": row.state}, after=after)
    return 1


async def settle(meeting_id: int) -> None:
    """A person has said how a meeting went: scans do not change it any more. In the caller's transaction."""
    await execute("UPDATE meeting_attendance SET settled = true, absent = '' WHERE meeting = :id", id=meeting_id)


async def note_arrival(event_id: int, meeting_id: int, side: Side, *, by: Actor) -> None:
    """Staff at the tables see one side of a meeting without a scan. Raises NotFound, and Conflict outside its hours."""
    async with db.transaction_or_join():
        meeting = await meetings.meeting_by_id(meeting_id, lock=True)
        if meeting.event != event_id:
            raise NotFound
        waits = await queries.waits_of(event_id)
        due = meeting.starts_at - timedelta(minutes=waits.before_minutes) <= clock.now() < meeting.ends_at
        if meeting.state == MeetingState.CANCELLED or not due:
            raise Conflict(NOT_NOW, code="not_now")
        await _sight(meeting_id, side, by)
        await record("meeting.arrived", "meeting", meeting_id, by=by, after={"side": side.value})
    await bring_up(event_id)


async def _sight(meeting_id: int, side: Side, by: Actor) -> None:
    await execute(
        "INSERT INTO meeting_sighting (meeting, side, seen_at, seen_by) VALUES (:meeting, :side, :now, :by)"
        " ON CONFLICT (meeting, side) DO NOTHING",
        meeting=meeting_id,
        side=side.value,
        now=clock.now(),
        by=by.account_id,
    )


async def note_both(event_id: int, organisation_id: int, registration_id: int, *, by: Actor) -> int | None:
    """An employer's representative scans a badge: when the two have a meeting now, both are there. Its id, if there is one."""
    waits = await queries.waits_of(event_id)
    async with db.transaction_or_join():
        meeting_id = await fetch_value_or_none(
            int,
            "SELECT m.id FROM meeting m JOIN registration r ON r.talent = m.talent AND r.id = :registration"
            " WHERE m.event = :event AND m.organisation = :organisation AND m.state IN ('scheduled', 'no_show')"
            " AND m.starts_at - make_interval(mins => :before::int) <= :now AND m.ends_at > :now"
            " ORDER BY m.starts_at LIMIT 1",
            registration=registration_id,
            event=event_id,
            organisation=organisation_id,
            before=waits.before_minutes,
            now=clock.now(),
        )
        if meeting_id is not None:
            for side in (Side.TALENT, Side.EMPLOYER):
                await _sight(meeting_id, side, by)
            await record("meeting.arrived", "meeting", meeting_id, by=by, after={"side": "both"})
            await bring_up(event_id)
    return meeting_id


async def undo(event_id: int, meeting_id: int, *, reason: str, by: Actor) -> None:
    """Staff take back what the scans say of a meeting: it is scheduled again, and scans do not change it any more.

    Raises NotFound, Conflict when its state does not come from scans, Invalid without a reason.
    """
    undoing.require_reason(reason)
    async with db.transaction_or_join():
        await lock_event(event_id)
        meeting = await meetings.meeting_by_id(meeting_id, lock=True)
        if meeting.event != event_id:
            raise NotFound
        settled = await fetch_value_or_none(
            int,
            "UPDATE meeting_attendance SET settled = true, absent = '' WHERE meeting = :id AND NOT settled RETURNING id",
            id=meeting_id,
        )
        if settled is None or meeting.state not in (MeetingState.HELD, MeetingState.NO_SHOW) or meeting.outcome:
            raise Conflict(NOT_DERIVED, code="not_derived")
        taken = dict.fromkeys(("ex_meeting_talent", "ex_meeting_table", "uq_meeting_pair"), Conflict(TAKEN))
        with db.constraint_errors({**taken}):
            await Meeting.update(state=MeetingState.SCHEDULED.value, updated_at=clock.now()).where(
                Meeting.id == meeting_id
            )
        after = {"state": MeetingState.SCHEDULED.value, "reason": reason.strip()[:200]}
        await record(
            "meeting.attendance_undo", "meeting", meeting_id, by=by, before={"state": meeting.state}, after=after
        )
        await publish(f"event:{event_id}", {"what": "meeting"})


async def set_waits(event_id: int, form: WaitsForm, *, seen: str, by: Actor) -> None:
    """Change how long an event waits; meetings that nobody has decided follow at once. Raises Outdated."""
    async with db.transaction_or_join():
        before = await queries.waits_of(event_id)
        stored: dict[str, Any] = {name: getattr(before, name) for name in WaitsForm.__struct_fields__}
        versions.require_current(form, stored, seen)
        after = {name: getattr(form, name) for name in stored}
        if after == stored:
            return
        await execute(
            "UPDATE attendance_rule SET wait_minutes = :wait_minutes, before_minutes = :before_minutes WHERE event = :event",
            event=event_id,
            **after,
        )
        await record("meeting.waits", "event", event_id, by=by, before=stored, after=after)
    await bring_up(event_id)


@periodic(
    "meetings-attendance",
    Every(5),
    title=N_("Meetings held, and who did not come"),
    does=N_(
        "Reads the badges seen at the tables: both sides, the meeting is held; one side only, the other did not come."
    ),
    counts=N_("Meetings whose state changed"),
)
async def follow() -> int:
    """The number of meetings changed, in all events whose tables are in use."""
    events = await fetch_values(
        int,
        "SELECT DISTINCT m.event FROM meeting m WHERE m.state <> 'cancelled' AND m.ends_at > :since"
        " AND m.starts_at < :soon ORDER BY m.event",
        since=clock.now() - queries.LATE,
        soon=clock.now() + timedelta(hours=3),
    )
    return sum([await bring_up(event) for event in events])
