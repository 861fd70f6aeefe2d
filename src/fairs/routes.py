"""All routes: pages and fragments for browsers, and the API."""

from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from fairs.accounts import account_settings, link_pages, passkey_pages, second_pages
from fairs.accounts import controllers as accounts
from fairs.agreements import api as agreements_api
from fairs.agreements import controllers as agreements
from fairs.agreements import list_pages as agreement_lists
from fairs.agreements.desk import controllers as signing_desk
from fairs.badges import controllers as badges
from fairs.calendars import controllers as calendars
from fairs.checkin import api as checkin_api
from fairs.checkin import conflict_pages, device_api, device_gates, gate_pages, live_pages
from fairs.checkin import controllers as checkin
from fairs.checkin.rehearsal import pages as rehearsal_pages
from fairs.checkin.relay import api as relay_api
from fairs.duplicates import controllers as duplicates
from fairs.events import api as events_api
from fairs.events import controllers as events
from fairs.events.registering import api as registering_api
from fairs.exhibits import controllers as exhibits
from fairs.files import controllers as files
from fairs.home import controllers as home
from fairs.leads import api as leads_api
from fairs.leads import controllers as leads
from fairs.listings import api as listings_api
from fairs.listings import controllers as listings
from fairs.mailings import leaving, suppression_pages
from fairs.mailings import pages as mailings
from fairs.mailings.wording import pages as mail_texts
from fairs.matching import api as matching_api
from fairs.matching import controllers as matching
from fairs.meetings import controllers as meetings
from fairs.notifications import controllers as notifications
from fairs.organisations import controllers as organisations
from fairs.outreach import controllers as outreach
from fairs.privacy import controllers as privacy
from fairs.registrations import api as registrations_api
from fairs.registrations import controllers as registrations
from fairs.reports import api as reports_api
from fairs.reports import controllers as reports
from fairs.talents import controllers as talents
from fairs.tours import controllers as tours
from fairs.upkeep import controllers as upkeep
from fairs.upkeep import retention_pages
from fairs.web import access, health, metrics, openapi, styleguide, templating
from fairs.webhooks import controllers as webhooks

SLICES: list[Any] = [
    accounts,
    second_pages,
    passkey_pages,
    link_pages,
    account_settings,
    files,
    events,
    organisations,
    talents,
    listings,
    registrations,
    badges,
    checkin,
    rehearsal_pages,
    conflict_pages,
    gate_pages,
    device_gates,
    live_pages,
    matching,
    meetings,
    tours,
    leads,
    exhibits,
    outreach,
    agreements,
    agreement_lists,
    signing_desk,
    reports,
    home,
    webhooks,
    mail_texts,
    mailings,
    suppression_pages,
    leaving,
    duplicates,
    calendars,
    notifications,
    upkeep,
    retention_pages,
    privacy,
    events_api,
    registering_api,
    listings_api,
    registrations_api,
    checkin_api,
    device_api,
    relay_api,
    matching_api,
    leads_api,
    agreements_api,
    reports_api,
]


@get("/styleguide", name="styleguide", opt=access.public(), include_in_schema=False)
async def styleguide_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The style guide of all parts; in the demo only."""
    if not request.app.state.settings.demo:
        raise NotFoundException
    return templating.render(request, "styleguide.html", samples=styleguide.samples())


@get("/{rest:path}", name="not_found", opt=access.public(), include_in_schema=False)
async def not_found(request: Request[Any, Any, Any], rest: FromPath[str]) -> Response[Any]:
    """404 for every other address: with the page frame, so that it is in the visitor's language."""
    raise NotFoundException


def _is_api(handler: Any) -> bool:
    """Whether a handler belongs to the API: those routes are in the schema, pages are not."""
    return any(path.startswith(("/api/", "/healthz", "/readyz")) for path in handler.paths)


HANDLERS: list[Any] = [health.healthz, health.readyz, metrics.metrics, styleguide_page]
for _slice in SLICES:
    HANDLERS.extend(_slice.HANDLERS)
API = [handler for handler in HANDLERS if _is_api(handler)]
PAGES = [handler for handler in HANDLERS if not _is_api(handler)]
for _handler in API:
    openapi.describe(_handler)
