"""A table as a file."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from fairs.core.sheets import CSV_TYPE, XLSX_TYPE, Column, write_csv, write_xlsx

WRITERS = {"xlsx": (write_xlsx, XLSX_TYPE), "csv": (write_csv, CSV_TYPE)}


def download(name: str, form: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Response[bytes]:
    """The rows as a workbook (`xlsx`) or as `csv`."""
    write, kind = WRITERS[form]
    headers = {"content-disposition": f'attachment; filename="{name}.{form}"', "cache-control": "no-store"}
    return Response(write(columns, rows), media_type=kind, headers=headers)
