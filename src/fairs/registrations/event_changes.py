"""An event or a session has moved, or sessions are cancelled: tell those who signed up and update their calendars."""

from collections.abc import Iterable
from typing import Any

from fairs.core import clock, db, jobs
from fairs.core.rows import execute, fetch_as
from fairs.events.domain_events import SessionsCancelled
from fairs.notifications.calendars import Method
from fairs.registrations import emails, queries
from fairs.registrations.rows import Clash, MailKey, Stated
from fairs.registrations.rules import ENDED_STATES
from fairs.registrations.tables import RegistrationState

MOVED = "registrations.moved"
CANCELLED = "registrations.sessions_cancelled"
BATCH = 200  # people in a transaction


@jobs.job(MOVED)
async def notify_moved(payload: dict[str, Any]) -> None:
    """{"event", "session" or None, "mark" of the change, "after": the last registration notified}. Safe to run twice.

    All with a confirmed place of the event, or of the session, get the entry again: one UID, a higher SEQUENCE.
    """
    async with db.transaction_or_join():
        rows = await fetch_as(
            Stated,
            "SELECT id, state FROM registration r WHERE event = :event AND state = 'confirmed' AND id > :after"
            " AND (:session::bigint IS NULL OR EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id"
            " AND x.session = :session)) ORDER BY id LIMIT :batch FOR UPDATE",
            event=payload["event"],
            session=payload["session"],
            after=payload.get("after", 0),
            batch=BATCH,
        )
        keys = {row.id: f"moved:{row.id}:{payload['mark']}" for row in rows}
        new = await _not_told(keys)
        await _count_up(new)
        what = "fair" if payload["session"] is None else "session"
        await emails.send_all(
            [emails.Mail("registration_moved", number, Method.REQUEST, what=what, key=keys[number]) for number in new]
        )
        if len(rows) == BATCH:
            await jobs.enqueue(MOVED, {**payload, "after": rows[-1].id})


async def _not_told(keys: dict[int, str]) -> list[int]:
    """Of these registrations, each with the key of its mail, those whose mail is not queued yet."""
    sql = "SELECT dedupe_key FROM outgoing_mail WHERE dedupe_key = ANY(:keys::text[])"
    done = {row.dedupe_key for row in await fetch_as(MailKey, sql, keys=[*keys.values()])}
    return [number for number, key in keys.items() if key not in done]


async def _count_up(ids: Iterable[int]) -> None:
    """The next calendar entry of these registrations replaces the last one."""
    await execute(
        "UPDATE registration SET sequence = sequence + 1, updated_at = :now WHERE id = ANY(:ids::bigint[])",
        ids=list(ids),
        now=clock.now(),
    )


async def on_sessions_cancelled(event: SessionsCancelled) -> None:
    """End the sign-ups, and queue one mail for everybody who had one: in the transaction of the release."""
    rows = await fetch_as(
        Clash,
        "DELETE FROM registration_session x USING registration r WHERE r.id = x.registration"  # noqa: S608 - a constant: the ended states
        f" AND x.session = ANY(:sessions::bigint[]) AND r.state NOT IN {ENDED_STATES} RETURNING x.session, x.registration",
        sessions=list(event.session_ids),
    )
    ended: dict[int, list[int]] = {}
    for row in rows:
        ended.setdefault(row.registration, []).append(row.session)
    people = sorted(ended)
    chunks = [people[at : at + BATCH] for at in range(0, len(people), BATCH)]
    payloads = [{"mark": event.mark, "ended": {str(number): ended[number] for number in chunk}} for chunk in chunks]
    await jobs.enqueue_all(CANCELLED, payloads)


@jobs.job(CANCELLED)
async def notify_cancelled(payload: dict[str, Any]) -> None:
    """{"mark" of the release, "ended": registration → its cancelled sessions}. Safe to run twice.

    Those with a confirmed place get their calendar entry again, without the sessions.
    """
    ended = {int(number): sessions for number, sessions in payload["ended"].items()}
    async with db.transaction_or_join():
        rows = await fetch_as(
            Stated,
            f"SELECT id, state FROM registration WHERE id = ANY(:ids::bigint[]) AND state NOT IN {ENDED_STATES} ORDER BY id FOR UPDATE",  # noqa: S608 - a constant: the ended states
            ids=list(ended),
        )
        keys = {row.id: f"sessions_cancelled:{row.id}:{payload['mark']}" for row in rows}
        new = set(await _not_told(keys))
        await _count_up(new)
        sessions = await queries.ended_sessions({session for found in ended.values() for session in found})
        await emails.send_all(
            [
                emails.Mail(
                    "session_cancelled",
                    row.id,
                    Method.REQUEST if row.state == RegistrationState.CONFIRMED else "",
                    key=keys[row.id],
                    ended=tuple(sessions[session] for session in ended[row.id]),
                )
                for row in rows
                if row.id in new
            ]
        )
