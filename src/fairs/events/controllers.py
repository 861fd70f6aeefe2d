"""Pages of events: the public ones, and the organiser's editions."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup, escape

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events import confirming, labels, moving, page_cache, pages, printing, queries, services, session_controllers
from fairs.events.forms import EventForm, read_event, stored_event
from fairs.events.rows import EventRow
from fairs.notifications.calendars import CONTENT_TYPE
from fairs.web import access
from fairs.web.templating import AnyRequest, context, environment, redirect, render, reverse

WORDS: dict[str, Any] = {
    "event_kind": labels.event_kind,
    "session_kind": labels.session_kind,
    "gate_kind": labels.gate_kind,
    "state_badge": labels.state_badge,
    "clock_time": labels.clock_time,
    "full_span": labels.full_span,
    "weekday": labels.weekday,
    "category": labels.category,
    "shown": pages.SESSIONS_SHOWN,
}
ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
NUMBER = "NUMBER-OF-THE-VIEWER"  # placeholder in a shared page for the viewer's own number


def _body(request: AnyRequest, template: str, **variables: Any) -> Markup:
    """The main part of a page, without viewer data: the same for all readers of this language."""
    shared = {**context(request), "actor": None, "flash": [], "request_id": ""}
    html = environment().get_template(template).render({**shared, **WORDS, **variables})
    return Markup(html)  # noqa: S704  our own template, already escaped


@get("/", name="home", opt=access.public())
async def home(request: Request[Any, Any, Any], viewer: NamedDependency[Actor | None]) -> Response[Any]:
    """The list of fairs."""

    async def compute() -> Markup:
        return _body(request, "events/_home.html", page=await pages.home_page())

    body = await page_cache.fresh("home", compute)
    return render(request, "events/home.html", body=body)


@get("/e/{slug:str}", name="event_page", opt=access.public())
async def event_page(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """One fair: what, when, where, participants, the programme, the listings, one button."""

    event = await queries.event_by_slug(slug, viewer=viewer) if viewer else None
    own = await queries.own_registration(event.id, viewer) if event else None
    state = own.state if own else ""

    async def compute() -> tuple[Any, Markup]:
        page = await pages.event_page(slug, viewer=viewer)
        return page.event, _body(request, "events/_event.html", page=page, event=page.event, state=state, number=NUMBER)

    if viewer and viewer.sees_everything:
        event, body = await compute()
    else:
        event, body = await page_cache.fresh(("event", slug, state), compute)
    if own:
        body = Markup(body.replace(NUMBER, escape(own.number)))  # noqa: S704  our own template, the number is escaped
    return render(request, "events/event.html", event=event, body=body)


@get("/e/{slug:str}/programme", name="programme", opt=access.public())
async def programme(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Every session, by day."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    days = pages.by_day(await queries.sessions_of(event.id), event.timezone)
    return render(request, "events/programme.html", event=event, days=days, **WORDS)


@get("/e/{slug:str}/programme.ics", name="programme_ics", opt=access.public())
async def programme_ics(slug: FromPath[str], viewer: NamedDependency[Actor | None]) -> Response[bytes]:
    """The programme for a calendar, by RFC 5545."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    content = await printing.programme_calendar(event, await queries.sessions_of(event.id))
    headers = {"content-disposition": f'attachment; filename="{event.slug}.ics"', "cache-control": "max-age=300"}
    return Response(content, media_type=CONTENT_TYPE, headers=headers)


@get("/organise/editions", name="editions", opt=ORGANISERS)
async def editions(request: Request[Any, Any, Any]) -> Response[Any]:
    """All events with state and counts."""
    return render(request, "events/editions.html", events=await queries.editions(), **WORDS)


@get("/organise/editions/new", name="new_edition", opt=ORGANISERS)
async def new_edition(request: Request[Any, Any, Any]) -> Response[Any]:
    """An empty form."""
    return _form(request, blank(EventForm, kind="conference", unit="410000"))


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


@get("/organise/editions/{slug:str}", name="edition", opt=ORGANISERS)
async def edition(request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """One event for its organisers."""
    event = await queries.event_for(actor, slug)
    return render(
        request,
        "events/edition.html",
        event=event,
        counts=await queries.counts_of(event.id),
        sessions=await queries.sessions_of(event.id),
        gates=await queries.gates_of(event.id),
        delegations=await queries.delegations_of(event.id),
        parts=await queries.parts_of(event.id),
        **WORDS,
    )


@get("/organise/editions/{slug:str}/edit", name="edit_edition", opt=ORGANISERS)
async def edit_edition(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    event = await queries.event_for(actor, slug)
    return _form(request, versions.opened(EventForm, stored_event(event)), event=event)


@post("/organise/editions/{slug:str}/edit", name="update_edition", opt=ORGANISERS, status_code=303)
async def update_edition(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values."""
    event = await queries.event_for(actor, slug)
    sent = await request.form()
    data, seen = versions.received(EventForm, sent, stored_event(event))
    form = read_event(data)
    form.version = seen
    if sent.get("back"):
        return _form(request, form, event=event)
    try:
        value = form.value
        await services.update_event(slug, value, by=actor, seen=seen, confirmed=str(sent.get("confirm") or ""))
    except versions.Outdated as late:
        versions.show(form, late)
        return _form(request, form, event=event, status=late.status)
    except moving.Unconfirmed as refused:
        return confirming.page(request, event, refused, sent, reverse(request, "update_edition", slug=slug))
    except DomainError as refused:
        return _form(request, _with(form, refused), event=event, status=422)
    return redirect(request, "edition", slug=value.slug, flash=N_("Saved."))


@post("/organise/editions/{slug:str}/publish", name="publish_event", opt=ORGANISERS, status_code=303)
async def publish_event(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes the event public."""
    await services.publish_event(slug, by=actor)
    return redirect(request, "edition", slug=slug, flash=N_("Published: everybody can see the fair and register."))


@post("/organise/editions/{slug:str}/close", name="close_event", opt=ORGANISERS, status_code=303)
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
    home,
    event_page,
    programme,
    programme_ics,
    editions,
    new_edition,
    create_edition,
    edition,
    edit_edition,
    update_edition,
    publish_event,
    close_event,
    *session_controllers.HANDLERS,
]
