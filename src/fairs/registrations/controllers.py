"""Pages of registrations: sign-up, the viewer's own fairs, the organiser's list."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.core import clock
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.events.queries import event_for
from fairs.events.rules import is_over
from fairs.events.running import RUNNERS
from fairs.registrations import changing, export, queries, rules, services, session_pages, signing_up
from fairs.registrations.asking import answer_pages, part_pages
from fairs.registrations.asking import pages as form_pages
from fairs.registrations.asking import queries as asking
from fairs.registrations.entering import pages as entering_pages
from fairs.registrations.forms import CancelForm, all_categories
from fairs.registrations.labels import STATE_LABELS
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.signing_up import WORDS, prove_first
from fairs.registrations.tables import RegistrationState
from fairs.talents.journey import journey_of
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render


@get("/me/fairs", name="my_registrations", opt=access.signed_in())
async def my_registrations(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The viewer's registrations with state, position, badge and both clocks."""
    rows = await queries.registrations_of(actor)
    if not rows and await queries.awaits_proof(actor):
        return prove_first(request, actor)
    sessions = {
        row.id: await queries.sessions_signed_up(row.id) for row in rows if row.state != RegistrationState.CANCELLED
    }
    steps = await journey_of(actor)
    closed = {row.id for row in rows if is_over(row.ends_at, clock.now(), demo=row.event_demo)}
    asked = await asking.asked_by(rows)
    shown: dict[str, Any] = {"rows": rows, "asked": asked, "sessions": sessions, "steps": steps, "closed": closed}
    return render(request, "registrations/my_registrations.html", **shown, **WORDS)


@get("/me/fairs/{number:str}/cancel", name="cancel_registration_page", opt=access.signed_in())
async def cancel_page(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for confirmation before the place is given up."""
    return _cancel_page(request, actor, await queries.registration_by_number(actor, number), blank(CancelForm))


def _cancel_page(
    request: AnyRequest, actor: Actor, row: RegistrationRow, form: Bound[CancelForm], status: int = 200
) -> Response[Any]:
    return render(
        request,
        "registrations/cancel.html",
        status=status,
        row=row,
        over=is_over(row.ends_at, clock.now(), demo=row.event_demo),
        own=queries.is_own(actor, row),
        back=list_of(actor, row),
        form=form,
        undo_form=blank(UndoForm),
        may_undo=may_undo(actor, row.cancelled_by, row.cancelled_at),
        **WORDS,
    )


@post("/me/fairs/{number:str}/cancel", name="cancel_registration", opt=access.signed_in(), status_code=303)
async def cancel_registration(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels; the next in the waiting list gets the place."""
    row = await queries.registration_by_number(actor, number)
    form = bind(CancelForm, await request.form())
    try:
        await services.cancel(row.id, by=actor, reason=form.value.reason)
    except Invalid as refused:
        form.add_errors(refused)
        if row.state == RegistrationState.CANCELLED:  # sent from an outdated page
            raise Conflict(changing.NOT_LIVE, code="already_cancelled") from refused
        return _cancel_page(request, actor, row, form, 422)
    flash = N_("The registration %(number)s is cancelled. Within ten minutes it can be undone.", number=row.number)
    route, values = list_of(actor, row)
    return redirect(request, route, flash=flash, **values)


@post("/me/fairs/{number:str}/restore", name="restore_registration", opt=access.signed_in(), status_code=303)
async def restore_registration(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Undoes a cancellation, if the place is still free."""
    row = await queries.registration_by_number(actor, number)
    form = bind(UndoForm, await request.form())
    try:
        await services.restore(row.id, reason=form.value.reason, by=actor)
    except (Conflict, Forbidden, Invalid) as refused:
        message = form.errors["reason"][0] if form.errors else refused.message
        return redirect(request, "cancel_registration_page", flash=message, kind="warning", number=number)
    flash = N_("The registration %(number)s is restored, with a new badge.", number=row.number)
    route, values = list_of(actor, row)
    return redirect(request, route, flash=flash, **values)


def _filters(request: AnyRequest) -> dict[str, Any]:
    """q, state and category of the address; unknown ones are left out."""
    given = request.query_params
    found = {"q": str(given.get("q", ""))[:100].strip()}
    for name, known in (("state", rules.STATES), ("category", rules.categories())):
        value = given.get(name, "")
        found[name] = value if value in known else ""
    return {name: value for name, value in found.items() if value}


@get("/organise/editions/{slug:str}/registrations", name="event_registrations", opt=RUNNERS)
async def event_registrations(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All registrations of an event, with search, filters and pages."""
    event = await event_for(actor, slug)
    query = _filters(request)
    return render(
        request,
        "registrations/event_registrations.html",
        event=event,
        query=query,
        page=await queries.search(event=event.id, window=window(page_number(request), None), **query),
        counts=await queries.counts_by_state(event.id),
        states=[(name, str(word)) for name, word in STATE_LABELS.items()],
        categories=[choice[:2] for choice in all_categories()],
        **WORDS,
    )


@get("/organise/editions/{slug:str}/registrations.xlsx", name="registrations_export", opt=access.confirmed(RUNNERS))
async def registrations_export(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """All pages of the filtered list, as a spreadsheet."""
    event = await event_for(actor, slug)
    content = await export.workbook(event.id, _filters(request))
    headers = {"content-disposition": f'attachment; filename="registrations-{event.slug}.xlsx"'}
    return Response(content, media_type=export.XLSX, headers=headers)


HANDLERS: list[Any] = [
    *signing_up.HANDLERS,
    my_registrations,
    cancel_page,
    cancel_registration,
    restore_registration,
    event_registrations,
    registrations_export,
    *session_pages.HANDLERS,
    *entering_pages.HANDLERS,
    *form_pages.HANDLERS,
    *part_pages.HANDLERS,
    *answer_pages.HANDLERS,
]
