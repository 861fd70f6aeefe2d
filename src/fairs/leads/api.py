"""JSON API of an employer's visitors, for its own systems."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.queries import event_by_slug
from fairs.leads import looking, queries, services
from fairs.leads.rows import LeadRow
from fairs.organisations.queries import organisation_of
from fairs.web import access
from fairs.web.problems import problems

TAGS = ["leads"]
EMPLOYER = access.api_token(Role.EMPLOYER, scope=Scope.LEADS)


class Seen(msgspec.Struct):
    """A visitor's badge: the event's slug, and the code's text or the registration's number."""

    event: str
    code: str


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def lead_json(row: LeadRow) -> dict[str, Any]:
    """A lead as API values; `visitor` is null until the visitor has agreed."""
    visitor = {
        "name_passport": row.name_passport,
        "name_native": row.name_native,
        "affiliation": row.affiliation,
        "category": row.category,
        "email": row.email,
        "phone": row.phone,
    }
    return {
        "id": row.id,
        "event": row.event_slug,
        "consent": row.answer or None,
        "visitor": visitor if row.answer == "given" else None,
        "stars": row.stars or None,
        "tags": row.tags,
        "note": row.note,
        "listing": row.listing,
        "follow_up": row.follow_up,
        "follow_up_on": row.follow_up_on.isoformat() if row.follow_up_on else None,
        "seen_by": row.seen_by,
        "seen_at": _iso(row.seen_at),
        "last_seen_at": _iso(row.last_seen_at),
    }


@get(
    "/api/v1/leads",
    name="api_leads",
    opt=EMPLOYER,
    tags=TAGS,
    summary="Visitors of the employer's booth",
    description="The latest first. `event` is a slug. Without the visitor's consent `visitor` is null: only that a badge was seen "
    "is kept. E-mail and phone are empty where the visitor has not allowed them.",
    responses=problems(401, 403, 404, 422),
)
async def api_leads(
    actor: NamedDependency[Actor],
    event: FromQuery[str],
    q: FromQuery[str] = "",
    page: FromQuery[int] = 1,
    page_size: FromQuery[int] = 50,
) -> Response[dict[str, Any]]:
    """One page."""
    organisation = await organisation_of(actor)
    fair = await event_by_slug(event, viewer=actor)
    await services.bring_up(fair.id)
    number, size, _ = window(page, page_size)
    today = clock.now().astimezone(ZoneInfo(fair.timezone)).date()
    filters = {"q": q[:100].replace("\0", "")}
    found = await queries.leads_page(fair.id, organisation.id, filters, sort="", today=today, number=number, size=size)
    await looking.note(found.rows, by=actor)
    items = [lead_json(row) for row in found.rows]
    return Response({"page": found.number, "page_size": found.size, "total": found.total, "items": items})


@post(
    "/api/v1/leads",
    name="api_record_lead",
    opt=EMPLOYER,
    status_code=200,
    tags=TAGS,
    summary="Record a visitor by the badge",
    description="`code` is the text inside the QR, or the registration's number. The same lead each time. 422 for a code that is no "
    "valid badge of the event, 429 when too many numbers were tried. Consent is asked on the page of the lead, or given by the visitor.",
    responses=problems(401, 403, 404, 409, 422, 429),
)
async def api_record_lead(actor: NamedDependency[Actor], data: JSONBody[Seen]) -> Response[dict[str, Any]]:
    """The lead."""
    organisation = await organisation_of(actor)
    fair = await event_by_slug(data.event, viewer=actor)
    lead_id, _ = await services.record_visitor(fair, organisation, data.code[:400].replace("\0", ""), by=actor)
    return Response(lead_json(await queries.lead_for(actor, lead_id)))


HANDLERS: list[Any] = [api_leads, api_record_lead]
