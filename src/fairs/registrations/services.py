"""Registrations: made with an exact count of places, cancelled, promoted from the waiting list.

The event's row is locked while places are counted, so two people never take the same one. A session's place is held
from registration on, also by those who wait.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, pick
from fairs.core.search_keys import search_key
from fairs.registrations import emails, queries, rules
from fairs.registrations.forms import RegistrationForm
from fairs.web.sse import publish

Hook = Callable[[int], Awaitable[None]]
ON_CONFIRMED: list[Hook] = []  # run in the transaction for each registration that gets a place: badge and mail
ON_CANCELLED: list[Hook] = []  # run in the transaction for each registration that is cancelled: the badge ends
FILL = "registrations.fill"
ALREADY = N_("This person is already registered for this event")
CLOSED = N_("This event takes no registrations at the moment")


@dataclass(frozen=True)
class Registered:
    """What became of it. `position` in the waiting list from 1, None with a place."""

    id: int
    number: str
    state: str
    position: int | None


async def register(
    event_id: int, form: RegistrationForm, *, by: Actor, talent_id: int | None = None, demo: bool = False
) -> Registered:
    """A place, or one in the waiting list when all are taken.

    People register themselves: without a wider role the address is that of the account. Raises NotFound, Conflict
    (not open, already registered, session full) and Invalid (unknown session).
    """
    email = (form.email if _registers_others(by) else by.email).strip().lower()
    async with db.transaction_or_join():
        event = await _lock_event(event_id)
        if event["state"] != "published":
            raise Conflict(CLOSED, code="not_open")
        standing = await _standing(event, email)
        sessions = await _take_sessions(event_id, form.sessions)
        state = "confirmed" if standing["free"] is None or standing["free"] > 0 else "waitlisted"
        queue = standing["last"] + 1 if state == "waitlisted" else None
        self_made = by.account_id if email == by.email else None
        row = await _insert(
            event, form, email=email, state=state, queue=queue, talent_id=talent_id, registrant=self_made, demo=demo
        )
        await _sign_up(row["id"], sessions)
        await record("registration.create", "registration", row["id"], by=by, after={"event": event_id, "state": state})
        await _tell(row["id"], event_id, state)
    position = standing["waiting"] + 1 if state == "waitlisted" else None
    return Registered(row["id"], row["number"], state, position)


def _registers_others(by: Actor) -> bool:
    return by.sees_everything or "staff" in by.roles or "bureau" in by.roles


async def _lock_event(event_id: int) -> asyncpg.Record:
    """The event's row, held until the transaction ends; others may still refer to it."""
    event = await db.fetchrow(
        "SELECT id, slug, state, capacity, starts_at, demo FROM event WHERE id = $1 FOR NO KEY UPDATE", event_id
    )
    if event is None:
        raise NotFound
    return event


async def _standing(event: asyncpg.Record, email: str) -> dict[str, Any]:
    """free places (None: no limit), last queue number, how many wait; those who wait come first. Raises Conflict."""
    found = await _counts(event, email)
    if found["existing"]:
        raise Conflict(ALREADY, code="already_registered", number=found["existing"])
    free = rules.free_places(event["capacity"], found["confirmed"])
    if found["waiting"] and free != 0:
        await _fill_places(event)
        found = await _counts(event, email)
        free = rules.free_places(event["capacity"], found["confirmed"])
    return {"free": free, "last": found["last"], "waiting": found["waiting"]}


async def _counts(event: asyncpg.Record, email: str) -> asyncpg.Record:
    row = await db.fetchrow(
        "SELECT (SELECT count(*) FROM registration WHERE event = $1 AND state = 'confirmed' AND $3) AS confirmed,"
        " (SELECT number FROM registration WHERE event = $1 AND email = $2 AND state <> 'cancelled') AS existing,"
        " w.* FROM (SELECT count(*) AS waiting, coalesce(max(queue), 0) AS last FROM registration"
        " WHERE event = $1 AND state = 'waitlisted') w",
        event["id"],
        email,
        event["capacity"] is not None,  # without a limit nobody has to be counted
    )
    assert row is not None
    return row


async def _insert(
    event: asyncpg.Record,
    form: RegistrationForm,
    *,
    email: str,
    state: str,
    queue: int | None,
    talent_id: int | None,
    registrant: int | None,
    demo: bool,
) -> asyncpg.Record:
    now = clock.now()
    key = search_key(form.name_native, form.name_passport, form.organisation, email, form.phone)
    with db.constraint_errors({"uq_registration_live": Conflict(ALREADY, code="already_registered")}):
        row = await db.fetchrow(
            "WITH n AS (SELECT nextval(pg_get_serial_sequence('registration', 'id')) AS id)"
            " INSERT INTO registration (id, number, event, talent, organisation, category, state, queue, email, name_passport,"
            " name_native, nationality, organisation_name, phone, lang, search_key, demo, created_at, confirmed_at,"
            " updated_at, registrant) SELECT n.id, $1 || '-' || lpad(n.id::text, greatest(6, length(n.id::text)), '0'), $2,"
            " coalesce($3::bigint, (SELECT id FROM talent WHERE email = $7)),"
            " CASE WHEN $4::text = 'employer' THEN (SELECT m.organisation_id FROM membership m JOIN account a ON a.id = m.account"
            " WHERE a.email = $7 AND m.role = 'employer' ORDER BY m.id LIMIT 1) END, $4::text, $5::text, $6::int, $7, $8, $9, $10, $11, $12,"
            " $13, $14, $15, $16::timestamptz, CASE WHEN $5::text = 'confirmed' THEN $16::timestamptz END, $16::timestamptz, $17"
            " FROM n RETURNING id, number",
            rules.number_prefix(event["slug"], event["starts_at"]),
            event["id"],
            talent_id,
            form.category,
            state,
            queue,
            email,
            form.name_passport,
            form.name_native,
            form.nationality,
            form.organisation,
            form.phone,
            form.lang,
            f"{key} | {rules.digits(form.phone)}",
            demo or event["demo"],
            now,
            registrant,
        )
    assert row is not None
    return row


async def _take_sessions(event_id: int, codes: list[str]) -> list[int]:
    """Ids of the sessions wanted. Raises Invalid for one that cannot be signed up for, Conflict for a full one."""
    if not codes:
        return []
    found = {row["code"]: row for row in await queries.open_sessions(event_id)}
    unknown = [code for code in dict.fromkeys(codes) if code not in found]
    if unknown:
        raise Invalid(fields={"sessions": [N_("There is no session %(code)s to sign up for", code=unknown[0])]})
    chosen = [found[code] for code in dict.fromkeys(codes)]
    for session in chosen:
        if session["capacity"] is not None and session["taken"] >= session["capacity"]:
            title = pick(session["title_zh"], session["title_en"])
            raise Conflict(N_("No place is left in “%(title)s”", title=title), code="session_full")
    return [session["id"] for session in chosen]


async def _sign_up(registration_id: int, sessions: list[int]) -> None:
    if sessions:
        await db.execute(
            "INSERT INTO registration_session (registration, session) SELECT $1, unnest($2::bigint[])",
            registration_id,
            sessions,
        )


async def _tell(registration_id: int, event_id: int, state: str) -> None:
    """Hooks and mail for a registration that has just come to `state`."""
    if state == "confirmed":
        for hook in ON_CONFIRMED:
            await hook(registration_id)
    else:
        await emails.send("registration_waitlisted", registration_id)
    await publish(f"event:{event_id}", {"what": "registration"})


async def cancel(registration_id: int, *, by: Actor, reason: str = "") -> list[int]:
    """End a registration and give its place to the first who waits; the ids promoted.

    Raises NotFound for strangers, Conflict when it has ended already.
    """
    async with db.transaction_or_join():
        seen = await queries.registration_for(by, registration_id)
        event = await _lock_event(seen["event"])
        former = await _end(registration_id)
        values = {"before": {"state": former}, "after": {"state": "cancelled", "reason": reason[:200]}}
        await record("registration.cancel", "registration", registration_id, by=by, **values)
        for hook in ON_CANCELLED:
            await hook(registration_id)
        await emails.send("registration_cancelled", registration_id, calendar="CANCEL" if former == "confirmed" else "")
        promoted = await _fill_places(event)
        await publish(f"event:{event['id']}", {"what": "registration"})
    return promoted


async def _end(registration_id: int) -> str:
    """Mark as cancelled; the state before. The caller holds the event's lock, which all writers take."""
    former = await db.fetchval("SELECT state FROM registration WHERE id = $1", registration_id)
    if not rules.may_become(former, "cancelled"):
        raise Conflict(N_("This registration has been cancelled already"), code="already_cancelled")
    await db.execute(
        "UPDATE registration SET state = 'cancelled', queue = NULL, cancelled_at = $2, updated_at = $2 WHERE id = $1",
        registration_id,
        clock.now(),
    )
    return str(former)


async def _fill_places(event: asyncpg.Record) -> list[int]:
    """Give the free places of a locked event to those who wait, in their order; the ids promoted."""
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE state = 'confirmed') AS confirmed,"
        " count(*) FILTER (WHERE state = 'waitlisted') AS waiting FROM registration WHERE event = $1",
        event["id"],
    )
    assert row is not None
    free = rules.free_places(event["capacity"], row["confirmed"])
    if not row["waiting"] or free == 0 or event["state"] == "draft":
        return []
    first = await db.fetch(
        "SELECT id FROM registration WHERE event = $1 AND state = 'waitlisted' ORDER BY queue LIMIT $2",
        event["id"],
        free,
    )
    promoted = [item["id"] for item in first]
    await _confirm(promoted, clock.now())
    for registration_id in promoted:
        after = {"state": "confirmed"}
        await record("registration.promote", "registration", registration_id, by=SYSTEM, after=after)
        await _tell(registration_id, event["id"], "confirmed")
    return promoted


async def _confirm(ids: list[int], now: datetime) -> None:
    await db.execute(
        "UPDATE registration SET state = 'confirmed', queue = NULL, confirmed_at = $2, updated_at = $2"
        " WHERE id = ANY($1::bigint[])",
        ids,
        now,
    )


@jobs.job(FILL)
async def fill_places(payload: dict[str, Any]) -> None:
    """After an event's capacity was raised: {"event": id}. Safe to run twice."""
    async with db.transaction_or_join():
        await _fill_places(await _lock_event(payload["event"]))
