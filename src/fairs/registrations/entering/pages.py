"""The page on which the staff registers somebody else, and the one that corrects such data."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows, is_over
from fairs.privacy import looks
from fairs.privacy.tables import LookPlace
from fairs.registrations import phones, rules, session_pages
from fairs.registrations.asking import queries as asking
from fairs.registrations.entering import queries, services
from fairs.registrations.entering.forms import ChangeForm, WalkInForm, for_event, read_entry
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

DESK = access.roles(Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
OTHERS = access.roles(Role.EMPLOYER, Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
PATH = "/organise/editions/{slug:str}/walk-ins"
WORDS: dict[str, Any] = {"state_label": state_label, "state_kinds": STATE_KINDS, "category_label": category_label}


@get(PATH, name="enter_person", opt=DESK)
async def enter_person(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form, the badge of the last person, and who was registered here lately."""
    event = await queries.event_to_enter(actor, slug)
    return await _page(request, event, actor, for_event(blank(WalkInForm), event))


def offered(form: Bound[WalkInForm], actor: Actor, event: EventRow) -> Bound[WalkInForm]:
    """The form with the categories that this actor gives."""
    allowed = queries.categories_for(actor, event)
    form["category"].spec = replace(
        form["category"].spec, choices=lambda: [(name, category_label(name), "") for name in allowed]
    )
    form["category"].required = True
    return form


async def _page(
    request: AnyRequest,
    event: EventRow,
    actor: Actor,
    form: Bound[WalkInForm],
    *,
    status: int = 200,
    known: services.Known | None = None,
) -> Response[Any]:
    offered(form, actor, event)
    latest = await queries.entered_by(actor, event)
    number = str(request.query_params.get("made", "")).upper()
    made = next((row for row in latest if row.number == number), None)
    over = is_over(event.ends_at, clock.now(), demo=event.demo) or not allows(event.state, Act.ENTER)
    return render(
        request,
        "registrations/entering/enter.html",
        status=409 if over and status == 422 else status,
        event=event,
        form=form,
        sessions=await session_pages.choices(event.id),
        known=known,
        over=over,
        latest=latest,
        made=made,
        asks=made is not None and await asking.asked_of(event.id, made.category) is not None,
        phones={row.id: phones.opened(row.phone) for row in known.twins} if known else {},
        **WORDS,
    )


@post(PATH, name="enter_person_submit", opt=DESK, status_code=303)
async def enter_person_submit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Registers the person; first shows who may be the same one."""
    event = await queries.event_to_enter(actor, slug)
    sent = await request.form()
    form = read_entry(WalkInForm, sent, event)
    if not form.ok:
        return await _page(request, event, actor, form, status=422)
    try:
        made = await services.enter_person(slug, form.value, by=actor, seen=str(sent.get("seen") or ""))
    except services.Known as known:
        if not known.digest:
            form.add_error("email", known.message)
        return await _page(request, event, actor, form, status=known.status, known=known)
    except Invalid as refused:
        form.add_errors(refused)
    except Conflict as refused:
        form.add_error("sessions" if refused.code in ("session_full", "session_closed") else "", refused.message)
        return await _page(request, event, actor, form, status=409)
    else:
        flash: object = N_("Registered: %(number)s. The badge can be printed now.", number=made.number)
        kind = "success"
        if made.state == RegistrationState.WAITLISTED:
            kind = "warning"
            flash = N_(
                "All places are taken. %(number)s is number %(position)s on the waiting list.",
                number=made.number,
                position=made.position,
            )
        return redirect(request, "enter_person", slug=slug, query=f"?made={made.number}", flash=flash, kind=kind)
    return await _page(request, event, actor, form, status=422)


async def _edit(
    request: AnyRequest, actor: Actor, row: RegistrationRow, form: Bound[ChangeForm], *, status: int = 200
) -> Response[Any]:
    over = is_over(row.ends_at, clock.now(), demo=row.event_demo) or row.state in rules.ENDED
    back = list_of(actor, row)
    return render(
        request, "registrations/entering/edit.html", status=status, row=row, form=form, over=over, back=back, **WORDS
    )


@get("/registrations/{number:str}/edit", name="edit_entry", opt=OTHERS)
async def edit_entry(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored data."""
    row = await services.entry_for(actor, number)
    await looks.note([row.registrant], LookPlace.REGISTRATION, by=actor)
    event = await event_by_id(row.event)
    return await _edit(request, actor, row, for_event(versions.opened(ChangeForm, services.stored_entry(row)), event))


@post("/registrations/{number:str}/edit", name="change_entry", opt=OTHERS, status_code=303)
async def change_entry(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the corrected data."""
    row = await services.entry_for(actor, number)
    event = await event_by_id(row.event)

    def read(data: Any) -> Bound[ChangeForm]:
        return read_entry(ChangeForm, data, event)

    def tell(form: Bound[ChangeForm], refused: DomainError) -> None:
        form.add_error("email" if refused.code == "already_registered" else "", refused.message)

    form = submitted(ChangeForm, await request.form(), services.stored_entry(row), read)

    async def act() -> None:
        await services.change_entry(number, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, tell)
    if status:
        return await _edit(request, actor, row, form, status=status)
    route, values = list_of(actor, row)
    return redirect(request, route, flash=N_("Saved."), **values)


HANDLERS: list[Any] = [enter_person, enter_person_submit, edit_entry, change_entry]
