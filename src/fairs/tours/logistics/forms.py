"""Input about journeys, needs, vehicles, pick-ups, hotels and interpreters."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core import cleaning
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import EVENT_ZONE, N_, current_lang, is_zone, time_zones
from fairs.tours.forms import PHONE, PHONE_MESSAGE
from fairs.tours.logistics.labels import DIRECTIONS, MODES, ROOMS, SEXES
from fairs.tours.logistics.tables import Direction, Mode, RoomWish
from fairs.units import catalogues

TEL = {"inputmode": "tel"}


def _modes() -> Sequence[Choice]:
    return [(mode, str(word), mode) for mode, word in MODES.items()]


def _directions() -> Sequence[Choice]:
    return [(direction, str(word), direction) for direction, word in DIRECTIONS.items()]


def _zones() -> Sequence[Choice]:
    return [(zone, zone.replace("_", " "), "") for zone in time_zones()]


def _rooms() -> Sequence[Choice]:
    return [(wish, str(word), "") for wish, word in ROOMS.items()]


def _sexes() -> Sequence[Choice]:
    return [(code, str(word), "") for code, word in SEXES.items()]


def _units() -> Sequence[Choice]:
    return catalogues.choices("units", current_lang())


def _languages() -> Sequence[Choice]:
    return catalogues.choices("languages", current_lang())


def zone_typed(data: Mapping[str, Any], otherwise: str) -> str:
    """The zone of the place that was typed, in which the typed hour is meant."""
    typed = str(data.get("timezone") or "")
    return typed if is_zone(typed) else otherwise


class TripForm(Form, kw_only=True):
    """A journey to the tour, or home from it."""

    mode: Annotated[str, Field(N_("Travels by"), widget="select", choices=_modes)] = Mode.FLIGHT.value
    number: Annotated[
        str, Field(N_("Number of the flight or train"), max_length=20, store=cleaning.code, attrs={"data-either": "1"})
    ] = ""
    at: Annotated[datetime, Field(N_("Day and time there"), widget="datetime")]
    timezone: Annotated[
        str, Field(N_("Time zone of the place"), widget="search-select", choices=_zones, max_length=64)
    ] = EVENT_ZONE
    place: Annotated[str, Field(N_("Airport or station"), max_length=120)]
    terminal: Annotated[str, Field(N_("Terminal or exit"), max_length=40)] = ""
    fetched: Annotated[bool, Field(N_("Please fetch me there, or bring me there"), widget="checkbox")] = False

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The zone of the place."""
        return str(values.get("timezone") or EVENT_ZONE)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A flight and a train have a number."""
        if values.get("mode") in (Mode.FLIGHT, Mode.TRAIN) and values.get("number") == "":
            return {"number": N_("Give the number of the flight or train")}
        return {}


class TripRowForm(TripForm, kw_only=True):
    """A journey in a table: whose, and which way."""

    APART: ClassVar[frozenset[str]] = frozenset({"who", "direction"})

    who: Annotated[str, Field(N_("E-mail address or registration number"), max_length=254)]
    direction: Annotated[str, Field(N_("Arrival or departure"), widget="select", choices=_directions)] = (
        Direction.ARRIVAL.value
    )


class NeedForm(Form):
    """What somebody needs on the way."""

    sex: Annotated[
        str,
        Field(
            N_("Woman or man"),
            widget="select",
            choices=_sexes,
            help=N_("Only for shared rooms. Without it you share with nobody whom you have not asked for."),
        ),
    ] = ""
    room: Annotated[str, Field(N_("How would you like to sleep?"), widget="select", choices=_rooms)] = (
        RoomWish.ANY.value
    )
    mate: Annotated[
        str,
        Field(
            N_("With whom would you share?"),
            max_length=254,
            help=N_("The name or e-mail address of somebody on this tour. It counts when both ask for each other."),
        ),
    ] = ""
    food: Annotated[str, Field(N_("What may you not eat?"), max_length=300)] = ""
    access: Annotated[
        str, Field(N_("What do you need to get about?"), max_length=300, help=N_("Such as a wheelchair, or no stairs."))
    ] = ""
    emergency: Annotated[
        str,
        Field(
            N_("Whom do we call in an emergency?"),
            max_length=200,
            help=N_("Name and telephone. Encrypted; opened only in an emergency, and each time is noted."),
        ),
    ] = ""


class HandlingForm(Form):
    """How pick-ups are bundled."""

    wait: Annotated[int, Field(N_("Longest wait for others, minutes"), widget="number", ge=0, le=600)] = 60
    ahead: Annotated[
        int, Field(N_("To a departure we leave so many minutes before"), widget="number", ge=0, le=600)
    ] = 150


class PickupForm(Form, kw_only=True):
    """A pick-up, changed by hand."""

    leaves_at: Annotated[datetime, Field(N_("The vehicle leaves"), widget="datetime")]
    vehicle: Annotated[str, Field(N_("Vehicle"), widget="select", max_length=20)] = ""


class VehicleForm(Form, kw_only=True):
    """A vehicle with its driver and where it drives."""

    name: Annotated[str, Field(N_("Name of the vehicle"), max_length=40, help=N_("Such as Coach 1."))]
    plate: Annotated[str, Field(N_("Plate"), max_length=20)] = ""
    seats: Annotated[int, Field(N_("Seats for passengers"), widget="number", ge=1, le=500)]
    driver_name: Annotated[str, Field(N_("Driver"), max_length=120)] = ""
    driver_phone: Annotated[
        str,
        Field(
            N_("Telephone of the driver"),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs=TEL,
        ),
    ] = ""
    stops: Annotated[list[str], Field(N_("Drives to the stops"), widget="multiselect")] = msgspec.field(
        default_factory=list
    )


class InterpreterForm(Form, kw_only=True):
    """An interpreter with languages, and where there is work."""

    name: Annotated[str, Field(N_("Name"), max_length=120)]
    phone: Annotated[
        str,
        Field(
            N_("Phone"),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs=TEL,
        ),
    ] = ""
    languages: Annotated[list[str], Field(N_("Languages"), widget="multiselect", choices=_languages, max_length=8)]
    group: Annotated[
        str,
        Field(N_("Goes with the group"), widget="select", max_length=40, help=N_("Then at every stop of this group.")),
    ] = ""
    stops: Annotated[list[str], Field(N_("Comes to the stops"), widget="multiselect")] = msgspec.field(
        default_factory=list
    )


class HotelForm(Form, kw_only=True):
    """A hotel with its nights."""

    name_zh: Annotated[str, Field(N_("Name in Chinese"), max_length=120)] = ""
    name_en: Annotated[str, Field(N_("Name in English"), max_length=120)] = ""
    unit: Annotated[str, Field(N_("City"), widget="search-select", choices=_units)] = ""
    address_zh: Annotated[str, Field(N_("Address in Chinese"), max_length=200)] = ""
    address_en: Annotated[str, Field(N_("Address in English"), max_length=200)] = ""
    desk_phone: Annotated[
        str,
        Field(
            N_("Telephone of the reception"),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs=TEL,
        ),
    ] = ""
    first_night: Annotated[date, Field(N_("First night"), widget="date")]
    last_night: Annotated[date, Field(N_("Last night"), widget="date")]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A name, and the last night not before the first."""
        found: dict[str, object] = {}
        if not values.get("name_zh") and not values.get("name_en"):
            found["name_zh"] = N_("Give the name in one language at least")
        first, last = values.get("first_night"), values.get("last_night")
        if first and last and last < first:
            found["last_night"] = N_("The last night is before the first")
        elif first and last and (last - first).days > 60:
            found["last_night"] = N_("A stay has 60 nights at most")
        return found


class RoomsForm(Form, kw_only=True):
    """Further rooms of a hotel."""

    names: Annotated[
        str,
        Field(
            N_("Numbers of the rooms"),
            widget="textarea",
            max_length=2000,
            help=N_("Separated by commas; 801-812 is a range."),
            attrs={"rows": "2"},
        ),
    ]
    beds: Annotated[int, Field(N_("Sleeps how many"), widget="number", ge=1, le=8)] = 2
