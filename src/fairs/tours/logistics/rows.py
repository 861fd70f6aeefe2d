"""Rows of the statements about journeys, vehicles, rooms and interpreters."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.tours.logistics.tables import Direction, Mode


class HandlingRow(Row, frozen=True):
    """How pick-ups are bundled, in minutes."""

    wait: int
    ahead: int


class TripRow(Row, frozen=True):
    """A journey of a member."""

    member: int
    direction: Direction
    mode: Mode
    number: str
    at: datetime
    timezone: str
    place: str
    terminal: str
    fetched: bool
    pickup: int | None


class TravellerRow(Row, frozen=True):
    """A member of the list of arrivals or departures; without a journey its values are empty. `phone` is sealed."""

    id: int
    name_passport: str
    name_native: str
    group_name: str
    email: str
    phone: str
    mode: str
    number: str
    at: datetime | None
    timezone: str
    place: str
    terminal: str
    fetched: bool
    pickup: int | None
    leaves_at: datetime | None


class PickupRow(Row, frozen=True):
    """A pick-up with its vehicle and how many people are in it."""

    id: int
    direction: Direction
    place: str
    leaves_at: datetime
    vehicle: int | None
    vehicle_name: str
    seats: int
    kept: bool
    people: int


class VehicleRow(Row, frozen=True):
    """A vehicle; `driver_phone` is sealed. `stops` and `pickups` by their ids."""

    id: int
    name: str
    plate: str
    seats: int
    driver_name: str
    driver_phone: str
    stops: list[int]
    pickups: list[int]


class InterpreterRow(Row, frozen=True):
    """An interpreter; `phone` is sealed. `stops` by their ids."""

    id: int
    name: str
    phone: str
    languages: list[str]
    grp: int | None
    group_name: str
    stops: list[int]


class NeedRow(Row, frozen=True):
    """What a member needs; `emergency` is sealed."""

    member: int
    sex: str
    room: str
    mate: str
    food: str
    access: str
    emergency: str


class HotelRow(Row, frozen=True):
    """A hotel with its numbers."""

    id: int
    unit: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    desk_phone: str
    first_night: date
    last_night: date
    rooms: int
    beds: int
    people: int


class RoomRow(Row, frozen=True):
    """A room."""

    id: int
    hotel: int
    name: str
    beds: int


class SleeperRow(Row, frozen=True):
    """Who sleeps where."""

    room: int
    hotel: int
    member: int
    kept: bool


class Told(Row, frozen=True):
    """A contact for an emergency that was opened."""

    emergency: str
