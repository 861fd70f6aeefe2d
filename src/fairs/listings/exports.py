"""Listings as a table for download: the displayed columns, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from litestar import Response

from fairs.core import clock
from fairs.core.i18n import N_, gettext
from fairs.core.sheets import Column
from fairs.listings import labels
from fairs.listings.rows import ListingRow
from fairs.listings.tables import ListingKind
from fairs.web import downloads

COLUMNS = (
    Column(N_("Employer"), 30),
    Column(N_("Kind"), 12),
    Column(N_("State"), 10),
    Column(N_("Title in Chinese"), 36),
    Column(N_("Title in English"), 36),
    Column(N_("Field"), 24),
    Column(N_("Lowest degree"), 14),
    Column(N_("Ways of working together"), 28),
    Column(N_("City"), 12),
    Column(N_("Languages needed"), 18),
    Column(N_("Heads wanted"), 10),
    Column(N_("Pay from (10,000 CNY)"), 12),
    Column(N_("Pay up to (10,000 CNY)"), 12),
    Column(N_("Start by"), 12),
    Column(N_("Open until"), 12),
    Column(N_("Why it is urgent"), 30),
    Column(N_("Description in Chinese"), 60),
    Column(N_("Description in English"), 60),
    Column(N_("Published on"), 18),
    Column(N_("Work permit for foreigners"), 28),
)


def cells(row: ListingRow) -> list[Any]:
    """A listing in the order of COLUMNS."""
    return [
        row.organisation_zh or row.organisation_en,
        labels.kind_word(row.kind),
        labels.state_badge(row.state)[1],
        row.title_zh,
        row.title_en,
        labels.word("disciplines", row.discipline),
        labels.degree_word(row),
        labels.words("engagement_types", row.engagement),
        labels.word("cities", row.city),
        labels.words("languages", row.languages),
        row.headcount if row.kind == ListingKind.PEOPLE else None,
        row.pay_min,
        row.pay_max,
        row.start_by,
        row.valid_to,
        row.urgent_reason,
        row.description_zh,
        row.description_en,
        row.published_at,
        labels.permit_word(row),
    ]


async def as_file(rows: Iterable[ListingRow], form: str) -> Response[bytes]:
    """The rows as `xlsx` or `csv`, for download."""
    name = f"listings-{clock.now():%Y%m%d}"
    return await downloads.table(name, COLUMNS, [cells(row) for row in rows], form=form, sheet=gettext("Listings"))
