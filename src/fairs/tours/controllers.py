"""All pages of tours."""

from typing import Any

from fairs.tours import (
    count_pages,
    host_pages,
    match_pages,
    member_pages,
    own_pages,
    pages,
    plan_pages,
    route_pages,
    stop_pages,
)
from fairs.tours.logistics import arrival_pages, hotel_pages, journey_pages, vehicle_pages
from fairs.tours.papers import letter_pages, list_pages, sheet_pages
from fairs.tours.results import expense_pages, host_expense_pages, talk_pages

HANDLERS: list[Any] = [
    *pages.HANDLERS,
    *stop_pages.HANDLERS,
    *plan_pages.HANDLERS,
    *member_pages.HANDLERS,
    *match_pages.HANDLERS,
    *route_pages.HANDLERS,
    *count_pages.HANDLERS,
    *host_pages.HANDLERS,
    *own_pages.HANDLERS,
    *arrival_pages.HANDLERS,
    *vehicle_pages.HANDLERS,
    *hotel_pages.HANDLERS,
    *journey_pages.HANDLERS,
    *list_pages.HANDLERS,
    *letter_pages.HANDLERS,
    *sheet_pages.HANDLERS,
    *expense_pages.HANDLERS,
    *host_expense_pages.HANDLERS,
    *talk_pages.HANDLERS,
]
