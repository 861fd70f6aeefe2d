"""Where work begins after signing in."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.roles import Role
from fairs.home import access_pages, audit_log, employer, events, listings, people
from fairs.web import access
from fairs.web.templating import redirect

DESKS = (  # where /home leads: the first role held
    (Role.ORGANISER, "editions"),
    (Role.ADMIN, "editions"),
    (Role.BUREAU, "bureau_home"),
    (Role.EMPLOYER, "employer_home"),
    (Role.STAFF, "scanner"),
    (Role.CANDIDATE, "my_suggestions"),
)


@get("/home", name="home_page", opt=access.signed_in())
async def home_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The page where this account's work begins."""
    if actor.reviews:
        return redirect(request, "review_entries")
    for role, route in DESKS:
        if role in actor.roles:
            return redirect(request, route)
    return redirect(request, "account")


@get("/desk", name="old_home_page", opt=access.signed_in())
async def old_home_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The address of the home page in older bookmarks."""
    return redirect(request, "home_page")


HANDLERS: list[Any] = [
    home_page,
    old_home_page,
    *events.HANDLERS,
    *employer.HANDLERS,
    *listings.HANDLERS,
    *people.HANDLERS,
    *audit_log.HANDLERS,
    *access_pages.HANDLERS,
]
