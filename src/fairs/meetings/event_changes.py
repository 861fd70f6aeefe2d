"""The place of an event has changed, or its zone: the calendar entries of future meetings are updated."""

from typing import Any

from fairs.core import clock, db, jobs
from fairs.core.rows import execute, fetch_values
from fairs.meetings import emails

MOVED = "meetings.moved"
BATCH = 100  # meetings in a transaction


@jobs.job(MOVED)
async def notify_moved(payload: dict[str, Any]) -> None:
    """{"event", "mark" of the change, "after": the last meeting notified}: both sides get the entry again. Safe to run twice."""
    async with db.transaction_or_join():
        meetings = await fetch_values(
            int,
            "SELECT id FROM meeting WHERE event = :event AND state = 'scheduled' AND ends_at > :now AND id > :after"
            " ORDER BY id LIMIT :batch FOR UPDATE",
            event=payload["event"],
            now=clock.now(),
            after=payload.get("after", 0),
            batch=BATCH,
        )
        marks = {number: f"moved-meeting:{number}:{payload['mark']}" for number in meetings}
        told = await fetch_values(
            str,
            "SELECT dedupe_key FROM outgoing_mail WHERE dedupe_key = ANY(:keys::text[])",
            keys=[f"{mark}:talent" for mark in marks.values()],
        )
        new = [number for number, mark in marks.items() if f"{mark}:talent" not in told]
        await execute(
            "UPDATE meeting SET sequence = sequence + 1, updated_at = :now WHERE id = ANY(:ids::bigint[])",
            ids=new,
            now=clock.now(),
        )
        await emails.notify_moved({number: marks[number] for number in new})
        if len(meetings) == BATCH:
            await jobs.enqueue(MOVED, {**payload, "after": meetings[-1]})
