"""Pages of events: the public programme, and the organiser's forms."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import UNREADABLE, attempt, submitted
from fairs.events import (
    clone_controllers,
    confirming,
    life_controllers,
    moving,
    pages,
    part_controllers,
    place_controllers,
    printing,
    queries,
    readiness,
    rules,
    services,
    workshop_controllers,
)
from fairs.events.forms import EventForm, read_event, stored_event
from fairs.events.planning import controllers as planning_pages
from fairs.events.planning import queries as planning
from fairs.events.planning.labels import WORDS
from fairs.events.registering import pages as registering_pages
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.events.tables import EventKind
from fairs.notifications.calendars import CONTENT_TYPE
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render, reverse

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)


@get("/e/{slug:str}/programme", name="programme", opt=access.public())
async def programme(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Every released session, by day, with its people; below it what is cancelled, and why."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    days = pages.by_day(await queries.sessions_of(event.id), event.timezone)
    people, cancelled = await planning.appearances_of(event.id), await planning.cancelled_of(event.id)
    return render(request, "events/programme.html", event=event, days=days, people=people, cancelled=cancelled, **WORDS)


@get("/e/{slug:str}/programme.ics", name="programme_ics", opt=access.public())
async def programme_ics(slug: FromPath[str], viewer: NamedDependency[Actor | None]) -> Response[bytes]:
    """The programme for a calendar, by RFC 5545."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    content = await printing.programme_calendar(event, await queries.sessions_of(event.id))
    headers = {"content-disposition": f'attachment; filename="{event.slug}.ics"', "cache-control": "max-age=300"}
    return Response(content, media_type=CONTENT_TYPE, headers=headers)


@get("/organise/editions/new", name="new_edition", opt=ORGANISERS)
async def new_edition(request: Request[Any, Any, Any]) -> Response[Any]:
    """An empty form; `parent` of the address makes it a part."""
    parent = request.query_params.get("parent", "")
    kind = EventKind.SESSION if parent else EventKind.CONFERENCE
    return _form(request, blank(EventForm, kind=kind, unit="410000", parent=parent[: rules.SLUG_MAX]))


@post("/organise/editions/new", name="create_edition", opt=ORGANISERS, status_code=303)
async def create_edition(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Creates a draft."""
    form = read_event(await request.form())
    try:
        value = form.value
        await services.create_event(value, by=actor)
    except DomainError as refused:
        return _form(request, _with(form, refused), status=422)
    return redirect(request, "edition", slug=value.slug, flash=N_("The draft is created. Only organisers see it."))


@get("/organise/editions/{slug:str}/edit", name="edit_edition", opt=ORGANISERS)
async def edit_edition(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    event = await queries.province_event(actor, slug)
    return _form(request, versions.opened(EventForm, stored_event(event)), event=event)


@post("/organise/editions/{slug:str}/edit", name="update_edition", opt=ORGANISERS, status_code=303)
async def update_edition(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values."""
    event = await queries.province_event(actor, slug)
    sent = await request.form()
    form = submitted(EventForm, sent, stored_event(event), read_event)
    if sent.get("back"):
        return _form(request, form, event=event)

    async def act() -> None:
        confirmed = str(sent.get("confirm") or "")
        await services.update_event(slug, form.value, by=actor, seen=form.version, confirmed=confirmed)

    try:
        status, _ = await attempt(form, act, _with, conflict=UNREADABLE)
    except moving.Unconfirmed as refused:
        return confirming.page(request, event, refused, sent, reverse(request, "update_edition", slug=slug))
    if status:
        return _form(request, form, event=event, status=status)
    return redirect(request, "edition", slug=form.value.slug, flash=N_("Saved."))


@post("/organise/editions/{slug:str}/publish", name="publish_event", opt=RUNNERS, status_code=303)
async def publish_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes the event public."""
    try:
        await services.publish_event(slug, by=actor)
    except readiness.NotReady as refused:
        return await workshop_controllers.checklist_page(
            request, await queries.province_event(actor, slug), refused=refused.message, status=refused.status
        )
    return redirect(request, "edition", slug=slug, flash=N_("Published: everybody can see the fair and register."))


@post("/organise/editions/{slug:str}/close", name="close_event", opt=RUNNERS, status_code=303)
async def close_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends registration."""
    await services.close_event(slug, by=actor)
    return redirect(request, "edition", slug=slug, flash=N_("Registration is closed. The public page stays."))


def _with(form: Bound[EventForm], refused: DomainError) -> Bound[EventForm]:
    """The form with a service's error beside its field."""
    if isinstance(refused, Conflict) and refused.code == "slug_taken":
        form.add_error("slug", refused.message)
    elif isinstance(refused, Invalid) and not form.has_errors:
        form.add_errors(refused)
    elif not isinstance(refused, Invalid):
        raise refused
    return form


def _form(
    request: AnyRequest, form: Bound[EventForm], *, event: EventRow | None = None, status: int = 200
) -> Response[Any]:
    return render(request, "events/edition_form.html", status=status, form=form, event=event)


HANDLERS = [
    programme,
    programme_ics,
    new_edition,
    create_edition,
    edit_edition,
    update_edition,
    publish_event,
    close_event,
    *planning_pages.HANDLERS,
    *life_controllers.HANDLERS,
    *place_controllers.HANDLERS,
    *workshop_controllers.HANDLERS,
    *part_controllers.HANDLERS,
    *clone_controllers.HANDLERS,
    *registering_pages.HANDLERS,
]
