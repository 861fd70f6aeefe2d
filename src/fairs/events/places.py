"""Rooms and gates of an edition: changed, removed, many rooms at once, a gate switched off and on."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record, record_all
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as, fetch_one_as, fetch_value
from fairs.events import page_cache, queries, services
from fairs.events.place_forms import GateForm, RoomForm, stored_gate, stored_room
from fairs.events.rows import CodeRow, EventRow, GateRow, RoomUse
from fairs.events.tables import Event, EventState, Gate, GateKind, Room

USED = N_("People were scanned at this gate, so it is kept: switch it off instead")
LAST_ENTRY = N_("A published event needs an entry in use: add another one first")


async def update_room(slug: str, code: str, form: RoomForm, *, by: Actor, seen: str = "") -> None:
    """Store the edited values. Raises NotFound, Outdated, and Conflict when the code is taken."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        room = await queries.room_by_code(event.id, code)
        versions.require_current(form, stored_room(room), seen)
        values = {name: getattr(form, name) for name in RoomForm.__struct_fields__}
        before = {name: getattr(room, name) for name in values if getattr(room, name) != values[name]}
        if not before:
            return
        with db.constraint_errors({"uq_room_event_code": Conflict(services.CODE_TAKEN, code="code_taken")}):
            await Room.update(**values).where(Room.id == room.id)
        await _changed(event)
        await record(
            "room.update", "room", room.id, by=by, before=before, after={name: values[name] for name in before}
        )
    page_cache.forget()


async def delete_room(slug: str, code: str, *, by: Actor) -> None:
    """Remove a room that nothing uses. Raises NotFound and Conflict."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        room = await queries.room_by_code(event.id, code)
        use = await fetch_one_as(
            RoomUse,
            "SELECT (SELECT count(*) FROM event_session WHERE room = :room)"
            " + (SELECT count(*) FROM session_draft WHERE room = :room AND session IS NULL) AS sessions,"
            " (SELECT count(*) FROM gate WHERE room = :room) AS gates",
            room=room.id,
        )
        assert use is not None
        if use.sessions or use.gates:
            message = N_(
                "The room is used (sessions: %(sessions)s, gates: %(gates)s): give them another room first",
                sessions=use.sessions,
                gates=use.gates,
            )
            raise Conflict(message, code="room_used")
        await Room.delete().where(Room.id == room.id)
        await _changed(event)
        await record("room.delete", "room", room.id, by=by, before=stored_room(room))


async def add_rooms(slug: str, forms: Sequence[RoomForm], *, by: Actor) -> int:
    """Add all of these rooms or none; returns how many. Raises Conflict when a code is taken."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        rooms = [
            Room(event=event.id, **{name: getattr(form, name) for name in RoomForm.__struct_fields__}) for form in forms
        ]
        with db.constraint_errors({"uq_room_event_code": Conflict(services.CODE_TAKEN, code="code_taken")}):
            await Room.insert(*rooms)
        await _changed(event)
        ids = await fetch_as(
            CodeRow,
            "SELECT id, code FROM room WHERE event = :event AND code = ANY(:codes::text[]) ORDER BY id",
            event=event.id,
            codes=[form.code for form in forms],
        )
        entries = [(row.id, {"event": event.id, "code": row.code}) for row in ids]
        await record_all("room.add", "room", entries, by=by)
    return len(forms)


async def update_gate(slug: str, code: str, form: GateForm, *, by: Actor, seen: str = "") -> None:
    """Store the edited values, which count from the next scan on. Raises NotFound, Outdated, Conflict and Invalid."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        gate = await queries.gate_by_code(event.id, code)
        versions.require_current(form, stored_gate(gate), seen)
        if form.code != code and event.state != EventState.DRAFT:
            raise Invalid(fields={"code": [N_("Scanners know the gate by its code: it cannot change once published")]})
        values = await services.gate_values(event.id, form)
        before = {name: getattr(gate, name) for name in values if getattr(gate, name) != values[name]}
        if not before:
            return
        if form.kind != GateKind.ENTRY:
            await _require_other_entry(event, gate)
        with db.constraint_errors({"uq_gate_event_code": Conflict(services.CODE_TAKEN, code="code_taken")}):
            await Gate.update(**values).where(Gate.id == gate.id)
        await _changed(event)
        await record(
            "gate.update", "gate", gate.id, by=by, before=before, after={name: values[name] for name in before}
        )


async def switch_gate(slug: str, code: str, *, on: bool, by: Actor) -> None:
    """Take a gate out of use from now on, or into use again. Raises NotFound, and Conflict for the last entry."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        gate = await queries.gate_by_code(event.id, code)
        if on == (gate.inactive_since is None):
            return
        if not on:
            await _require_other_entry(event, gate)
        values: dict[str, Any] = {"inactive_since": None if on else clock.now()}
        await Gate.update(**values).where(Gate.id == gate.id)
        await _changed(event)
        await record("gate.switch", "gate", gate.id, by=by, before={"in_use": not on}, after={"in_use": on})


async def delete_gate(slug: str, code: str, *, by: Actor) -> None:
    """Remove a gate at which nobody was scanned. Raises NotFound and Conflict."""
    async with db.transaction_or_join():
        event = await services.prepared_event(slug, by)
        gate = await queries.gate_by_code(event.id, code)
        await _require_other_entry(event, gate)
        with db.constraint_errors({"scan_gate_fkey": Conflict(USED, code="gate_used")}):
            await Gate.delete().where(Gate.id == gate.id)
        await _changed(event)
        await record("gate.delete", "gate", gate.id, by=by, before=stored_gate(gate))


async def _require_other_entry(event: EventRow, gate: GateRow) -> None:
    if event.state == EventState.DRAFT or gate.kind != GateKind.ENTRY or gate.inactive_since is not None:
        return
    others = await fetch_value(
        int,
        "SELECT count(*) FROM gate WHERE event = :event AND kind = 'entry' AND inactive_since IS NULL AND id <> :gate",
        event=event.id,
        gate=gate.id,
    )
    if not others:
        raise Conflict(LAST_ENTRY, code="last_entry")


async def _changed(event: EventRow) -> None:
    await Event.update(updated_at=clock.now()).where(Event.id == event.id)
