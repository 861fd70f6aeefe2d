"""Exports tables (xlsx, CSV) and imports them (xlsx, xls, ods, CSV). Typed text never becomes a formula in an export."""

import asyncio
import csv
import io
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec

from fairs.core.errors import Invalid, TooLarge
from fairs.core.i18n import EVENT_ZONE, N_
from fairs.core.sheet_reading import Answer, CellProblem, Refusal, Request, Sheet

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
MAX_BYTES = 5_000_000
MAX_ROWS = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_REFUSALS = {
    "unreadable": N_("This file cannot be read. Save it as .xlsx or as .csv (UTF-8) and try again."),
    "unpacked": N_("The file is larger than 5 MB."),
    "too_much": N_("This file is too large to be read. Copy the table into a new workbook and try again."),
    "empty": N_("The file has no rows."),
    "rows": N_("The file has more than %(limit)s rows."),
    "far": N_(
        "Cell %(cell)s of the sheet %(sheet)s is far outside the table. Delete its content, or copy the table into a"
        " new workbook."
    ),
    "password": N_("The workbook is protected by a password. Save it without one and try again."),
    "encoding": N_("The file does not have the chosen encoding (%(encoding)s). Choose another one."),
    "quote": N_("A quotation mark opened in row %(row)s is never closed."),
}
_PROBLEMS = {
    "rounded": N_(
        "Row %(row)s, %(head)s: the number is longer than the 15 digits that a spreadsheet keeps, so its last digits are"
        " lost. Format the column as text and enter it again."
    ),
    "error": N_("Row %(row)s, %(head)s: the cell shows the error %(value)s."),
    "no_value": N_(
        "Row %(row)s, %(head)s: the formula has no value. Open the file, let it compute, and save it again."
    ),
}
CHILDREN = 2  # files that a process reads at once
CHILD_SECONDS = 30.0
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@dataclass(frozen=True)
class Column:
    """A header and the column's width in characters."""

    label: object
    width: int = 16


def _local(value: datetime) -> datetime:
    """Spreadsheets have no zones: moments are written in Beijing time."""
    return value.astimezone(ZoneInfo(EVENT_ZONE)).replace(tzinfo=None) if value.tzinfo else value


def write_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, sheet: str = "") -> bytes:
    """A workbook with one sheet, a fixed header and filters; texts stay texts whatever their first character."""
    import xlsxwriter  # imported here, so that a server's start does not wait for it

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
                write_cell(page, (last, at), value, text, day, moment)
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, last, max(len(columns) - 1, 0))
        page.repeat_rows(0)
        page.set_landscape()
        page.fit_to_pages(1, 0)
    return buffer.getvalue()


def write_cell(page: Any, at: tuple[int, int], value: Any, text: Any, day: Any, moment: Any) -> None:
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
    writer.writerow([csv_text(column.label) for column in columns])
    writer.writerows([csv_text(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def csv_text(value: Any) -> str:
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


def problem_sentence(problem: CellProblem) -> object:
    """Why a cell's value is lost, and what to do: for the list of a file's errors."""
    return _PROBLEMS[problem.code](row=problem.row, head=problem.head, value=problem.value)


async def read_sheet(
    content: bytes, filename: str, *, expected: Sequence[Sequence[str]] = (), encoding: str = "", sheet: str = ""
) -> Sheet:
    """The table of an uploaded file, read by a child process with limits.

    `expected` lists the columns that the caller knows, each with all its names: used to find the sheet and the header row.
    `encoding` and `sheet` are a person's choice where the file is ambiguous. Raises TooLarge, or Invalid for the
    field `file`.
    """
    if len(content) > MAX_BYTES:
        raise TooLarge(_REFUSALS["unpacked"])
    names = [list(group) for group in expected]
    request = Request(filename, MAX_ROWS, names, encoding, sheet)
    async with _places():
        answer = await _ask_child(msgspec.json.encode(request) + b"\n" + content)
    if answer.sheet is not None:
        return answer.sheet
    refusal = answer.refusal or Refusal("unreadable")
    message = _REFUSALS[refusal.code]
    sentence = message(**refusal.facts)
    if refusal.code in ("rows", "unpacked"):
        raise TooLarge(sentence)
    raise Invalid(fields={"file": [sentence]})


def _places() -> asyncio.Semaphore:
    """A process reads at most CHILDREN files at once; the others wait."""
    loop = asyncio.get_running_loop()
    return _waiting.setdefault(loop, asyncio.Semaphore(CHILDREN))


async def _ask_child(question: bytes) -> Answer:
    """The child's answer; a child that dies or takes too long counts as a file that is too large."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "fairs.core.sheet_reading",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(CHILD_SECONDS):
            written, _ = await child.communicate(question)
    except TimeoutError:
        return Answer(refusal=Refusal("too_much"))
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        return Answer(refusal=Refusal("too_much"))
    return msgspec.json.decode(written, type=Answer)
