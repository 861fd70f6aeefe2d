"""The workbook to fill in: an employer's listings with a list to choose from in each column, and what to write."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from fairs.core import sheet_forms
from fairs.core.i18n import N_
from fairs.listings.importing.columns import CHOSEN, COLUMNS, MOST, SEVERAL, cells, example
from fairs.listings.rows import ListingRow


def workbook(rows: Sequence[ListingRow]) -> bytes:
    """Sheets: the listings, how to fill them in, and the lists, which is hidden."""
    return sheet_forms.workbook(
        COLUMNS,
        [cells(row) for row in rows] or [example()],
        title=N_("Listings"),
        chosen=CHOSEN,
        several=SEVERAL,
        numbers=("headcount", "pay_min", "pay_max"),
        days=("start_by", "valid_to"),
        most=MOST,
    )


def as_text(value: Any) -> str:
    """A cell's value as a spreadsheet is read."""
    if value is None:
        return ""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(value)
