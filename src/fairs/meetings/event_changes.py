"""The place of an event has changed, or its zone: the calendar entries of meetings to come are brought up to date."""

from typing import Any

from fairs.core import clock, db, jobs
from fairs.meetings import emails

MOVED = "meetings.moved"
BATCH = 100  # meetings in a transaction


@jobs.job(MOVED)
async def notify_moved(payload: dict[str, Any]) -> None:
    """{"event", "mark" of the change, "after": the last meeting told}: both sides get the entry again. Safe to run twice."""
    async with db.transaction_or_join():
        rows = await db.fetch(
            "SELECT id FROM meeting WHERE event = $1 AND state = 'scheduled' AND ends_at > $2 AND id > $3"  # noqa: S608 - a constant number
            f" ORDER BY id LIMIT {BATCH} FOR UPDATE",
            payload["event"],
            clock.now(),
            payload.get("after", 0),
        )
        marks = {row["id"]: f"moved-meeting:{row['id']}:{payload['mark']}" for row in rows}
        told = await db.fetch(
            "SELECT dedupe_key FROM outgoing_mail WHERE dedupe_key = ANY($1::text[])",
            [f"{mark}:talent" for mark in marks.values()],
        )
        done = {row["dedupe_key"] for row in told}
        new = [number for number, mark in marks.items() if f"{mark}:talent" not in done]
        await db.execute(
            "UPDATE meeting SET sequence = sequence + 1, updated_at = $2 WHERE id = ANY($1::bigint[])", new, clock.now()
        )
        await emails.notify_moved({number: marks[number] for number in new})
        if len(rows) == BATCH:
            await jobs.enqueue(MOVED, {**payload, "after": rows[-1]["id"]})
