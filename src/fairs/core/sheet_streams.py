"""Exports of any length: rows are written as they are read, so memory stays flat."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

from fairs.core.sheets import Column, csv_text, write_cell

Rows = AsyncIterator[Sequence[Sequence[Any]]]
MAX_SHEET_ROWS = 1_000_000  # a worksheet has 1,048,576
PART = 256 * 1024  # bytes of a workbook that are sent at once


async def csv_parts(columns: Sequence[Column], chunks: Rows) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, one part for each chunk of rows."""
    yield b"\xef\xbb\xbf" + _lines([[column.label for column in columns]])
    async for chunk in chunks:
        yield _lines(chunk)


def _lines(rows: Iterable[Sequence[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows([csv_text(value) for value in row] for row in rows)
    return buffer.getvalue().encode()


async def xlsx_parts(columns: Sequence[Column], chunks: Rows, *, sheet: str = "") -> AsyncIterator[bytes]:
    """A workbook that grows in a temporary folder, then the parts of the file; at most MAX_SHEET_ROWS rows."""
    with tempfile.TemporaryDirectory(prefix="fairs-export-") as folder:
        path = Path(folder) / "book.xlsx"
        book = await asyncio.to_thread(_Book, path, folder, columns, sheet)
        try:
            async for chunk in chunks:
                await asyncio.to_thread(book.add, chunk)
                if book.row > MAX_SHEET_ROWS:
                    break
        finally:
            await asyncio.to_thread(book.close)
        with path.open("rb") as handle:
            while part := await asyncio.to_thread(handle.read, PART):
                yield part


class _Book:
    """A workbook in constant memory: each row is on disk once the next one begins."""

    def __init__(self, path: Path, folder: str, columns: Sequence[Column], sheet: str) -> None:
        import xlsxwriter  # imported here, so that a server's start does not wait for it

        options = {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False}
        options |= {"strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._page = self._book.add_worksheet(sheet[:31] or None)
        head = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._text = self._book.add_format({"valign": "top"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top", "align": "left"})
        self._page.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            self._page.set_column(at, at, column.width)
            self._page.write_string(0, at, str(column.label), head)
        self.row = 0

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            self.row += 1
            for at, value in enumerate(row):
                write_cell(self._page, (self.row, at), value, self._text, self._day, self._moment)

    def close(self) -> None:
        self._book.close()
