"""The workbook to fill in: an employer's listings with a list to choose from in each column, and what to write."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fairs.core.i18n import N_
from fairs.core.sheets import write_cell
from fairs.listings.importing.columns import CHOSEN, COLUMNS, MOST, SEVERAL, cells, example
from fairs.listings.rows import ListingRow

SHEETS = (N_("Listings"), N_("How to fill it in"), N_("Choices"))
_TITLE, _MESSAGE = 32, 255  # characters that Excel takes for a hint


def workbook(rows: Sequence[ListingRow]) -> bytes:
    """Sheets: the listings, how to fill them in, and the lists, which is hidden."""
    import xlsxwriter  # imported here, so that a server's start does not wait for it

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page, help_page, lists = (book.add_worksheet(str(name)) for name in SHEETS)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        number = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        table = [cells(row) for row in rows] or [example()]
        for at, (name, (label, width, help)) in enumerate(COLUMNS.items()):
            number_of = name in ("headcount", "pay_min", "pay_max")
            page.set_column(at, at, width, number if number_of else day if name in ("start_by", "valid_to") else text)
            page.write_string(0, at, str(label), head)
            for line, values in enumerate(table, start=1):
                write_cell(page, (line, at), values[name], number if number_of else text, day, day)
            if name in CHOSEN:
                _offer(page, lists, at, name, str(label), str(help))
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, len(table), len(COLUMNS) - 1)
        help_page.set_column(0, 0, 28)
        help_page.set_column(1, 1, 90)
        for line, (label, _, help) in enumerate(COLUMNS.values()):
            help_page.write_string(line, 0, str(label), head)
            help_page.write_string(line, 1, str(help), number)
        lists.hide()
    return buffer.getvalue()


def _offer(page: Any, lists: Any, at: int, name: str, label: str, help: str) -> None:
    """A list to choose from; where several may be chosen, what else is typed is taken too."""
    words = [word for code, word, _ in CHOSEN[name]() if code]
    lists.write_string(0, at, label)
    for line, word in enumerate(words, start=1):
        lists.write_string(line, at, word)
    letter = chr(ord("A") + at)
    page.data_validation(
        1,
        at,
        MOST,
        at,
        {
            "validate": "list",
            "source": f"='{SHEETS[2]}'!${letter}$2:${letter}${len(words) + 1}",
            "ignore_blank": True,
            "error_type": "information" if name in SEVERAL else "warning",
            "show_error": name not in SEVERAL,
            "input_title": label[:_TITLE],
            "input_message": help[:_MESSAGE],
        },
    )


def as_text(value: Any) -> str:
    """A cell's value as a spreadsheet is read."""
    if value is None:
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value)
