"""Writes what a tour cost: by who runs it, and by a bureau for the stops that it hosts. Also after the tour, until it is archived."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.services import lock, locked_event
from fairs.events.tables import EventState
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose
from fairs.tours import queries as tours
from fairs.tours.logistics import queries as logistics
from fairs.tours.results import money, queries
from fairs.tours.results.forms import ExpenseForm, HostExpenseForm
from fairs.tours.results.rows import ExpenseRow
from fairs.tours.results.tables import TourExpense
from fairs.tours.services import NOT_LISTED
from fairs.units.queries import unit_id

ARCHIVED = N_("The tour is archived: its costs cannot be changed any more")


def stored_hosted(row: ExpenseRow) -> dict[str, Any]:
    """A sum as the form of a bureau has it."""
    typed = money.plain(row.amount, row.currency)
    return {"day": row.day, "kind": row.kind, "amount": typed, "currency": row.currency, "note": row.note}


def stored(row: ExpenseRow) -> dict[str, Any]:
    """A sum as the form of the tour has it."""
    parts = {"stop": row.stop, "vehicle": row.vehicle, "hotel": row.hotel}
    about = next((f"{name}:{number}" for name, number in parts.items() if number), "")
    return {**stored_hosted(row), "about": about, "unit": row.unit}


def _open(event: EventRow) -> EventRow:
    if event.state == EventState.ARCHIVED:
        raise Conflict(ARCHIVED, code="state")
    return event


async def _about(event: EventRow, typed: str) -> tuple[dict[str, int | None], int | None]:
    """The stop, vehicle or hotel, and the city in which it is. Raises Invalid."""
    found: dict[str, int | None] = {"stop": None, "vehicle": None, "hotel": None}
    if not typed:
        return found, None
    name, _, number = typed.partition(":")
    places: dict[str, dict[str, int | None]] = {
        "stop": {str(row.id): row.unit_id for row in await tours.stops_of(event.id)},
        "vehicle": {str(row.id): None for row in await logistics.vehicles_of(event.id)},
        "hotel": {
            str(row.id): await unit_id(row.unit) if row.unit else None for row in await logistics.hotels_of(event.id)
        },
    }
    if number not in places.get(name, {}):
        raise Invalid(fields={"about": [NOT_LISTED]})
    found[name] = int(number)
    return found, places[name][number]


async def save_expense(slug: str, expense_id: int | None, form: ExpenseForm, *, seen: str = "", by: Actor) -> int:
    """Store a sum, or a new one (None); returns its id. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        event = _open(await locked_event(slug, by))
        row = await queries.expense_of(event.id, expense_id, lock=True) if expense_id is not None else None
        if row is not None:
            versions.require_current(form, stored(row), seen)
        about, city = await _about(event, form.about)
        values = about | {"unit": await unit_id(form.unit) if form.unit else city}
        return await _write(event, row, form, values, by)


async def save_hosted(stop_id: int, expense_id: int | None, form: HostExpenseForm, *, seen: str = "", by: Actor) -> int:
    """A bureau stores what it spent on a stop that it hosts. Raises NotFound, Conflict, Outdated, Invalid."""
    async with db.transaction_or_join():
        stop = await queries.stop_of_bureau(by, stop_id)
        await lock(stop.event)
        event = _open(await event_by_id(stop.event))
        row = await queries.hosted_expense(by, stop_id, expense_id, lock=True) if expense_id is not None else None
        if row is not None:
            versions.require_current(form, stored_hosted(row), seen)
        return await _write(event, row, form, {"stop": stop.id, "unit": stop.unit_id, "host": stop.unit_id}, by)


async def _write(
    event: EventRow, row: ExpenseRow | None, form: HostExpenseForm, more: dict[str, int | None], by: Actor
) -> int:
    amount = money.minor(form.amount, form.currency)
    assert amount is not None, "the form has read it"
    values: dict[str, Any] = {"day": form.day, "kind": form.kind, "amount": amount, "currency": form.currency}
    values |= {"note": form.note, "updated_at": clock.now(), **more}
    if form.receipt:
        values["receipt"] = await attach(form.receipt, Purpose.RECEIPT, field="receipt")
        await let_go(row.receipt if row else None)
    if row is None:
        made = await TourExpense.insert(TourExpense(event=event.id, by=by.account_id, created_at=clock.now(), **values))
        expense_id = int(made[0]["id"])
    else:
        expense_id = row.id
        await TourExpense.update(**values).where(TourExpense.id == row.id)
    after = {"kind": form.kind, "amount": money.shown(amount, form.currency), "day": form.day.isoformat()}
    await record("tour_expense.save", "event", event.id, by=by, before=_logged(row), after=after)
    return expense_id


def _logged(row: ExpenseRow | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"kind": row.kind, "amount": money.shown(row.amount, row.currency), "day": row.day.isoformat()}


async def remove_expense(slug: str, expense_id: int, *, by: Actor) -> None:
    """A sum goes, with its receipt. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = _open(await locked_event(slug, by))
        await _remove(event, await queries.expense_of(event.id, expense_id, lock=True), by)


async def remove_hosted(stop_id: int, expense_id: int, *, by: Actor) -> None:
    """A bureau takes away a sum that it had entered. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        stop = await queries.stop_of_bureau(by, stop_id)
        event = _open(await event_by_id(stop.event))
        await _remove(event, await queries.hosted_expense(by, stop_id, expense_id, lock=True), by)


async def _remove(event: EventRow, row: ExpenseRow, by: Actor) -> None:
    await execute("DELETE FROM tour_expense WHERE id = :id", id=row.id)
    await let_go(row.receipt)
    await record("tour_expense.remove", "event", event.id, by=by, before=_logged(row))
