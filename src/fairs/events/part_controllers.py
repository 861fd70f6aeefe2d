"""Pages of 专场: a bureau's own events inside an edition, and the province's release of them."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import EVENT_ZONE, N_, pick
from fairs.core.roles import Role
from fairs.core.saving import attempt, submitted
from fairs.events import labels, pages, parts, queries, readiness
from fairs.events.forms import PartForm, stored_part
from fairs.events.rows import EventRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
BUREAU = access.roles(Role.BUREAU)
USUAL_FAMILY = "city"  # a key of the catalogue `event_families`: what the form of a bureau begins with


@get("/bureau/parts", name="bureau_parts", opt=BUREAU)
async def bureau_parts(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The bureau's own events with what the province said."""
    shown = pages.list_of(await parts.parts_for(actor), request.query_params)
    return render(request, "events/bureau_parts.html", **shown, open_states=parts.OPEN, **labels.WORDS)


async def _form(
    request: AnyRequest, actor: Actor, form: Bound[PartForm], *, event: EventRow | None = None, status: int = 200
) -> Response[Any]:
    editions = await parts.editions_for(actor)
    choices = [(item.slug, pick(item.title_zh, item.title_en), item.slug) for item in editions]
    form["edition"].spec = replace(form["edition"].spec, widget="select", choices=lambda: choices)
    form["edition"].required = True
    return render(request, "events/part_form.html", status=status, form=form, event=event, editions=editions)


@get("/bureau/parts/new", name="new_part", opt=BUREAU)
async def new_part(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """An empty form."""
    editions = await parts.editions_for(actor)
    chosen = editions[0] if editions else None
    values = {"edition": chosen.slug, "starts_at": chosen.starts_at, "family": USUAL_FAMILY} if chosen else {}
    return await _form(request, actor, blank(PartForm, in_zone=chosen.timezone if chosen else EVENT_ZONE, **values))


@post("/bureau/parts/new", name="create_part", opt=BUREAU, status_code=303)
async def create_part(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Keeps a draft of the bureau."""
    sent = await request.form()
    zones = {item.slug: item.timezone for item in await parts.editions_for(actor)}
    form = bind(PartForm, sent, zone=zones.get(str(sent.get("edition") or ""), EVENT_ZONE))
    try:
        await parts.propose(form.value, by=actor)
    except DomainError as refused:
        return await _form(request, actor, _with(form, refused), status=refused.status)
    return redirect(request, "bureau_parts", flash=N_("The draft is kept. Ask for its release when it is ready."))


@get("/bureau/parts/{slug:str}/edit", name="edit_part", opt=BUREAU)
async def edit_part(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    event = await parts.part_for(actor, slug)
    stored = stored_part(event)
    form = blank(PartForm, in_zone=event.timezone, **stored)
    form.version = versions.version_of(PartForm, stored)
    return await _form(request, actor, form, event=event)


@post("/bureau/parts/{slug:str}/edit", name="update_part", opt=BUREAU, status_code=303)
async def update_part(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the bureau's changes."""
    event = await parts.part_for(actor, slug)

    def read(data: dict[str, Any]) -> Bound[PartForm]:
        return bind(PartForm, data | {"edition": event.parent_slug or ""}, zone=event.timezone)

    form = submitted(PartForm, await request.form(), stored_part(event), read)

    async def act() -> None:
        await parts.update_part(slug, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, _with)
    if status:
        return await _form(request, actor, form, event=event, status=status)
    return redirect(request, "bureau_parts", flash=N_("Saved."))


@post("/bureau/parts/{slug:str}/ask", name="ask_release", opt=BUREAU, status_code=303)
async def ask_release(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Hands the draft to the province."""
    await parts.ask_release(slug, by=actor)
    return redirect(request, "bureau_parts", flash=N_("The province is asked to release it."))


@post("/bureau/parts/{slug:str}/back", name="take_back_part", opt=BUREAU, status_code=303)
async def take_back_part(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes back a draft that was not decided on."""
    await parts.take_back(slug, by=actor)
    return redirect(request, "bureau_parts", flash=N_("The draft is yours again."))


@get("/organise/editions/{slug:str}/parts", name="edition_parts", opt=ORGANISERS)
async def edition_parts(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The events inside an edition, those that wait for a release first."""
    return await _parts_page(request, await queries.province_event(actor, slug))


async def _parts_page(
    request: AnyRequest, event: EventRow, *, refused: object = "", status: int = 200, **typed: Any
) -> Response[Any]:
    found = await queries.parts_of(event.id)
    shown: dict[str, Any] = {
        "event": event,
        "waiting": [item for item in found if item.release == "asked"],
        **pages.list_of(found, request.query_params),
    }
    typed = {"at": "", "reason": "", **typed}
    return render(
        request, "events/edition_parts.html", status=status, **shown, refused=refused, **typed, **labels.WORDS
    )


@post("/organise/editions/{slug:str}/release", name="release_part", opt=ORGANISERS, status_code=303)
async def release_part(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Publishes the event of a bureau."""
    event = await queries.province_event(actor, slug)
    if event.parent_slug is None:
        raise Conflict(N_("This was decided meanwhile: look at it again"))
    edition = await queries.province_event(actor, event.parent_slug)
    try:
        await parts.release_part(slug, by=actor)
    except (readiness.NotReady, Conflict) as refused:
        return await _parts_page(request, edition, refused=refused.message, status=refused.status)
    return redirect(
        request, "edition_parts", slug=edition.slug, flash=N_("Released: everybody can see it and register.")
    )


@post("/organise/editions/{slug:str}/return", name="return_part", opt=ORGANISERS, status_code=303)
async def return_part(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives the draft back to its bureau with a reason."""
    event = await queries.province_event(actor, slug)
    if event.parent_slug is None:
        raise Conflict(N_("This was decided meanwhile: look at it again"))
    edition = await queries.province_event(actor, event.parent_slug)
    reason = str((await request.form()).get("reason") or "").strip()[:1000]
    try:
        await parts.return_part(slug, reason, by=actor)
    except DomainError as refused:
        found = refused.fields.get("reason", [refused.message])[0] if isinstance(refused, Invalid) else refused.message
        return await _parts_page(request, edition, refused=found, status=refused.status, at=slug, reason=reason)
    return redirect(request, "edition_parts", slug=edition.slug, flash=N_("Returned to its bureau with your reason."))


def _with(form: Bound[PartForm], refused: DomainError) -> Bound[PartForm]:
    """The form with a service's error beside its field."""
    if isinstance(refused, Conflict):
        form.add_error("slug" if refused.code == "slug_taken" else "", refused.message)
    elif isinstance(refused, Invalid):
        if not form.has_errors:
            form.add_errors(refused)
    else:
        raise refused
    return form


HANDLERS: list[Any] = [
    bureau_parts,
    new_part,
    create_part,
    edit_part,
    update_part,
    ask_release,
    take_back_part,
    edition_parts,
    release_part,
    return_part,
]
