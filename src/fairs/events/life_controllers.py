"""Pages of an event's life: taken back, wound up, archived, cancelled, deleted; and which event somebody looks at."""

import re
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.services import choose_event
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events import life, queries, rules
from fairs.events.rules import SLUG
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, redirect_to, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
OF_EVENT = re.compile(
    rf"(/organise/editions/|/e/)({SLUG})(/(?:dashboard|registrations|meetings|listings|programme))?(?:/.*)?"
)


@post("/fairs/choose", name="choose_fair", opt=access.signed_in(), status_code=303)
async def choose_fair(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Remembers the event for this sign-in and returns to the page, or to the same page of that event."""
    data = await request.form()
    event = await queries.event_by_slug(str(data.get("slug") or ""), viewer=actor)
    await choose_event(event.id, by=actor)
    back = str(data.get("back") or "/")
    found = OF_EVENT.fullmatch(back)
    if found:
        back = f"{found[1]}{event.slug}{found[3] or ''}"
        if found[1] != "/e/" and not actor.runs(event):
            back = f"/e/{event.slug}"
    if not back.startswith("/") or back.startswith(("//", "/\\")):
        back = "/home"
    return redirect_to(request, back)


async def _stepped(request: AnyRequest, slug: str, act: Any, done: object) -> Response[Any]:
    try:
        await act
    except Conflict as refused:
        return redirect(request, "edition", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "edition", slug=slug, flash=done)


@post("/organise/editions/{slug:str}/unpublish", name="unpublish_event", opt=ORGANISERS, status_code=303)
async def unpublish_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes it a draft again, before anybody registered."""
    done = N_("It is a draft again: only organisers see it.")
    return await _stepped(request, slug, life.unpublish_event(slug, by=actor), done)


@post("/organise/editions/{slug:str}/wind-up", name="wind_up_event", opt=ORGANISERS, status_code=303)
async def wind_up_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends the fair; agreements go on."""
    done = N_("The fair is wound up: agreements are followed up, everything else is closed.")
    return await _stepped(request, slug, life.wind_up_event(slug, by=actor), done)


@post("/organise/editions/{slug:str}/resume", name="resume_event", opt=ORGANISERS, status_code=303)
async def resume_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Undoes the winding up."""
    return await _stepped(request, slug, life.resume_event(slug, by=actor), N_("The fair runs again."))


@post("/organise/editions/{slug:str}/archive", name="archive_event", opt=ORGANISERS, status_code=303)
async def archive_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends the follow-up."""
    return await _stepped(request, slug, life.archive_event(slug, by=actor), N_("The event is archived."))


@get("/organise/editions/{slug:str}/cancel", name="cancel_event_page", opt=ORGANISERS)
async def cancel_event_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Whom the cancellation concerns, and the question for the reason."""
    return await _cancel_page(request, slug, actor)


async def _cancel_page(
    request: AnyRequest, slug: str, actor: Actor, *, reason: str = "", error: object = "", status: int = 200
) -> Response[Any]:
    event = await queries.province_event(actor, slug)
    held = await life.holdings(event.id)
    possible = event.state in rules.RUNNING
    if error and not possible:  # sent from an outdated page
        raise Conflict(N_("Only a published event can be cancelled."))
    shown: dict[str, Any] = {"event": event, "held": held, "reason": reason, "error": str(error), "possible": possible}
    return render(request, "events/cancel_event.html", status=status, **shown)


@post("/organise/editions/{slug:str}/cancel", name="cancel_event", opt=access.confirmed(ORGANISERS), status_code=303)
async def cancel_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels the event and tells everybody concerned."""
    data = await request.form()
    reason, confirmed = str(data.get("reason") or "")[:500], str(data.get("confirm") or "")
    try:
        await life.cancel_event(slug, reason=reason, confirmed=confirmed, by=actor)
    except Invalid as refused:
        error = refused.fields["reason"][0]
        return await _cancel_page(request, slug, actor, reason=reason, error=error, status=422)
    except Conflict as refused:
        return await _cancel_page(request, slug, actor, reason=reason, error=refused.message, status=409)
    return redirect(
        request, "edition", slug=slug, flash=N_("The event is cancelled. Everybody concerned is being told.")
    )


@post("/organise/editions/{slug:str}/delete", name="delete_event", opt=access.confirmed(ORGANISERS), status_code=303)
async def delete_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes an unused draft."""
    try:
        await life.delete_draft(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "edition", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "editions", flash=N_("The draft is deleted."))


HANDLERS: list[Any] = [
    choose_fair,
    unpublish_event,
    wind_up_event,
    resume_event,
    archive_event,
    cancel_event_page,
    cancel_event,
    delete_event,
]
