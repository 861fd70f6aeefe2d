"""What the life of an event means for its meetings: counted before a step, cancelled with the event."""

from typing import Any

from fairs.accounts.actor import SYSTEM
from fairs.audit.services import record
from fairs.core import clock, db, jobs
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_as, fetch_values
from fairs.events.domain_events import EventCancelled, EventHolding
from fairs.events.rows import Concerned
from fairs.meetings import emails

END = "meetings.event_cancelled"
BATCH = 100  # meetings in a transaction


async def on_event_holding(event: EventHolding) -> None:
    """`met`: meetings in any state; `meetings`: scheduled ones to come."""
    rows = await fetch_as(
        Concerned,
        "SELECT 'met' AS what, count(*) AS number FROM meeting WHERE event = :event"
        " UNION ALL SELECT 'meetings', count(*) FROM meeting WHERE event = :event AND state = 'scheduled' AND ends_at > :now",
        event=event.event_id,
        now=clock.now(),
    )
    event.found.update({row.what: row.number for row in rows})


async def on_event_cancelled(event: EventCancelled) -> None:
    """Queue the end of the meetings to come."""
    await jobs.enqueue(END, {"event": event.event_id, "reason": event.reason})


@jobs.job(END)
async def cancel_meetings(payload: dict[str, Any]) -> None:
    """{"event", "reason"}: meetings to come are cancelled and both sides get the mail. Safe to run twice."""
    async with db.transaction_or_join():
        meetings = await fetch_values(
            int,
            "SELECT id FROM meeting WHERE event = :event AND state = 'scheduled' AND ends_at > :now ORDER BY id LIMIT :batch"
            " FOR UPDATE",
            event=payload["event"],
            now=clock.now(),
            batch=BATCH,
        )
        await execute(
            "UPDATE meeting SET state = 'cancelled', sequence = sequence + 1, updated_at = :now WHERE id = ANY(:ids::bigint[])",
            ids=meetings,
            now=clock.now(),
        )
        for number in meetings:
            after = {"state": "cancelled", "reason": payload["reason"][:200]}
            await record("meeting.cancel", "meeting", number, by=SYSTEM, before={"state": "scheduled"}, after=after)
            await emails.notify_cancelled(number, Role.ORGANISER, reason=payload["reason"])
        if len(meetings) == BATCH:
            await jobs.enqueue(END, payload)
