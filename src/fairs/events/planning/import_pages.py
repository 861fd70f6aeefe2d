"""The page on which a programme is pasted or uploaded: a look at what it would do first, then all of it or nothing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import DomainError, Invalid
from fairs.core.i18n import N_
from fairs.events import programme, queries
from fairs.events.planning import importing, pages
from fairs.events.planning import queries as planning
from fairs.events.planning.labels import WORDS, Namer
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.web import downloads
from fairs.web.templating import AnyRequest, redirect, render


def _page(request: AnyRequest, event: EventRow, *, status: int = 200, **shown: Any) -> Response[Any]:
    blank: dict[str, Any] = {"text": "", "errors": [], "checked": None, "warned": [], "names": None, "table_rows": []}
    return render(
        request,
        "events/import.html",
        status=status,
        event=event,
        columns=importing.COLUMNS,
        hours=pages.hours,
        **{**blank, **shown},
        **WORDS,
    )


@get("/organise/editions/{slug:str}/programme/import", name="import_programme", opt=RUNNERS)
async def import_programme(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where a table is pasted or a file chosen, with the columns."""
    return _page(request, await queries.event_for(actor, slug))


@get("/organise/editions/{slug:str}/programme/import.xlsx", name="programme_template", opt=RUNNERS)
async def programme_template(slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The draft as a workbook."""
    event = await queries.event_for(actor, slug)
    content = importing.template(event, await planning.draft(event.id))
    return downloads.file(content, f"{event.slug}-programme.xlsx")


@post("/organise/editions/{slug:str}/programme/import", name="read_programme", opt=RUNNERS, status_code=303)
async def read_programme(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what the table would do; with `confirm` puts it into the draft."""
    event = await queries.event_for(actor, slug)
    data = await request.form()
    text, upload = str(data.get("text") or ""), data.get("file")
    try:
        if isinstance(upload, UploadFile) and upload.filename:
            table = await importing.read_file(await upload.read(), upload.filename)
        else:
            table = importing.read_text(text)
    except Invalid as refused:
        errors = [(0, str(message)) for found in refused.fields.values() for message in found]
        return _page(request, event, status=refused.status, text=text, errors=errors)
    except DomainError as refused:
        return _page(request, event, status=refused.status, text=text, errors=[(0, str(refused.message))])
    return await _read(request, event, table, actor, confirmed=bool(data.get("confirm")))


async def _read(
    request: AnyRequest, event: EventRow, table: importing.Table, actor: Actor, *, confirmed: bool
) -> Response[Any]:
    rooms = await queries.rooms_of(event.id)
    forms = importing.forms_of(table, event, rooms)
    checked = None
    try:
        if confirmed and not table.errors:
            checked = await programme.store_all(event.slug, forms, by=actor)
            said = N_(
                "%(new)s sessions added to the draft, %(changed)s changed.",
                new=len(checked.new),
                changed=len(checked.changed),
            )
            return redirect(request, "programme_draft", slug=event.slug, flash=said)
        checked = await programme.check_all(event, forms)
    except Invalid as refused:
        table.errors += [(int(row), str(message)) for row, found in refused.fields.items() for message in found]
    shown: dict[str, Any] = {
        "text": table.text,
        "errors": sorted(set(table.errors)),
        "table_rows": [number for number, _ in table.rows],
    }
    if checked is None or table.errors:
        return _page(request, event, status=422, **shown)
    names = Namer(checked.after, rooms, await planning.speakers_of(event.id))
    codes = {plan.code for plan in checked.plans}
    warned = [pair for pair in pages.warnings_of(event, checked.after, rooms, names) if pair[0].code in codes]
    return _page(request, event, checked=checked, warned=warned, names=names, **shown)


HANDLERS: list[Any] = [import_programme, programme_template, read_programme]
