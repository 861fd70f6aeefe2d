"""An employer's visitors as a table for download: only those who agreed, with what they agreed to."""

from collections.abc import Iterable
from typing import Any

from litestar import Response

from fairs.core.i18n import N_, pick
from fairs.core.sheets import Column
from fairs.leads.forms import FOLLOW_UPS
from fairs.leads.rows import LeadRow
from fairs.registrations.labels import category_label
from fairs.web import downloads

COLUMNS = (
    Column(N_("Seen last"), 17),
    Column(N_("Name in Latin letters"), 26),
    Column(N_("Native name"), 16),
    Column(N_("Organisation of the visitor"), 32),
    Column(N_("Category"), 14),
    Column(N_("E-mail address"), 28),
    Column(N_("Phone"), 18),
    Column(N_("Stars"), 8),
    Column(N_("Tags"), 24),
    Column(N_("Notes"), 50),
    Column(N_("About the listing"), 30),
    Column(N_("Follow up"), 14),
    Column(N_("Until"), 12),
    Column(N_("Recorded by"), 18),
)


def cells(row: LeadRow) -> list[Any]:
    """A lead in the order of COLUMNS."""
    return [
        row.last_seen_at,
        row.name_passport,
        row.name_native,
        row.affiliation,
        category_label(row.category),
        row.email,
        row.phone,
        row.stars or None,
        ", ".join(row.tags),
        row.note,
        pick(row.listing_zh, row.listing_en),
        str(FOLLOW_UPS[row.follow_up]),
        row.follow_up_on,
        row.recorder,
    ]


async def as_file(rows: Iterable[LeadRow], form: str) -> Response[bytes]:
    """The download in one of the two forms."""
    return await downloads.table("visitors", COLUMNS, [cells(row) for row in rows], form=form)
