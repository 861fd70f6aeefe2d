"""What people download: tables as workbooks or CSV, and files that are made for them. No cache keeps any of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Response
from litestar.response import Stream

from fairs.core.sheet_streams import csv_parts, xlsx_parts
from fairs.core.sheets import CSV_TYPE, XLSX_TYPE, Column, write_csv, write_xlsx

TYPES = {"xlsx": XLSX_TYPE, "csv": CSV_TYPE}


def _headers(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def file(content: bytes, name: str, media_type: str = XLSX_TYPE) -> Response[bytes]:
    """A file as a download. `name`: plain ASCII with its ending."""
    return Response(content, media_type=media_type, headers=_headers(name))


async def table(
    name: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, form: str = "xlsx", sheet: str = ""
) -> Response[bytes]:
    """Rows as a workbook or as CSV, written beside the event loop. `name`: without its ending."""

    def write() -> bytes:
        return write_xlsx(columns, rows, sheet=sheet) if form == "xlsx" else write_csv(columns, rows)

    return file(await asyncio.to_thread(write), f"{name}.{form}", TYPES[form])


def long_table(
    name: str,
    columns: Sequence[Column],
    chunks: AsyncIterator[Sequence[Sequence[Any]]],
    *,
    form: str = "csv",
    sheet: str = "",
) -> Stream:
    """The same for rows that are read in chunks: memory stays flat."""
    parts = xlsx_parts(columns, chunks, sheet=sheet) if form == "xlsx" else csv_parts(columns, chunks)
    return Stream(parts, media_type=TYPES[form], headers=_headers(f"{name}.{form}"))
