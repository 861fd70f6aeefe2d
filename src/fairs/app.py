"""The composition root: builds the application from its parts. The only module that knows all of them."""

from pathlib import Path

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader
from litestar.di import Provide
from litestar.exceptions import InternalServerException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp

import fairs
from fairs import navigation, paths, routes, wiring
from fairs.accounts import presence
from fairs.accounts.dependencies import provide_actor, provide_device, provide_viewer
from fairs.accounts.guards import enforce_access
from fairs.accounts.kept_forms import KeptFormMiddleware, answer_late
from fairs.accounts.middleware import SESSION_COOKIE, AccountMiddleware
from fairs.checkin import kept
from fairs.checkin.direct import DirectScans
from fairs.checkin.relay import syncing
from fairs.checkin.relay.door import RelayDoor
from fairs.checkin.relay.persons import SealedCopy
from fairs.core import clock, crypto, logs, space
from fairs.core.db import DB
from fairs.core.services import SETTINGS, Services
from fairs.events.choosing import offer_fairs
from fairs.lifespan import lifespan_for
from fairs.settings import Settings
from fairs.web import access, csrf, errors, openapi, templating
from fairs.web.bodies import Bodies
from fairs.web.middleware import RequestContextMiddleware
from fairs.web.requests import SentRequest
from fairs.web.squeezed import send_squeezed


def configure(settings: Settings) -> None:
    """Give the current application (`core.services`) its settings, clock, keys, database and wiring."""
    logs.configure()
    SETTINGS.set(settings)
    clock.start_from(settings.now)
    crypto.configure(*settings.secret_keys, file=Path(settings.secret_file) if settings.secret_file else None)
    templating.NAVIGATION.set(tuple(navigation.NAVIGATION))
    wiring.wire()
    DB.configure(settings.database_url, shared=bool(settings.database_direct_url))
    space.configure(settings.data_dir)
    if settings.relay_url:
        kept.COPY.set(SealedCopy())
        here = syncing.Relay(settings.relay_url, settings.relay_token, settings.data_dir, settings.base_url)
        syncing.RELAY.set(here)


def create_app(settings: Settings, services: Services | None = None) -> Litestar:
    """The ASGI application, with its own services unless given; `settings.database_url` and `secret_key` must be set.

    Several can run in one process: requests, background tasks and lifespans reach their own application's services.
    """
    services = services or Services()
    with services.entered():
        configure(settings)
        return _assembled(settings, services)


def _assembled(settings: Settings, services: Services) -> Litestar:
    static = create_static_files_router(
        path="/static",
        directories=[paths.STATIC],
        name="static",
        opt=access.public_api(),
        before_request=send_squeezed,
        cache_control=CacheControlHeader(max_age=31536000, public=True, immutable=True),
        include_in_schema=False,
        exception_handlers={ValueError: errors.on_no_path, InternalServerException: errors.on_no_path},
    )
    pages = Router("/", route_handlers=routes.PAGES, include_in_schema=False)
    app = Litestar(
        route_handlers=[pages, *routes.API, static, routes.not_found],
        guards=[enforce_access],
        before_request=offer_fairs,
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
        exception_handlers={**errors.HANDLERS, **presence.HANDLERS},
        lifespan=[lifespan_for(settings, services)],
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
    inner: ASGIApp = RelayDoor(app.asgi_handler) if settings.relay_url else app.asgi_handler
    frame = RequestContextMiddleware(DirectScans(inner), services, secure=settings.secure_cookies)
    app.asgi_handler = Bodies(frame, trusted_proxy=settings.trusted_proxy)
    app.state.services = services
    app.state.settings = settings
    return app
