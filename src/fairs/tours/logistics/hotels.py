"""Writes hotels, their rooms, and who sleeps where."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_values
from fairs.tours import member_queries
from fairs.tours.logistics import queries, rules
from fairs.tours.logistics.forms import HotelForm, RoomsForm
from fairs.tours.logistics.rows import HotelRow, NeedRow
from fairs.tours.logistics.tables import RoomWish, TourHotel
from fairs.tours.rows import MemberRow
from fairs.tours.rules import COMING
from fairs.tours.services import prepared
from fairs.units.queries import unit_id

MOST_ROOMS = 500
_RANGE = re.compile(r"([A-Za-z]*)(\d{1,6})\s*[-–]\s*\1(\d{1,6})")
FULL = N_("This room has no free bed")


def stored_hotel(row: HotelRow) -> dict[str, Any]:
    """A hotel as its form has it."""
    return {name: getattr(row, name) for name in HotelForm.__struct_fields__}


async def save_hotel(slug: str, hotel_id: int | None, form: HotelForm, *, seen: str = "", by: Actor) -> int:
    """Store a hotel, or a new one (None); returns its id. Raises NotFound, Conflict, Outdated."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        values = stored_form(form) | {"unit": await unit_id(form.unit) if form.unit else None}
        if hotel_id is None:
            rows = await TourHotel.insert(TourHotel(event=event.id, **values))
            hotel_id = int(rows[0]["id"])
        else:
            row = await queries.hotel_of(event.id, hotel_id)
            versions.require_current(form, stored_hotel(row), seen)
            await TourHotel.update(**values).where(TourHotel.id == hotel_id)
        after = {"name_zh": form.name_zh, "name_en": form.name_en}
        await record("tour_hotel.save", "event", event.id, by=by, after=after)
    return hotel_id


def stored_form(form: HotelForm) -> dict[str, Any]:
    """The values of a form of a hotel."""
    return {name: getattr(form, name) for name in HotelForm.__struct_fields__}


async def remove_hotel(slug: str, hotel_id: int, *, by: Actor) -> None:
    """The hotel goes with its rooms. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        row = await queries.hotel_of(event.id, hotel_id)
        await execute("DELETE FROM tour_hotel WHERE id = :id", id=row.id)
        before = {"name_zh": row.name_zh, "name_en": row.name_en}
        await record("tour_hotel.remove", "event", event.id, by=by, before=before)


def room_names(typed: str) -> list[str]:
    """`801, 803-805`: the numbers of rooms, each once. Raises Invalid."""
    found: list[str] = []
    for part in re.split(r"[,，、;；\s]+", re.sub(r"\s*([-–])\s*", r"\1", typed)):
        if not part:
            continue
        match = _RANGE.fullmatch(part)
        if match and int(match[3]) - int(match[2]) >= MOST_ROOMS:
            raise Invalid(fields={"names": [N_("At most %(limit)s rooms at once", limit=MOST_ROOMS)]})
        if match and int(match[3]) >= int(match[2]):
            width = len(match[2])
            found += [f"{match[1]}{at:0{width}}" for at in range(int(match[2]), int(match[3]) + 1)]
        else:
            found.append(part)
    names = list(dict.fromkeys(found))
    if not names or any(len(name) > 20 for name in names):
        raise Invalid(fields={"names": [N_("Write numbers of rooms, each of 20 characters at most")]})
    if len(names) > MOST_ROOMS:
        raise Invalid(fields={"names": [N_("At most %(limit)s rooms at once", limit=MOST_ROOMS)]})
    return names


async def add_rooms(slug: str, hotel_id: int, form: RoomsForm, *, by: Actor) -> int:
    """Add rooms; those that are there get the beds. Returns how many were named. Raises NotFound, Conflict, Invalid."""
    names = room_names(form.names)
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        hotel = await queries.hotel_of(event.id, hotel_id)
        await execute(
            "INSERT INTO tour_room (hotel, name, beds) SELECT :hotel, unnest(:names::text[]), :beds"
            " ON CONFLICT (hotel, name) DO UPDATE SET beds = excluded.beds",
            hotel=hotel.id,
            names=names,
            beds=form.beds,
        )
        await record("tour_hotel.rooms", "event", event.id, by=by, after={"number": len(names), "beds": form.beds})
    return len(names)


async def remove_room(slug: str, hotel_id: int, room_id: int, *, by: Actor) -> None:
    """The room goes; who was in it has none. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        room = next((one for one in await queries.rooms_of(event.id) if one.id == room_id), None)
        if room is None or room.hotel != hotel_id:
            raise NotFound
        await execute("DELETE FROM tour_room WHERE id = :id", id=room.id)
        await record("tour_hotel.room_gone", "event", event.id, by=by, before={"name": room.name})


def guest_of(row: MemberRow, need: NeedRow | None) -> rules.Guest:
    """Somebody as the rule for rooms sees them."""
    names = frozenset(name.casefold().strip() for name in (row.email, row.name_passport, row.name_native) if name)
    if need is None:
        return rules.Guest(row.id, names=names)
    return rules.Guest(row.id, need.sex, need.room or RoomWish.ANY, need.mate.casefold().strip(), names)


async def propose(slug: str, hotel_id: int, *, by: Actor) -> tuple[int, int]:
    """Give everybody a room who has none that was chosen by hand; returns (people with a room, people without one).

    Raises NotFound, Conflict.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        hotel = await queries.hotel_of(event.id, hotel_id)
        await execute(
            "DELETE FROM tour_sleeper s USING tour_room r WHERE r.id = s.room AND r.hotel = :hotel AND NOT s.kept",
            hotel=hotel.id,
        )
        inside: dict[int, list[int]] = defaultdict(list)
        for one in await queries.sleepers_of(event.id):
            inside[one.room].append(one.member)
        needs = await queries.needs_of(event.id)
        people = [row for row in await member_queries.members_of(event.id) if row.state in COMING]
        guests = [guest_of(row, needs.get(row.id)) for row in people]
        beds = [
            rules.Beds(room.id, room.beds, tuple(inside[room.id]))
            for room in await queries.rooms_of(event.id)
            if room.hotel == hotel.id
        ]
        found, left = rules.rooms_for(guests, beds)
        await execute(
            "INSERT INTO tour_sleeper (room, member) SELECT * FROM unnest(:rooms::bigint[], :members::bigint[])",
            rooms=list(found.values()),
            members=list(found),
        )
        await record("tour_hotel.propose", "event", event.id, by=by, after={"people": len(found), "left": len(left)})
    return len(found), len(left)


async def put_into_room(slug: str, hotel_id: int, ids: Sequence[int], room_id: int | None, *, by: Actor) -> int:
    """Put people into a room of a hotel, or into none; a proposal leaves them there. Returns how many.

    Raises NotFound, Conflict when the room has no bed for them.
    """
    async with db.transaction_or_join():
        event = await prepared(slug, by)
        hotel = await queries.hotel_of(event.id, hotel_id)
        rows = await member_queries.members_by_ids(event.id, list(ids))
        coming = [row.id for row in rows if row.state in COMING]
        await execute(
            "DELETE FROM tour_sleeper s USING tour_room r WHERE r.id = s.room AND r.hotel = :hotel"
            " AND s.member = ANY(:ids::bigint[])",
            hotel=hotel.id,
            ids=coming,
        )
        if room_id is not None:
            await _fill(event.id, hotel.id, room_id, coming)
        after = {"room": room_id, "people": len(coming)}
        await record("tour_hotel.people", "event", event.id, by=by, after=after)
    return len(coming)


async def _fill(event_id: int, hotel_id: int, room_id: int, members: Sequence[int]) -> None:
    room = next((one for one in await queries.rooms_of(event_id) if one.id == room_id), None)
    if room is None or room.hotel != hotel_id:
        raise NotFound
    there = await fetch_values(
        int,
        "SELECT s.member FROM tour_sleeper s JOIN tour_member m ON m.id = s.member WHERE s.room = :room"
        " AND m.state = ANY(:coming::text[])",
        room=room.id,
        coming=list(COMING),
    )
    if len(there) + len(members) > room.beds:
        raise Conflict(FULL, code="full")
    await execute(
        "INSERT INTO tour_sleeper (room, member, kept) SELECT :room, unnest(:members::bigint[]), true",
        room=room.id,
        members=list(members),
    )
