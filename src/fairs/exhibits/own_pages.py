"""Pages of exhibitors: their exhibits, the form with poster and pictures, sending in, and what visitors ask."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, only_fields, submitted
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.exhibits import labels, queries, rules, services
from fairs.exhibits.forms import ExhibitForm
from fairs.exhibits.owners import owners_of
from fairs.exhibits.rows import ExhibitRow
from fairs.files import uploads
from fairs.files.queries import files_of
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

EXHIBITORS = access.roles(Role.CANDIDATE, Role.EMPLOYER, Role.BUREAU)
ONE = "/exhibits/{exhibit_id:int}"
FILES = {"poster": Purpose.POSTER, **dict.fromkeys(services.PICTURES, Purpose.EXHIBIT)}
LIMIT = body_limit(Purpose.POSTER) * 2


@get("/exhibits", name="my_exhibits", opt=EXHIBITORS)
async def my_exhibits(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """What the viewer shows, and the events that take exhibits."""
    return render(
        request,
        "exhibits/mine.html",
        rows=await queries.own_exhibits(actor),
        calls=await queries.open_calls(clock.now()),
        owners=await owners_of(actor),
        kinds=labels.KINDS,
        states=labels.STATES,
    )


async def _form(
    request: AnyRequest,
    actor: Actor,
    event: EventRow,
    form: Bound[ExhibitForm],
    files: dict[str, uploads.Upload] | None = None,
    *,
    row: ExhibitRow | None = None,
    status: int = 200,
) -> Response[Any]:
    owners = await owners_of(actor)
    form["owner"].spec = replace(form["owner"].spec, choices=lambda: [(value, name, name) for value, name in owners])
    if not form["owner"].value and owners:
        form["owner"].values = [owners[0][0]]
    pictures = await queries.pictures_of(row.id) if row else []
    return render(
        request,
        "exhibits/form.html",
        status=status,
        event=event,
        call=await queries.exhibition_of(event.id),
        form=form,
        uploads=files or uploads.empty(**FILES),
        row=row,
        owners=owners,
        pictures=pictures,
        most=rules.MOST_PICTURES,
        poster=(await files_of([row.poster])).get(row.poster) if row and row.poster else None,
    )


@get("/e/{slug:str}/exhibits/new", name="new_exhibit", opt=EXHIBITORS)
async def new_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new exhibit, while the event takes exhibits."""
    event = await event_by_slug(slug, viewer=actor)
    try:
        await services.open_event(slug, actor)
    except Conflict as refused:
        return redirect(request, "my_exhibits", flash=refused.message, kind="warning")
    return await _form(request, actor, event, blank(ExhibitForm))


@post(
    "/e/{slug:str}/exhibits/new",
    name="add_exhibit",
    opt=EXHIBITORS,
    status_code=303,
    request_max_body_size=LIMIT,
)
async def add_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a draft."""
    event = await event_by_slug(slug, viewer=actor)
    sent = await uploads.receive(request, by=actor, **FILES)
    form = bind(ExhibitForm, sent.data)
    sent.tell(form)
    if form.ok:
        try:
            owner = services.owner_columns(form.value.owner, await owners_of(actor))
            made = await services.add_exhibit(slug, form.value, owner, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except Conflict as refused:
            form.add_error("", refused.message)
            return await _form(request, actor, event, form, sent.uploads, status=refused.status)
        else:
            said = N_("Stored. Look at it, then send it in.")
            return redirect(request, "own_exhibit", exhibit_id=made, flash=said)
    return await _form(request, actor, event, form, sent.uploads, status=422)


@get(ONE, name="own_exhibit", opt=EXHIBITORS)
async def own_exhibit(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One exhibit: how far it is, who came, and what people ask."""
    row = await queries.own_exhibit(actor, exhibit_id)
    return render(
        request,
        "exhibits/own.html",
        row=row,
        event=await event_by_slug(row.event_slug, viewer=actor),
        pictures=await queries.pictures_of(row.id),
        requests=await queries.requests_of(row.id),
        open=row.state in rules.OPEN,
        words=labels,
    )


@get(f"{ONE}/edit", name="edit_exhibit", opt=EXHIBITORS)
async def edit_exhibit(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with what is stored."""
    row = await queries.own_exhibit(actor, exhibit_id)
    if row.state not in rules.OPEN:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=services.IN_USE, kind="warning")
    event = await event_by_slug(row.event_slug, viewer=actor)
    return await _form(request, actor, event, versions.opened(ExhibitForm, services.stored_exhibit(row)), row=row)


@post(f"{ONE}/edit", name="save_exhibit", opt=EXHIBITORS, status_code=303, request_max_body_size=LIMIT)
async def save_exhibit(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores what was changed."""
    row = await queries.own_exhibit(actor, exhibit_id)
    event = await event_by_slug(row.event_slug, viewer=actor)
    sent = await uploads.receive(request, by=actor, **FILES)
    form = submitted(ExhibitForm, sent.data, services.stored_exhibit(row))
    sent.tell(form)

    async def act() -> None:
        await services.save_exhibit(exhibit_id, form.value, seen=form.version, by=actor)

    try:
        status, _ = await attempt(form, act, only_fields)
    except Conflict as refused:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    if status:
        return await _form(request, actor, event, form, sent.uploads, row=row, status=status)
    return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=N_("Saved."))


@post(f"{ONE}/files/{{file_id:str}}/remove", name="remove_exhibit_file", opt=EXHIBITORS, status_code=303)
async def remove_exhibit_file(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], file_id: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes a picture or the poster."""
    await queries.own_exhibit(actor, exhibit_id)
    try:
        await services.remove_picture(exhibit_id, _uuid(file_id), by=actor)
    except Conflict as refused:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    return redirect(request, "edit_exhibit", exhibit_id=exhibit_id, flash=N_("The file is deleted."))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


@post(f"{ONE}/submit", name="submit_exhibit", opt=EXHIBITORS, status_code=303)
async def submit_exhibit(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends it to who runs the event."""
    try:
        await services.submit(exhibit_id, by=actor)
    except Conflict as refused:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    said = N_("Sent in. The answer of the organiser appears here.")
    return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=said)


@post(f"{ONE}/back", name="take_exhibit_back", opt=EXHIBITORS, status_code=303)
async def take_exhibit_back(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes it a draft again."""
    try:
        await services.take_back(exhibit_id, by=actor)
    except Conflict as refused:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=N_("It is a draft again."))


@post(f"{ONE}/delete", name="delete_exhibit", opt=EXHIBITORS, status_code=303)
async def delete_exhibit(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes what was not sent in."""
    try:
        await services.delete_exhibit(exhibit_id, by=actor)
    except Conflict as refused:
        return redirect(request, "own_exhibit", exhibit_id=exhibit_id, flash=refused.message, kind="warning")
    return redirect(request, "my_exhibits", flash=N_("The exhibit is deleted."))


@post(f"{ONE}/requests/{{request_id:int}}", name="settle_exhibit_request", opt=EXHIBITORS, status_code=303)
async def settle_exhibit_request(
    request: Request[Any, Any, Any], exhibit_id: FromPath[int], request_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ticks off what somebody asked, or opens it again."""
    done = (await request.form()).get("done") == "1"
    await services.settle(exhibit_id, request_id, done=done, by=actor)
    return redirect(request, "own_exhibit", exhibit_id=exhibit_id, query="#requests", flash=N_("Saved."))


HANDLERS: list[Any] = [
    my_exhibits,
    new_exhibit,
    add_exhibit,
    own_exhibit,
    edit_exhibit,
    save_exhibit,
    remove_exhibit_file,
    submit_exhibit,
    take_exhibit_back,
    delete_exhibit,
    settle_exhibit_request,
]
