"""Pages of registrations: sign-up, the viewer's own fairs; the working list and its acts."""

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
from fairs.events.rules import is_over
from fairs.registrations import changing, moderation, queries, rules, services, session_pages, signing_up
from fairs.registrations.asking import answer_pages, part_pages
from fairs.registrations.asking import pages as form_pages
from fairs.registrations.asking import queries as asking
from fairs.registrations.codes import pages as code_pages
from fairs.registrations.companions import pages as companion_pages
from fairs.registrations.companions import services as companions
from fairs.registrations.entering import kept_pages
from fairs.registrations.entering import pages as entering_pages
from fairs.registrations.forms import CancelForm
from fairs.registrations.groups import pages as group_pages
from fairs.registrations.groups import queries as groups
from fairs.registrations.offering import pages as offer_pages
from fairs.registrations.pools import pages as pool_pages
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.signing_up import WORDS, prove_first
from fairs.registrations.tables import RegistrationState
from fairs.registrations.working import bulk_pages, mail_pages, person_pages
from fairs.registrations.working import pages as working_pages
from fairs.talents.journey import journey_of
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render


@get("/me/fairs", name="my_registrations", opt=access.signed_in())
async def my_registrations(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The viewer's registrations with state, position, badge and both clocks."""
    rows = await queries.registrations_of(actor)
    if not rows and await queries.awaits_proof(actor):
        return prove_first(request, actor)
    live = [row for row in rows if row.state not in rules.ENDED]
    sessions = await queries.sessions_of_all([row.id for row in live])
    steps = await journey_of(actor)
    closed = {row.id for row in rows if is_over(row.ends_at, clock.now(), demo=row.event_demo)}
    asked = await asking.asked_by(rows)
    deadlines = {row.id: offer_pages.deadline(row) for row in rows if row.offer_until is not None}
    shown: dict[str, Any] = {
        "rows": rows,
        "deadlines": deadlines,
        "asked": asked,
        "sessions": sessions,
        "steps": steps,
        "closed": closed,
        "brings": await companions.allowed_of(live),
        "groups": await groups.groups_of_contact(actor),
    }
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
        may_reject=row.state != RegistrationState.CONFIRMED
        and moderation.may(row.state, RegistrationState.REJECTED, moderation.by_of(actor, row)),
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
        await services.cancel(row.id, by=actor, reason=form.value.reason, rejects=form.value.reject)
    except Invalid as refused:
        form.add_errors(refused)
        if row.state in rules.ENDED:  # sent from an outdated page
            raise Conflict(changing.NOT_LIVE, code="already_cancelled") from refused
        return _cancel_page(request, actor, row, form, 422)
    if (await queries.registration_by_id(row.id)).state == RegistrationState.REJECTED:
        flash = N_(
            "The registration %(number)s is not accepted. Within ten minutes it can be undone.", number=row.number
        )
    else:
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


HANDLERS: list[Any] = [
    *signing_up.HANDLERS,
    my_registrations,
    cancel_page,
    cancel_registration,
    restore_registration,
    *working_pages.HANDLERS,
    *mail_pages.HANDLERS,
    *bulk_pages.HANDLERS,
    *person_pages.HANDLERS,
    *session_pages.HANDLERS,
    *entering_pages.HANDLERS,
    *kept_pages.HANDLERS,
    *form_pages.HANDLERS,
    *part_pages.HANDLERS,
    *answer_pages.HANDLERS,
    *pool_pages.HANDLERS,
    *code_pages.HANDLERS,
    *offer_pages.HANDLERS,
    *group_pages.HANDLERS,
    *companion_pages.HANDLERS,
]
