"""Hosts of stops: asked by who runs the tour, they confirm or decline, and write what their people need to know."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.events.queries import event_by_id
from fairs.events.rules import Act
from fairs.events.services import lock, locked_event, require
from fairs.tours import queries, services, telling
from fairs.tours.emails import Case
from fairs.tours.forms import HostForm, ReasonForm
from fairs.tours.rows import HostedStop, StopRow
from fairs.tours.rules import HOSTED
from fairs.tours.tables import StopState, TourStop

NO_HOST = N_("Name an employer or a city as the host first")
ANSWERED = N_("This stop has been answered already")
OFF = N_("This stop is cancelled")
NOT_RUNNING = N_("The tour is over: nothing can be changed any more")


async def ask_host(slug: str, stop_id: int, *, by: Actor) -> int:
    """Ask the host of a stop, or once more; returns how many accounts get a mail. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        stop = await queries.stop_of(event.id, stop_id, lock=True)
        if stop.state == StopState.CANCELLED:
            raise Conflict(OFF, code="cancelled")
        if not stop.hosted:
            raise Conflict(NO_HOST, code="no_host")
        if stop.state == StopState.CONFIRMED:
            raise Conflict(ANSWERED, code="answered")
        return await _ask(event.id, stop, by)


def is_to_ask(stop: StopRow) -> bool:
    """Whether somebody is to be asked: an employer at any stop, a city where people are received by it."""
    received = stop.organisation is not None or (stop.unit_id is not None and stop.kind in HOSTED)
    return stop.state == StopState.PLANNED and received


async def note_confirmed(slug: str, stop_id: int, *, by: Actor) -> None:
    """Who runs the tour notes that the host has said yes, by telephone. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        stop = await queries.stop_of(event.id, stop_id, lock=True)
        if stop.state == StopState.CANCELLED:
            raise Conflict(OFF, code="cancelled")
        if not stop.hosted:
            raise Conflict(NO_HOST, code="no_host")
        if stop.state == StopState.CONFIRMED:
            raise Conflict(ANSWERED, code="answered")
        if stop.asked_at is None:  # so that the host finds the stop on its page
            await TourStop.update(asked_at=clock.now()).where(TourStop.id == stop.id)
        await _answer(stop, StopState.CONFIRMED, "", by)


async def ask_all(slug: str, *, by: Actor) -> tuple[int, int]:
    """Ask every host that has not been asked; (stops, mails). Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await locked_event(slug, by)
        require(event, Act.PREPARE)
        stops = [one for one in await queries.stops_of(event.id) if is_to_ask(one)]
        mails = [await _ask(event.id, stop, by) for stop in stops]
    return len(stops), sum(mails)


async def _ask(event_id: int, stop: StopRow, by: Actor) -> int:
    again, revision = stop.asked_at is not None, stop.revision + 1
    values: dict[str, Any] = {"state": StopState.ASKED, "asked_at": clock.now(), "reason": "", "revision": revision}
    await TourStop.update(**values, updated_at=clock.now()).where(TourStop.id == stop.id)
    await record("tour_stop.ask", "tour_stop", stop.id, by=by, before={"state": stop.state}, after={"state": "asked"})
    event = await event_by_id(event_id)
    return await telling.ask_hosts(event, await queries.stop_of(event_id, stop.id), Case.AGAIN if again else Case.ASK)


async def _hosted(stop_id: int, by: Actor) -> HostedStop:
    """A stop that the actor hosts, locked with its tour; while the tour is prepared or runs."""
    found = await queries.hosted_stop(by, stop_id)
    await lock(found.event)
    stop = await queries.hosted_stop(by, stop_id)
    event = await event_by_id(stop.event)
    try:
        require(event, Act.PREPARE)
    except Conflict:
        raise Conflict(NOT_RUNNING, code="state") from None
    if stop.state == StopState.CANCELLED:
        raise Conflict(OFF, code="cancelled")
    return stop


async def confirm(stop_id: int, *, by: Actor) -> None:
    """The host expects the people; also after having declined. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        stop = await _hosted(stop_id, by)
        if stop.state == StopState.CONFIRMED:
            raise Conflict(ANSWERED, code="answered")
        await _answer(stop, StopState.CONFIRMED, "", by)


async def decline(stop_id: int, form: ReasonForm, *, by: Actor) -> None:
    """The host cannot receive the people; also after having confirmed. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        stop = await _hosted(stop_id, by)
        if stop.state == StopState.DECLINED:
            raise Conflict(ANSWERED, code="answered")
        await _answer(stop, StopState.DECLINED, form.reason, by)


async def _answer(stop: StopRow, state: StopState, reason: str, by: Actor) -> None:
    now = clock.now()
    await TourStop.update(state=state, reason=reason, answered_at=now, answered_by=by.account_id, updated_at=now).where(
        TourStop.id == stop.id
    )
    after = {"state": state.value, "reason": reason}
    await record("tour_stop.answer", "tour_stop", stop.id, by=by, before={"state": stop.state.value}, after=after)


def stored_host(stop: StopRow) -> dict[str, Any]:
    """What the host may change, as its form has it."""
    return {name: getattr(stop, name) for name in HostForm.__struct_fields__}


async def save_hosted(stop_id: int, form: HostForm, *, seen: str, by: Actor) -> None:
    """The host writes where, who and what to bring; its people are told. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        stop = await _hosted(stop_id, by)
        versions.require_current(form, stored_host(stop), seen)
        if form.places is not None and form.places < 1:
            raise Invalid(fields={"places": [N_("Decline the stop if nobody can come")]})
        event = await event_by_id(stop.event)
        before = await queries.stop_of(stop.event, stop_id, lock=True)
        values = {name: getattr(form, name) for name in HostForm.__struct_fields__}
        await services.write_stop(event, before, values, None, by=by)
