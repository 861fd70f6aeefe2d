"""Pages of the printers: the organiser adds and removes them; the desk chooses one for its browser and sees how prints stand."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.badges.printers import queries, services
from fairs.badges.printers.forms import PrinterForm
from fairs.badges.printers.labels import STATES, reason_label
from fairs.badges.printers.rows import Printer
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.notifications.services import base_url
from fairs.registrations.entering.pages import DESK
from fairs.registrations.entering.queries import event_to_enter
from fairs.web.templating import AnyRequest, redirect, render, reverse

ROOT = "/organise/editions/{slug:str}/printers"
CHOICE = "desk_printer"
KEPT = 90 * 24 * 3600  # seconds that a browser remembers its printer


async def _page(
    request: AnyRequest,
    event: EventRow,
    form: Bound[PrinterForm],
    *,
    status: int = 200,
    secret: str = "",
    name: str = "",
) -> Response[Any]:
    printers = await queries.printers_of(event.id, ended=True)
    return render(
        request,
        "badges/printers/printers.html",
        status=status,
        headers={"cache-control": "no-store"} if secret else None,
        event=event,
        form=form,
        printers=printers,
        jobs={row.id: await queries.jobs_of_printer(row.id) for row in printers if not row.ended},
        secret=secret,
        name=name,
        server=base_url(),
        **words(),
    )


def words() -> dict[str, Any]:
    """Of states and reasons, for a template."""
    return {
        "print_states": {state: (kind, str(word)) for state, (kind, word) in STATES.items()},
        "reason_label": reason_label,
    }


@get(ROOT, name="printers", opt=RUNNERS)
async def printers(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The printers of the desks: whether their agents are there, and what they print."""
    return await _page(request, await event_for(actor, slug), blank(PrinterForm))


@post(ROOT, name="add_printer", opt=RUNNERS, status_code=201)
async def add_printer(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A new printer; its token is shown only in this answer."""
    event = await event_for(actor, slug)
    form = bind(PrinterForm, await request.form())
    if not form.ok:
        return await _page(request, event, form, status=422)
    try:
        token = await services.add_printer(slug, form.value.name, by=actor)
    except Conflict as refused:
        form.add_error("name", refused.message)
        return await _page(request, event, form, status=refused.status)
    return await _page(request, event, blank(PrinterForm), status=201, secret=token, name=form.value.name)


@post(f"{ROOT}/{{printer_id:int}}/remove", name="remove_printer", opt=RUNNERS, status_code=303)
async def remove_printer(
    request: Request[Any, Any, Any], slug: FromPath[str], printer_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Switches a printer off."""
    await services.remove_printer(slug, printer_id, by=actor)
    return redirect(request, "printers", slug=slug, flash=N_("The printer is switched off."))


def _number(text: object) -> int:
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0


async def chosen(request: AnyRequest, event: EventRow) -> Printer | None:
    """The printer that this browser has chosen, if it may still be used."""
    number = _number(request.cookies.get(CHOICE))
    return await queries.printer_of(event.id, number) if number else None


@post("/organise/editions/{slug:str}/desk/printer", name="choose_printer", opt=DESK, status_code=303)
async def choose_printer(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where this browser prints from now on: an empty choice is itself."""
    await event_to_enter(actor, slug)
    sent = await request.form()
    number, wanted = str(sent.get("number") or "")[:40], str(sent.get("printer") or "")
    try:
        name = await services.require_desk(slug, _number(wanted), by=actor) if wanted else ""
    except NotFound:
        return redirect(request, "badge_desk", slug=slug, flash=services.UNKNOWN, kind="warning")
    flash = N_("This desk prints on %(name)s.", name=name) if name else N_("This desk prints in the browser.")
    query = f"?number={number.upper()}" if number.replace("-", "").isalnum() and number.isascii() else ""
    response = redirect(request, "badge_desk", slug=slug, query=query, flash=flash)
    kept = Cookie(
        key=CHOICE,
        value=wanted if name else "",
        httponly=True,
        secure=request.app.state.settings.secure_cookies,
        samesite="lax",
        max_age=KEPT if name else 0,
        path=reverse(request, "badge_desk", slug=slug),
    )
    response.cookies = [*response.cookies, kept]
    return response


@post("/organise/editions/{slug:str}/desk/{number:str}/give-up", name="desk_give_up", opt=DESK, status_code=303)
async def desk_give_up(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stops a print that is under way."""
    flash: object = N_("Given up. What the printer has begun may still come out.")
    kind = "success"
    try:
        await services.give_up(slug, number, by=actor)
    except Conflict as refused:
        flash, kind = refused.message, "warning"
    return redirect(request, "badge_desk", slug=slug, query=f"?number={number.upper()}", flash=flash, kind=kind)


HANDLERS: list[Any] = [printers, add_printer, remove_printer, choose_printer, desk_give_up]
