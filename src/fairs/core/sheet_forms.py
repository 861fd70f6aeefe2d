"""A workbook to fill in: rows that are there, a list to choose from in each column that has one, and what to write."""

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from fairs.core.i18n import N_
from fairs.core.sheet_tables import Columns
from fairs.core.sheet_words import Choices
from fairs.core.sheets import write_cell

HELP, LISTS = N_("How to fill it in"), N_("Choices")
_TITLE, _MESSAGE = 32, 255  # characters that Excel takes for a hint


def workbook(
    columns: Columns,
    rows: Sequence[Mapping[str, Any]],
    *,
    title: object,
    chosen: Choices,
    several: Collection[str] = (),
    numbers: Collection[str] = (),
    days: Collection[str] = (),
    most: int,
) -> bytes:
    """Sheets: the rows, how to fill them in, and the lists, which is hidden. `several`: columns with more than one word of a list."""
    import xlsxwriter  # imported here, so that a server's start does not wait for it

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        page, help_page, lists = (book.add_worksheet(str(name)) for name in (title, HELP, LISTS))
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        number = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        for at, (name, (label, width, help)) in enumerate(columns.items()):
            kind = number if name in numbers else day if name in days else text
            page.set_column(at, at, width, kind)
            page.write_string(0, at, str(label), head)
            for line, values in enumerate(rows, start=1):
                write_cell(page, (line, at), values.get(name), number if name in numbers else text, day, day)
            if name in chosen:
                words = [word for code, word, _ in chosen[name]() if code]
                _offer(page, lists, at, words, (str(label), str(help)), many=name in several, most=most)
        page.freeze_panes(1, 1)
        page.autofilter(0, 0, len(rows), len(columns) - 1)
        help_page.set_column(0, 0, 28)
        help_page.set_column(1, 1, 90)
        for line, (label, _, help) in enumerate(columns.values()):
            help_page.write_string(line, 0, str(label), head)
            help_page.write_string(line, 1, str(help), number)
        lists.hide()
    return buffer.getvalue()


def _offer(
    page: Any, lists: Any, at: int, words: Sequence[str], said: tuple[str, str], *, many: bool, most: int
) -> None:
    """A list to choose from; where several may be chosen, what else is typed is taken too."""
    from xlsxwriter.utility import xl_col_to_name

    label, help = said
    lists.write_string(0, at, label)
    for line, word in enumerate(words, start=1):
        lists.write_string(line, at, word)
    letter = xl_col_to_name(at)
    page.data_validation(
        1,
        at,
        most,
        at,
        {
            "validate": "list",
            "source": f"='{LISTS}'!${letter}$2:${letter}${len(words) + 1}",
            "ignore_blank": True,
            "error_type": "information" if many else "warning",
            "show_error": not many,
            "input_title": label[:_TITLE],
            "input_message": help[:_MESSAGE],
        },
    )
