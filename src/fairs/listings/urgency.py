"""Which listings are urgent and scarce 急需紧缺: employers ask, the province decides on this page."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.forms import bind
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
    return await _page(request, actor, slug)


async def _page(
    request: AnyRequest, actor: Actor, slug: str, *, status: int = 200, refused: int = 0, form: Any = None
) -> Response[Any]:
    event = await province_event(actor, slug)
    query = {key: request.query_params[key] for key in ("q", "answer") if request.query_params.get(key)}
    number = page_number(request)
    answer = query.get("answer", "")
    page = await queries.urgent_asked(event.id, answer=answer, q=query.get("q", "")[:100], page=number)
    answers = [("", N_("All")), ("waiting", N_("To decide")), ("granted", N_("Granted")), ("refused", N_("Refused"))]
    shown: dict[str, Any] = {"event": event, "query": query, "page": page, "answers": answers}
    return render(request, "listings/urgent.html", status=status, **shown, refused_id=refused, form=form)


@post("/organise/listings/{listing_id:int}/urgent", name="decide_urgent", opt=PROVINCE, status_code=303)
async def decide_urgent(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the province's answer."""
    listing = await queries.own_listing(actor, listing_id)
    form = bind(UrgentForm, await request.form())
    if not form.ok:
        return await _page(request, actor, listing.event_slug, status=422, refused=listing_id, form=form)
    try:
        await services.decide_urgent(listing_id, form.value, by=actor)
    except Conflict as late:
        return redirect(request, "urgent_listings", flash=late.message, kind="warning", slug=listing.event_slug)
    granted = form.value.decision == UrgentAnswer.GRANT
    flash = N_("The listing is marked as urgent and scarce.") if granted else N_("The listing is not marked.")
    return redirect(request, "urgent_listings", flash=flash, slug=listing.event_slug)


HANDLERS: list[Any] = [urgent_listings, decide_urgent]
