"""Journeys from a spreadsheet: columns, and reading what was pasted or uploaded."""

from typing import get_args

from fairs.core import sheet_tables
from fairs.core.i18n import N_, Lang, language
from fairs.tours.importing import Table, read_rows
from fairs.tours.logistics.forms import TripRowForm
from fairs.tours.logistics.labels import DIRECTIONS, MODES

TRIP_COLUMNS: dict[str, tuple[object, int, object]] = {  # field → head, width, what to write
    "who": (N_("E-mail address or registration number"), 28, N_("Of somebody with a place on the tour")),
    "direction": (N_("Arrival or departure"), 12, N_("As on the page, in either language; empty: arrival")),
    "mode": (N_("Travels by"), 10, N_("Flight, train, coach or car, in either language")),
    "number": (N_("Number of the flight or train"), 12, ""),
    "at": (N_("Day and time there"), 18, N_("In the time of the tour, like 2027-10-22 14:05")),
    "place": (N_("Airport or station"), 24, ""),
    "terminal": (N_("Terminal or exit"), 12, N_("May be empty")),
    "fetched": (N_("Pick-up"), 8, N_("yes or no; empty: no")),
}
YES = {
    "yes": "true",
    "ja": "true",
    "是": "true",
    "需要": "true",
    "要": "true",
    "1": "true",
    "no": "",
    "否": "",
    "不需要": "",
}


def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"direction": {}, "mode": {}, "fetched": YES}
    for lang in get_args(Lang):
        with language(lang):
            found["direction"] |= {str(word).casefold(): code for code, word in DIRECTIONS.items()}
            found["mode"] |= {str(word).casefold(): code for code, word in MODES.items()}
    return found


def read_trips(text: str, zone: str) -> Table[TripRowForm]:
    """A pasted table of journeys, its hours in the zone of the tour. Raises Invalid for the field `text`."""
    return _checked(sheet_tables.read_text(text, TRIP_COLUMNS), zone)


async def read_trip_file(content: bytes, filename: str, zone: str) -> Table[TripRowForm]:
    """An uploaded one. Raises Invalid, TooLarge."""
    rows, problems = await sheet_tables.read_file(content, filename, TRIP_COLUMNS)
    table = _checked(rows, zone)
    table.errors += problems
    return table


def _checked(rows: sheet_tables.Rows, zone: str) -> Table[TripRowForm]:
    return read_rows(
        [(number, values | {"timezone": zone}) for number, values in rows], TRIP_COLUMNS, TripRowForm, _words(), zone
    )
