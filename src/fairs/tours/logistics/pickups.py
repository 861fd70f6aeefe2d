"""Writes pick-ups: bundled by time from the journeys, and changed by hand."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.tours.logistics import queries, rules
from fairs.tours.logistics.forms import HandlingForm, PickupForm
from fairs.tours.logistics.tables import Direction, TourPickup
from fairs.tours.services import NOT_LISTED, prepared

SMALLEST = 45  # seats of a pick-up while the tour has no vehicle
NOBODY = N_("Nobody waits to be bundled")


async def save_handling(slug: str, form: HandlingForm, *, by: Actor) -> None:
    """How long people wait, and how early a vehicle leaves. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        await execute(
            "INSERT INTO tour_handling (event, wait, ahead) VALUES (:event, :wait, :ahead)"
            " ON CONFLICT (event) DO UPDATE SET wait = excluded.wait, ahead = excluded.ahead",
            event=event.id,
            wait=form.wait,
            ahead=form.ahead,
        )
        await record("tour_pickup.rule", "event", event.id, by=by, after={"wait": form.wait, "ahead": form.ahead})


async def propose(slug: str, *, by: Actor) -> int:
    """Bundle everybody who wants to be fetched and is in no pick-up that was changed by hand; returns how many pick-ups are made.

    Raises NotFound, Conflict when nobody waits.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        settings = await queries.handling_of(event.id)
        vehicles = await queries.vehicles_of(event.id)
        seats = max((one.seats for one in vehicles), default=SMALLEST)
        await execute("DELETE FROM tour_pickup WHERE event = :event AND NOT kept", event=event.id)
        made = 0
        for direction in Direction:
            waiting = [
                rules.Comer(row.member, row.at, row.place)
                for row in await queries.trips_in(event.id)
                if row.direction == direction and row.fetched and row.pickup is None
            ]
            wait, ahead = timedelta(minutes=settings.wait), timedelta(minutes=settings.ahead)
            for bundle in rules.bundles(waiting, direction, wait=wait, ahead=ahead, seats=seats):
                await _insert(event.id, direction, bundle)
                made += 1
        if not made:
            raise Conflict(NOBODY, code="nobody")
        await record("tour_pickup.propose", "event", event.id, by=by, after={"number": made})
    return made


async def _insert(event_id: int, direction: Direction, bundle: rules.Bundle) -> int:
    rows = await TourPickup.insert(
        TourPickup(event=event_id, direction=direction.value, place=bundle.place, leaves_at=bundle.leaves_at)
    )
    pickup = int(rows[0]["id"])
    await _put(bundle.members, direction, pickup)
    return pickup


async def _put(members: Sequence[int], direction: Direction, pickup: int | None) -> None:
    await execute(
        "UPDATE tour_trip SET pickup = :pickup::bigint WHERE member = ANY(:members::bigint[]) AND direction = :direction",
        pickup=pickup,
        members=list(members),
        direction=direction.value,
    )


async def move_people(slug: str, ids: Sequence[int], direction: Direction, to: str, *, by: Actor) -> int:
    """Put people into a pick-up (its id), into a new one (`new`) or into none; those without a journey stay. Returns how many.

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        rows = [row for row in await queries.trips_in(event.id) if row.direction == direction and row.member in ids]
        if not rows:
            raise Conflict(N_("We do not know yet when they travel"), code="no_journey")
        pickup: int | None = None
        if to == "new":
            ahead = timedelta(minutes=(await queries.handling_of(event.id)).ahead)
            people = tuple(row.member for row in rows)
            leaves = max(row.at for row in rows) if direction == Direction.ARRIVAL else min(r.at for r in rows) - ahead
            pickup = await _insert(event.id, direction, rules.Bundle(rows[0].place, leaves, people))
        elif to != "none":
            found = await queries.pickup_of(event.id, int(to))
            if found.direction != direction:
                raise NotFound
            pickup = found.id
        await _put([row.member for row in rows], direction, pickup)
        left = [row.pickup for row in rows if row.pickup is not None] + ([pickup] if pickup else [])
        await execute("UPDATE tour_pickup SET kept = true WHERE id = ANY(:ids::bigint[])", ids=left)
        await record("tour_pickup.people", "event", event.id, by=by, after={"pickup": pickup, "people": len(rows)})
    return len(rows)


async def save_pickup(slug: str, pickup_id: int, form: PickupForm, *, by: Actor) -> None:
    """Another hour or vehicle. Raises NotFound, Conflict, Invalid."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        pickup = await queries.pickup_of(event.id, pickup_id)
        known = {str(one.id): one.id for one in await queries.vehicles_of(event.id)}
        if form.vehicle and form.vehicle not in known:
            raise Invalid(fields={"vehicle": [NOT_LISTED]})
        values: dict[str, Any] = {"leaves_at": form.leaves_at, "vehicle": known.get(form.vehicle), "kept": True}
        await TourPickup.update(**values).where(TourPickup.id == pickup.id)
        after = {"leaves_at": form.leaves_at.isoformat(), "vehicle": form.vehicle}
        await record("tour_pickup.save", "event", event.id, by=by, after=after)


async def remove_pickup(slug: str, pickup_id: int, *, by: Actor) -> None:
    """The pick-up goes; its people are in none. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        pickup = await queries.pickup_of(event.id, pickup_id)
        await execute("DELETE FROM tour_pickup WHERE id = :id", id=pickup.id)
        await record("tour_pickup.remove", "event", event.id, by=by, before={"people": pickup.people})


async def spread_vehicles(slug: str, *, by: Actor) -> int:
    """Give each pick-up without a vehicle the smallest one that is free and has seats enough; returns how many got one.

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        vehicles = await queries.vehicles_of(event.id)
        pickups = await queries.pickups_of(event.id)
        taken = {one.id: [row.leaves_at for row in pickups if row.vehicle == one.id] for one in vehicles}
        given = []
        for row in pickups:
            if row.vehicle is not None or not row.people:
                continue
            free = [
                one
                for one in vehicles
                if one.seats >= row.people and all(abs(row.leaves_at - at) >= rules.RIDE for at in taken[one.id])
            ]
            if free:
                best = min(free, key=lambda one: (one.seats, one.id))
                taken[best.id].append(row.leaves_at)
                given.append((row.id, best.id))
        for pickup, vehicle in given:
            await execute("UPDATE tour_pickup SET vehicle = :vehicle WHERE id = :id", vehicle=vehicle, id=pickup)
        await record("tour_pickup.vehicles", "event", event.id, by=by, after={"number": len(given)})
    return len(given)
