"""Sessions: added to the programme, moved, their room or seats changed."""

from datetime import datetime
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_, format_span
from fairs.core.rows import fetch_one_as, fetch_value_or_none
from fairs.events import moving, page_cache, queries, rules, services
from fairs.events.forms import BACKWARDS, SessionForm
from fairs.events.rows import EventDays, EventRow, Occupied, SessionRow
from fairs.events.tables import Event, Session
from fairs.units.queries import unit_id

FIELDS = (
    "code",
    "kind",
    "title_zh",
    "title_en",
    "starts_at",
    "ends_at",
    "capacity",
    "sign_up",
    "changes_until",
)
MOVES = frozenset({"starts_at", "ends_at", "room"})


async def add_session(event_id: int, form: SessionForm, *, by: Actor) -> int:
    """A session's id. Raises Invalid outside the event's days, Conflict when the room or the code is taken."""
    async with db.transaction_or_join():
        event = await _locked_days(event_id)
        services.require(event, rules.Act.PREPARE)
        return await services.add_part(event_id, Session(event=event_id, **await _values(event, form)), by=by)


async def update_session(slug: str, code: str, form: SessionForm, *, by: Actor, confirmed: str = "") -> int:
    """Store the edited values; returns the id. People signed up get the new hour or room for their calendars.

    Raises NotFound, Invalid and Conflict as `add_session`, and Unconfirmed as `services.update_event`.
    """
    async with db.transaction_or_join():
        event = await services.locked_event(slug, by)
        services.require(event, rules.Act.PREPARE)
        session = await queries.session_by_code(event.id, code)
        values = await _values(event, form, besides=session.id)
        before = {name: getattr(session, name) for name in values if getattr(session, name) != values[name]}
        if not before:
            return session.id
        moved = bool(MOVES & set(before))
        services.check_confirmed(await moving.of_session(session, values, moved=moved), confirmed)
        await _store(event, session, values)
        after = {name: values[name] for name in before}
        await record("session.update", "session", session.id, by=by, before=before, after=after)
        if moved and not rules.is_over(event.ends_at, clock.now(), demo=event.demo):
            change = {"event": event.id, "session": session.id, "mark": clock.now().isoformat()}
            await jobs.enqueue(services.REGISTRATIONS_MOVED, change)
    page_cache.forget()
    return session.id


async def _store(event: EventRow, session: SessionRow, values: dict[str, Any]) -> None:
    with db.constraint_errors({"uq_event_session_code": Conflict(services.CODE_TAKEN, code="code_taken")}):
        await Session.update(**values).where(Session.id == session.id)
    await Event.update(updated_at=clock.now()).where(Event.id == event.id)


async def _locked_days(event_id: int) -> EventDays:
    event = await fetch_one_as(
        EventDays, "SELECT id, state, starts_at, ends_at, timezone FROM event WHERE id = :id FOR UPDATE", id=event_id
    )
    if event is None:
        raise Invalid(N_("There is no event with this short name"))
    return event


async def _values(event: EventRow | EventDays, form: SessionForm, *, besides: int = 0) -> dict[str, Any]:
    """Values to store, checked against the event, whose row is locked. `besides`: a session that may use the room."""
    if form.ends_at <= form.starts_at:
        raise Invalid(fields={"ends_at": [BACKWARDS]})
    if not rules.lies_within(form.starts_at, form.ends_at, event.starts_at, event.ends_at, event.timezone):
        raise Invalid(fields={"starts_at": [N_("This is outside the days of the event")]})
    if form.changes_until and form.changes_until > form.starts_at:
        raise Invalid(fields={"changes_until": [N_("This is after the start of the session")]})
    values: dict[str, Any] = {name: getattr(form, name) for name in FIELDS}
    values["unit"] = await unit_id(form.unit) if form.unit else None
    span = (form.starts_at, form.ends_at)
    values["room"] = await _free_room(event.id, form.room, *span, event.timezone, besides)
    return values


async def _free_room(
    event_id: int, code: str, starts_at: datetime, ends_at: datetime, zone: str, besides: int
) -> int | None:
    if not code:
        return None
    room = await fetch_value_or_none(
        int, "SELECT id FROM room WHERE event = :event AND code = :code", event=event_id, code=code
    )
    if room is None:
        raise Invalid(fields={"room": [N_("The event has no room with this code")]})
    taken = await fetch_one_as(
        Occupied,
        "SELECT code, starts_at, ends_at FROM event_session WHERE room = :room AND starts_at < :end AND ends_at > :start"
        " AND id <> :besides LIMIT 1",
        room=room,
        start=starts_at,
        end=ends_at,
        besides=besides,
    )
    if taken:
        span = format_span(taken.starts_at, taken.ends_at, zone)
        message = N_("The room is taken by session %(code)s: %(span)s", code=taken.code, span=span)
        raise Conflict(message, code="room_taken")
    return room
