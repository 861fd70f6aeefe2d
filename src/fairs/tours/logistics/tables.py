"""Journeys to and from a tour, pick-ups, vehicles, hotels with rooms, interpreters, and what each person needs."""

from enum import StrEnum

from piccolo.columns import Array, BigSerial, Boolean, Date, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.tours.tables import TourGroup, TourMember, TourStop
from fairs.units.tables import Unit


class Direction(StrEnum):
    """To the tour, or home from it."""

    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class Mode(StrEnum):
    """How somebody travels."""

    FLIGHT = "flight"
    TRAIN = "train"
    COACH = "coach"
    CAR = "car"


class RoomWish(StrEnum):
    """How somebody wants to sleep."""

    ANY = "any"
    SINGLE = "single"
    SHARED = "shared"


class TourHandling(Table, tablename="tour_handling", db=DB):
    """How pick-ups are bundled: nobody waits longer than `wait` minutes; `ahead`: so long before a departure a vehicle leaves."""

    event = ForeignKey(Event, null=False, primary_key=True, on_delete=OnDelete.cascade)
    wait = SmallInt(default=60)
    ahead = SmallInt(default=150)

    ck_tour_handling = Check("wait BETWEEN 0 AND 600 AND ahead BETWEEN 0 AND 600")


class TourVehicle(Table, tablename="tour_vehicle", db=DB):
    """A vehicle with its driver, whose telephone is sealed."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=40)
    plate = Varchar(length=20, default="")
    seats = SmallInt()
    driver_name = Varchar(length=120, default="")
    driver_phone = Text(default="")

    ck_tour_vehicle_seats = Check("seats BETWEEN 1 AND 500")


class TourStopVehicle(Table, tablename="tour_stop_vehicle", db=DB):
    """A vehicle that brings people to a stop, or drives a transfer."""

    id = BigSerial(primary_key=True)
    stop = ForeignKey(TourStop, null=False, on_delete=OnDelete.cascade)
    vehicle = ForeignKey(TourVehicle, null=False, on_delete=OnDelete.cascade, index=True)

    uq_tour_stop_vehicle = Unique([stop, vehicle])


class TourPickup(Table, tablename="tour_pickup", db=DB):
    """People who are fetched, or brought away, together. `kept`: changed by hand, so a proposal leaves it."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    direction = Varchar(length=10)
    place = Varchar(length=120)
    leaves_at = Timestamptz()
    vehicle = ForeignKey(TourVehicle, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    kept = Boolean(default=False)

    ck_tour_pickup_direction = one_of("direction", Direction)


class TourTrip(Table, tablename="tour_trip", db=DB):
    """When and where somebody arrives or leaves; `timezone` is that of the place."""

    id = BigSerial(primary_key=True)
    member = ForeignKey(TourMember, null=False, on_delete=OnDelete.cascade)
    direction = Varchar(length=10)
    mode = Varchar(length=10)
    number = Varchar(length=20, default="")
    at = Timestamptz()
    timezone = Varchar(length=64)
    place = Varchar(length=120, default="")
    terminal = Varchar(length=40, default="")
    fetched = Boolean(default=True)
    pickup = ForeignKey(TourPickup, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_tour_trip = Unique([member, direction])
    ck_tour_trip_direction = one_of("direction", Direction)
    ck_tour_trip_mode = one_of("mode", Mode)


class TourNeed(Table, tablename="tour_need", db=DB):
    """What somebody needs on the way. `mate`: with whom the room is to be shared, a name or an address. `emergency` is sealed."""

    id = BigSerial(primary_key=True)
    member = ForeignKey(TourMember, null=False, unique=True, on_delete=OnDelete.cascade)
    sex = Varchar(length=1, default="")
    room = Varchar(length=6, default=RoomWish.ANY.value)
    mate = Varchar(length=254, default="")
    food = Varchar(length=300, default="")
    access = Varchar(length=300, default="")
    emergency = Text(default="")
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_tour_need_sex = Check("sex IN ('', 'f', 'm')")
    ck_tour_need_room = one_of("room", RoomWish)


class TourHotel(Table, tablename="tour_hotel", db=DB):
    """A hotel of a tour, and its first and last night there."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    name_zh = Varchar(length=120, default="")
    name_en = Varchar(length=120, default="")
    address_zh = Varchar(length=200, default="")
    address_en = Varchar(length=200, default="")
    desk_phone = Varchar(length=40, default="")
    first_night = Date()
    last_night = Date()

    ck_tour_hotel_nights = Check("last_night >= first_night")


class TourRoom(Table, tablename="tour_room", db=DB):
    """A room of a hotel."""

    id = BigSerial(primary_key=True)
    hotel = ForeignKey(TourHotel, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=20)
    beds = SmallInt()

    uq_tour_room = Unique([hotel, name])
    ck_tour_room_beds = Check("beds BETWEEN 1 AND 8")


class TourSleeper(Table, tablename="tour_sleeper", db=DB):
    """Who sleeps in a room. `kept`: put there by hand, so a proposal leaves it."""

    id = BigSerial(primary_key=True)
    room = ForeignKey(TourRoom, null=False, on_delete=OnDelete.cascade)
    member = ForeignKey(TourMember, null=False, on_delete=OnDelete.cascade, index=True)
    kept = Boolean(default=False)

    uq_tour_sleeper = Unique([room, member])


class TourInterpreter(Table, tablename="tour_interpreter", db=DB):
    """An interpreter, who goes with a group (`grp`) or comes to stops; the telephone is sealed."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=120)
    phone = Text(default="")
    languages = Array(base_column=Varchar(length=8), default=list)
    grp = ForeignKey(TourGroup, null=True, default=None, on_delete=OnDelete.set_null, index=True)


class TourStopInterpreter(Table, tablename="tour_stop_interpreter", db=DB):
    """An interpreter who comes to a stop."""

    id = BigSerial(primary_key=True)
    stop = ForeignKey(TourStop, null=False, on_delete=OnDelete.cascade)
    interpreter = ForeignKey(TourInterpreter, null=False, on_delete=OnDelete.cascade, index=True)

    uq_tour_stop_interpreter = Unique([stop, interpreter])
