"""Pages on which organisers keep the speakers of an event."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import asdict

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import Page, last_page, window
from fairs.core.saving import attempt, submitted
from fairs.events import queries
from fairs.events.forms import SpeakerForm
from fairs.events.planning import pages
from fairs.events.planning import queries as planning
from fairs.events.planning import speakers as services
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render


@get("/organise/editions/{slug:str}/speakers", name="speakers", opt=RUNNERS)
async def speakers(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
) -> Response[Any]:
    """The speakers by code, found by name, organisation or code."""
    event = await queries.event_for(actor, slug)
    rows = await planning.speakers_of(event.id)
    texts = ("code", "name_zh", "name_en", "affiliation_zh", "affiliation_en")
    sought = q.strip().casefold()
    found = [row for row in rows if sought in " ".join(getattr(row, name) for name in texts).casefold()]
    number, size, _ = window(page_number(request), None)
    number = last_page(number, size, len(found))
    shown = Page(found[(number - 1) * size : number * size], number, size, len(found))
    query = {"q": q} if q else {}
    return render(request, "events/speakers.html", event=event, page=shown, total=len(rows), query=query)


def _form(
    request: AnyRequest, event: EventRow, form: Bound[SpeakerForm], *, code: str = "", status: int = 200
) -> Response[Any]:
    return render(request, "events/speaker_form.html", status=status, event=event, form=form, code=code)


@get("/organise/editions/{slug:str}/speakers/new", name="new_speaker", opt=RUNNERS)
async def new_speaker(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    return _form(request, await queries.event_for(actor, slug), blank(SpeakerForm))


@post("/organise/editions/{slug:str}/speakers/new", name="create_speaker", opt=RUNNERS, status_code=303)
async def create_speaker(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a speaker."""
    event = await queries.event_for(actor, slug)
    form: Bound[SpeakerForm] = bind(SpeakerForm, await request.form())
    try:
        await services.add_speaker(slug, form.value, by=actor)
    except DomainError as refused:
        return _form(request, event, pages.beside_field(form, refused), status=refused.status)
    return redirect(
        request, "speakers", slug=slug, flash=N_("The speaker is added. Name the speaker in a session now.")
    )


@get("/organise/editions/{slug:str}/speakers/{code:str}/edit", name="edit_speaker", opt=RUNNERS)
async def edit_speaker(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored texts."""
    event = await queries.event_for(actor, slug)
    speaker = await planning.speaker_by_code(event.id, code)
    return _form(request, event, versions.opened(SpeakerForm, asdict(speaker)), code=code)


@post("/organise/editions/{slug:str}/speakers/{code:str}/edit", name="update_speaker", opt=RUNNERS, status_code=303)
async def update_speaker(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited texts; from an older page both texts are shown."""
    event = await queries.event_for(actor, slug)
    stored = asdict(await planning.speaker_by_code(event.id, code))
    form = submitted(SpeakerForm, await request.form(), stored)

    async def act() -> None:
        await services.update_speaker(slug, code, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, pages.beside_field)
    if status:
        return _form(request, event, form, code=code, status=status)
    return redirect(request, "speakers", slug=slug, flash=N_("Saved."))


@post("/organise/editions/{slug:str}/speakers/{code:str}/remove", name="remove_speaker", opt=RUNNERS, status_code=303)
async def remove_speaker(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a speaker who is in no session."""
    try:
        await services.remove_speaker(slug, code, by=actor)
    except Conflict as refused:
        return redirect(request, "speakers", slug=slug, flash=refused.message, kind="error")
    return redirect(request, "speakers", slug=slug, flash=N_("The speaker is removed."))


HANDLERS: list[Any] = [speakers, new_speaker, create_speaker, edit_speaker, update_speaker, remove_speaker]
