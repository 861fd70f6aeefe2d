"""All pages of visits to counties."""

from typing import Any

from fairs.outreach import list_pages, one_pages, own_pages

HANDLERS: list[Any] = [*list_pages.HANDLERS, *one_pages.HANDLERS, *own_pages.HANDLERS]
