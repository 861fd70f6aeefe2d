"""Listings with what candidates said of them: one for its reader, all of an employer for the employer."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_, current_lang
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.events.rules import Act, allows
from fairs.home.queries import employer_listings as own_page
from fairs.home.queries import preference_on
from fairs.listings import labels, queries, rules
from fairs.listings.employer import EMPLOYER, asked
from fairs.listings.tables import ListingState
from fairs.organisations.queries import organisation_of
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import render, reverse


@get("/listings/{listing_id:int}", name="listing_page", opt=access.public())
async def listing_page(
    request: Request[Any, Any, Any], listing_id: FromPath[int], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """One listing: what it asks for, what it offers, who offers it."""
    listing = await queries.listing_for(viewer, listing_id)
    candidate = viewer is not None and Role.CANDIDATE in viewer.roles
    is_open = listing.state == ListingState.PUBLISHED and not rules.is_over(listing.valid_to, queries.today())
    return render(
        request,
        "home/listing.html",
        listing=listing,
        conditions=labels.conditions(listing),
        labels=labels,
        own=viewer is not None and listing.organisation in viewer.organisation_ids,
        candidate=candidate,
        profile=await preference_on(viewer, listing_id) if candidate and viewer else None,
        is_open=is_open and allows(listing.event_state, Act.MEET),
        siblings=await queries.siblings_of(listing),
        other_lang="en" if current_lang() == "zh" else "zh",
    )


def _views(base: str, query: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    """Tabs of the states, each keeping the search."""
    words: dict[str, object] = {
        "": N_("All"),
        ListingState.DRAFT: N_("Drafts"),
        ListingState.PUBLISHED: N_("Published"),
        ListingState.CLOSED: N_("Closed"),
    }
    return [
        {
            "label": str(word),
            "href": f"{base}?{urlencode(query | {'state': state})}",
            "current": query.get("state", "") == state,
            "count": counts[state],
        }
        for state, word in words.items()
    ]


@get("/employer/listings", name="employer_listings", opt=EMPLOYER)
async def employer_listings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The employer's listings with how many candidates want to meet."""
    organisation = await organisation_of(actor)
    query = asked(request)
    number, size, _ = window(page_number(request), None)
    page = await own_page(organisation.id, **query, number=number, size=size)
    counts = await queries.state_counts(organisation.id)
    return render(
        request,
        "home/employer_listings.html",
        organisation=organisation,
        page=page,
        list_query=query,
        counts=counts,
        views=_views(reverse(request, "employer_listings"), query, counts),
        labels=labels,
        today=queries.today(),
    )


HANDLERS: list[Any] = [listing_page, employer_listings]
