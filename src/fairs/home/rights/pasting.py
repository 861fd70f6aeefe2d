"""Lines that were pasted from a spreadsheet or typed: unit, name, e-mail address. Pure."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.names import address_problem
from fairs.core.search_keys import fold
from fairs.units.rows import UnitRow

MOST = 300
EMPTY = N_("Paste at least one line.")
TOO_MANY = N_("At most %(limit)s people at once. Send them in parts.", limit=MOST)
NO_UNIT = N_("Unit not known. Write its name or its code.")
NO_EMAIL = N_("No e-mail address in this line.")
TWICE = N_("The same person stands in an earlier line.")
_HEADS = frozenset({"单位", "姓名", "邮箱", "电子邮箱", "unit", "name", "email", "e-mail", "e-mail address"})
_SIGNS = str.maketrans({"，": ",", "；": ";", "、": ","})
_OFFICES = ("人力资源和社会保障局", "人力资源社会保障局", "人社局", "市")


@dataclass
class Line:
    """One line as read; `problem` says why it cannot be used."""

    number: int
    unit: str
    name: str
    email: str
    unit_id: int | None = None
    problem: object | None = None


def read(text: str) -> list[Line]:
    """The lines with something in them, numbered as typed; a first line of headings is left out."""
    found: list[Line] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        cells = _cells(raw)
        if not any(cells):
            continue
        if not found and number == 1 and all(cell.lower() in _HEADS for cell in cells if cell):
            continue
        cells = [*([""] * (3 - len(cells))), *cells] if len(cells) < 3 else cells[:3]
        unit, name, email = cells
        found.append(Line(number, unit, name, email))
    return found


def _cells(raw: str) -> list[str]:
    """Tabs part the columns of a spreadsheet; otherwise commas or semicolons, full-width ones too."""
    if "\t" in raw:
        return [cell.strip().strip('"').strip() for cell in raw.split("\t")]
    plain = raw.translate(_SIGNS)
    sign = "," if "," in plain else ";"
    return [cell.strip() for cell in next(csv.reader([plain], delimiter=sign, skipinitialspace=True), [])]


def units_by_name(units: Iterable[UnitRow]) -> dict[str, int]:
    """Code, names and short names of units → id; a name that means two units is left out."""
    found: dict[str, set[int]] = {}
    for unit in units:
        for text in (unit.code, unit.name_zh, unit.name_en, _short(unit.name_zh)):
            found.setdefault(fold(text), set()).add(unit.id)
    return {name: ids.pop() for name, ids in found.items() if name and len(ids) == 1}


def _short(name: str) -> str:
    """`洛阳` of `洛阳市人社局`."""
    for ending in _OFFICES:
        if len(name) > len(ending) + 1:
            name = name.removesuffix(ending)
    return name


def check(lines: list[Line], units: Mapping[str, int], *, needs_unit: bool) -> None:
    """Find each line's unit and write down what is wrong with it."""
    seen: set[tuple[str, int | None]] = set()
    for line in lines:
        if needs_unit:
            line.unit_id = units.get(fold(line.unit)) or units.get(fold(_short(line.unit)))
        line.problem = _problem(line, needs_unit)
        key = (line.email, line.unit_id)
        if line.problem is None and key in seen:
            line.problem = TWICE
        seen.add(key)


def _problem(line: Line, needs_unit: bool) -> object | None:
    if needs_unit and line.unit_id is None:
        return NO_UNIT
    if not line.email:
        return NO_EMAIL
    try:
        line.email = normal(line.email)
    except Invalid as refused:
        return refused.fields["email"][0]
    return address_problem(line.name)
