"""Pages of events with their numbers: the public ones, the organiser's list, one event for those who run it."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup, escape

from fairs.accounts.actor import Actor
from fairs.checkin.conflicts import open_conflicts
from fairs.events import labels, page_cache
from fairs.events.controllers import ORGANISERS
from fairs.events.queries import event_by_slug, event_for, gates_of, parts_of, sessions_of
from fairs.events.running import RUNNERS
from fairs.home import event_pages, queries
from fairs.web import access
from fairs.web.templating import AnyRequest, context, environment, render

WORDS: dict[str, Any] = {**labels.WORDS, "shown": event_pages.SESSIONS_SHOWN}
NUMBER = "NUMBER-OF-THE-VIEWER"  # stands in a shared page until it is known who looks


def _body(request: AnyRequest, template: str, **variables: Any) -> Markup:
    """The middle of a page, without anything of the visitor: the same for everybody who reads this language."""
    shared = {**context(request), "actor": None, "flash": [], "request_id": ""}
    html = environment().get_template(template).render({**shared, **WORDS, **variables})
    return Markup(html)  # noqa: S704  our own template, already escaped


@get("/", name="home", opt=access.public())
async def home(request: Request[Any, Any, Any], viewer: NamedDependency[Actor | None]) -> Response[Any]:
    """Which fairs there are."""

    async def compute() -> Markup:
        return _body(request, "home/_home.html", page=await event_pages.home_page(), known=viewer is not None)

    body = await page_cache.fresh(("home", viewer is not None), compute)
    return render(request, "home/home.html", body=body)


@get("/e/{slug:str}", name="event_page", opt=access.public())
async def event_page(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """One fair: what, when, where, who comes, the programme, the listings, one button."""

    event = await event_by_slug(slug, viewer=viewer) if viewer else None
    own = await queries.own_registration(event.id, viewer) if event else None
    state = own.state if own else ""

    async def compute() -> tuple[Any, Markup]:
        page = await event_pages.event_page(slug, viewer=viewer)
        return page.event, _body(request, "home/_event.html", page=page, event=page.event, state=state, number=NUMBER)

    if viewer and viewer.sees_everything:
        event, body = await compute()
    else:
        event, body = await page_cache.fresh(("event", slug, state), compute)
    if own:
        body = Markup(body.replace(NUMBER, escape(own.number)))  # noqa: S704  our own template, the number is escaped
    return render(request, "home/event.html", event=event, body=body)


@get("/organise/editions", name="editions", opt=ORGANISERS)
async def editions(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every event with its state and counts."""
    return render(request, "home/editions.html", events=await queries.editions(), **WORDS)


@get("/organise/editions/{slug:str}", name="edition", opt=RUNNERS)
async def edition(request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """One event for those who run it."""
    event = await event_for(actor, slug)
    return render(
        request,
        "home/edition.html",
        event=event,
        counts=await queries.event_counts(event.id),
        sessions=await sessions_of(event.id),
        gates=await gates_of(event.id),
        delegations=await queries.delegations_of(event.id),
        parts=await parts_of(event.id),
        open_conflicts=await open_conflicts(event.id),
        **WORDS,
    )


HANDLERS: list[Any] = [home, event_page, editions, edition]
