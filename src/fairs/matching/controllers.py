"""Suggestion pages: listings for a candidate, people for a listing of the employer's own."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.i18n import HTML_LANG, N_, current_lang
from fairs.core.roles import Role
from fairs.core.wishes import Side
from fairs.events.choosing import asked_fair
from fairs.listings import labels
from fairs.listings.tables import ListingKind, ListingState
from fairs.matching import presentation, queries, services
from fairs.matching.rows import ShownListing
from fairs.matching.services import Found, State, Wanted
from fairs.matching.tables import OwnerKind
from fairs.talents.journey import journey_of
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import AnyRequest, render

STEP, MOST = 20, 100
KINDS: dict[str, object] = {ListingKind.PEOPLE: N_("People wanted"), ListingKind.PROJECT: N_("Project wanted")}


def _limit(request: AnyRequest) -> int:
    """How many to show: the number in the address, within limits."""
    text = request.query_params.get("show", "")
    return min(max(int(text), STEP), MOST) if text.isascii() and text.isdigit() and len(text) < 4 else STEP


def _wanted(request: AnyRequest) -> Wanted:
    """The filters of the address; invalid choices are ignored."""
    query = request.query_params
    city, kind = query.get("city", ""), query.get("kind", "")
    return Wanted(
        city=city if city in {item.code for item in catalogues.cities()} else "",
        kind=kind if kind in KINDS else "",
        fitting=query.get("fitting") == "1",
        coming=query.get("coming") == "1",
    )


def _described(found: Found[Any], side: Side) -> list[dict[str, Any]]:
    return [{"it": one, "other": one.other, "why": presentation.described(one, side)} for one in found]


def _foreign(listing: ShownListing) -> str:
    """The language tag of the title, when there is none in the reader's language."""
    shown = labels.text_lang(listing.title_zh, listing.title_en)
    return "" if shown == current_lang() else HTML_LANG[shown]


async def _still_reading(request: AnyRequest, kind: OwnerKind, owner: int) -> Response[Any] | None:
    """The response to a page that polls every few seconds whether its text is read: the notice, or a reload."""
    if request.query_params.get("part") != "reading" or "hx-request" not in request.headers:
        return None
    state, waited = await services.reading_state(kind, owner)
    if state == State.BEING_READ:
        found: Found[Any] = Found((), state, 0, waited)
        return render(request, "matching/_reading.html", found=found, again=_again(request))
    return Response("", headers={"HX-Refresh": "true"})


def _again(request: AnyRequest) -> str:
    """The polling address: the page's own with its filters."""
    return "?" + urlencode(
        [*((k, v) for k, v in request.query_params.multi_items() if k != "part"), ("part", "reading")]
    )


def _view(request: AnyRequest, found: Found[Any], wanted: Wanted, limit: int) -> dict[str, Any]:
    """Data that both pages need besides their suggestions."""
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return {
        "found": found,
        "again": _again(request),
        "wanted": wanted,
        "filtered": wanted != Wanted(),
        "next": target,
        "more": limit + STEP if len(found) >= limit and limit < MOST else 0,
        "label": presentation.label,
        "joined": presentation.joined,
        "kinds": KINDS,
    }


@get("/me/suggestions", name="my_suggestions", opt=access.roles(Role.CANDIDATE))
async def my_suggestions(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Listings of the chosen fair that fit the candidate, and why."""
    fair, talent, steps = await asked_fair(request, actor), await queries.own_talent(actor), await journey_of(actor)
    if fair is None or talent is None:
        return render(request, "matching/my_suggestions.html", fair=fair, talent=talent, steps=steps)
    if (asked := await _still_reading(request, OwnerKind.TALENT, talent.id)) is not None:
        return asked
    wanted, limit = _wanted(request), _limit(request)
    found = await services.suggestions_for_talent(talent.id, fair.id, limit, wanted=wanted)
    return render(
        request,
        "matching/my_suggestions.html",
        fair=fair,
        talent=talent,
        steps=steps,
        rows=_described(found, Side.TALENT),
        cities=catalogues.choices("cities", current_lang()),
        pay=labels.pay,
        foreign=_foreign,
        silent=[presentation.SILENT[name] for name in found.not_said],
        off=not await queries.takes_part(talent.id),
        **_view(request, found, wanted, limit),
    )


@get(
    "/employer/listings/{listing_id:int}/suggestions",
    name="listing_suggestions",
    opt=access.roles(Role.EMPLOYER, Role.ORGANISER),
)
async def listing_suggestions(
    request: Request[Any, Any, Any], listing_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """People who fit a listing, and why: for its employer, once the bureau has approved it and the listing is published."""
    listing = await queries.listing_for(actor, listing_id)
    if listing.state != ListingState.PUBLISHED or not listing.approved:
        return render(request, "matching/listing_suggestions.html", listing=listing, found=None)
    if (asked := await _still_reading(request, OwnerKind.LISTING, listing_id)) is not None:
        return asked
    wanted, limit = _wanted(request), _limit(request)
    found = await services.suggestions_for_listing(listing_id, limit, wanted=wanted)
    return render(
        request,
        "matching/listing_suggestions.html",
        listing=listing,
        rows=_described(found, Side.EMPLOYER),
        person=presentation.person,
        **_view(request, found, wanted, limit),
    )


HANDLERS = [my_suggestions, listing_suggestions]
