"""The working list as CSV and as a workbook: read and written in chunks, so that memory stays flat."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from fairs.core.sheets import Column
from fairs.registrations.working.columns import ListColumn, Offer
from fairs.registrations.working.queries import Selection, ids_of, rows_of

CHUNK = 1000


def exported_columns(names: Sequence[str], offer: Offer) -> list[ListColumn]:
    """The columns with these names; the usual ones when none is named."""
    return [offer.columns[name] for name in dict.fromkeys(names or offer.exported) if name in offer.columns]


def heads(columns: Sequence[ListColumn]) -> list[Column]:
    """The first row."""
    return [Column(column.label, column.width) for column in columns]


async def chunks(
    selection: Selection, offer: Offer, columns: Sequence[ListColumn]
) -> AsyncIterator[list[Sequence[Any]]]:
    """The rows of all chosen people in the order of the list."""
    ids = await ids_of(selection, offer)
    for at in range(0, len(ids), CHUNK):
        yield [row.cells for row in await rows_of(ids[at : at + CHUNK], columns)]
