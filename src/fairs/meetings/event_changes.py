"""The place of an event has changed, or its zone: the calendar entries of meetings to come are brought up to date."""

from typing import Any

from fairs.core import clock, db, jobs
from fairs.core.rows import execute, fetch_as
from fairs.meetings import emails
from fairs.meetings.rows import Id, MailMark

MOVED = "meetings.moved"
BATCH = 100  # meetings in a transaction


@jobs.job(MOVED)
async def notify_moved(payload: dict[str, Any]) -> None:
    """{"event", "mark" of the change, "after": the last meeting told}: both sides get the entry again. Safe to run twice."""
    async with db.transaction_or_join():
        rows = await fetch_as(
            Id,
            "SELECT id FROM meeting WHERE event = :event AND state = 'scheduled' AND ends_at > :now AND id > :after"
            " ORDER BY id LIMIT :batch FOR UPDATE",
            event=payload["event"],
            now=clock.now(),
            after=payload.get("after", 0),
            batch=BATCH,
        )
        marks = {row.id: f"moved-meeting:{row.id}:{payload['mark']}" for row in rows}
        told = await fetch_as(
            MailMark,
            "SELECT dedupe_key FROM outgoing_mail WHERE dedupe_key = ANY(:keys::text[])",
            keys=[f"{mark}:talent" for mark in marks.values()],
        )
        done = {row.dedupe_key for row in told}
        new = [number for number, mark in marks.items() if f"{mark}:talent" not in done]
        await execute(
            "UPDATE meeting SET sequence = sequence + 1, updated_at = :now WHERE id = ANY(:ids::bigint[])",
            ids=new,
            now=clock.now(),
        )
        await emails.notify_moved({number: marks[number] for number in new})
        if len(rows) == BATCH:
            await jobs.enqueue(MOVED, {**payload, "after": rows[-1].id})
