"""The life of an event after it was published: taken back, wound up, archived, cancelled; a draft deleted."""

import hashlib
from dataclasses import astuple, dataclass, fields

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, events_bus
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import fetch_value
from fairs.events import page_cache, queries, rules, services
from fairs.events.domain_events import EventCancelled, EventHolding
from fairs.events.rows import EventRow
from fairs.events.tables import Event, EventState

HAS_PEOPLE = N_("People have registered or agreed something here: it can be cancelled, but not taken back or deleted")
NOT_OVER = N_("The event is not over yet")
PARTS_LEFT = N_("Parts of this event are not finished. Finish them first.")
CHANGED = N_("The numbers have changed meanwhile. Look at them again, then confirm.")


@dataclass(frozen=True)
class Holdings:
    """What hangs on an event. `registrations` counts cancelled ones too; `registered` and `waiting` are live.

    `meetings` are scheduled ones to come, `met` all, `listings` and `agreements` those in any state, `months` frozen ones,
    `parts` the events below.
    """

    registrations: int = 0
    registered: int = 0
    waiting: int = 0
    meetings: int = 0
    met: int = 0
    listings: int = 0
    agreements: int = 0
    months: int = 0
    parts: int = 0

    @property
    def people(self) -> int:
        """What makes it impossible to take the event back: rows about people."""
        return self.registrations + self.met + self.agreements

    @property
    def digest(self) -> str:
        """Identifies the numbers shown, so that a confirmation is only valid for them."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


async def holdings(event_id: int) -> Holdings:
    """What hangs on an event, counted by those who keep it."""
    asked = EventHolding(event_id)
    await events_bus.publish(asked)
    asked.found["parts"] = await fetch_value(int, "SELECT count(*) FROM event WHERE parent = :id", id=event_id)
    return Holdings(**{one.name: asked.found[one.name] for one in fields(Holdings)})


async def unpublish_event(slug: str, *, by: Actor) -> None:
    """Make a published event a draft again. Raises Conflict once anybody registered, met or agreed something."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        if (await holdings(event.id)).people:
            raise Conflict(HAS_PEOPLE, code="has_people")
        await services.step(slug, EventState.DRAFT, by)
    page_cache.forget()


async def wind_up_event(slug: str, *, by: Actor) -> None:
    """The fair is over: only agreements go on. Raises Conflict before its end and while a part of it runs."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        if event.ends_at > clock.now() and event.state == EventState.CLOSED:
            raise Conflict(NOT_OVER, code="not_over")
        await _require_finished_parts(event, rules.RUNNING)
        await services.step(slug, EventState.FOLLOW_UP, by)
    page_cache.forget()


async def _require_finished_parts(event: EventRow, unfinished: tuple[EventState, ...]) -> None:
    if [part for part in await queries.parts_of(event.id) if part.state in unfinished]:
        raise Conflict(PARTS_LEFT, code="parts")


async def resume_event(slug: str, *, by: Actor) -> None:
    """Undo the winding up: the fair runs again, with registration closed."""
    async with db.transaction_or_join():
        await services.locked_province_event(slug, by)
        await services.step(slug, EventState.CLOSED, by)
    page_cache.forget()


async def archive_event(slug: str, *, by: Actor) -> None:
    """End the follow-up: nothing of the event changes any more. Raises Conflict while a part of it is not archived."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        await _require_finished_parts(event, (*rules.RUNNING, EventState.FOLLOW_UP))
        await services.step(slug, EventState.ARCHIVED, by)
    page_cache.forget()


async def cancel_event(slug: str, *, reason: str, confirmed: str, by: Actor) -> None:
    """The event does not take place: registrations and meetings end, everybody concerned gets a mail with the reason.

    Raises Invalid without a reason, Conflict when `confirmed` is not the digest of the numbers shown, or while parts of it run.
    """
    if not reason.strip():
        raise Invalid(fields={"reason": [N_("Give the reason: it is in the mail to everybody concerned")]})
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        await _require_finished_parts(event, rules.RUNNING)
        if (await holdings(event.id)).digest != confirmed:
            raise Conflict(CHANGED, code="unconfirmed")
        if await services.step(slug, EventState.CANCELLED, by, cancel_reason=reason.strip()):
            await events_bus.publish(EventCancelled(event.id, reason.strip()))
    page_cache.forget()


async def delete_draft(slug: str, *, by: Actor) -> None:
    """Delete a draft on which nothing hangs but its programme, rooms and gates. Raises Conflict otherwise."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        held = await holdings(event.id)
        if event.state != EventState.DRAFT or any(astuple(held)):
            raise Conflict(N_("Only a draft without people, listings and parts can be deleted"), code="in_use")
        await Event.delete().where(Event.id == event.id)
        await record("event.delete", "event", event.id, by=by, before={"slug": event.slug, "title_zh": event.title_zh})
    page_cache.forget()
