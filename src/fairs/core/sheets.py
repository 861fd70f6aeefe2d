"""Tables out (xlsx, CSV) and in (xlsx, xls, ods, CSV). What people typed never becomes a formula of the reader's."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fairs.core.errors import Invalid, TooLarge
from fairs.core.i18n import EVENT_ZONE, N_

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
MAX_BYTES = 5_000_000
MAX_UNPACKED = 100_000_000  # bytes of a workbook's parts: a small file may unpack into a very large one
MAX_ROWS = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_UNREADABLE = N_("This file cannot be read. Save it as .xlsx or as .csv (UTF-8) and try again.")


@dataclass(frozen=True)
class Column:
    """A head and how wide the column is, in characters."""

    label: object
    width: int = 16


@dataclass(frozen=True)
class Row:
    """A row as read; `number` is what the spreadsheet program shows beside it."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The first sheet of a file: its heads in order and its rows that are not empty."""

    heads: list[str]
    rows: list[Row]


def _local(value: datetime) -> datetime:
    """Spreadsheets have no zones: moments are written in Beijing time."""
    return value.astimezone(ZoneInfo(EVENT_ZONE)).replace(tzinfo=None) if value.tzinfo else value


def write_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, sheet: str = "") -> bytes:
    """A workbook of one sheet with a fixed head and filters; texts stay texts whatever they begin with."""
    import xlsxwriter  # here, so that a server's start does not wait for it

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet(sheet[:31] or None)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top", "align": "left"})
        for at, column in enumerate(columns):
            page.set_column(at, at, column.width)
            page.write_string(0, at, str(column.label), head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                _write_cell(page, (last, at), value, text, day, moment)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, last, max(len(columns) - 1, 0))
        page.repeat_rows(0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
    return buffer.getvalue()


def _write_cell(page: Any, at: tuple[int, int], value: Any, text: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        page.write_blank(*at, None, text)
    elif isinstance(value, datetime):
        page.write_datetime(*at, _local(value), moment)
    elif isinstance(value, date):
        page.write_datetime(*at, datetime(value.year, value.month, value.day), day)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(*at, value, text)
    else:
        page.write_string(*at, str(value)[:32_000], text)


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, as Excel needs it; a text that would be read as a formula gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_csv_text(column.label) for column in columns])
    writer.writerows([_csv_text(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def _csv_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}" if isinstance(value, float) else str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def read_sheet(content: bytes, filename: str) -> Sheet:
    """The first sheet of an uploaded file. Raises TooLarge, or Invalid beside the field `file`."""
    if len(content) > MAX_BYTES:
        raise TooLarge(N_("The file is larger than 5 MB."))
    cells = _csv_cells(content) if filename.lower().endswith((".csv", ".txt", ".tsv")) else _book_cells(content)
    numbered = [(number, [_cell_text(cell) for cell in row]) for number, row in cells]
    filled = [(number, row) for number, row in numbered if any(row)]
    if not filled:
        raise Invalid(fields={"file": [N_("The file holds no rows.")]})
    if len(filled) > MAX_ROWS + 1:
        raise TooLarge(N_("The file has more than %(limit)s rows.", limit=MAX_ROWS))
    heads = filled[0][1]
    rows = [
        Row(number, {head: cell for head, cell in zip(heads, row, strict=False) if head}) for number, row in filled[1:]
    ]
    return Sheet([head for head in heads if head], rows)


def _book_cells(content: bytes) -> list[tuple[int, list[Any]]]:
    import python_calamine

    try:
        if content[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                    raise TooLarge(N_("The file is larger than 5 MB."))
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        return list(enumerate(sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS * 2), start=1))
    except (python_calamine.CalamineError, zipfile.BadZipFile, IndexError, ValueError) as error:
        raise Invalid(fields={"file": [_UNREADABLE]}) from error


def _csv_cells(content: bytes) -> list[tuple[int, list[Any]]]:
    text = _decode(content)
    first = text.split("\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=first.count)
    rows: list[tuple[int, list[Any]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            rows.append((reader.line_num, list(row)))
    except csv.Error as error:
        raise Invalid(fields={"file": [_UNREADABLE]}) from error
    return rows


def _decode(content: bytes) -> str:
    """UTF-8, GB 18030 as Chinese Excel writes it, or UTF-16 as its "Unicode text"."""
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(fields={"file": [_UNREADABLE]})


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).strip()
