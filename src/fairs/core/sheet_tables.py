"""A table that people paste or upload: columns known by any of their names in either language, rows with their numbers."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import get_args

from fairs.core import sheets
from fairs.core.i18n import N_, Lang, language
from fairs.core.search_keys import fold

Columns = Mapping[str, tuple[object, int, object]]
"""Field → its head, its width in characters, what to write in it."""
Rows = list[tuple[int, dict[str, str]]]
"""Each row's number in the spreadsheet, and its texts by field."""
UNSURE = N_(
    "The file does not tell its encoding for certain: it was read as %(encoding)s, it may be %(others)s. Compare the names with your"
    " file: if they are right, go on with the table below; if not, save the file as .xlsx or as CSV in UTF-8."
)
ENCODINGS = {
    "gb18030": "GB 18030",
    "big5": "Big5",
    "shift_jis": "Shift-JIS",
    "cp1252": "Windows-1252",
    "utf_16_le": "UTF-16",
    "utf_16_be": "UTF-16",
}
ROW = "_row"  # the column that keeps the numbers of rows in a table that is pasted again


def names_of_columns(columns: Columns) -> list[list[str]]:
    """Every name of each column: of the field and in both languages."""
    found = []
    for name, (head, _, _) in columns.items():
        names = [name]
        for lang in get_args(Lang):
            with language(lang):
                names.append(str(head))
        found.append(names)
    return found


def _fields(columns: Columns) -> dict[str, str]:
    return {fold(alias): names[0] for names in names_of_columns(columns) for alias in names} | {ROW: ROW}


def read_text(text: str, columns: Columns) -> Rows:
    """A pasted table, separated by tabs. The first row may name the columns; otherwise they stand in their own order."""
    lines = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter="\t"))
    known, order, first = _fields(columns), list(columns), 1
    if lines:
        heads = [known.get(fold(cell), "") for cell in lines[0]]
        if sum(bool(head) for head in heads) >= min(3, len(heads)):
            order, lines, first = heads, lines[1:], 2
    rows: Rows = []
    for number, line in enumerate(lines, start=first):
        values = {name: cell.strip() for name, cell in zip(order, line, strict=False) if name}
        numbered = values.pop(ROW, "")
        if any(values.values()):
            rows.append((int(numbered) if numbered.isdecimal() else number, values))
    return rows


async def read_file(content: bytes, filename: str, columns: Columns) -> tuple[Rows, list[tuple[int, str]]]:
    """An uploaded spreadsheet, and what is lost in it: (row, sentence). Raises Invalid for the field `file`, and TooLarge."""
    sheet = await sheets.read_sheet(content, filename, expected=names_of_columns(columns))
    known = _fields(columns)
    rows = [
        (row.number, {known[fold(head)]: cell.strip() for head, cell in row.values.items() if fold(head) in known})
        for row in sheet.rows
    ]
    problems = [(problem.row, str(sheets.problem_sentence(problem))) for problem in sheet.problems]
    if sheet.doubtful:
        names = [ENCODINGS.get(encoding, encoding) for encoding in sheet.encodings]
        problems.insert(0, (0, str(UNSURE(encoding=names[0], others=", ".join(names[1:])))))
    return [(number, values) for number, values in rows if any(values.values())], problems


def as_text(rows: Rows, columns: Iterable[str]) -> str:
    """The rows as they can be pasted again, with their numbers."""
    names = list(columns)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter="\t", lineterminator="\n")
    writer.writerow([ROW, *names])
    writer.writerows([[number, *(values.get(name, "") for name in names)] for number, values in rows])
    return buffer.getvalue()
