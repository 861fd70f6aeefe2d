"""An event or a session has moved: update the calendars of all with a place."""

from typing import Any

from fairs.core import clock, db, jobs
from fairs.core.rows import execute, fetch_as
from fairs.notifications.calendars import Method
from fairs.registrations import emails
from fairs.registrations.rows import Id, MailKey

MOVED = "registrations.moved"
BATCH = 200  # people in a transaction


@jobs.job(MOVED)
async def notify_moved(payload: dict[str, Any]) -> None:
    """{"event", "session" or None, "mark" of the change, "after": the last registration notified}. Safe to run twice.

    All with a confirmed place of the event, or of the session, get the entry again: one UID, a higher SEQUENCE.
    """
    async with db.transaction_or_join():
        rows = await fetch_as(
            Id,
            "SELECT id FROM registration r WHERE event = :event AND state = 'confirmed' AND id > :after"
            " AND (:session::bigint IS NULL OR EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id"
            " AND x.session = :session)) ORDER BY id LIMIT :batch FOR UPDATE",
            event=payload["event"],
            session=payload["session"],
            after=payload.get("after", 0),
            batch=BATCH,
        )
        keys = {row.id: f"moved:{row.id}:{payload['mark']}" for row in rows}
        told = await fetch_as(
            MailKey,
            "SELECT dedupe_key FROM outgoing_mail WHERE dedupe_key = ANY(:keys::text[])",
            keys=[*keys.values()],
        )
        done = {row.dedupe_key for row in told}
        new = [number for number, key in keys.items() if key not in done]
        await execute(
            "UPDATE registration SET sequence = sequence + 1, updated_at = :now WHERE id = ANY(:ids::bigint[])",
            ids=new,
            now=clock.now(),
        )
        what = "fair" if payload["session"] is None else "session"
        await emails.send_all(
            [emails.Mail("registration_moved", number, Method.REQUEST, what=what, key=keys[number]) for number in new]
        )
        if len(rows) == BATCH:
            await jobs.enqueue(MOVED, {**payload, "after": rows[-1].id})
