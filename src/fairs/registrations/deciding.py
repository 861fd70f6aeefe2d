"""The staff decides about a registration: gives a place to who waits for it, or moves somebody to another category."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.core.rows import execute
from fairs.events.rules import RUNNING, is_over
from fairs.registrations import counting, filling, moderation, queries, rules
from fairs.registrations.applying import OVER
from fairs.registrations.changing import NOT_LIVE
from fairs.registrations.codes.queries import mark_taken
from fairs.registrations.domain_events import RegistrationsPromoted
from fairs.registrations.offering.making import end_offer
from fairs.registrations.pools.tables import OfferState
from fairs.registrations.rows import LockedEvent, RegistrationRow
from fairs.registrations.tables import Category, RegistrationState

NO_EMPLOYER = N_("This person comes for no employer: register a representative instead")
UNKNOWN = N_("Choose one from the list")


async def locked(registration_id: int, by: Actor) -> tuple[LockedEvent, RegistrationRow]:
    """The locked event, which is still to come or under way, and a live registration of it."""
    seen = await queries.registration_by_id(registration_id)
    if not queries.runs_event(by, seen):
        raise NotFound
    event = await counting.lock_event(seen.event)
    row = await queries.registration_by_id(registration_id)
    if row.state in rules.ENDED:
        raise Conflict(NOT_LIVE, code="already_cancelled")
    if is_over(event.ends_at, clock.now(), demo=event.demo) or event.state not in RUNNING:
        raise Conflict(OVER, code="over")
    return event, row


async def require_free(event: LockedEvent, row: RegistrationRow, category: str) -> None:
    """Check that there is a place in this category, besides what the registration has. Raises Conflict."""
    ledger = await counting.ledger_of(event)
    sessions = {session.id for session in await queries.sessions_signed_up(row.id)} if ledger.pools else set()
    wanted = set(ledger.wanted(category, sessions))
    if row.state in rules.HOLDING:
        wanted -= set(ledger.wanted(row.category, sessions))
    elif row.category != category:
        return  # who waits may wait for something else
    code = None if row.state in rules.HOLDING else row.code
    if full := ledger.full(sorted(wanted), code):
        raise counting.no_place(ledger, full)
    if ledger.take(wanted, code):
        await mark_taken([row.id])


async def confirm(registration_id: int, *, by: Actor) -> bool:
    """Give a place to somebody who waits for one or is under review, with the badge by mail; False for who has one.

    Raises NotFound unless the actor runs the event, Conflict (cancelled, over, no place is left at the event or in a pool).
    """
    async with db.transaction_or_join():
        event, row = await locked(registration_id, by)
        if row.state == RegistrationState.CONFIRMED:
            return False
        moderation.require(row.state, RegistrationState.CONFIRMED, moderation.by_of(by, row))
        if row.state not in rules.HOLDING:
            await require_free(event, row, row.category)
        await end_offer(row.id, OfferState.ACCEPTED)
        await execute(
            "UPDATE registration SET state = 'confirmed', queue = NULL, to_review = false, confirmed_at = :now, updated_at = :now WHERE id = :id",
            id=row.id,
            now=clock.now(),
        )
        states: dict[str, Any] = {"before": {"state": row.state}, "after": {"state": RegistrationState.CONFIRMED}}
        await record("registration.confirm", "registration", row.id, by=by, **states)
        await events_bus.publish(RegistrationsPromoted([row.id]))
        await filling.notify_placed(
            [(row.id, RegistrationState.CONFIRMED)], event.id, again=row.confirmed_at is not None
        )
    return True


async def move(registration_id: int, category: str, *, by: Actor) -> str | None:
    """Move a live registration to another category; returns the former one, None when it is in it already.

    Raises NotFound unless the actor runs the event, Conflict (cancelled, over, comes for no employer, no place in a pool), Invalid.
    """
    if category not in rules.categories():
        raise Invalid(fields={"category": [UNKNOWN]})
    async with db.transaction_or_join():
        event, row = await locked(registration_id, by)
        if row.category == category:
            return None
        if category == Category.EMPLOYER and row.organisation is None:
            raise Conflict(NO_EMPLOYER, code="no_employer")
        await require_free(event, row, category)
        await execute(
            "UPDATE registration SET category = :category, updated_at = :now WHERE id = :id",
            id=row.id,
            category=category,
            now=clock.now(),
        )
        changed = {"before": {"category": row.category}, "after": {"category": category}}
        await record("registration.change", "registration", row.id, by=by, **changed)
        await filling.fill_places(event)
        await publish(f"event:{event.id}", {"what": "registration"})
    return row.category
