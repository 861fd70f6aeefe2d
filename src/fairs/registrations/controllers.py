"""Pages of registrations: sign-up, the viewer's own fairs; the working list and its acts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.core import clock, i18n, pdf
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.inheriting import effective
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.rules import is_over
from fairs.events.tables import EventState
from fairs.notifications.services import told
from fairs.registrations import changing, queries, rules, services, session_pages
from fairs.registrations.applying import closed_by_date
from fairs.registrations.entering import pages as entering_pages
from fairs.registrations.forms import CancelForm, OwnRegistrationForm, own_categories
from fairs.registrations.labels import STATE_KINDS, category_label, fair_hours, state_label
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState
from fairs.registrations.working import bulk_pages, person_pages
from fairs.registrations.working import pages as working_pages
from fairs.talents.journey import journey_of
from fairs.talents.queries import talent_of
from fairs.talents.services import CONFIRM_FIRST
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts of East Asia: a native name
WORDS: dict[str, Any] = {
    "effective": effective,
    "state_label": state_label,
    "state_kinds": STATE_KINDS,
    "category_label": category_label,
    "fair_hours": fair_hours,
}


async def _prefilled(actor: Actor) -> dict[str, Any]:
    """Known data of the person: the profile, else the account."""
    talent = await talent_of(actor)
    if talent is None:
        return {"name_passport" if not _HAN.search(actor.name) else "name_native": actor.name}
    known = {name: getattr(talent, name) for name in ("name_passport", "name_native", "nationality", "phone")}
    return known | {"organisation": talent.current_employer or talent.institution}


def _prove_first(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Another person entered this address: only its proved owner may see the registration."""
    status = 200 if request.method == "GET" else 409
    return render(request, "talents/confirm_first.html", status=status, email=actor.email, message=CONFIRM_FIRST)


async def _register_page(
    request: AnyRequest,
    event: EventRow,
    actor: Actor,
    form: Bound[Any],
    *,
    status: int = 200,
    warned: Sequence[object] = (),
) -> Response[Any]:
    counts = await queries.counts_by_state(event.id)
    existing = await queries.live_registration(event.id, actor.email)
    if existing and not queries.is_own(actor, existing):
        return _prove_first(request, actor)
    over, late = is_over(event.ends_at, clock.now(), demo=event.demo), closed_by_date(event, clock.now())
    if status == 422 and (existing or event.state != EventState.PUBLISHED or over or late):
        status = 409  # the page no longer contains a form
    own = effective(event).own_categories or rules.own_categories()
    choices = [choice for choice in own_categories() if choice[0] in own]
    form["category"].spec = replace(form["category"].spec, choices=lambda: choices)
    form["category"].required = True  # preselected, but an answer is required
    return render(
        request,
        "registrations/register.html",
        status=status,
        event=event,
        form=form,
        sessions=await session_pages.choices(event.id),
        warned=warned,
        same_hour=session_pages.mark(form.fields["sessions"].values),
        over=over,
        late=late.message if late else "",
        existing=existing,
        free=rules.free_places(event.capacity, counts[RegistrationState.CONFIRMED]),
        waiting=counts[RegistrationState.WAITLISTED],
        **WORDS,
    )


@get("/e/{slug:str}/register", name="register", opt=access.public())
async def register_page(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """The form, filled from the profile; without an account, a link to sign up."""
    event = await event_by_slug(slug, viewer=viewer)
    if viewer is None:
        return render(request, "registrations/sign_up_first.html", event=event, **WORDS)
    form = blank(OwnRegistrationForm, email=viewer.email, **await _prefilled(viewer))
    return await _register_page(request, event, viewer, form)


def _values(data: Any) -> Mapping[str, Any]:
    """The posted fields as plain values; repeated ones as lists."""
    return {key: found if len(found := data.getall(key)) > 1 else found[0] for key in dict.fromkeys(data)}


@post("/e/{slug:str}/register", name="register_submit", opt=access.signed_in(), status_code=303)
async def register_submit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives the signed-in person a place or a position."""
    event = await event_by_slug(slug, viewer=actor)
    values = dict(_values(await request.form()))
    form = bind(OwnRegistrationForm, values | {"email": actor.email, "lang": i18n.current_lang()})
    warned = await session_pages.warnings_of(event.id, actor, form.fields["sessions"].values)
    if form.ok and warned and values.get("same_hour") != session_pages.mark(form.fields["sessions"].values):
        return await _register_page(request, event, actor, form, status=409, warned=warned)
    if form.ok:
        try:
            made = await services.register(event.id, form.value, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except Conflict as refused:
            form.add_error("sessions" if refused.code in ("session_full", "session_closed") else "", refused.message)
        else:
            flash, kind = _welcome(made, actor), "success"
            missing = pdf.unprintable(form.value.name_native + form.value.name_passport)
            if missing:
                lacking = N_("A badge on paper cannot show %(characters)s.", characters=missing)
                flash, kind = f"{flash} {lacking}", "warning"
            return redirect(request, "my_registrations", flash=flash, kind=kind)
    return await _register_page(request, event, actor, form, status=422)


def _welcome(made: services.Registered, actor: Actor) -> object:
    if made.state == RegistrationState.WAITLISTED:
        return N_("All places are taken. You are number %(position)s on the waiting list.", position=made.position)
    if not actor.proved:
        later = N_(
            "You are registered: %(number)s. Your badge is mailed when your address is confirmed.", number=made.number
        )
        shown = N_(
            "You are registered: %(number)s. Your badge is shown when your address is confirmed.", number=made.number
        )
        return told(later, shown)
    by_mail = N_("You are registered: %(number)s. Your badge is on its way by mail.", number=made.number)
    return told(by_mail, N_("You are registered: %(number)s. Your badge is here.", number=made.number))


@get("/me/fairs", name="my_registrations", opt=access.signed_in())
async def my_registrations(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The viewer's registrations with state, position, badge and both clocks."""
    rows = await queries.registrations_of(actor)
    if not rows and await queries.awaits_proof(actor):
        return _prove_first(request, actor)
    sessions = {
        row.id: await queries.sessions_signed_up(row.id) for row in rows if row.state != RegistrationState.CANCELLED
    }
    steps = await journey_of(actor)
    closed = {row.id for row in rows if is_over(row.ends_at, clock.now(), demo=row.event_demo)}
    shown: dict[str, Any] = {"rows": rows, "sessions": sessions, "steps": steps, "closed": closed}
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


HANDLERS: list[Any] = [
    register_page,
    register_submit,
    my_registrations,
    cancel_page,
    cancel_registration,
    restore_registration,
    *working_pages.HANDLERS,
    *bulk_pages.HANDLERS,
    *person_pages.HANDLERS,
    *session_pages.HANDLERS,
    *entering_pages.HANDLERS,
]
