"""Writes vehicles and interpreters, and where they are at work."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, versions
from fairs.core.errors import Invalid
from fairs.core.rows import execute
from fairs.registrations import phones
from fairs.tours import queries as tours
from fairs.tours.logistics import queries
from fairs.tours.logistics.forms import InterpreterForm, VehicleForm
from fairs.tours.logistics.rows import InterpreterRow, VehicleRow
from fairs.tours.logistics.tables import TourInterpreter, TourVehicle
from fairs.tours.services import NOT_LISTED, prepared


def stored_vehicle(row: VehicleRow) -> dict[str, Any]:
    """A vehicle as its form has it."""
    shown = {name: getattr(row, name) for name in VehicleForm.__struct_fields__}
    phone = phones.opened(row.driver_phone) if row.driver_phone else ""
    return shown | {"driver_phone": phone, "stops": [str(stop) for stop in row.stops]}


def stored_interpreter(row: InterpreterRow) -> dict[str, Any]:
    """An interpreter as the form has it."""
    phone = phones.opened(row.phone) if row.phone else ""
    return {
        "name": row.name,
        "phone": phone,
        "languages": row.languages,
        "group": row.group_name,
        "stops": [str(stop) for stop in row.stops],
    }


async def _stops(event_id: int, typed: Sequence[str]) -> list[int]:
    """The ids of stops of this tour. Raises Invalid."""
    known = {str(stop.id): stop.id for stop in await tours.stops_of(event_id)}
    if any(one not in known for one in typed):
        raise Invalid(fields={"stops": [NOT_LISTED]})
    return [known[one] for one in dict.fromkeys(typed)]


async def save_vehicle(slug: str, vehicle_id: int | None, form: VehicleForm, *, seen: str = "", by: Actor) -> int:
    """Store a vehicle, or a new one (None); returns its id. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if vehicle_id is not None:
            row = await queries.vehicle_of(event.id, vehicle_id)
            versions.require_current(form, stored_vehicle(row), seen)
        stops = await _stops(event.id, form.stops)
        values: dict[str, Any] = {
            "name": form.name,
            "plate": form.plate,
            "seats": form.seats,
            "driver_name": form.driver_name,
            "driver_phone": phones.seal(form.driver_phone) if form.driver_phone else "",
        }
        if vehicle_id is None:
            rows = await TourVehicle.insert(TourVehicle(event=event.id, **values))
            vehicle_id = int(rows[0]["id"])
        else:
            await TourVehicle.update(**values).where(TourVehicle.id == vehicle_id)
        await execute("DELETE FROM tour_stop_vehicle WHERE vehicle = :id", id=vehicle_id)
        await execute(
            "INSERT INTO tour_stop_vehicle (stop, vehicle) SELECT unnest(:stops::bigint[]), :id",
            stops=stops,
            id=vehicle_id,
        )
        after = {"name": form.name, "plate": form.plate, "seats": form.seats}
        await record("tour_vehicle.save", "event", event.id, by=by, after=after)
    return vehicle_id


async def remove_vehicle(slug: str, vehicle_id: int, *, by: Actor) -> None:
    """The vehicle goes; what it was to drive has none. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = await queries.vehicle_of(event.id, vehicle_id)
        await execute("DELETE FROM tour_vehicle WHERE id = :id", id=row.id)
        await record("tour_vehicle.remove", "event", event.id, by=by, before={"name": row.name})


async def save_interpreter(
    slug: str, interpreter_id: int | None, form: InterpreterForm, *, seen: str = "", by: Actor
) -> int:
    """Store an interpreter, or a new one (None); returns the id. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        if interpreter_id is not None:
            row = await queries.interpreter_of(event.id, interpreter_id)
            versions.require_current(form, stored_interpreter(row), seen)
        stops = await _stops(event.id, form.stops)
        groups = {one.name: one.id for one in await tours.groups_of(event.id)}
        if form.group and form.group not in groups:
            raise Invalid(fields={"group": [NOT_LISTED]})
        values: dict[str, Any] = {
            "name": form.name,
            "phone": phones.seal(form.phone) if form.phone else "",
            "languages": list(form.languages),
            "grp": groups.get(form.group),
        }
        if interpreter_id is None:
            rows = await TourInterpreter.insert(TourInterpreter(event=event.id, **values))
            interpreter_id = int(rows[0]["id"])
        else:
            await TourInterpreter.update(**values).where(TourInterpreter.id == interpreter_id)
        await execute("DELETE FROM tour_stop_interpreter WHERE interpreter = :id", id=interpreter_id)
        await execute(
            "INSERT INTO tour_stop_interpreter (stop, interpreter) SELECT unnest(:stops::bigint[]), :id",
            stops=stops,
            id=interpreter_id,
        )
        after = {"name": form.name, "group": form.group}
        await record("tour_interpreter.save", "event", event.id, by=by, after=after)
    return interpreter_id


async def remove_interpreter(slug: str, interpreter_id: int, *, by: Actor) -> None:
    """The interpreter goes. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = await queries.interpreter_of(event.id, interpreter_id)
        await execute("DELETE FROM tour_interpreter WHERE id = :id", id=row.id)
        await record("tour_interpreter.remove", "event", event.id, by=by, before={"name": row.name})
