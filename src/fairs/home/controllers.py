"""Where work begins after signing in."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.roles import Role
from fairs.events.choosing import asked_fair
from fairs.events.labels import state_badge
from fairs.home import (
    access_pages,
    audit_log,
    desk_lines,
    desk_targets,
    employer,
    events,
    listings,
    people,
    representatives,
)
from fairs.home.rights import invitation_pages, inviting, lists, second, work
from fairs.web import access
from fairs.web.templating import redirect, render

OFFICE = frozenset({Role.ORGANISER, Role.ADMIN, Role.BUREAU})  # their desk is a page of its own
DESKS = (  # where /home leads others: the first role held
    (Role.EMPLOYER, "employer_home"),
    (Role.STAFF, "scanner"),
    (Role.REVIEWER, "event_work"),
    (Role.INTERPRETER, "event_work"),
    (Role.CANDIDATE, "my_suggestions"),
)


@get("/home", name="home_page", opt=access.signed_in())
async def home_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The page where this account's work begins."""
    if actor.reviews:
        return redirect(request, "review_entries")
    if actor.roles & OFFICE:
        fair = await asked_fair(request, actor)
        year, targets = await desk_targets.desk_targets(actor, fair) if fair else (0, [])
        return render(
            request,
            "home/desk.html",
            fair=fair,
            count=desk_lines.countdown(fair) if fair else None,
            lines=await desk_lines.desk_lines(actor, fair),
            year=year,
            targets=targets,
            everything=actor.sees_everything,
            state_badge=state_badge,
        )
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
    *representatives.HANDLERS,
    *listings.HANDLERS,
    *people.HANDLERS,
    *lists.HANDLERS,
    *inviting.HANDLERS,
    *invitation_pages.HANDLERS,
    *work.HANDLERS,
    *second.HANDLERS,
    *audit_log.HANDLERS,
    *access_pages.HANDLERS,
]
