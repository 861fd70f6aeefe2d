"""Pages of the working list: the list, its views, and its exports."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, format_moment, gettext
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations.labels import STATE_KINDS, state_label
from fairs.registrations.tables import BulkKind
from fairs.registrations.working import bulk_queries, export, queries, shown, views
from fairs.registrations.working.by_mail import RHYTHMS
from fairs.registrations.working.columns import STANDARD, Offer, offer
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.rows import ViewRow
from fairs.registrations.working.wanted import Wanted, read, text_of
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

ROOT = "/organise/editions/{slug:str}/registrations"
ACTS: dict[str, object] = {
    BulkKind.CONFIRM: N_("Confirm…"),
    BulkKind.CANCEL: N_("Reject or cancel…"),
    BulkKind.TAG: N_("Tag…"),
    BulkKind.UNTAG: N_("Take a tag off…"),
    BulkKind.CATEGORY: N_("Move to a category…"),
    BulkKind.PRINT: N_("Print badges…"),
    BulkKind.EXPORT: N_("Export…"),
    BulkKind.MAIL: N_("Mail…"),
}


def _number(text: Any) -> int | None:
    plain = str(text)
    return int(plain) if plain.isascii() and plain.isdigit() and 0 < len(plain) < 18 else None


def _view_of(request: AnyRequest, known: list[ViewRow]) -> int | None:
    """The view that the address names, if there is one."""
    number = _number(request.query_params.get("view", ""))
    return number if any(view.id == number for view in known) else None


@get(ROOT, name="event_registrations", opt=RUNNERS)
async def event_registrations(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All registrations of an event: searched, filtered, sorted, page by page. The address carries all of it."""
    event = await event_for(actor, slug)
    offered = await offer(event.id)
    known = await views.views_of(actor, event.id)
    setting = await views.setting_of(actor, event.id)
    base = reverse(request, "event_registrations", slug=event.slug)
    first = next((view for view in known if view.id == setting.view), None)
    if first is not None and not request.query_params:
        return redirect_to(request, f"{base}?{first.query}{'&' if first.query else ''}view={first.id}")
    wanted = read(request.query_params, offered)
    columns = wanted.columns or tuple(name for name in setting.columns if name in offered.columns) or STANDARD
    wanted = replace(wanted, columns=() if columns == STANDARD and not wanted.columns else columns)
    view = _view_of(request, known)
    at = shown.Addresses(base, view)
    asked = replace(wanted, columns=columns)
    page, counted, heads = await queries.page_of(event.id, asked, offered, page_number(request))
    query = wanted.query(view=str(view) if view else "")
    return render(
        request,
        "registrations/working/list.html",
        event=event,
        page=page,
        query=query,
        wanted=wanted,
        text=text_of(wanted),
        chips=await shown.chips_of(event, wanted, offered, counted, at),
        heads=shown.heads_of(wanted, heads, at),
        columns=heads,
        label_columns=[{"label": "", "sr": True}, *({"label": str(column.label)} for column in heads)],
        moment=format_moment,
        offered=[(name, str(column.label), name in columns) for name, column in offered.columns.items()],
        tabs_of_views=shown.tabs_of(known, wanted, at),
        view=next((one for one in known if one.id == view), None),
        keep=[name for name in query if name != "q"],
        taken=counted.values["state"].get("confirmed", 0),
        acts=ACTS,
        state_kinds=STATE_KINDS,
        state_label=state_label,
        everybody=at.of(replace(wanted, q="", chosen=())),
    )


@post(f"{ROOT}/columns", name="registration_columns", opt=RUNNERS, status_code=303)
async def registration_columns(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Remembers the columns of this account, and shows the list with them."""
    data = await request.form()
    chosen = await views.choose_columns(slug, [str(name) for name in data.getall("columns", [])], by=actor)
    wanted, view = await _listed(slug, data, actor)
    query = replace(wanted, columns=tuple(chosen)).query(view=view)
    return redirect(request, "event_registrations", slug=slug, query=f"?{urlencode(query or {'view': '0'})}")


async def _listed(slug: str, data: Any, actor: Actor) -> tuple[Wanted, str]:
    """The list from which a form was sent: what was wanted, and the view."""
    event = await event_for(actor, slug)
    given = dict(parse_qsl(str(data.get("list", ""))[:4000]))
    return read(given, await offer(event.id)), str(_number(data.get("view", "")) or "")


@get(f"{ROOT}/views", name="registration_views", opt=RUNNERS)
async def registration_views(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The saved views: rename, share, delete, show first."""
    return await _views_page(request, await event_for(actor, slug), actor)


async def _views_page(
    request: AnyRequest, event: EventRow, actor: Actor, *, error: object = "", typed: str = "", status: int = 200
) -> Response[Any]:
    return render(
        request,
        "registrations/working/views.html",
        status=status,
        event=event,
        views=await views.views_of(actor, event.id),
        rhythms=RHYTHMS,
        error=error,
        typed=typed,
    )


def _said(refused: Conflict | Invalid) -> object:
    found = [message for messages in getattr(refused, "fields", {}).values() for message in messages]
    return found[0] if found else refused.message


@post(f"{ROOT}/views", name="save_registration_view", opt=RUNNERS, status_code=303)
async def save_registration_view(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Saves what the list shows under a name."""
    data = await request.form()
    name, text = str(data.get("name", "")), str(data.get("list", ""))[:4000]
    try:
        view = await views.save_view(slug, name, text, shared=bool(data.get("shared")), by=actor)
    except (Conflict, Invalid) as refused:
        event = await event_for(actor, slug)
        return await _views_page(request, event, actor, error=_said(refused), typed=name[:60], status=refused.status)
    wanted, _ = await _listed(slug, data, actor)
    query = f"?{urlencode(wanted.query(view=str(view)))}"
    return redirect(request, "event_registrations", slug=slug, query=query, flash=N_("The view is saved."))


@post(f"{ROOT}/views/{{view_id:int}}", name="change_registration_view", opt=RUNNERS, status_code=303)
async def change_registration_view(
    request: Request[Any, Any, Any], slug: FromPath[str], view_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Another name, private or shared."""
    data = await request.form()
    name = str(data.get("name", ""))
    try:
        await views.rename_view(slug, view_id, name, shared=bool(data.get("shared")), by=actor)
    except (Conflict, Invalid) as refused:
        event = await event_for(actor, slug)
        return await _views_page(request, event, actor, error=_said(refused), status=refused.status)
    return redirect(request, "registration_views", slug=slug, flash=N_("The view is saved."))


@post(f"{ROOT}/views/{{view_id:int}}/delete", name="delete_registration_view", opt=RUNNERS, status_code=303)
async def delete_registration_view(
    request: Request[Any, Any, Any], slug: FromPath[str], view_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes a view; the people stay."""
    name = await views.delete_view(slug, view_id, by=actor)
    return redirect(request, "registration_views", slug=slug, flash=N_("The view “%(name)s” is deleted.", name=name))


@post(f"{ROOT}/views/{{view_id:int}}/first", name="first_registration_view", opt=RUNNERS, status_code=303)
async def first_registration_view(
    request: Request[Any, Any, Any], slug: FromPath[str], view_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The list opens with this view from now on; with the one that it opens with already, with everybody."""
    setting = await views.setting_of(actor, (await event_for(actor, slug)).id)
    off = setting.view == view_id
    await views.show_first(slug, None if off else view_id, by=actor)
    flash = N_("The list opens with everybody.") if off else N_("The list opens with this view.")
    return redirect(request, "registration_views", slug=slug, flash=flash)


async def _selection(request: AnyRequest, slug: str, actor: Actor) -> tuple[EventRow, Offer, Selection]:
    """The people of an export: those kept with an act, else all that match."""
    event = await event_for(actor, slug)
    offered = await offer(event.id)
    wanted = read(request.query_params, offered)
    number = _number(request.query_params.get("selection", ""))
    if number is None:
        return event, offered, Selection(event.id, wanted)
    _, kept = await bulk_queries.bulk_for(actor, slug, number)
    if kept.kind != BulkKind.EXPORT:
        raise NotFound
    return event, offered, Selection(event.id, wanted, tuple(await bulk_queries.held_by(number)))


@get(f"{ROOT}/export", name="registration_export_page", opt=RUNNERS)
async def registration_export_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The number of rows, the columns to choose, and the two kinds of file."""
    event, offered, selection = await _selection(request, slug, actor)
    wanted = selection.wanted
    given = {name: value for name, value in wanted.query().items() if name != "columns"}
    number = str(_number(request.query_params.get("selection", "")) or "")
    chosen = wanted.columns or offered.exported
    return render(
        request,
        "registrations/working/export.html",
        event=event,
        count=await queries.count(selection, offered),
        given=given | ({"selection": number} if number else {}),
        offered=[(name, str(column.label), name in chosen) for name, column in offered.columns.items()],
        picked=selection.picked is not None,
    )


async def _export(request: AnyRequest, slug: str, actor: Actor, form: str) -> Stream:
    event, offered, selection = await _selection(request, slug, actor)
    chosen = [name for text in request.query_params.getall("columns", []) for name in str(text).split(",")]
    columns = export.exported_columns(chosen, offered)
    heads, chunks = export.heads(columns), export.chunks(selection, offered, columns)
    name = f"registrations-{event.slug}"
    return downloads.long_table(name, heads, chunks, form=form, sheet=gettext("Registrations"))


@get(f"{ROOT}.xlsx", name="registrations_export", opt=access.confirmed(RUNNERS))
async def registrations_export(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Stream:
    """The list as a workbook."""
    return await _export(request, slug, actor, "xlsx")


@get(f"{ROOT}.csv", name="registrations_export_csv", opt=access.confirmed(RUNNERS))
async def registrations_export_csv(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Stream:
    """The list as CSV."""
    return await _export(request, slug, actor, "csv")


HANDLERS: list[Any] = [
    event_registrations,
    registration_columns,
    registration_views,
    save_registration_view,
    change_registration_view,
    delete_registration_view,
    first_registration_view,
    registration_export_page,
    registrations_export,
    registrations_export_csv,
]
