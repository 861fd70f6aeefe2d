"""Rooms pasted from a sheet: lines of code, name in Chinese, name in English, seats, read before anything is written."""

from collections.abc import Collection

from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.core.pasting import Pasted, read
from fairs.events.place_forms import RoomForm

MOST = 500  # lines
COLUMNS = ("code", "name_zh", "name_en", "capacity")
HEADS = frozenset({"code", "代码", "编码", "编号", "会场代码"})  # of a first line with the names of the columns


def read_rooms(text: str, taken: Collection[str]) -> Pasted[RoomForm]:
    """The lines as forms; a code that the event has, or that stands twice, is an error of its line."""
    codes = {code.casefold() for code in taken}
    return read(text, lambda cells: _room(cells, codes), heads=HEADS, most=MOST)


def _room(cells: list[str], codes: set[str]) -> Bound[RoomForm]:
    form = bind(RoomForm, dict(zip(COLUMNS, cells, strict=False)))
    if len(cells) > len(COLUMNS):
        form.add_error("", N_("More than four columns"))
    code = form.read.get("code", "")
    if code and code.casefold() in codes:
        form.add_error("code", N_("There is already one with this code"))
    codes.add(code.casefold())
    return form
