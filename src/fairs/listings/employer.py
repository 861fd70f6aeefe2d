"""An employer's own listings: exports, the forms, publishing and closing."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import UNREADABLE, attempt, beside_fields, submitted
from fairs.events.choosing import asked_fair, current_fair, fairs_for
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows
from fairs.listings import exports, labels, queries, rules, services
from fairs.listings.forms import FORMS, SECTIONS, ListingForm
from fairs.listings.rows import ListingRow
from fairs.listings.tables import ListingKind, ListingState
from fairs.organisations.queries import organisation_of
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

EMPLOYER = access.roles(Role.EMPLOYER)
SORTS = ("title", "-title", "heads", "-heads", "until", "-until", "changed", "-changed")


def asked(request: AnyRequest) -> dict[str, str]:
    """Search, filters and order of the employer's list; unknown values are left out."""
    given = request.query_params
    found = {
        "q": rules.plain(given.get("q", "")),
        "state": given.get("state", "") if given.get("state") in set(ListingState) else "",
        "kind": given.get("kind", "") if given.get("kind") in labels.KINDS else "",
        "sort": given.get("sort", "") if given.get("sort") in SORTS else "",
    }
    return {name: value for name, value in found.items() if value}


async def _export(request: AnyRequest, actor: Actor, form: str) -> Response[bytes]:
    query = asked(request)
    order = queries.employer_order(query.pop("sort", ""))
    select = queries.of_employer((await organisation_of(actor)).id, **query)
    return await exports.as_file(await select.rows(ListingRow, order=order, size=10_000), form)


@get("/employer/listings.xlsx", name="employer_listings_xlsx", opt=EMPLOYER)
async def employer_listings_xlsx(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The list as filtered, as a workbook."""
    return await _export(request, actor, "xlsx")


@get("/employer/listings.csv", name="employer_listings_csv", opt=EMPLOYER)
async def employer_listings_csv(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The list as filtered, as CSV."""
    return await _export(request, actor, "csv")


async def _page(
    request: AnyRequest,
    actor: Actor,
    kind: str,
    form: Bound[Any],
    *,
    listing: ListingRow | None = None,
    fair: EventRow | None = None,
    status: int = 200,
) -> Response[Any]:
    return render(
        request,
        "listings/edit.html",
        status=status,
        form=form,
        kind=kind,
        sections=SECTIONS,
        listing=listing,
        organisation=await organisation_of(actor),
        fair=fair,
        fairs=await offering_fairs(actor),
        labels=labels,
    )


async def offering_fairs(actor: Actor) -> list[EventRow]:
    """The fairs at which an employer may offer something now, the running ones first."""
    return [fair for fair in await fairs_for(actor) if allows(fair.state, Act.OFFER)]


def _kind(sent: Mapping[str, Any]) -> ListingKind:
    return ListingKind.PROJECT if sent.get("kind") == ListingKind.PROJECT else ListingKind.PEOPLE


@get("/employer/listings/new", name="new_listing", opt=EMPLOYER)
async def new_listing(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form; `?kind=project` for a project."""
    kind = _kind(request.query_params)
    return await _page(request, actor, kind, blank(FORMS[kind]), fair=await asked_fair(request, actor))


@post("/employer/listings/new", name="new_listing_submit", opt=EMPLOYER, status_code=303)
async def new_listing_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """A draft, published at once if requested and possible."""
    data = await request.form()
    kind = _kind(data)
    form: Bound[ListingForm] = bind(FORMS[kind], data)
    organisation, fair = await organisation_of(actor), await current_fair(actor, str(data.get("event") or ""))
    if fair is None:
        form.add_error("", services.NOT_OPEN)
    if form.ok and fair is not None:
        try:
            listing_id = await services.create_listing(
                form.value, organisation_id=organisation.id, event_id=fair.id, by=actor
            )
        except (Invalid, Conflict) as refused:
            beside_fields(form, refused)
        else:
            return await _saved(request, listing_id, actor, publish=data.get("then") == "publish")
    return await _page(request, actor, kind, form, fair=fair, status=422)


async def _saved(request: AnyRequest, listing_id: int, actor: Actor, *, publish: bool) -> Response[Any]:
    """Redirects to the listing; a reason against publishing is shown there, the draft stays."""
    if not publish:
        return redirect(request, "listing_page", listing_id=listing_id, flash=N_("The listing is saved."))
    try:
        await services.publish_listing(listing_id, by=actor)
    except Conflict as refused:
        return redirect(request, "listing_page", listing_id=listing_id, flash=refused.message, kind="warning")
    return redirect(request, "listing_page", listing_id=listing_id, flash=N_("The listing is published."))


@get("/employer/listings/{listing_id:int}/edit", name="edit_listing", opt=EMPLOYER)
async def edit_listing(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    listing = await queries.own_listing(actor, listing_id)
    form: Bound[ListingForm] = versions.opened(FORMS[listing.kind], asdict(listing))
    return await _page(request, actor, listing.kind, form, listing=listing)


@post("/employer/listings/{listing_id:int}/edit", name="edit_listing_submit", opt=EMPLOYER, status_code=303)
async def edit_listing_submit(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Saves the change; a published listing stays published."""
    listing = await queries.own_listing(actor, listing_id)
    kind = FORMS[listing.kind]
    sent = await request.form()
    form: Bound[ListingForm] = submitted(kind, sent, asdict(listing))

    async def act() -> None:
        await services.update_listing(listing_id, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, conflict=UNREADABLE)
    if status:
        return await _page(request, actor, listing.kind, form, listing=listing, status=status)
    return await _saved(request, listing_id, actor, publish=sent.get("then") == "publish")


@post("/employer/listings/{listing_id:int}/publish", name="publish_listing", opt=EMPLOYER, status_code=303)
async def publish_listing(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Publishes a draft or a closed listing; 409 when the employer, the fair or the day forbids it."""
    await services.publish_listing(listing_id, by=actor)
    return _back(request, listing_id, N_("The listing is published."))


@post("/employer/listings/{listing_id:int}/close", name="close_listing", opt=EMPLOYER, status_code=303)
async def close_listing(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Closes a listing."""
    await services.close_listing(listing_id, by=actor)
    return _back(request, listing_id, N_("The listing is closed. You can publish it again."))


def _back(request: AnyRequest, listing_id: int, flash: object) -> Response[Any]:
    return redirect_to(request, reverse(request, "listing_page", listing_id=listing_id), flash=flash)


HANDLERS = [
    employer_listings_xlsx,
    employer_listings_csv,
    new_listing,
    new_listing_submit,
    edit_listing,
    edit_listing_submit,
    publish_listing,
    close_listing,
]
