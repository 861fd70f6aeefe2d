"""A block pasted from a spreadsheet as targets, and the order of units by the share they have reached. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from fairs.core import figures
from fairs.core.i18n import N_
from fairs.core.search_keys import squash
from fairs.units.entries import Target
from fairs.units.rows import UnitRow

MOST = 2_000_000_000
MOST_ROWS = 500
UNIT_HEADS = {squash(text) for text in ("单位", "报送单位", "名称", "代码", "编码", "单位代码", "unit", "reporting unit", "unit code", "code", "name", "")}  # fmt: skip
TOTALS = {squash(text) for text in ("合计", "总计", "小计", "total", "sum")}
K = TypeVar("K")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a pasted row."""

    row: int
    message: object


@dataclass
class Pasted:
    """The cells of a pasted block by (unit's code, target), and everything that could not be read."""

    cells: dict[tuple[str, str], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)  # rows of sums, which are left out


def unit_names(units: Sequence[UnitRow]) -> dict[str, str]:
    """Every spelling of a unit → its code: the code, both names, the Chinese name without its level."""
    found: dict[str, str] = {}
    for unit in units:
        for name in (unit.code, unit.name_zh, unit.name_en, unit.name_zh[:-1] if len(unit.name_zh) > 2 else ""):
            if name:
                found.setdefault(squash(name), unit.code)
    return found


def read_pasted(text: str, units: Sequence[UnitRow], targets: Sequence[Target]) -> Pasted:
    """The block's cells with all errors by row. The first row names the targets; an empty cell changes nothing."""
    pasted = Pasted()
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
    except csv.Error:
        pasted.problems.append(Problem(1, N_("This is not a block of cells: copy it from the spreadsheet again")))
        return pasted
    lines = [(at, [cell.strip() for cell in row]) for at, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    if not lines or len(lines) > MOST_ROWS:
        message = N_("At most %(limit)s rows at once", limit=MOST_ROWS) if lines else N_("Nothing was pasted")
        pasted.problems.append(Problem(1, message))
        return pasted
    heads = _read_heads(lines[0], targets, pasted)
    if not pasted.problems:
        seen: dict[str, int] = {}
        names = unit_names(units)
        for at, row in lines[1:]:
            _read_row(at, row, heads, names, seen, pasted)
        if not pasted.cells and not pasted.problems:
            pasted.problems.append(Problem(lines[0][0], N_("There is no number below the names of the targets")))
    return pasted


def _read_heads(line: tuple[int, list[str]], targets: Sequence[Target], pasted: Pasted) -> dict[int, Target | None]:
    """Column → its target; None: it names the unit."""
    at, cells = line
    if len(cells) < 2:
        pasted.problems.append(Problem(at, N_("Columns are separated by tabs, as a copy from a spreadsheet has them")))
        return {}
    known = {squash(name): target for target in targets for name in (target.key, target.zh, target.en)}
    heads: dict[int, Target | None] = {}
    for column, cell in enumerate(cells):
        name = squash(cell.partition("(")[0].partition("（")[0])
        if name in known and known[name] in heads.values():
            pasted.problems.append(Problem(at, N_("The column “%(name)s” is there twice", name=cell)))
        elif name in known:
            heads[column] = known[name]
        elif name in UNIT_HEADS:
            heads[column] = None
        else:
            pasted.problems.append(Problem(at, N_("The column “%(name)s” is not a target", name=cell)))
    if not pasted.problems and not any(heads.values()):
        pasted.problems.append(Problem(at, N_("The first row names the targets; none is named")))
    return heads


def _read_row(
    at: int, row: list[str], heads: Mapping[int, Target | None], names: Mapping[str, str], seen: dict[str, int], pasted: Pasted
) -> None:  # fmt: skip
    given = [cell for column, cell in enumerate(row) if cell and column in heads and heads[column] is None]
    if given and squash(given[0]) in TOTALS:
        pasted.totals.append(at)
        return
    codes = {names.get(squash(cell)) for cell in given}
    code = next(iter(codes)) if len(codes) == 1 else None
    if code is None:
        several = len(codes) > 1 and None not in codes
        message = N_("The code and the name are of two units") if several else N_("There is no unit “%(name)s”")
        pasted.problems.append(Problem(at, message if several else message(name=" ".join(given))))
        return
    if code in seen:
        pasted.problems.append(Problem(at, N_("This unit is also in row %(row)s", row=seen[code])))
        return
    seen[code] = at
    for column, cell in enumerate(row):
        target = heads.get(column)
        if cell and column not in heads:
            pasted.problems.append(Problem(at, N_("“%(value)s” is right of the last named column", value=cell)))
        elif cell and target:
            _read_cell(at, cell, (code, target.key), pasted)


def _read_cell(at: int, cell: str, key: tuple[str, str], pasted: Pasted) -> None:
    try:
        value = int(figures.number(cell, int))
    except figures.NotRead as refused:
        pasted.problems.append(Problem(at, N_("“%(value)s”: %(reason)s", value=cell, reason=refused.message)))
        return
    if 0 <= value <= MOST:
        pasted.cells[key] = value
    else:
        pasted.problems.append(Problem(at, N_("“%(value)s” cannot be a target", value=cell)))


def share(reached: int, target: int) -> Fraction | None:
    """What was reached of a target; None for a target of nothing."""
    return Fraction(reached, target) if target > 0 else None


def percent(part: Fraction | None) -> int | None:
    """Whole percents, never rounded up: 100 is reached only when all is."""
    return None if part is None else int(100 * part)


def ranks(shares: Mapping[K, Fraction | None]) -> dict[K, int]:
    """The place of each by its share, the largest first; equal shares share a place, and those without have none. As long
    as nobody has reached anything there are no places."""
    ordered = sorted((part for part in shares.values() if part is not None), reverse=True)
    if not ordered or ordered[0] == 0:
        return {}
    first: dict[Fraction, int] = {}
    for at, part in enumerate(ordered, start=1):
        first.setdefault(part, at)
    return {key: first[part] for key, part in shares.items() if part is not None}
