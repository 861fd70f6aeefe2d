"""The public gallery of an event: exhibits that were released, each with its pictures, on the plan of the hall."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.exhibits import booths, drawing, labels, queries, services
from fairs.exhibits.forms import RequestForm
from fairs.exhibits.rows import ExhibitRow
from fairs.files.controllers import stream
from fairs.files.queries import file_by_id
from fairs.units import catalogues
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/e/{slug:str}/exhibits"
ONE = PATH + "/{exhibit_id:int}"
SIZE = 24
SORTS = {"booth": N_("By booth"), "title": N_("By title"), "-visits": N_("Most visited first")}


def asked_of(request: AnyRequest, allowed: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Search, filters and order of a list; unknown values are left out."""
    given = request.query_params
    found = {name: str(given[name]) for name, values in allowed.items() if given.get(name, "") in values}
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        found["q"] = text
    return found


def filters(**more: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Filters with their values."""
    return {
        "kind": tuple(labels.KINDS),
        "stage": tuple(labels.STAGES),
        "looks_for": tuple(labels.LOOKS_FOR),
        "discipline": tuple(catalogues.keys("disciplines")),
        **more,
    }


@get(PATH, name="gallery", opt=access.public())
async def gallery(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """What is shown: searched, filtered, sorted, by pages."""
    event = await event_by_slug(slug, viewer=viewer)
    asked = asked_of(request, filters(sort=tuple(SORTS)))
    lang = i18n.current_lang()
    return render(
        request,
        "exhibits/gallery.html",
        event=event,
        page=await queries.gallery_page(event.id, asked, number=page_number(request), size=SIZE),
        query=asked,
        total=await queries.released_count(event.id),
        call_open=await _takes(event, viewer),
        planned=bool(await queries.booths_of(event.id)),
        words=labels,
        sorts=list(SORTS.items()),
        fields=[
            (code, catalogues.label("disciplines", code, lang)) for code in await queries.used_disciplines(event.id)
        ],
    )


async def _takes(event: EventRow, viewer: Actor | None) -> bool:
    """Whether the viewer could show something here now."""
    exhibitors = {Role.CANDIDATE, Role.EMPLOYER, Role.BUREAU}
    if viewer is None or not viewer.roles & exhibitors:
        return False
    return event.slug in {call.slug for call in await queries.open_calls(clock.now())}


@get(f"{PATH}/plan", name="gallery_plan", opt=access.public())
async def gallery_plan(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """The plan of the hall, with the exhibits of the gallery."""
    event = await event_by_slug(slug, viewer=viewer)
    rows = await queries.booths_of(event.id, released=True)
    if not rows:
        raise NotFound
    cells = booths.cells_of(await queries.exhibition_of(event.id))
    return render(
        request, "exhibits/plan_public.html", event=event, rows=rows, plan=drawing.plan(cells, rows), words=labels
    )


async def _page(
    request: AnyRequest,
    event: EventRow,
    row: ExhibitRow,
    viewer: Actor | None,
    form: Bound[RequestForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    mine = await queries.own_request(viewer, row.id) if viewer else None
    lang = i18n.current_lang()
    return render(
        request,
        "exhibits/exhibit.html",
        status=status,
        event=event,
        row=row,
        pictures=await queries.pictures_of(row.id),
        poster=await file_by_id(row.poster) if row.poster else None,
        words=labels,
        discipline=catalogues.label("disciplines", row.discipline, lang) if row.discipline else "",
        own=bool(viewer) and row.id in await services.own_ids(viewer) if viewer else False,
        mine=mine,
        form=form or (blank(RequestForm, **_stored(mine)) if mine else blank(RequestForm)),
    )


def _stored(mine: Any) -> dict[str, Any]:
    return {"asks": mine.asks, "message": mine.message, "contact": mine.contact}


@get(ONE, name="exhibit", opt=access.public())
async def exhibit(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    exhibit_id: FromPath[int],
    viewer: NamedDependency[Actor | None],
) -> Response[Any]:
    """One exhibit."""
    event = await event_by_slug(slug, viewer=viewer)
    return await _page(request, event, await queries.released_exhibit(event.id, exhibit_id), viewer)


@get(f"{ONE}/files/{{file_id:str}}", name="exhibit_file", opt=access.public())
async def exhibit_file(
    slug: FromPath[str], exhibit_id: FromPath[int], file_id: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Stream:
    """A picture or the poster of an exhibit in the gallery."""
    event = await event_by_slug(slug, viewer=viewer)
    try:
        wanted = UUID(file_id)
    except ValueError:
        raise NotFound from None
    found = await queries.released_file(event.id, exhibit_id, wanted)
    return await stream(await file_by_id(found), "public, max-age=300")


@post(f"{ONE}/ask", name="ask_exhibitor", opt=access.signed_in(), status_code=303)
async def ask_exhibitor(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Says to the exhibitor what brings the viewer here."""
    event = await event_by_slug(slug, viewer=actor)
    row = await queries.released_exhibit(event.id, exhibit_id)
    form = bind(RequestForm, await request.form())
    if not form.ok:
        return await _page(request, event, row, actor, form, status=422)
    try:
        await services.ask(slug, exhibit_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(request, "exhibit", slug=slug, exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    return redirect(request, "exhibit", slug=slug, exhibit_id=exhibit_id, flash=N_("The exhibitor reads it now."))


@post(f"{ONE}/unask", name="unask_exhibitor", opt=access.signed_in(), status_code=303)
async def unask_exhibitor(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes it back."""
    await services.unask(slug, exhibit_id, by=actor)
    return redirect(request, "gallery", slug=slug, flash=N_("Taken back: the exhibitor sees nothing of it any more."))


HANDLERS: list[Any] = [gallery, gallery_plan, exhibit, exhibit_file, ask_exhibitor, unask_exhibitor]
