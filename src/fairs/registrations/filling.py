"""Free places go to the waiting list, in its order: who comes next and has a free place in every pool that counts."""

from collections.abc import Sequence

from fairs.accounts.actor import SYSTEM
from fairs.audit.services import record_all
from fairs.core import clock, events_bus
from fairs.core.pubsub import publish
from fairs.core.rows import fetch_as
from fairs.events.rules import RUNNING, is_over
from fairs.registrations import counting, emails, moderation
from fairs.registrations.codes.queries import mark_taken
from fairs.registrations.domain_events import PlacesGiven, RegistrationsPromoted
from fairs.registrations.offering.making import offer_places
from fairs.registrations.pools.ledger import EVENT, Ledger
from fairs.registrations.rows import Counts, LockedEvent, NextInLine, Stated
from fairs.registrations.tables import RegistrationState

TOGETHER = 500  # people read at once from the waiting list


async def notify_placed(
    registrations: Sequence[tuple[int, str]], event_id: int, *, again: bool = False, told: bool = True
) -> None:
    """Publish events and queue mails for registrations that just reached their state; `again`, `told`: as of `PlacesGiven`."""
    if not registrations:
        return
    confirmed = [number for number, state in registrations if state == RegistrationState.CONFIRMED]
    if confirmed:
        await events_bus.publish(PlacesGiven(confirmed, again, told))
    if told:
        waiting = [number for number, state in registrations if state == RegistrationState.WAITLISTED]
        await emails.send_all([emails.Mail("registration_waitlisted", number) for number in waiting])
        pending = [number for number, state in registrations if state == RegistrationState.PENDING]
        await emails.send_all([emails.Mail("registration_pending", number) for number in pending])
    await publish(f"event:{event_id}", {"what": "registration"})


async def fill_places(event: LockedEvent, found: Counts | None = None) -> list[int]:
    """Give the free places of a locked event to the waiting list, in order; returns the promoted ids.

    An event with a time to accept offers them instead: nobody is promoted then.

    `found`: the counts of the event, where they were read already.
    """
    if event.state not in RUNNING or is_over(event.ends_at, clock.now(), demo=event.demo):
        return []
    found = found or await counting.counts(event)
    if not found.waiting:
        return []
    chosen = await _next_in_line(event, await counting.ledger_of(event, found))
    if event.offer_hours is not None:
        await offer_places(event, chosen, event.offer_hours, by=SYSTEM)
        return []
    await _promote(event, chosen)
    return chosen


async def _next_in_line(event: LockedEvent, ledger: Ledger) -> list[int]:
    """Who gets the free places, which the ledger counts down; nobody waits behind somebody whose pool is full."""
    chosen: list[int] = []
    took: list[int] = []
    after = 0
    while ledger.free.get(EVENT) != 0 or ledger.keeping():
        categories, sessions = ledger.shut()
        free = ledger.free.get(EVENT, TOGETHER)
        limit = TOGETHER if ledger.pools or ledger.holds else min(free, TOGETHER)
        rows = await fetch_as(
            NextInLine,
            "SELECT r.id, r.queue, r.category, ARRAY(SELECT x.session FROM registration_session x WHERE x.registration = r.id)"
            " AS sessions, u.code FROM registration r LEFT JOIN access_code_use u ON u.registration = r.id WHERE r.event = :event AND r.state = 'waitlisted' AND r.queue > :after"
            " AND (u.code = ANY(:codes::bigint[]) OR NOT :closed AND r.category <> ALL(:categories::text[])"
            " AND NOT EXISTS (SELECT 1 FROM registration_session x WHERE x.registration = r.id"
            " AND x.session = ANY(:sessions::bigint[]))) ORDER BY r.queue LIMIT :limit",
            event=event.id,
            after=after,
            categories=categories,
            sessions=sessions,
            codes=ledger.keeping(),
            closed=free == 0,
            limit=limit,
        )
        for row in rows:
            wanted = ledger.wanted(row.category, row.sessions)
            if not ledger.full(wanted, row.code):
                chosen.append(row.id)
                if ledger.take(wanted, row.code):
                    took.append(row.id)
        if len(rows) < limit:
            break
        after = rows[-1].queue
    await mark_taken(took)
    return chosen


async def _promote(event: LockedEvent, promoted: Sequence[int]) -> None:
    """A place for each; whose answer the staff has to look at is under review with it."""
    if not promoted:
        return
    moderation.require(RegistrationState.WAITLISTED, RegistrationState.CONFIRMED, moderation.By.CLOCK)
    rows = await fetch_as(
        Stated,
        "UPDATE registration SET state = CASE WHEN to_review THEN 'pending' ELSE 'confirmed' END, queue = NULL,"
        " confirmed_at = CASE WHEN to_review THEN confirmed_at ELSE :now END, updated_at = :now"
        " WHERE id = ANY(:ids::bigint[]) RETURNING id, state",
        ids=list(promoted),
        now=clock.now(),
    )
    states = {row.id: row.state for row in rows}
    afters = [(number, {"state": states[number]}) for number in promoted]
    await record_all("registration.promote", "registration", afters, by=SYSTEM)
    confirmed = [number for number in promoted if states[number] == RegistrationState.CONFIRMED]
    if confirmed:
        await events_bus.publish(RegistrationsPromoted(confirmed))
    await notify_placed([(number, states[number]) for number in promoted], event.id)
