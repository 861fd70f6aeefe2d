"""Which listings are urgent and scarce 急需紧缺: employers ask, the province decides on this page."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.queries import province_event
from fairs.listings import queries, services
from fairs.listings.forms import UrgentForm
from fairs.listings.tables import UrgentAnswer
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

PROVINCE = access.roles(Role.ORGANISER, Role.ADMIN)


@get("/organise/editions/{slug:str}/urgent", name="urgent_listings", opt=PROVINCE)
async def urgent_listings(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What employers ask for, with the answers given."""
    return await _page(request, actor, slug, listing=request.query_params.get("decide", ""))


ANSWERS = (
    ("", N_("All")),
    ("waiting", N_("To decide")),
    ("granted", N_("Granted")),
    ("refused", N_("Refused")),
)


def _query(request: AnyRequest) -> dict[str, str]:
    """What the list is filtered by."""
    return {key: request.query_params[key][:100] for key in ("q", "answer") if request.query_params.get(key)}


async def _page(
    request: AnyRequest, actor: Actor, slug: str, *, status: int = 200, listing: str = "", form: Any = None
) -> Response[Any]:
    event = await province_event(actor, slug)
    query = _query(request)
    page = await queries.urgent_asked(
        event.id, answer=query.get("answer", ""), q=query.get("q", ""), page=page_number(request)
    )
    asked = query | ({"page": str(page.number)} if page.number > 1 else {})
    number = int(listing) if listing.isascii() and listing.isdigit() and len(listing) < 19 else 0
    chosen = await queries.urgent_one(event.id, number) if number else None
    if form is None:
        form = blank(UrgentForm, note=chosen.urgent_note if chosen else "")
    shown: dict[str, Any] = {"event": event, "query": query, "asked": asked, "page": page, "answers": ANSWERS}
    return render(request, "listings/urgent.html", status=status, **shown, chosen=chosen, form=form)


@post("/organise/listings/{listing_id:int}/urgent", name="decide_urgent", opt=PROVINCE, status_code=303)
async def decide_urgent(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the province's answer."""
    listing = await queries.own_listing(actor, listing_id)
    form = bind(UrgentForm, await request.form())
    if not form.ok:
        return await _page(request, actor, listing.event_slug, status=422, listing=str(listing_id), form=form)
    slug, at = listing.event_slug, page_number(request)
    back = f"?{urlencode(_query(request) | {'page': at})}"
    try:
        await services.decide_urgent(listing_id, form.value, by=actor)
    except Conflict as late:
        return redirect(request, "urgent_listings", flash=late.message, kind="warning", slug=slug, query=back)
    granted = form.value.decision == UrgentAnswer.GRANT
    flash = N_("The listing is marked as urgent and scarce.") if granted else N_("The listing is not marked.")
    return redirect(request, "urgent_listings", flash=flash, slug=slug, query=back)


HANDLERS: list[Any] = [urgent_listings, decide_urgent]
