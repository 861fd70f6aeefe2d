"""The public list of listings."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.i18n import gettext
from fairs.core.pagination import Page, last_page, window
from fairs.core.roles import Role
from fairs.core.shared import Shared
from fairs.events.queries import event_by_slug
from fairs.listings import employer, exports, labels, queries, rules, urgency
from fairs.listings.importing import pages as importing
from fairs.listings.rules import Counts, Filters
from fairs.units import catalogues
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, render, reverse

PAGE_SIZE = 20
COUNTS_KEPT = 10  # seconds at most: an employer's changed name affects a search without a new listing
_KINDS_OF = {
    "category": "categories",
    "discipline": "disciplines",
    "city": "cities",
    "degree": "degrees",
    "engagement": "engagement_types",
}


_COUNTS: Shared[Counts] = Shared(0.0, of="listings")


async def _counts(event_id: int, filters: Filters) -> Counts:
    """Cached for identical filters until a listing or an employer's approval changes; at most COUNTS_KEPT seconds."""
    key = event_id, replace(filters, sort=""), await queries.state_of_listings(event_id)
    since = asyncio.get_running_loop().time() - COUNTS_KEPT
    return await _COUNTS.get(key, lambda: queries.counts(event_id, filters), since=since)


def _words(name: str, value: str) -> str:
    if name == "urgent":
        return gettext("Urgent only")
    return labels.kind_word(value) if name == "kind" else labels.word(_KINDS_OF[name], value)


def _choices(name: str, counted: Mapping[str, int], chosen: str) -> list[tuple[str, str]]:
    """The filter values with results, in catalogue order, with counts."""
    order = list(labels.KINDS) if name == "kind" else [item[0] for item in catalogues.choices(_KINDS_OF[name], "zh")]
    values = [value for value in order if counted.get(value) or value == chosen]
    return [(value, f"{_words(name, value)} ({counted.get(value, 0)})") for value in values]


def _chips(base: str, filters: Filters) -> list[dict[str, str]]:
    """The active filters, each with the address of the list without it."""
    found = []
    for name, value in filters.query.items():
        if name != "sort":
            label = f"“{value}”" if name == "q" else _words(name, value)
            found.append({"label": label, "href": f"{base}?{urlencode(filters.without(name))}"})
    return found


@get("/e/{slug:str}/listings", name="listings", opt=access.public())
async def listings(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Open listings of an event, searched, filtered and sorted by the address."""
    event = await event_by_slug(slug, viewer=viewer)
    filters = rules.read_filters(request.query_params)
    number, size, _ = window(page_number(request), PAGE_SIZE)
    counted = await _counts(event.id, filters)
    number = last_page(number, size, counted.totals.listings)
    rows = await queries.published_rows(event.id, filters, number=number, size=size)
    page = Page(rows, number, size, counted.totals.listings)
    near = await queries.near_listings(event.id, filters.q) if filters.q and not rows else []
    shown = ("kind", "discipline" if filters.category else "category", "city", "degree", "engagement")
    base = reverse(request, "listings", slug=slug)
    return render(
        request,
        "listings/listings.html",
        event=event,
        page=page,
        near=near,
        filters=filters,
        totals=counted.totals,
        selects=[(name, _choices(name, counted.values[name], getattr(filters, name))) for name in shown],
        urgent=counted.values["urgent"].get("1", 0),
        chips=_chips(base, filters),
        base=base,
        labels=labels,
        may_export=viewer is not None and viewer.sees_everything,
    )


async def _export(request: AnyRequest, slug: str, actor: Actor, form: str) -> Response[bytes]:
    event = await event_by_slug(slug, viewer=actor)
    return await exports.as_file(
        await queries.exported_listings(event.id, rules.read_filters(request.query_params)), form
    )


@get("/e/{slug:str}/listings.xlsx", name="listings_xlsx", opt=access.roles(Role.ORGANISER, Role.ADMIN))
async def listings_xlsx(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list as filtered, as a workbook."""
    return await _export(request, slug, actor, "xlsx")


@get("/e/{slug:str}/listings.csv", name="listings_csv", opt=access.roles(Role.ORGANISER, Role.ADMIN))
async def listings_csv(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list as filtered, as CSV."""
    return await _export(request, slug, actor, "csv")


HANDLERS = [listings, listings_xlsx, listings_csv, *employer.HANDLERS, *importing.HANDLERS, *urgency.HANDLERS]
