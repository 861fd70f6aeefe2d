"""Writes journeys and needs: entered by the person, by who runs the tour, or from a table."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.events.queries import event_by_id, event_for
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.events.services import require
from fairs.registrations import counting
from fairs.tours import member_queries, rules
from fairs.tours.logistics import queries
from fairs.tours.logistics.forms import NeedForm, TripForm, TripRowForm
from fairs.tours.logistics.rows import NeedRow, TripRow
from fairs.tours.logistics.sealed import opened_emergency, seal_emergency
from fairs.tours.logistics.tables import Direction, TourNeed, TourTrip
from fairs.tours.members import NOT_IN_TIME
from fairs.tours.rows import MemberRow
from fairs.tours.services import prepared

NO_PLACE = N_("Only people with a place tell how they travel")
NOT_ON_LIST = N_("Nobody with a place on this tour has this address or number")


def stored_trip(row: TripRow | None) -> dict[str, Any]:
    """A journey as its form has it."""
    if row is None:
        return {"fetched": True}
    return {name: getattr(row, name) for name in TripForm.__struct_fields__}


def stored_need(row: NeedRow) -> dict[str, Any]:
    """The needs as their form has them, the contact for emergencies in plain text."""
    shown = {name: getattr(row, name) for name in NeedForm.__struct_fields__}
    return shown | {"emergency": opened_emergency(row.emergency)}


async def own_place(by: Actor, member_id: int) -> tuple[EventRow, MemberRow]:
    """The viewer with a place on a tour that is not over, locked. Raises NotFound, Conflict."""
    row = await member_queries.own_member(by, member_id)
    await counting.lock_event(row.event)
    row = await member_queries.own_member(by, member_id, lock=True)
    event = await event_by_id(row.event)
    try:
        require(event, Act.PREPARE)
    except Conflict:
        raise Conflict(NOT_IN_TIME, code="state") from None
    return event, with_place(row)


def with_place(row: MemberRow) -> MemberRow:
    if row.state not in rules.COMING:
        raise Conflict(NO_PLACE, code="no_place")
    return row


async def save_own_trip(member_id: int, direction: Direction, form: TripForm, *, by: Actor) -> None:
    """The person says how they travel. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        _, row = await own_place(by, member_id)
        await _store(row, direction, form, by)


async def save_trip(slug: str, member_id: int, direction: Direction, form: TripForm, *, by: Actor) -> None:
    """Who runs the tour enters it. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = with_place(await member_queries.member_of(event.id, member_id, lock=True))
        await _store(row, direction, form, by)


async def _store(row: MemberRow, direction: Direction, form: TripForm, by: Actor) -> None:
    """One journey a direction. Who comes at another time or place leaves the pick-up."""
    before = (await queries.trips_of(row.id)).get(direction)
    values = {name: getattr(form, name) for name in TripForm.__struct_fields__} | {"updated_at": clock.now()}
    if before is None:
        await TourTrip.insert(TourTrip(member=row.id, direction=direction.value, **values))
    else:
        if any(getattr(before, name) != values[name] for name in ("at", "place", "fetched")):
            values["pickup"] = None
        await TourTrip.update(**values).where((TourTrip.member == row.id) & (TourTrip.direction == direction.value))
    after = {"direction": direction, "mode": form.mode, "number": form.number, "at": form.at.isoformat()}
    await record("tour_trip.save", "tour_member", row.id, by=by, after=after)


async def remove_trip(slug: str, member_id: int, direction: Direction, *, by: Actor) -> None:
    """Who runs the tour takes a journey away. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = await member_queries.member_of(event.id, member_id)
        gone = await execute(
            "DELETE FROM tour_trip WHERE member = :member AND direction = :direction",
            member=row.id,
            direction=direction.value,
        )
        if gone:
            await record("tour_trip.remove", "tour_member", row.id, by=by, before={"direction": direction})


async def store_table(slug: str, forms: Sequence[tuple[int, TripRowForm]], *, dry: bool, by: Actor) -> int:
    """Store the journeys of a table, all or none. `dry`: only look. Raises NotFound, Conflict, Invalid by the number of the row."""
    async with db.transaction_or_join():
        event = await (event_for(by, slug) if dry else prepared(slug, by))
        people = [row for row in await member_queries.members_of(event.id) if row.state in rules.COMING]
        known = {name.casefold(): row for row in people for name in (row.email, row.number) if name}
        missing = {number for number, form in forms if form.who.casefold() not in known}
        if missing:
            raise Invalid(fields={str(number): [NOT_ON_LIST] for number in missing})
        if not dry:
            for _, form in forms:
                plain = TripForm(**{name: getattr(form, name) for name in TripForm.__struct_fields__})
                await _store(known[form.who.casefold()], Direction(form.direction), plain, by)
    return len(forms)


async def save_own_need(member_id: int, form: NeedForm, *, by: Actor) -> None:
    """The person says what they need. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        _, row = await own_place(by, member_id)
        await _store_need(row, form, by, emergency=seal_emergency(form.emergency))


async def save_need(slug: str, member_id: int, form: NeedForm, *, by: Actor) -> None:
    """Who runs the tour enters it; an empty contact for emergencies leaves the one that is there. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = with_place(await member_queries.member_of(event.id, member_id, lock=True))
        kept = (await queries.need_of(row.id)).emergency
        await _store_need(row, form, by, emergency=seal_emergency(form.emergency) or kept)


async def _store_need(row: MemberRow, form: NeedForm, by: Actor, *, emergency: str) -> None:
    values = {name: getattr(form, name) for name in NeedForm.__struct_fields__}
    values |= {"emergency": emergency, "updated_at": clock.now()}
    await execute("INSERT INTO tour_need (member) VALUES (:member) ON CONFLICT (member) DO NOTHING", member=row.id)
    await TourNeed.update(**values).where(TourNeed.member == row.id)
    await record("tour_need.save", "tour_member", row.id, by=by, after={"room": form.room})


async def open_emergency(slug: str, member_id: int, reason: str, *, by: Actor) -> str:
    """The contact for an emergency, with the reason in the log. Raises NotFound, also when none was given."""
    async with db.transaction_or_join():
        event = await event_for(by, slug)
        row = await member_queries.member_of(event.id, member_id)
        contact = opened_emergency((await queries.need_of(row.id)).emergency)
        if not contact:
            raise NotFound
        await record("tour_need.open", "tour_member", row.id, by=by, after={"reason": reason})
    return contact
