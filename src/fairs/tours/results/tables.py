"""What a tour cost, and the meetings that were held at its stops."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.files.tables import StoredFile
from fairs.meetings.tables import Meeting
from fairs.tours.logistics.tables import TourHotel, TourVehicle
from fairs.tours.tables import TourStop
from fairs.units.tables import Unit


class ExpenseKind(StrEnum):
    """What money was spent on."""

    VEHICLE = "vehicle"
    TRAVEL = "travel"
    HOTEL = "hotel"
    MEAL = "meal"
    INTERPRETER = "interpreter"
    VENUE = "venue"
    SIGHT = "sight"
    INSURANCE = "insurance"
    PRINT = "print"
    OTHER = "other"


class TourExpense(Table, tablename="tour_expense", db=DB):
    """A sum that was spent, in whole minor units of its currency (fen, cents; whole yen).

    `unit`: the city that it counts for. `host`: the bureau that paid it; empty: who runs the tour. At most one of stop, vehicle, hotel.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    day = Date()
    kind = Varchar(length=12)
    amount = BigInt()
    currency = Varchar(length=3, default="CNY")
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    host = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    stop = ForeignKey(TourStop, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    vehicle = ForeignKey(TourVehicle, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    hotel = ForeignKey(TourHotel, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    note = Varchar(length=300, default="")
    receipt = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_tour_expense_kind = one_of("kind", ExpenseKind)
    ck_tour_expense_amount = Check("amount > 0")
    ck_tour_expense_currency = Check("currency ~ '^[A-Z]{3}$'")


class TourTalk(Table, tablename="tour_talk", db=DB):
    """A meeting that was held at a stop; each meeting at one stop only, so that it counts once."""

    id = BigSerial(primary_key=True)
    stop = ForeignKey(TourStop, null=False, on_delete=OnDelete.cascade, index=True)
    meeting = ForeignKey(Meeting, null=False, unique=True, on_delete=OnDelete.cascade)
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())
