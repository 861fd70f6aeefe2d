"""Composition root: the only file that knows every slice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import InternalServerException, NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

import fairs
from fairs import paths
from fairs.accounts import account_settings, link_pages
from fairs.accounts import controllers as accounts
from fairs.accounts.dependencies import provide_actor, provide_device, provide_viewer
from fairs.accounts.guards import enforce_access
from fairs.accounts.kept_forms import KeptFormMiddleware, answer_late
from fairs.accounts.middleware import SESSION_COOKIE, AccountMiddleware
from fairs.agreements import api as agreements_api
from fairs.agreements import controllers as agreements
from fairs.badges import api as badges_api
from fairs.badges import controllers as badges
from fairs.checkin import api as checkin_api
from fairs.checkin import controllers as checkin
from fairs.checkin.direct import DirectScans
from fairs.core import clock, crypto, jobs, logs, space
from fairs.core.db import DB
from fairs.core.i18n import N_
from fairs.core.job_watch import WORKER
from fairs.core.pubsub import HUB
from fairs.events import api as events_api
from fairs.events import controllers as events
from fairs.listings import api as listings_api
from fairs.listings import controllers as listings
from fairs.matching import api as matching_api
from fairs.matching import controllers as matching
from fairs.matching.listing_search import register as register_search
from fairs.matching.retrieval.shortlist import configure as configure_matching
from fairs.meetings import account_closing as meeting_belongings
from fairs.meetings import controllers as meetings
from fairs.notifications import controllers as notifications
from fairs.notifications.queries import mail_gauges
from fairs.notifications.services import configure as configure_mail
from fairs.organisations import account_closing as organisation_belongings
from fairs.organisations import controllers as organisations
from fairs.registrations import account_closing as registration_belongings
from fairs.registrations import api as registrations_api
from fairs.registrations import controllers as registrations
from fairs.reports import api as reports_api
from fairs.reports import controllers as reports
from fairs.settings import Settings
from fairs.talents import account_closing as talent_belongings
from fairs.talents import controllers as talents
from fairs.web import access, connections, csrf, errors, health, metrics, openapi, styleguide, templating
from fairs.web.bodies import Bodies
from fairs.web.middleware import RequestContextMiddleware
from fairs.web.requests import SentRequest
from fairs.web.ui import NavItem

BUREAU, EMPLOYER, CANDIDATE, STAFF = (frozenset({name}) for name in ("bureau", "employer", "candidate", "staff"))
ORGANISER = frozenset({"organiser", "admin"})
FINISH, LEAVE = 1.0, 2.0  # seconds for jobs at hand, and until the worker is left: the server is killed after 3
AGREEMENTS = r"/(me/|employer/|bureau/)?agreements|/meetings/\d+/agreement"
NAVIGATION = [
    NavItem(N_("Fairs"), "home", place=r"/(e|listings)/"),
    NavItem(N_("Editions"), "editions", ORGANISER),
    NavItem(N_("Approvals"), "bureau_home", BUREAU | ORGANISER, place=r"/bureau/(approvals|organisations)"),
    NavItem(N_("Dashboard"), "current_dashboard", BUREAU | ORGANISER, place=r"/e/[^/]+/dashboard"),
    NavItem(N_("Agreements"), "bureau_agreements", BUREAU | ORGANISER, place=AGREEMENTS),
    NavItem(N_("Outbox"), "outbox", ORGANISER),
    NavItem(N_("Organisation"), "employer_home", EMPLOYER),
    NavItem(N_("Listings"), "employer_listings", EMPLOYER, place=r"/employer/listings|/listings/\d+"),
    NavItem(N_("Meetings"), "employer_meetings", EMPLOYER, place=r"/meetings/"),
    NavItem(N_("Agreements"), "employer_agreements", EMPLOYER, place=AGREEMENTS),
    NavItem(N_("Suggestions"), "my_suggestions", CANDIDATE),
    NavItem(N_("Profile"), "my_profile", CANDIDATE, place=r"/me/profile|/talents/"),
    NavItem(N_("My fairs"), "my_registrations", CANDIDATE),
    NavItem(N_("Meetings"), "my_meetings", CANDIDATE),
    NavItem(N_("Agreements"), "my_agreements", CANDIDATE, place=AGREEMENTS),
    NavItem(N_("Scanner"), "scanner", STAFF | ORGANISER),
]
SLICES: list[Any] = [
    accounts,
    link_pages,
    account_settings,
    events,
    organisations,
    talents,
    listings,
    registrations,
    badges,
    checkin,
    matching,
    meetings,
    agreements,
    reports,
    notifications,
    events_api,
    listings_api,
    registrations_api,
    badges_api,
    checkin_api,
    matching_api,
    agreements_api,
    reports_api,
]


@get("/styleguide", name="styleguide", opt=access.public(), include_in_schema=False)
async def styleguide_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The living page of all parts; in the demo only."""
    if not request.app.state.settings.demo:
        raise NotFoundException
    return templating.render(request, "styleguide.html", samples=styleguide.samples())


HANDLERS: list[Any] = [health.healthz, health.readyz, metrics.metrics, styleguide_page]
for _slice in SLICES:
    HANDLERS.extend(_slice.HANDLERS)
for _belongings in (meeting_belongings, registration_belongings, talent_belongings, organisation_belongings):
    _belongings.register()
HOME_PAGES = (  # where /home leads: the first role held
    ("organiser", "editions"),
    ("admin", "editions"),
    ("bureau", "bureau_home"),
    ("employer", "employer_home"),
    ("staff", "scanner"),
    ("candidate", "my_suggestions"),
)


@get("/{rest:path}", name="not_found", opt=access.public(), include_in_schema=False)
async def not_found(request: Request[Any, Any, Any], rest: FromPath[str]) -> Response[Any]:
    """Every other address: inside the frame, so that the page speaks the visitor's language."""
    raise NotFoundException


def configure(settings: Settings) -> None:
    """Hand the settings to what is process-wide."""
    logs.configure()
    clock.start_from(settings.now)
    crypto.configure(*settings.secret_keys, file=Path(settings.secret_file) if settings.secret_file else None)
    configure_mail(settings)
    register_search()
    configure_matching(settings)
    metrics.SOURCES[:] = [mail_gauges]
    templating.NAVIGATION[:] = NAVIGATION
    DB.configure(settings.database_url, shared=bool(settings.database_direct_url))
    space.configure(settings.data_dir)


async def _work(dsn: str, stop: asyncio.Event) -> None:
    """The worker inside the server; it lets the first page out before it loads its library."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await stop.wait()
    await jobs.work(dsn, stop, finish=FINISH)


def lifespan_for(settings: Settings) -> Callable[[Litestar], contextlib.AbstractAsyncContextManager[None]]:
    """Pool, listener and, where asked, the worker: started with the server, stopped with it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        await DB.start_connection_pool(min_size=2, max_size=settings.pool_size)
        stop = asyncio.Event()
        tasks = [asyncio.create_task(HUB.listen(settings.session_url))]
        if not settings.trusted_proxy and isinstance(
            app.asgi_handler, Bodies
        ):  # a proxy's connections are many people's
            tasks.append(asyncio.create_task(connections.watch(app.asgi_handler.busy)))
        workers = []
        if settings.inline_worker:
            WORKER.expect()
            workers = [asyncio.create_task(_work(settings.session_url, stop))]
        try:
            async with metrics.own_port(settings):
                yield
        finally:
            stop.set()
            if workers:
                await asyncio.wait(workers, timeout=LEAVE)
            for task in (*tasks, *workers):
                task.cancel()
            await asyncio.gather(*tasks, *workers, return_exceptions=True)
            await DB.close_connection_pool()

    return lifespan


def _is_api(handler: Any) -> bool:
    """Whether programs call it: those routes are described in the schema, pages are not."""
    return any(path.startswith(("/api/", "/healthz", "/readyz")) for path in handler.paths)


for _handler in filter(_is_api, HANDLERS):
    openapi.describe(_handler)


def create_app(settings: Settings) -> Litestar:
    """The ASGI application; `settings.database_url` and `secret_key` must be set."""
    configure(settings)
    static = create_static_files_router(
        path="/static",
        directories=[paths.STATIC],
        name="static",
        opt=access.public_api(),
        cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True),
        include_in_schema=False,
        exception_handlers={ValueError: errors.on_no_path, InternalServerException: errors.on_no_path},
    )
    pages = Router("/", route_handlers=[h for h in HANDLERS if not _is_api(h)], include_in_schema=False)
    app = Litestar(
        route_handlers=[pages, *filter(_is_api, HANDLERS), static, not_found],
        guards=[enforce_access],
        dependencies={
            "actor": Provide(provide_actor, sync_to_thread=False),
            "viewer": Provide(provide_viewer, sync_to_thread=False),
            "device": Provide(provide_device, sync_to_thread=False),
        },
        request_class=SentRequest,
        middleware=[
            AccountMiddleware(settings.trusted_proxy),
            csrf.CsrfMiddleware(
                session_cookie=SESSION_COOKIE,
                base_url=settings.base_url,
                secure=settings.secure_cookies,
                on_late=answer_late,
            ),
            KeptFormMiddleware(),
        ],
        exception_handlers=errors.HANDLERS,
        lifespan=[lifespan_for(settings)],
        openapi_config=OpenAPIConfig(
            title="fairs",
            version=fairs.__version__,
            components=openapi.COMPONENTS,
            render_plugins=[JsonRenderPlugin()],
            openapi_router=Router("/schema", route_handlers=[], opt=access.public_api(), include_in_schema=False),
        ),
        request_max_body_size=5_000_000,
        logging_config=None,
    )
    frame = RequestContextMiddleware(DirectScans(app.asgi_handler), secure=settings.secure_cookies)
    app.asgi_handler = Bodies(frame, trusted_proxy=settings.trusted_proxy)
    app.state.settings = settings
    app.state.home_pages = HOME_PAGES
    return app
