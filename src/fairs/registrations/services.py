"""Registrations: created with an exact count of places, cancelled, promoted from the waiting list.

The event's row is locked while places are counted, so two people never get the same one. A session's place is taken
from registration on, also by the waiting list.
"""

import contextlib
from typing import Any

from fairs.accounts import undoing
from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import Once
from fairs.audit.services import current_origin, record
from fairs.core import batching, clock, db, events_bus, i18n, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.pubsub import publish
from fairs.core.roles import Role
from fairs.core.rows import execute, fetch_value, fetch_values
from fairs.events.rules import Act, allows, is_over
from fairs.notifications.calendars import Method
from fairs.registrations import counting, emails, filling, moderation, placing, queries, rules
from fairs.registrations.applying import OVER, STAFF, Application, Outcome, Registered, Repeated
from fairs.registrations.asking.reading import Answers
from fairs.registrations.domain_events import RegistrationCancelled
from fairs.registrations.event_changes import MOVED
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.offering.making import end_offer, reopen_offer
from fairs.registrations.pools.tables import OfferState
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState

__all__ = ["MOVED", "Registered", "Repeated", "cancel", "register", "register_once", "restore"]
FILL = "registrations.fill"
WITH_THE_MAIN_ONE = N_("The person whom you accompany does not come")


async def register(
    event_id: int,
    form: RegistrationForm,
    *,
    by: Actor,
    talent_id: int | None = None,
    demo: bool = False,
    answers: Answers | None = None,
) -> Registered:
    """A place, or one in the waiting list when all are taken.

    People register themselves: without a wider role the address is the account's. Concurrent callers share a
    transaction, unless the caller has one open. Raises NotFound, Conflict (not open, already registered, session full)
    and Invalid (unknown session).
    """
    email = normal(form.email) if _registers_others(by) else by.email
    asked = Application(form, email, by, i18n.current_lang(), current_origin(), talent_id, demo, answers=answers)
    if db.in_transaction():
        [outcome] = await placing.place(event_id, [asked])
    else:
        [outcome] = await batching.enqueue(event_id, [asked], placing.register_batch, batch=placing.BATCH)
    return _granted(outcome)


async def register_once(
    event_id: int, form: RegistrationForm, once: Once, *, by: Actor, answers: Answers | None = None
) -> Registered | Repeated:
    """As `register`, with the stored answer; Repeated when an earlier call with this key succeeded."""
    email = normal(form.email) if _registers_others(by) else by.email
    asked = Application(form, email, by, i18n.current_lang(), current_origin(), once=once, answers=answers)
    [outcome] = await batching.enqueue(event_id, [asked], placing.register_batch, batch=placing.BATCH)
    return outcome if isinstance(outcome, Repeated) else _granted(outcome)


def _granted(outcome: Outcome) -> Registered:
    if isinstance(outcome, Exception):
        raise outcome
    assert isinstance(outcome, Registered)
    return outcome


def _registers_others(by: Actor) -> bool:
    return bool(by.roles & STAFF)


async def cancel(registration_id: int, *, by: Actor, reason: str = "", rejects: bool = False) -> list[int]:
    """End a registration and give its place to the first in the waiting list; returns the promoted ids.

    The person withdraws, others cancel; `rejects`: the staff does not accept who was never confirmed. Raises NotFound for
    strangers, Conflict when it has ended already or the event is over, Invalid when somebody else than the person ends it
    without a reason.
    """
    async with db.transaction_or_join():
        return await end(await queries.registration_for(by, registration_id), by=by, reason=reason, rejects=rejects)


async def end(seen: RegistrationRow, *, by: Actor, reason: str = "", rejects: bool = False) -> list[int]:
    """As `cancel`, of a registration for which the caller knows that this actor answers."""
    registration_id = seen.id
    async with db.transaction_or_join():
        by_staff = by.account_id is not None and not queries.is_own(by, seen)
        if by_staff:
            undoing.require_reason(reason)
        event = await counting.lock_event(seen.event)
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            raise Conflict(OVER, code="over")
        former, ended = await _end(seen, by, reason.strip()[:200], rejects=rejects)
        values = {"before": {"state": former}, "after": {"state": ended, "reason": reason[:200]}}
        if ended == RegistrationState.REJECTED:
            await record("registration.reject", "registration", registration_id, by=by, **values)
        else:
            await record("registration.cancel", "registration", registration_id, by=by, **values)
        await events_bus.publish(RegistrationCancelled(registration_id))
        await emails.send(
            "registration_rejected" if ended == RegistrationState.REJECTED else "registration_cancelled",
            registration_id,
            calendar=Method.CANCEL if former == RegistrationState.CONFIRMED else "",
            what=reason.strip() if by_staff else "",
            who=who_cancelled(by) if by_staff else "",
        )
        for companion in await _companions(registration_id, f"state NOT IN {rules.ENDED_STATES}"):
            await end(await queries.registration_by_id(companion), by=by, reason=reason or str(WITH_THE_MAIN_ONE))
        promoted = await filling.fill_places(event)
        await publish(f"event:{event.id}", {"what": "registration"})
    return promoted


async def _companions(registration_id: int, condition: str, **arguments: Any) -> list[int]:
    """The companions of a registration that fulfil a constant condition."""
    sql = f"SELECT id FROM registration WHERE companion_of = :id AND {condition} ORDER BY id"  # noqa: S608 - a constant of the code
    return await fetch_values(int, sql, id=registration_id, **arguments)


def who_cancelled(by: Actor) -> object:
    """Somebody else than the person, as the mail names it."""
    if by.sees_everything:
        return N_("the organiser (%(name)s)", name=by.name)
    if Role.EMPLOYER in by.roles:
        return N_("your employer (%(name)s)", name=by.name)
    if not by.roles & STAFF:
        return N_("who looks after your group (%(name)s)", name=by.name)
    return N_("the staff of the event (%(name)s)", name=by.name)


async def _end(seen: RegistrationRow, by: Actor, reason: str, *, rejects: bool) -> tuple[str, str]:
    """Mark as ended; returns the former state and the new one. The caller has locked the event, as all writers do."""
    former = await fetch_value(str, "SELECT state FROM registration WHERE id = :id", id=seen.id)
    if former in rules.ENDED:
        raise Conflict(N_("This registration has already been cancelled"), code="already_cancelled")
    who = moderation.by_of(by, seen)
    ended = moderation.end_of(former, who, rejects=rejects)
    moderation.require(former, ended, who)
    if former == RegistrationState.OFFERED:
        await end_offer(seen.id, OfferState.DECLINED if who == moderation.By.CANDIDATE else OfferState.WITHDRAWN)
    await execute(
        "UPDATE registration SET state = :ended, queue = NULL, sequence = sequence + 1, cancelled_at = :now,"
        " updated_at = :now, cancelled_by = :account, cancelled_from = state, cancel_reason = :reason WHERE id = :id",
        id=seen.id,
        ended=ended.value,
        now=clock.now(),
        account=by.account_id,
        reason=reason,
    )
    return former, ended


async def restore(registration_id: int, *, reason: str, by: Actor) -> str:
    """Undo a cancellation within ten minutes, with a new badge; who waited goes to the end of the list. The state.

    Raises NotFound for strangers, Conflict (too late, not cancelled, event over, place or session taken meanwhile),
    Forbidden when another person cancelled it, Invalid without a reason.
    """
    async with db.transaction_or_join():
        seen = await queries.registration_for(by, registration_id)
        event = await counting.lock_event(seen.event)
        row = await queries.registration_by_id(registration_id)
        if row.state not in rules.ENDED:
            raise Conflict(N_("This registration is not cancelled"), code="not_cancelled")
        undoing.require(by, row.cancelled_by, row.cancelled_at, reason)
        if is_over(event.ends_at, clock.now(), demo=event.demo) or not allows(event.state, Act.SCAN):
            raise Conflict(OVER, code="over")
        state = RegistrationState(row.cancelled_from or RegistrationState.CONFIRMED)
        if state == RegistrationState.OFFERED and not await reopen_offer(registration_id):
            state = RegistrationState.WAITLISTED  # the deadline is over
        moderation.require(row.state, state, moderation.by_of(by, row))
        await placing.require_place(event, row, state)
        with db.constraint_errors({"uq_registration_of_address": Conflict(placing.ALREADY, code="already_registered")}):
            await execute(
                "UPDATE registration SET state = :state::varchar, queue = CASE WHEN :state::varchar = 'waitlisted' THEN (SELECT"
                " coalesce(max(q.queue), 0) + 1 FROM registration q WHERE q.event = :event) END, sequence = sequence + 1,"
                " cancelled_at = NULL, cancelled_by = NULL, cancelled_from = '', cancel_reason = '', updated_at = :now"
                " WHERE id = :id",
                id=registration_id,
                state=str(state),
                event=event.id,
                now=clock.now(),
            )
        after = {"state": state, "reason": reason[:200]}
        await record("registration.restore", "registration", registration_id, by=by, after=after)
        await filling.notify_placed([(registration_id, state)], event.id)
        ended_with_it = "cancelled_at >= :at AND cancelled_at < :at::timestamptz + interval '1 minute'"
        for companion in await _companions(registration_id, ended_with_it, at=row.cancelled_at):
            with contextlib.suppress(Conflict):  # whose place was given away stays cancelled
                async with db.savepoint():
                    await restore(companion, reason=reason, by=by)
    return state


@jobs.job(FILL)
async def fill_places(payload: dict[str, Any]) -> None:
    """Job after an event's capacity was raised: {"event": id}. Safe to run twice."""
    async with db.transaction_or_join():
        await filling.fill_places(await counting.lock_event(payload["event"]))
