"""Rooms pasted from a sheet: lines of code, name in Chinese, name in English, seats, read before anything is written."""

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.events.place_forms import RoomForm

MOST = 500  # lines
COLUMNS = ("code", "name_zh", "name_en", "capacity")
HEADS = frozenset({"code", "代码", "编码", "编号", "会场代码"})  # of a first line with the names of the columns


@dataclass(frozen=True)
class PastedRoom:
    """A line of the text with its number in it, and what is wrong with it."""

    line: int
    cells: Sequence[str]
    form: Bound[RoomForm]

    @property
    def problems(self) -> list[str]:
        """Sentences, each with the name of its column."""
        found = [f"{self.form[name].label}: {text}" for name, texts in self.form.errors.items() for text in texts]
        return [*found, *(str(text) for text in self.form.form_errors)]


@dataclass(frozen=True)
class Pasted:
    """All lines that say something. `too_many`: the text has more than are read at once."""

    rooms: Sequence[PastedRoom]
    too_many: bool = False

    @property
    def wrong(self) -> list[PastedRoom]:
        return [room for room in self.rooms if room.problems]

    @property
    def ok(self) -> bool:
        return bool(self.rooms) and not self.wrong and not self.too_many


def read_rooms(text: str, taken: Collection[str]) -> Pasted:
    """The lines as forms; a code that the event has, or that stands twice, is an error of its line."""
    separator = "\t" if "\t" in text else ","
    plain = text if separator == "\t" else text.replace("，", ",")
    rooms: list[PastedRoom] = []
    codes = {code.casefold() for code in taken}
    reader = csv.reader(io.StringIO(plain.replace("\0", "")), delimiter=separator)
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells) or (not rooms and cells[0].casefold() in HEADS):
                continue
            if len(rooms) == MOST:
                return Pasted(rooms, too_many=True)
            rooms.append(_room(reader.line_num, cells, codes))
    except csv.Error:
        return Pasted(rooms, too_many=True)
    return Pasted(rooms)


def _room(line: int, cells: list[str], codes: set[str]) -> PastedRoom:
    form = bind(RoomForm, dict(zip(COLUMNS, cells, strict=False)))
    if len(cells) > len(COLUMNS):
        form.add_error("", N_("More than four columns"))
    code = form.read.get("code", "")
    if code and code.casefold() in codes:
        form.add_error("code", N_("There is already one with this code"))
    codes.add(code.casefold())
    return PastedRoom(line, cells[: len(COLUMNS)], form)
