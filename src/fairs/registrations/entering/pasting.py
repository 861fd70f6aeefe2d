"""Representatives pasted from a sheet: name, name in Latin letters, telephone, e-mail, name on the badge, days. Pure."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from fairs.core.forms import Bound
from fairs.core.i18n import N_
from fairs.events.rows import EventRow
from fairs.registrations.entering.forms import RepresentativeForm, days_of, read_entry
from fairs.registrations.entering.services import MOST

COLUMNS = ("name_native", "name_passport", "phone", "email", "badge_name", "days")
HEADS = frozenset({"姓名", "中文姓名", "name", "chinese name"})  # of a first line with the names of the columns
_PARTS = re.compile(r"[;；、/\s]+")
_DAY = re.compile(r"(?:(\d{4})[-./年])?(?:(\d{1,2})[-./月])?(\d{1,2})日?")


@dataclass(frozen=True)
class PastedRow:
    """A line of the text with its number in it, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    form: Bound[RepresentativeForm]

    @property
    def problems(self) -> list[str]:
        """Sentences, each with the name of its column."""
        found = [f"{self.form[name].label}: {text}" for name, texts in self.form.errors.items() for text in texts]
        return [*found, *(str(text) for text in self.form.form_errors)]


@dataclass(frozen=True)
class Pasted:
    """All lines that say something. `too_many`: the text has more than are read at once."""

    rows: Sequence[PastedRow]
    too_many: bool = False

    @property
    def wrong(self) -> list[PastedRow]:
        return [row for row in self.rows if row.problems]

    @property
    def ok(self) -> bool:
        return bool(self.rows) and not self.wrong and not self.too_many


def read_rows(text: str, event: EventRow) -> Pasted:
    """The lines as forms. A Latin name in the first column of a line without a second one is taken as such."""
    separator = "\t" if "\t" in text else ","
    plain = text if separator == "\t" else text.replace("，", ",")
    rows: list[PastedRow] = []
    reader = csv.reader(io.StringIO(plain.replace("\0", "")), delimiter=separator)
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells) or (not rows and cells[0].casefold() in HEADS):
                continue
            if len(rows) == MOST:
                return Pasted(rows, too_many=True)
            rows.append(_row(reader.line_num, cells, event))
    except csv.Error:
        return Pasted(rows, too_many=True)
    return Pasted(rows)


def _row(line: int, cells: list[str], event: EventRow) -> PastedRow:
    data: dict[str, object] = dict(zip(COLUMNS, cells, strict=False))
    data["days"] = [_day(part, event) for part in _PARTS.split(str(data.get("days") or "")) if part]
    form = read_entry(RepresentativeForm, data, event)
    if len(cells) > len(COLUMNS) and any(cells[len(COLUMNS) :]):
        form.add_error("", N_("More than six columns"))
    return PastedRow(line, cells[: len(COLUMNS)], form)


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
