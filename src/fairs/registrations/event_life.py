"""What the life of an event means for its registrations: counted before a step, ended when the event is cancelled."""

from typing import Any

from fairs.accounts.actor import SYSTEM
from fairs.audit.services import record
from fairs.core import clock, db, events_bus, jobs
from fairs.core.rows import execute, fetch_as
from fairs.events.domain_events import EventCancelled, EventHolding
from fairs.notifications.calendars import Method
from fairs.registrations import emails, moderation
from fairs.registrations.domain_events import RegistrationCancelled
from fairs.registrations.queries import counts_by_state
from fairs.registrations.rows import LiveRegistration
from fairs.registrations.rules import ENDED_STATES
from fairs.registrations.tables import RegistrationState

END = "registrations.event_cancelled"
BATCH = 200  # people in a transaction


async def on_event_holding(event: EventHolding) -> None:
    """`registrations` in any state, `registered` with a place, `waiting` for one."""
    counts = await counts_by_state(event.event_id)
    event.found.update(
        {"registered": counts["confirmed"], "waiting": counts["waitlisted"] + counts["pending"] + counts["offered"]}
    )
    event.found.update({"registrations": sum(counts.values())})


async def on_event_cancelled(event: EventCancelled) -> None:
    """Queue the end of every registration with the step of the event."""
    await jobs.enqueue(END, {"event": event.event_id, "reason": event.reason})


@jobs.job(END)
async def end_registrations(payload: dict[str, Any]) -> None:
    """{"event", "reason"}: live registrations end, their badges stop working, each person gets one mail. Safe to run twice."""
    async with db.transaction_or_join():
        rows = await fetch_as(
            LiveRegistration,
            f"SELECT id, state FROM registration WHERE event = :event AND state NOT IN {ENDED_STATES} ORDER BY id LIMIT :batch FOR UPDATE",  # noqa: S608 - a constant: the ended states
            event=payload["event"],
            batch=BATCH,
        )
        for row in rows:
            moderation.require(row.state, RegistrationState.CANCELLED, moderation.By.CLOCK)
        await execute(
            "UPDATE registration SET state = 'cancelled', queue = NULL, sequence = sequence + 1, cancelled_at = :now,"
            " updated_at = :now WHERE id = ANY(:ids::bigint[])",
            ids=[row.id for row in rows],
            now=clock.now(),
        )
        await execute(
            "UPDATE place_offer SET state = 'withdrawn', ended_at = :now WHERE state = 'open' AND registration = ANY(:ids::bigint[])",
            ids=[row.id for row in rows],
            now=clock.now(),
        )
        for row in rows:
            values: dict[str, Any] = {"before": {"state": row.state}, "after": {"state": RegistrationState.CANCELLED}}
            values["after"]["reason"] = payload["reason"][:200]
            await record("registration.cancel", "registration", row.id, by=SYSTEM, **values)
            await events_bus.publish(RegistrationCancelled(row.id))
        await emails.send_all([_mail(row, payload["reason"]) for row in rows])
        if len(rows) == BATCH:
            await jobs.enqueue(END, payload)


def _mail(row: LiveRegistration, reason: str) -> emails.Mail:
    calendar = Method.CANCEL if row.state == RegistrationState.CONFIRMED else ""
    return emails.Mail("event_cancelled", row.id, calendar, what=reason, key=f"event_cancelled:{row.id}")
