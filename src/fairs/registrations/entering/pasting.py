"""Representatives pasted from a sheet: name, name in Latin letters, telephone, e-mail, name on the badge, days. Pure."""

import re
from datetime import date

from fairs.core.forms import Bound
from fairs.core.i18n import N_
from fairs.core.pasting import Pasted, read
from fairs.events.rows import EventRow
from fairs.registrations.entering.forms import RepresentativeForm, days_of, read_entry
from fairs.registrations.entering.services import MOST

COLUMNS = ("name_native", "name_passport", "phone", "email", "badge_name", "days")
HEADS = frozenset({"姓名", "中文姓名", "name", "chinese name"})  # of a first line with the names of the columns
_PARTS = re.compile(r"[;；、/\s]+")
_DAY = re.compile(r"(?:(\d{4})[-./年])?(?:(\d{1,2})[-./月])?(\d{1,2})日?")


def read_rows(text: str, event: EventRow) -> Pasted[RepresentativeForm]:
    """The lines as forms."""
    return read(text, lambda cells: _row(cells, event), heads=HEADS, most=MOST)


def _row(cells: list[str], event: EventRow) -> Bound[RepresentativeForm]:
    data: dict[str, object] = dict(zip(COLUMNS, cells, strict=False))
    data["days"] = days_named(str(data.get("days") or ""), event)
    form = read_entry(RepresentativeForm, data, event)
    if any(cells[len(COLUMNS) :]):
        form.add_error("", N_("More than six columns"))
    return form


def days_named(text: str, event: EventRow) -> list[str]:
    """The days of a cell; what is none of them as it is."""
    return [_day(part, event) for part in _PARTS.split(text) if part]


def _day(part: str, event: EventRow) -> str:
    """`27`, `10-27`, `10月27日` or `2027-10-27` as the day of the event that is meant; else the text itself."""
    found = _DAY.fullmatch(part)
    if found is None:
        return part[:10]
    year, month, number = (int(group) if group else None for group in found.groups())
    for choice in days_of(event):
        day = date.fromisoformat(choice[0])
        if day.day == number and month in (None, day.month) and year in (None, day.year):
            return choice[0]
    return part[:10]
