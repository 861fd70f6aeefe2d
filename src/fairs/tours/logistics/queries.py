"""Reads journeys, pick-ups, vehicles, hotels and interpreters of a tour."""

from typing import Any

from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as
from fairs.core.search_keys import like_words
from fairs.tours.logistics.rows import (
    HandlingRow,
    HotelRow,
    InterpreterRow,
    NeedRow,
    PickupRow,
    RoomRow,
    SleeperRow,
    TravellerRow,
    TripRow,
    VehicleRow,
)
from fairs.tours.logistics.tables import Direction
from fairs.tours.rules import COMING

_TRIP = "t.member, t.direction, t.mode, t.number, t.at, t.timezone, t.place, t.terminal, t.fetched, t.pickup"
_TRAVELLER = (
    "m.id, coalesce(r.name_passport, m.name_passport) AS name_passport, coalesce(r.name_native, m.name_native) AS name_native,"
    " coalesce(g.name, '') AS group_name, coalesce(nullif(r.email, ''), m.email) AS email,"
    " coalesce(nullif(r.phone, ''), m.phone) AS phone, coalesce(t.mode, '') AS mode, coalesce(t.number, '') AS number, t.at,"
    " coalesce(t.timezone, '') AS timezone, coalesce(t.place, '') AS place, coalesce(t.terminal, '') AS terminal,"
    " coalesce(t.fetched, false) AS fetched, t.pickup, p.leaves_at"
)
_TRAVELLERS = (
    "tour_member m LEFT JOIN registration r ON r.id = m.registration LEFT JOIN tour_group g ON g.id = m.grp"
    " LEFT JOIN tour_trip t ON t.member = m.id AND t.direction = :direction LEFT JOIN tour_pickup p ON p.id = t.pickup"
)
ORDERS = {  # sort key → SQL
    "name": "lower(coalesce(r.name_passport, m.name_passport)), m.id",
    "-name": "lower(coalesce(r.name_passport, m.name_passport)) DESC, m.id DESC",
    "at": "t.at NULLS LAST, m.id",
    "-at": "t.at DESC NULLS LAST, m.id DESC",
    "place": "t.place NULLS LAST, t.at, m.id",
    "-place": "t.place DESC NULLS LAST, t.at DESC, m.id DESC",
    "pickup": "p.leaves_at NULLS LAST, p.id, m.id",
    "-pickup": "p.leaves_at DESC NULLS LAST, p.id DESC, m.id DESC",
}
FILTERS = {
    "known": "CASE :known WHEN 'no' THEN t.id IS NULL ELSE t.id IS NOT NULL END",
    "pickup": "CASE :pickup WHEN 'none' THEN t.fetched AND t.pickup IS NULL ELSE t.pickup::text = :pickup END",
}


async def handling_of(event_id: int) -> HandlingRow:
    """How pick-ups are bundled; the usual minutes before anybody has said something."""
    row = await fetch_one_as(HandlingRow, "SELECT wait, ahead FROM tour_handling WHERE event = :event", event=event_id)
    return row or HandlingRow(60, 150)


def _travellers(event_id: int, direction: Direction, filters: dict[str, Any]) -> Select:
    select = Select(_TRAVELLER, _TRAVELLERS, direction=direction.value)
    select.where("m.event = :event AND m.state = ANY(:coming::text[])", event=event_id, coming=list(COMING))
    for name, condition in FILTERS.items():
        if value := filters.get(name):
            select.where(condition, **{name: value})
    if words := like_words(str(filters.get("q", ""))):
        select.where(
            "(coalesce(r.search_key, '') || ' ' || lower(m.name_passport || ' ' || m.name_native || ' ' || m.email || ' '"
            " || coalesce(t.number, '') || ' ' || coalesce(t.place, ''))) LIKE ALL (:words::text[])",
            words=words,
        )
    return select


async def travellers_page(
    event_id: int, direction: Direction, filters: dict[str, Any], *, sort: str, number: int, size: int
) -> Page[TravellerRow]:
    """One page of the people with a place, with how they arrive or leave."""
    select = _travellers(event_id, direction, filters)
    read = select.reader(TravellerRow, order=ORDERS.get(sort, ORDERS["at"]))
    return await paged((number, size, 0), select.count, read)


async def travellers(event_id: int, direction: Direction, filters: dict[str, Any] | None = None) -> list[TravellerRow]:
    """All of them, in order of time."""
    return await _travellers(event_id, direction, filters or {}).rows(TravellerRow, order=ORDERS["at"])


async def trips_of(member_id: int) -> dict[Direction, TripRow]:
    """The journeys of a member by direction."""
    rows = await fetch_as(TripRow, f"SELECT {_TRIP} FROM tour_trip t WHERE t.member = :id", id=member_id)  # noqa: S608 - a constant of this file
    return {row.direction: row for row in rows}


async def trips_in(event_id: int) -> list[TripRow]:
    """All journeys of people with a place."""
    return await fetch_as(
        TripRow,
        f"SELECT {_TRIP} FROM tour_trip t JOIN tour_member m ON m.id = t.member"  # noqa: S608 - a constant of this file
        " WHERE m.event = :event AND m.state = ANY(:coming::text[]) ORDER BY t.at, t.id",
        event=event_id,
        coming=list(COMING),
    )


async def pickups_of(event_id: int) -> list[PickupRow]:
    """All pick-ups in order of time."""
    return await fetch_as(
        PickupRow,
        "SELECT p.id, p.direction, p.place, p.leaves_at, p.vehicle, coalesce(v.name, '') AS vehicle_name,"
        " coalesce(v.seats, 0) AS seats, p.kept, (SELECT count(*) FROM tour_trip t JOIN tour_member m ON m.id = t.member"
        " WHERE t.pickup = p.id AND m.state = ANY(:coming::text[])) AS people FROM tour_pickup p"
        " LEFT JOIN tour_vehicle v ON v.id = p.vehicle WHERE p.event = :event ORDER BY p.leaves_at, p.id",
        event=event_id,
        coming=list(COMING),
    )


async def pickup_of(event_id: int, pickup_id: int) -> PickupRow:
    """One of them. Raises NotFound."""
    for row in await pickups_of(event_id):
        if row.id == pickup_id:
            return row
    raise NotFound


async def vehicles_of(event_id: int) -> list[VehicleRow]:
    """All vehicles by name."""
    return await fetch_as(
        VehicleRow,
        "SELECT v.id, v.name, v.plate, v.seats, v.driver_name, v.driver_phone, ARRAY(SELECT s.id FROM tour_stop_vehicle x"
        " JOIN tour_stop s ON s.id = x.stop WHERE x.vehicle = v.id ORDER BY s.starts_at, s.id) AS stops,"
        " ARRAY(SELECT p.id FROM tour_pickup p WHERE p.vehicle = v.id ORDER BY p.leaves_at, p.id) AS pickups"
        " FROM tour_vehicle v WHERE v.event = :event ORDER BY v.name, v.id",
        event=event_id,
    )


async def vehicle_of(event_id: int, vehicle_id: int) -> VehicleRow:
    """One of them. Raises NotFound."""
    for row in await vehicles_of(event_id):
        if row.id == vehicle_id:
            return row
    raise NotFound


async def interpreters_of(event_id: int) -> list[InterpreterRow]:
    """All interpreters by name."""
    return await fetch_as(
        InterpreterRow,
        "SELECT i.id, i.name, i.phone, i.languages, i.grp, coalesce(g.name, '') AS group_name,"
        " ARRAY(SELECT s.id FROM tour_stop_interpreter x JOIN tour_stop s ON s.id = x.stop WHERE x.interpreter = i.id"
        " ORDER BY s.starts_at, s.id) AS stops FROM tour_interpreter i LEFT JOIN tour_group g ON g.id = i.grp"
        " WHERE i.event = :event ORDER BY i.name, i.id",
        event=event_id,
    )


async def interpreter_of(event_id: int, interpreter_id: int) -> InterpreterRow:
    """One of them. Raises NotFound."""
    for row in await interpreters_of(event_id):
        if row.id == interpreter_id:
            return row
    raise NotFound


async def needs_of(event_id: int) -> dict[int, NeedRow]:
    """Member → what the person needs, of those who have said something."""
    rows = await fetch_as(
        NeedRow,
        "SELECT n.member, n.sex, n.room, n.mate, n.food, n.access, n.emergency FROM tour_need n"
        " JOIN tour_member m ON m.id = n.member WHERE m.event = :event",
        event=event_id,
    )
    return {row.member: row for row in rows}


async def need_of(member_id: int) -> NeedRow:
    """What one person needs."""
    row = await fetch_one_as(
        NeedRow,
        "SELECT member, sex, room, mate, food, access, emergency FROM tour_need WHERE member = :id",
        id=member_id,
    )
    return row or NeedRow(member_id, "", "any", "", "", "", "")


async def hotels_of(event_id: int) -> list[HotelRow]:
    """All hotels in order of nights."""
    return await fetch_as(
        HotelRow,
        "SELECT h.id, coalesce(u.code, '') AS unit, h.name_zh, h.name_en, h.address_zh, h.address_en, h.desk_phone,"
        " h.first_night, h.last_night, (SELECT count(*) FROM tour_room r WHERE r.hotel = h.id) AS rooms,"
        " (SELECT coalesce(sum(r.beds), 0) FROM tour_room r WHERE r.hotel = h.id) AS beds,"
        " (SELECT count(*) FROM tour_sleeper s JOIN tour_room r ON r.id = s.room JOIN tour_member m ON m.id = s.member"
        " WHERE r.hotel = h.id AND m.state = ANY(:coming::text[])) AS people"
        " FROM tour_hotel h LEFT JOIN unit u ON u.id = h.unit WHERE h.event = :event ORDER BY h.first_night, h.id",
        event=event_id,
        coming=list(COMING),
    )


async def hotel_of(event_id: int, hotel_id: int) -> HotelRow:
    """One of them. Raises NotFound."""
    for row in await hotels_of(event_id):
        if row.id == hotel_id:
            return row
    raise NotFound


async def rooms_of(event_id: int) -> list[RoomRow]:
    """All rooms of all hotels, by their names: 9 before 10."""
    return await fetch_as(
        RoomRow,
        "SELECT r.id, r.hotel, r.name, r.beds FROM tour_room r JOIN tour_hotel h ON h.id = r.hotel WHERE h.event = :event"
        " ORDER BY h.first_night, h.id, length(r.name), r.name",
        event=event_id,
    )


async def sleepers_of(event_id: int) -> list[SleeperRow]:
    """Who sleeps where, of people with a place."""
    return await fetch_as(
        SleeperRow,
        "SELECT s.room, r.hotel, s.member, s.kept FROM tour_sleeper s JOIN tour_room r ON r.id = s.room"
        " JOIN tour_member m ON m.id = s.member WHERE m.event = :event AND m.state = ANY(:coming::text[])"
        " ORDER BY s.room, s.id",
        event=event_id,
        coming=list(COMING),
    )
