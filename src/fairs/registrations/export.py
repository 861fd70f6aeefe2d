"""The organiser's list as a spreadsheet."""

from typing import Any

from fairs.core.i18n import N_, current_lang
from fairs.core.pagination import MAX_PAGE_SIZE
from fairs.core.sheets import Column, write_xlsx
from fairs.registrations import queries
from fairs.registrations.labels import category_label, state_label
from fairs.units.catalogues import label

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    Column(N_("Registration number"), 14),
    Column(N_("Registration state"), 14),
    Column(N_("Position in the waiting list"), 10),
    Column(N_("Category"), 14),
    Column(N_("Name in Latin letters"), 26),
    Column(N_("Native name"), 16),
    Column(N_("Nationality or region"), 18),
    Column(N_("University, company or institute"), 36),
    Column(N_("E-mail address"), 30),
    Column(N_("Phone"), 18),
    Column(N_("Sessions signed up for"), 24),
    Column(N_("Registered on"), 17),
    Column(N_("Confirmed on"), 17),
    Column(N_("Cancelled on"), 17),
)


async def workbook(event_id: int, filters: dict[str, Any]) -> bytes:
    """All rows that match the filters, in order of registration."""
    rows: list[list[Any]] = []
    number, last = 1, 1
    while number <= last:
        window = (number, MAX_PAGE_SIZE, (number - 1) * MAX_PAGE_SIZE)
        page = await queries.search(event=event_id, window=window, order="r.id", ranked=False, **filters)
        rows += [_row(item) for item in await queries.as_json(list(page.rows))]
        number, last = number + 1, page.pages
    return write_xlsx(COLUMNS, rows)


def _row(item: dict[str, Any]) -> list[Any]:
    person = item["person"]
    country = label("countries", person["nationality"], current_lang()) if person["nationality"] else ""
    return [
        item["number"],
        state_label(item["state"]),
        item["position"],
        category_label(item["category"]),
        person["name_passport"],
        person["name_native"],
        country,
        person["organisation"],
        person["email"],
        person["phone"],
        ", ".join(item["sessions"]),
        item["created_at"],
        item["confirmed_at"],
        item["cancelled_at"],
    ]
