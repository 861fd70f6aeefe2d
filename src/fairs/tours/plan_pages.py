"""How a tour is planned: hours, coaches, groups and quotas; and its stops from a pasted table."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.tours import importing, labels, queries, services
from fairs.tours.forms import GroupForm, PlanForm, QuotaForm
from fairs.tours.pages import PATH
from fairs.units import catalogues
from fairs.web import downloads
from fairs.web.templating import AnyRequest, redirect, render


def _table(request: AnyRequest, event: EventRow, *, status: int = 200, **shown: Any) -> Response[Any]:
    given: dict[str, Any] = {"text": "", "errors": [], "found": [], **shown}
    return render(
        request,
        "tours/stops_import.html",
        status=status,
        event=event,
        columns=importing.STOP_COLUMNS,
        kinds=labels.STOP_KINDS,
        unit=lambda code: catalogues.label("units", code, i18n.current_lang()) if code else "",
        **given,
    )


@get(f"{PATH}/import", name="import_stops", opt=RUNNERS)
async def import_stops(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where a table of stops is pasted."""
    return _table(request, await event_for(actor, slug))


@get(f"{PATH}/stops.xlsx", name="stops_workbook", opt=RUNNERS)
async def stops_workbook(slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The itinerary as a workbook."""
    event = await event_for(actor, slug)
    content = importing.stops_workbook(event, await queries.stops_of(event.id))
    return downloads.file(content, f"{event.slug}-stops.xlsx")


@post(f"{PATH}/import", name="read_stops", opt=RUNNERS, status_code=303)
async def read_stops(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what the table would add; with `confirm` adds all of it, or nothing."""
    event = await event_for(actor, slug)
    data = await request.form()
    text, confirmed = str(data.get("text") or ""), bool(data.get("confirm"))
    try:
        table = importing.read_stops(text, event, await queries.employers_for(event.id))
    except Invalid as refused:
        errors = [(0, str(message)) for found in refused.fields.values() for message in found]
        return _table(request, event, status=refused.status, text=text, errors=errors)
    dry = bool(table.errors) or not confirmed
    added = await importing.stored(table, services.store_table(slug, table.forms, dry=dry, by=actor))
    if table.errors:
        return _table(request, event, status=422, text=table.text, errors=sorted(set(table.errors)))
    if confirmed:
        return redirect(request, "tour", slug=slug, flash=N_("Stops added: %(number)s", number=added))
    return _table(request, event, text=table.text, found=table.forms)


async def _plan(
    request: AnyRequest,
    event: EventRow,
    form: Bound[PlanForm] | None = None,
    *,
    group: Bound[GroupForm] | None = None,
    quota: Bound[QuotaForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    plan = await queries.plan_of(event.id)
    lang = i18n.current_lang()
    return render(
        request,
        "tours/plan.html",
        status=status,
        event=event,
        form=form or versions.opened(PlanForm, services.stored_plan(plan)),
        group=group or blank(GroupForm),
        quota=quota or blank(QuotaForm),
        groups=await queries.groups_of(event.id),
        quotas=[
            (catalogues.label(*(("units", row.unit) if row.unit else ("disciplines", row.discipline)), lang), row)
            for row in await queries.quotas_of(event.id)
        ],
    )


@get(f"{PATH}/plan", name="tour_plan", opt=RUNNERS)
async def tour_plan(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Start and end, hours, coaches, groups, quotas."""
    return await _plan(request, await event_for(actor, slug))


@post(f"{PATH}/plan", name="save_tour_plan", opt=RUNNERS, status_code=303)
async def save_tour_plan(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores how the tour is planned."""
    event = await event_for(actor, slug)
    stored = services.stored_plan(await queries.plan_of(event.id))
    form = submitted(PlanForm, await request.form(), stored)
    status, _ = await attempt(form, lambda: services.save_plan(slug, form.value, seen=form.version, by=actor))
    if status:
        return await _plan(request, event, form, status=status)
    return redirect(request, "tour_plan", slug=slug, flash=N_("Saved."))


@post(f"{PATH}/groups", name="add_tour_group", opt=RUNNERS, status_code=303)
async def add_tour_group(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a group."""
    event = await event_for(actor, slug)
    form = bind(GroupForm, await request.form())
    if not form.ok:
        return await _plan(request, event, group=form, status=422)
    await services.add_group(slug, form.value, by=actor)
    return redirect(request, "tour_plan", slug=slug, query="#groups", flash=N_("The group is there."))


@post(PATH + "/groups/{group_id:int}/remove", name="remove_tour_group", opt=RUNNERS, status_code=303)
async def remove_tour_group(
    request: Request[Any, Any, Any], slug: FromPath[str], group_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a group."""
    try:
        await services.remove_group(slug, group_id, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_plan", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "tour_plan", slug=slug, query="#groups", flash=N_("The group is gone."))


@post(f"{PATH}/quotas", name="set_tour_quota", opt=RUNNERS, status_code=303)
async def set_tour_quota(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sets a quota."""
    event = await event_for(actor, slug)
    form = bind(QuotaForm, await request.form())
    if not form.ok:
        return await _plan(request, event, quota=form, status=422)
    await services.set_quota(slug, form.value, by=actor)
    return redirect(request, "tour_plan", slug=slug, query="#quotas", flash=N_("Saved."))


@post(PATH + "/quotas/{quota_id:int}/remove", name="remove_tour_quota", opt=RUNNERS, status_code=303)
async def remove_tour_quota(
    request: Request[Any, Any, Any], slug: FromPath[str], quota_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a quota away."""
    await services.remove_quota(slug, quota_id, by=actor)
    return redirect(request, "tour_plan", slug=slug, query="#quotas", flash=N_("The quota is gone."))


HANDLERS: list[Any] = [
    import_stops,
    stops_workbook,
    read_stops,
    tour_plan,
    save_tour_plan,
    add_tour_group,
    remove_tour_group,
    set_tour_quota,
    remove_tour_quota,
]
