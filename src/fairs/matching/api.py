"""Suggestions for the organiser's other programs."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.choosing import only_fair
from fairs.events.queries import event_by_slug
from fairs.listings.tables import ListingState
from fairs.matching import presentation, queries, services
from fairs.matching.engine.conditions import State
from fairs.matching.rows import ShownListing
from fairs.matching.services import Found, Suggestion
from fairs.web import access
from fairs.web.problems import problems

TAGS = ["matching"]
MOST = 200
_ABOUT = (
    "Best first. Scores are 0 to 100: `score_you` for the person, `score_they` for the employer, `score` for both. A condition "
    "is `met`, `missed` or `unknown`; `free` ones, which nobody asked for, are left out. `reasons` are data: see the "
    "documentation of matching. `state`: `being_read` while the asker's own text has no vector yet and the order goes by "
    "the other fields; `no_text` when there is none. "
)


def _suggestion(found: Suggestion[Any]) -> dict[str, Any]:
    return {
        "score": found.score,
        "score_you": found.score_you,
        "score_they": found.score_they,
        "gates": [
            {"name": condition.name, "state": str(condition.state), "asked": condition.asked, "found": condition.found}
            for condition in found.conditions
            if condition.state != State.FREE
        ],
        "missed": list(found.missed),
        "reasons": [
            {"kind": reason.kind, "strength": reason.strength, "params": reason.params} for reason in found.reasons
        ],
        "read": found.read,
    }


def _answer(found: Found[Any], items: list[dict[str, Any]], **head: Any) -> Response[dict[str, Any]]:
    generated = clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    answer = {**head, "state": found.state, "pool": found.pool, "items": items}
    return Response(answer, headers={"X-Page-Generated": generated})


def _check(limit: int) -> None:
    if not 1 <= limit <= MOST:
        raise Invalid(fields={"limit": [N_("Between 1 and %(most)s", most=MOST)]})


@get(
    "/api/v1/talents/{talent_id:int}/suggestions",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=TAGS,
    summary="Suggest listings for a person",
    description=_ABOUT + "`event` is the slug of the fair, by default the running conference; 422 when several run.",
    responses=problems(401, 403, 404, 422),
)
async def for_talent(
    talent_id: FromPath[int],
    actor: NamedDependency[Actor],
    event: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> Response[dict[str, Any]]:
    """Published listings of approved employers."""
    _check(limit)
    fair = await event_by_slug(event, viewer=actor) if event else await only_fair()
    if not actor.reaches(fair.id):
        raise NotFound
    found = await services.suggestions_for_talent(talent_id, fair.id, limit)
    items = [{"listing": one.listing_id, "kind": one.other.kind, **_titles(one), **_suggestion(one)} for one in found]
    return _answer(found, items, talent=talent_id, event=fair.slug)


def _titles(found: Suggestion[ShownListing]) -> dict[str, Any]:
    other = found.other
    return {
        "title_zh": other.title_zh,
        "title_en": other.title_en,
        "organisation": other.organisation_zh,
        "city": other.city,
    }


@get(
    "/api/v1/listings/{listing_id:int}/suggestions",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=TAGS,
    summary="Suggest people for a listing",
    description=_ABOUT + "Private profiles never appear. A person who is shown after a match only has no `id` and no "
    "name until both sides want to meet; what a person asks to be paid is never told.",
    responses=problems(401, 403, 404, 422),
)
async def for_listing(
    listing_id: FromPath[int], actor: NamedDependency[Actor], limit: FromQuery[int] = 20
) -> Response[dict[str, Any]]:
    """People visible to employers."""
    _check(limit)
    listing = await queries.listing_for(actor, listing_id)
    if listing.state != ListingState.PUBLISHED or not listing.approved:
        raise NotFound
    found = await services.suggestions_for_listing(listing_id, limit)
    items = []
    for one in found:
        named = one.other.named
        told = _suggestion(one)
        told["reasons"] = [reason for reason in told["reasons"] if not reason["kind"].startswith("pay_")]
        items.append({"talent": one.talent_id if named else None, "name": presentation.person(one.other), **told})
    return _answer(found, items, listing=listing_id)


HANDLERS = [for_talent, for_listing]
