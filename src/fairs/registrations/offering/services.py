"""What becomes of an offer: accepted by its person, lapsed by the clock; the staff may offer a place to somebody chosen.

Who declines ends the registration: `registrations.services.cancel`.
"""

from typing import Any

from fairs.accounts.actor import SYSTEM, Actor
from fairs.audit.services import record, record_all
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_values
from fairs.core.schedule import Every, periodic
from fairs.events.rules import is_over
from fairs.registrations import counting, deciding, emails, filling, moderation, queries
from fairs.registrations.applying import OVER
from fairs.registrations.domain_events import RegistrationCancelled, RegistrationsPromoted
from fairs.registrations.offering.making import end_offer, offer_places
from fairs.registrations.pools.tables import OfferState
from fairs.registrations.tables import RegistrationState

USUAL_HOURS = 48  # when the event says nothing
MOST_HOURS = 720
HOURS = N_("Between 1 and %(most)s hours", most=MOST_HOURS)
NO_OFFER = N_("No place is offered to you at the moment")
TOO_LATE = N_("The time to accept is over: the place went to the next in line. Register again to wait for another one.")
NOT_WAITING = N_("A place can be offered to somebody on the waiting list only")


async def accept(registration_id: int, *, by: Actor) -> bool:
    """Take the offered place, with the badge by mail; False for who has it already.

    Raises NotFound for strangers, Conflict (no offer, too late, event over).
    """
    async with db.transaction_or_join():
        seen = await queries.registration_for(by, registration_id)
        event = await counting.lock_event(seen.event)
        row = await queries.registration_by_id(registration_id)
        if row.state in (RegistrationState.CONFIRMED, RegistrationState.PENDING):
            return False
        if row.state != RegistrationState.OFFERED or row.offer_until is None:
            raise Conflict(NO_OFFER, code="no_offer")
        if row.offer_until <= clock.now():
            raise Conflict(TOO_LATE, code="too_late")
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            raise Conflict(OVER, code="over")
        state = RegistrationState.PENDING if row.to_review else RegistrationState.CONFIRMED
        moderation.require(row.state, state, moderation.by_of(by, row))
        await end_offer(row.id, OfferState.ACCEPTED)
        await execute(
            "UPDATE registration SET state = :state::varchar, updated_at = :now, confirmed_at = CASE WHEN :state::varchar ="
            " 'confirmed' THEN :now ELSE confirmed_at END WHERE id = :id",
            id=row.id,
            state=state.value,
            now=clock.now(),
        )
        states: dict[str, Any] = {"before": {"state": row.state}, "after": {"state": state}}
        await record("registration.accept", "registration", row.id, by=by, **states)
        if state == RegistrationState.CONFIRMED:
            await events_bus.publish(RegistrationsPromoted([row.id]))
        await filling.notify_placed([(row.id, state)], event.id)
    return True


async def offer(registration_id: int, hours: int | None, *, by: Actor) -> None:
    """Keep a place for somebody chosen from the waiting list, whoever stands before.

    Raises NotFound unless the actor runs the event, Conflict (not waiting, no place, cancelled, over), Invalid.
    """
    async with db.transaction_or_join():
        event, row = await deciding.locked(registration_id, by)
        if row.state != RegistrationState.WAITLISTED:
            raise Conflict(NOT_WAITING, code="not_waiting")
        await deciding.require_free(event, row, row.category)
        given = hours if hours is not None else event.offer_hours or USUAL_HOURS
        if not 1 <= given <= MOST_HOURS:
            raise Invalid(fields={"hours": [HOURS]})
        await offer_places(event, [row.id], given, by=by)


@periodic(
    "offers-lapse",
    Every(1),
    title=N_("Lapse of offered places"),
    does=N_("Who has not accepted an offered place in time loses it; it is offered to the next in line."),
    counts=N_("Offers lapsed"),
    question=N_("Let all overdue offers lapse now? The people are told."),
)
async def lapse() -> int:
    """The number of offers that lapsed, in a transaction for each event."""
    events = await fetch_values(
        int,
        "SELECT DISTINCT r.event FROM place_offer o JOIN registration r ON r.id = o.registration"
        " WHERE o.state = 'open' AND o.until <= :now ORDER BY r.event",
        now=clock.now(),
    )
    return sum([await _lapse_of(event) for event in events])


async def _lapse_of(event_id: int) -> int:
    """Lapse what is overdue of an event, and offer the places again."""
    async with db.DB.transaction():
        event, now = await counting.lock_event(event_id), clock.now()
        moderation.require(RegistrationState.OFFERED, RegistrationState.CANCELLED, moderation.By.CLOCK)
        people = await fetch_values(
            int,
            "UPDATE place_offer o SET state = 'lapsed', ended_at = :now FROM registration r WHERE r.id = o.registration"
            " AND r.event = :event AND r.state = 'offered' AND o.state = 'open' AND o.until <= :now RETURNING r.id",
            event=event_id,
            now=now,
        )
        await execute(
            "UPDATE registration SET state = 'cancelled', sequence = sequence + 1, cancelled_at = :now, updated_at = :now,"
            " cancelled_by = NULL, cancelled_from = 'offered', cancel_reason = '' WHERE id = ANY(:ids::bigint[])",
            ids=people,
            now=now,
        )
        after = {"state": RegistrationState.CANCELLED}
        await record_all("registration.lapse", "registration", [(one, after) for one in sorted(people)], by=SYSTEM)
        for one in people:
            await events_bus.publish(RegistrationCancelled(one))
        await emails.send_all([emails.Mail("place_lapsed", one) for one in sorted(people)])
        await filling.fill_places(event)
    return len(people)
