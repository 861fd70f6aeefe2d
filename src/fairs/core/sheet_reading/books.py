"""Workbooks: xlsx, xlsm, xlsb, xls, ods. Values that the reader drops silently are first found in the file's own XML."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import python_calamine

from fairs.core.sheet_reading import Refused
from fairs.core.sheet_reading.grid import Grid

MAX_UNPACKED = 100_000_000  # bytes of a workbook's parts: a small file may unpack into a very large one
MAX_COLUMNS = 1_000
MARGIN_ROWS = 10_000  # empty rows allowed above and between the rows that count
MAX_SHEETS = 50
MAX_EXACT = 10**15  # a spreadsheet's number has 15 digits; a longer one has been rounded
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</|<(?:\w+:)?is\b")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_KIND_ERROR = re.compile(rb'\bt="e"')

Lost = dict[tuple[int, int], tuple[str, str]]


def read_book(content: bytes, max_rows: int) -> list[Grid]:
    """The visible non-empty sheets, in their order. Raises Refused."""
    lost = _looked_through(content, max_rows) if content[:2] == b"PK" else {}
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == python_calamine.SheetVisibleEnum.Visible
            and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        grids = [_grid(book, name, max_rows, lost.get(name, {})) for name in visible[:MAX_SHEETS]]
    except python_calamine.PasswordError as error:
        raise Refused("password") from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError, ValueError) as error:
        raise Refused("unreadable") from error
    return [grid for grid in grids if grid.rows]


def _grid(book: Any, name: str, max_rows: int, lost: Lost) -> Grid:
    sheet = book.get_sheet_by_name(name)
    cells = sheet.to_python(skip_empty_area=False, nrows=max_rows + MARGIN_ROWS)
    grid = Grid(name, [], lost=dict(lost))
    cells.extend([] for _ in range(max((row for row, _ in lost), default=0) - len(cells)))
    for number, row in enumerate(cells, start=1):
        for at, value in enumerate(row):
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= MAX_EXACT:
                grid.lost[number, at] = ("rounded", f"{value:.15g}")
        if any(value not in (None, "") for value in row) or any(place[0] == number for place in lost):
            grid.rows.append((number, row))
    grid.merged = [(top, left, bottom, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or []]
    return grid


def _looked_through(content: bytes, max_rows: int) -> dict[str, Lost]:
    """For each sheet of an xlsx its cells with an error or with a formula without a value.

    Raises Refused for a file that unpacks into a very large one, and for a cell far from any table: the reader allocates
    memory for every cell before it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise Refused("unpacked")
            return {name: _lost_cells(parts.read(path), name, max_rows) for name, path in _sheet_files(parts)}
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        raise Refused("unreadable") from error


def _sheet_files(parts: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    names = set(parts.namelist())
    if "xl/workbook.xml" not in names:
        return  # ods, xlsb
    targets = {
        item.get("Id"): item.get("Target", "")
        for item in ElementTree.fromstring(parts.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - a limited child
    }
    for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):  # noqa: S314
        target = targets.get(sheet.get(_RELATION), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if path in names:
            yield sheet.get("name", ""), path


def _lost_cells(xml: bytes, name: str, max_rows: int) -> Lost:
    found: Lost = {}
    for cell in _CELL.finditer(xml):
        attributes, inside = cell[1], cell[2] or b""
        place, value = _PLACE.search(attributes), _VALUE.search(inside)
        empty = value is None or (value[1] is not None and not value[1].strip())
        if place is None or (empty and not _FORMULA.search(inside)):
            continue
        row, column = int(place[2]), column_number(place[1])
        if row > max_rows + MARGIN_ROWS or column >= MAX_COLUMNS:
            raise Refused("far", cell=f"{place[1].decode()}{row}", sheet=name)
        if empty:
            found[row, column] = ("no_value", "")
        elif _KIND_ERROR.search(attributes):
            found[row, column] = ("error", value[1].decode(errors="replace") if value and value[1] else "")
    return found


def column_number(letters: bytes) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
