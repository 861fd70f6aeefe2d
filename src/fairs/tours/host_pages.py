"""Pages of hosts: the stops that they were asked for, each with its people; they confirm, decline and write what people need."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, submitted
from fairs.tours import hosting, labels, member_queries, queries
from fairs.tours.emails import title_of
from fairs.tours.forms import HostForm, ReasonForm
from fairs.tours.rows import HostedStop
from fairs.tours.tables import StopState
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

HOSTS = access.roles(Role.EMPLOYER, Role.BUREAU)
ONE = "/hosting/{stop_id:int}"


@get("/hosting", name="hosting", opt=HOSTS)
async def hosting_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """All stops that the viewer hosts, those that wait for an answer first."""
    rows = await queries.hosted_stops(actor)
    return render(
        request,
        "tours/hosting.html",
        rows=sorted(rows, key=lambda row: row.state != StopState.ASKED),
        waiting=sum(1 for row in rows if row.state == StopState.ASKED),
        states=labels.STOP_STATES,
        kinds=labels.STOP_KINDS,
        hours=labels.hours,
        title_of=title_of,
    )


async def _page(
    request: AnyRequest,
    actor: Actor,
    stop: HostedStop,
    form: Bound[HostForm] | None = None,
    *,
    reason: Bound[ReasonForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    lang = i18n.current_lang()
    return render(
        request,
        "tours/hosted.html",
        status=status,
        stop=stop,
        title=title_of(stop),
        form=form or versions.opened(HostForm, hosting.stored_host(stop)),
        reason=reason or blank(ReasonForm),
        people=await member_queries.people_at(stop.event, stop.id),
        talks=stop.organisation in actor.organisation_ids,
        spends=stop.unit_id in actor.unit_ids,
        states=labels.STOP_STATES,
        kinds=labels.STOP_KINDS,
        field_label=lambda code: catalogues.label("disciplines", code, lang) if code else "",
        country=lambda code: catalogues.label("countries", code, lang) if code else "",
    )


@get(ONE, name="hosted_stop", opt=HOSTS)
async def hosted_stop(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One stop: the question, what the host writes, and who comes."""
    return await _page(request, actor, await queries.hosted_stop(actor, stop_id))


@post(f"{ONE}/confirm", name="confirm_stop", opt=HOSTS, status_code=303)
async def confirm_stop(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The host expects the people."""
    try:
        await hosting.confirm(stop_id, by=actor)
    except Conflict as refused:
        return redirect(request, "hosted_stop", stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "hosted_stop", stop_id=stop_id, flash=N_("Thank you: the stop is confirmed."))


@post(f"{ONE}/decline", name="decline_stop", opt=HOSTS, status_code=303)
async def decline_stop(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The host cannot receive them, with the reason."""
    stop = await queries.hosted_stop(actor, stop_id)
    form = bind(ReasonForm, await request.form())
    if stop.state in (StopState.DECLINED, StopState.CANCELLED):  # the page has no form for it any more
        told = hosting.ANSWERED if stop.state == StopState.DECLINED else hosting.OFF
        return redirect(request, "hosted_stop", stop_id=stop_id, flash=told, kind="warning")
    if not form.ok:
        return await _page(request, actor, stop, reason=form, status=422)
    try:
        await hosting.decline(stop_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(request, "hosted_stop", stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "hosted_stop", stop_id=stop_id, flash=N_("The organiser knows that you cannot."))


@post(ONE, name="save_hosted_stop", opt=HOSTS, status_code=303)
async def save_hosted_stop(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores what the host writes."""
    stop = await queries.hosted_stop(actor, stop_id)
    form = submitted(HostForm, await request.form(), hosting.stored_host(stop))

    async def act() -> None:
        await hosting.save_hosted(stop_id, form.value, seen=form.version, by=actor)

    status, _ = await attempt(form, act)
    if status:
        return await _page(request, actor, stop, form, status=status)
    return redirect(request, "hosted_stop", stop_id=stop_id, flash=N_("Saved."))


HANDLERS: list[Any] = [hosting_page, hosted_stop, confirm_stop, decline_stop, save_hosted_stop]
