"""Inserts meetings: a single booking, or hundreds of a timetable. The same rows, invitations and entries in the log.

Callers hold the event's lock (`lock_event`) and have checked that the places are free; the database
still refuses double bookings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from fairs.accounts.actor import Actor
from fairs.audit.services import Actor as AuditActor
from fairs.audit.services import Origin, current_origin, record_for
from fairs.core import clock, db, locks
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.pubsub import publish
from fairs.core.rows import fetch_as
from fairs.meetings import emails
from fairs.meetings.rows import Written

BOOKED = N_("These two already have a meeting.")
TALENT_BUSY = N_("This person has another meeting in this slot. Choose another one.")
TABLE_TAKEN = N_("No table is free in this slot. Choose another one.")


_COLUMNS = ("event", "listing", "organisation", "talent", "hall_table", "starts_at", "ends_at")
_INSERT = (
    f"INSERT INTO meeting ({', '.join(_COLUMNS)}, state, outcome, note, sequence, created_at, updated_at)"  # noqa: S608 - our column names; values are named arguments
    f" SELECT {', '.join(f'x.{name}' for name in _COLUMNS)}, 'scheduled', '', '', 0, :now, :now"
    " FROM unnest(:event::bigint[], :listing::bigint[], :organisation::bigint[], :talent::bigint[], :hall_table::bigint[],"
    f" :starts_at::timestamptz[], :ends_at::timestamptz[]) AS x ({', '.join(_COLUMNS)}) RETURNING id, talent, listing"
)


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """A meeting to insert; `number` is the table's, for the log."""

    event: int
    organisation: int
    listing: int
    talent: int
    hall_table: int
    number: int
    starts_at: datetime
    ends_at: datetime


async def lock_event(event_id: int) -> None:
    """Bookings of one event queue on this lock, so that none fails by a deadlock."""
    await locks.hold(Lock.MEETINGS_EVENT, event_id)


async def insert(rows: Sequence[NewMeeting]) -> list[int]:
    """Ids in the order of `rows`: all of them or, with Conflict, none."""
    refused = {
        "uq_meeting_pair": Conflict(BOOKED),
        "ex_meeting_talent": Conflict(TALENT_BUSY),
        "ex_meeting_table": Conflict(TABLE_TAKEN),
    }
    try:
        with db.constraint_errors(dict(refused)):
            async with db.savepoint():
                written = await fetch_as(
                    Written,
                    _INSERT,
                    now=clock.now(),
                    **{name: [getattr(row, name) for row in rows] for name in _COLUMNS},
                )
    except asyncpg.DeadlockDetectedError as lost:  # the same person, at the same moment, at two events
        raise Conflict(TALENT_BUSY) from lost
    ids = {(row.talent, row.listing): row.id for row in written}
    return [ids[row.talent, row.listing] for row in rows]


async def insert_what_fits(rows: Sequence[NewMeeting]) -> list[tuple[int, NewMeeting]]:
    """(id, meeting) of those that the database accepts: all, unless another event booked a person first."""
    if not rows:
        return []
    try:
        return list(zip(await insert(rows), rows, strict=True))
    except Conflict:
        if len(rows) == 1:
            return []
        half = len(rows) // 2
        return [*await insert_what_fits(rows[:half]), *await insert_what_fits(rows[half:])]


async def announce(written: Sequence[tuple[int, NewMeeting]], *, by: Actor, **facts: Any) -> None:
    """Log each meeting, invite both sides, notify open pages. `facts` are added to every log entry."""
    if not written:
        return
    origin = current_origin()
    await announce_each([(meeting_id, row, by, origin) for meeting_id, row in written], **facts)


async def announce_each(written: Sequence[tuple[int, NewMeeting, Actor, Origin]], **facts: Any) -> None:
    """As `announce`, for meetings booked by several people."""
    entries: list[tuple[object, dict[str, Any], AuditActor, Origin]] = []
    for meeting_id, row, by, origin in written:
        what = {"listing": row.listing, "talent": row.talent, "starts_at": row.starts_at, "table": row.number}
        entries.append((meeting_id, what | facts, by, origin))
    await record_for("meeting.book", "meeting", entries)
    await emails.notify_scheduled([meeting_id for meeting_id, *_ in written])
    for event in {row.event for _, row, *_ in written}:
        await publish(f"event:{event}", {"what": "meeting"})
