"""Reads an uploaded spreadsheet, in a process of its own: `python -m fairs.core.sheet_reading`.

A workbook of five kilobytes can claim seventeen thousand million cells, and the reader then ends its process without an
exception. So files are read by a child with a memory and a time limit (`fairs.core.sheets.read_sheet` starts it). The
package is light: it imports no language, no settings and no database.
"""

import msgspec


class Row(msgspec.Struct, frozen=True):
    """A row as read; `number` is the row number in the spreadsheet program. `values` maps a header to its text."""

    number: int
    values: dict[str, str]


class CellProblem(msgspec.Struct, frozen=True):
    """A cell whose value is lost. `code`: rounded (more than 15 digits), error (such as #N/A), no_value (a formula)."""

    row: int
    head: str
    code: str
    value: str = ""


class Sheet(msgspec.Struct, frozen=True):
    """The table of a file: headers in order, rows that are not empty, cells whose value is lost.

    `name` is the sheet that was chosen among `names` (visible ones); both are empty for CSV. `encoding` is Python's
    name of a text file's encoding; `doubtful`: another one of `encodings` is possible as well.
    """

    heads: list[str]
    rows: list[Row]
    problems: list[CellProblem] = []
    name: str = ""
    names: list[str] = []
    encoding: str = ""
    doubtful: bool = False
    encodings: list[str] = []


class Request(msgspec.Struct, frozen=True):
    """The request to the child; the file's bytes follow. `expected`: for each column that the caller knows, its names."""

    filename: str
    max_rows: int
    expected: list[list[str]] = []
    encoding: str = ""
    sheet: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a file is not read; `facts` fill the placeholders of that code's sentence."""

    code: str
    facts: dict[str, str] = {}


class Answer(msgspec.Struct, frozen=True):
    """The child's answer: exactly one of the two fields."""

    sheet: Sheet | None = None
    refusal: Refusal | None = None


class Refused(Exception):
    """The file cannot be read."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, facts)
