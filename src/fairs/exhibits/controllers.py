"""All pages of exhibits."""

from typing import Any

from fairs.exhibits import gallery_pages, own_pages, plan_pages, staff_pages

HANDLERS: list[Any] = [
    *own_pages.HANDLERS,
    *gallery_pages.HANDLERS,
    *staff_pages.HANDLERS,
    *plan_pages.HANDLERS,
]
