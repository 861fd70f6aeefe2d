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
]
