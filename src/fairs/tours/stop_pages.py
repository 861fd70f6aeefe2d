"""A stop of a tour for who runs it: added, changed, moved, copied, cancelled; its host is asked."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.tours import emails, hosting, labels, member_queries, queries, services
from fairs.tours.forms import MoveForm, ReasonForm, StopForm
from fairs.tours.pages import PATH
from fairs.tours.rows import StopRow
from fairs.units import catalogues
from fairs.web.templating import AnyRequest, redirect, render

ONE = PATH + "/stops/{stop_id:int}"


async def _choices(form: Bound[StopForm], event: EventRow) -> None:
    """Offer the employers and groups of this tour."""
    employers = [
        (
            str(one.id),
            f"{pick(one.name_zh, one.name_en)} · {catalogues.label('units', one.unit, i18n.current_lang())}",
            "",
        )
        for one in await queries.employers_for(event.id)
    ]
    groups = [(row.name, row.name, "") for row in await queries.groups_of(event.id)]
    form["employer"].spec = replace(form["employer"].spec, choices=lambda: employers)
    form["groups"].spec = replace(form["groups"].spec, choices=lambda: groups)


async def _stop(
    request: AnyRequest,
    event: EventRow,
    form: Bound[StopForm],
    stop: StopRow | None = None,
    *,
    status: int = 200,
    move: Bound[MoveForm] | None = None,
    cancel: Bound[ReasonForm] | None = None,
) -> Response[Any]:
    await _choices(form, event)
    moved = blank(MoveForm, in_zone=event.timezone, starts_at=stop.starts_at) if stop else blank(MoveForm)
    return render(
        request,
        "tours/stop.html",
        status=status,
        event=event,
        form=form,
        stop=stop,
        move=move or moved,
        cancel=cancel or blank(ReasonForm),
        people=await member_queries.people_at(event.id, stop.id) if stop else [],
        hosts=await queries.host_contacts(stop) if stop else [],
        states=labels.STOP_STATES,
        moment=i18n.format_moment,
        title=emails.title_of(stop) if stop else "",
    )


@get(f"{PATH}/stops/new", name="new_stop", opt=RUNNERS)
async def new_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new stop, after the last one."""
    event = await event_for(actor, slug)
    plan = await queries.plan_of(event.id)
    starts_at, ends_at = services.first_free_hour(event, await queries.stops_of(event.id), plan.begins)
    form = blank(StopForm, in_zone=event.timezone, starts_at=starts_at, ends_at=ends_at, timezone=event.timezone)
    return await _stop(request, event, form)


@post(f"{PATH}/stops/new", name="add_stop", opt=RUNNERS, status_code=303)
async def add_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds the stop."""
    event = await event_for(actor, slug)
    form = bind(StopForm, await request.form(), zone=event.timezone)
    status, _ = await attempt(form, lambda: services.add_stop(slug, form.value, by=actor))
    if status:
        return await _stop(request, event, form, status=status)
    return redirect(request, "tour", slug=slug, flash=N_("The stop is in the itinerary."))


@get(ONE, name="edit_stop", opt=RUNNERS)
async def edit_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A stop with its people, host, and all that can be done with it."""
    event = await event_for(actor, slug)
    stop = await queries.stop_of(event.id, stop_id)
    return await _stop(request, event, versions.opened(StopForm, services.stored_stop(stop, event)), stop)


@post(ONE, name="save_stop", opt=RUNNERS, status_code=303)
async def save_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the stop; its people are told once the itinerary is released."""
    event = await event_for(actor, slug)
    stop = await queries.stop_of(event.id, stop_id)
    form = submitted(StopForm, await request.form(), services.stored_stop(stop, event), zone=event.timezone)
    status, _ = await attempt(form, lambda: services.save_stop(slug, stop_id, form.value, seen=form.version, by=actor))
    if status:
        return await _stop(request, event, form, stop, status=status)
    return redirect(request, "tour", slug=slug, flash=N_("Saved."))


@post(f"{ONE}/move", name="move_stop", opt=RUNNERS, status_code=303)
async def move_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Moves the stop, and the later ones of its day if asked."""
    event = await event_for(actor, slug)
    stop = await queries.stop_of(event.id, stop_id)
    form = bind(MoveForm, await request.form(), zone=event.timezone)
    if not form.ok:
        shown = versions.opened(StopForm, services.stored_stop(stop, event))
        return await _stop(request, event, shown, stop, status=422, move=form)
    try:
        moved = await services.move_stop(slug, stop_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "tour", slug=slug, flash=N_("Stops moved: %(number)s", number=moved))


@post(f"{ONE}/copy", name="copy_stop", opt=RUNNERS, status_code=303)
async def copy_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A stop like this one, to be changed."""
    try:
        made = await services.copy_stop(slug, stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(
        request, "edit_stop", slug=slug, stop_id=made, flash=N_("This is the copy. Change what is different.")
    )


@post(f"{ONE}/cancel", name="cancel_stop", opt=RUNNERS, status_code=303)
async def cancel_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels the stop with a reason."""
    event = await event_for(actor, slug)
    stop = await queries.stop_of(event.id, stop_id)
    form = bind(ReasonForm, await request.form())
    if not form.ok:
        shown = versions.opened(StopForm, services.stored_stop(stop, event))
        return await _stop(request, event, shown, stop, status=422, cancel=form)
    try:
        await services.cancel_stop(slug, stop_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "tour", slug=slug, flash=N_("The stop is cancelled."))


@post(f"{ONE}/restore", name="restore_stop", opt=RUNNERS, status_code=303)
async def restore_stop(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a cancelled stop up again."""
    try:
        await services.restore_stop(slug, stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=N_("The stop is in the itinerary again."))


@post(f"{ONE}/ask", name="ask_host", opt=RUNNERS, status_code=303)
async def ask_host(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks the host whether the people are expected."""
    try:
        mails = await hosting.ask_host(slug, stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    said = N_("The host is asked. Accounts that were written to: %(number)s", number=mails)
    return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=said)


@post(f"{ONE}/confirmed", name="note_confirmed", opt=RUNNERS, status_code=303)
async def note_confirmed(
    request: Request[Any, Any, Any], slug: FromPath[str], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Notes what the host said on the telephone."""
    try:
        await hosting.note_confirmed(slug, stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "edit_stop", slug=slug, stop_id=stop_id, flash=N_("Noted: the host expects the people."))


HANDLERS: list[Any] = [
    new_stop,
    add_stop,
    edit_stop,
    save_stop,
    move_stop,
    copy_stop,
    cancel_stop,
    restore_stop,
    ask_host,
    note_confirmed,
]
