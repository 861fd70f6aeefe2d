"""Pages on which organisers give tables to employers, and employers ask for one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, submitted
from fairs.events.queries import event_by_slug, event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.meetings import queries as meetings
from fairs.meetings.giving import forms, queries, services
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

GIVEN = N_("The table is given.")
ASKED = N_("The organiser has been asked. The answer appears here.")


async def _page(
    request: AnyRequest, event: EventRow, rule: Bound[Any] | None = None, refusing: Any = None, status: int = 200
) -> Response[Any]:
    stored = await queries.rule_of(event.id)
    if rule is None:
        rule = versions.opened(forms.RuleForm, {"kind": stored.kind, "each": stored.each})
    query = {key: text for key in ("q", "page") if (text := request.query_params.get(key))}
    words = query.get("q", "").replace("\0", "")[:100]
    return render(
        request,
        "meetings/employers_tables.html",
        status=status,
        event=event,
        form=rule,
        refusing=refusing,
        counts=await meetings.hall(event.id),
        page=await queries.without_table(event.id, q=words, page=page_number(request)),
        query=query,
    )


@get("/organise/editions/{slug:str}/hall/employers", name="hall_employers", opt=RUNNERS)
async def hall_employers(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The rule of the event's tables, and the employers without one."""
    return await _page(request, await event_for(actor, slug))


@post("/organise/editions/{slug:str}/hall/rule", name="save_table_rule", opt=RUNNERS, status_code=303)
async def save_table_rule(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the rule; the first one gives the missing tables at once."""
    event = await event_for(actor, slug)
    before = await queries.rule_of(event.id)
    stored = {"kind": before.kind, "each": before.each}
    form = submitted(forms.RuleForm, await request.form(), stored)

    async def act() -> int:
        return await services.save_rule(event.id, form.value, by=actor, seen=form.version)

    status, added = await attempt(form, act)
    if status:
        return await _page(request, event, form, status=status)
    flash = N_("Saved. Tables added: %(count)s", count=added)
    return redirect(request, "hall_employers", slug=slug, flash=flash)


@post(
    "/organise/editions/{slug:str}/hall/employers/{organisation_id:int}/table",
    name="give_table",
    opt=RUNNERS,
    status_code=303,
)
async def give_table(
    request: Request[Any, Any, Any], slug: FromPath[str], organisation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives an employer a table of its own."""
    event = await event_for(actor, slug)
    try:
        await services.give_table(event.id, organisation_id, by=actor)
    except (Invalid, Conflict) as refused:
        return redirect(request, "hall_employers", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "hall_employers", slug=slug, flash=GIVEN)


@post("/organise/editions/{slug:str}/hall/employers/tables", name="give_tables", opt=RUNNERS, status_code=303)
async def give_tables(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives everybody on the list a table."""
    event = await event_for(actor, slug)
    try:
        added = await services.give_all(event.id, by=actor)
    except (Invalid, Conflict) as refused:
        return redirect(request, "hall_employers", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "hall_employers", slug=slug, flash=N_("Tables added: %(count)s", count=added))


@post(
    "/organise/editions/{slug:str}/hall/employers/{organisation_id:int}/refuse",
    name="refuse_table",
    opt=RUNNERS,
    status_code=303,
)
async def refuse_table(
    request: Request[Any, Any, Any], slug: FromPath[str], organisation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Answers a request with a reason."""
    event = await event_for(actor, slug)
    form = bind(forms.RefuseForm, await request.form())
    if not form.ok:
        return await _page(request, event, refusing=(organisation_id, form), status=422)
    try:
        await services.refuse_table(event.id, organisation_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(request, "hall_employers", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "hall_employers", slug=slug, flash=N_("The employer reads your answer on its page."))


@post("/e/{slug:str}/table", name="ask_for_table", opt=access.roles(Role.EMPLOYER), status_code=303)
async def ask_for_table(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An employer asks for a table of its own."""
    event = await event_by_slug(slug, viewer=actor)
    form = bind(forms.AskForm, await request.form()).value
    place = f"?event={slug}#table"
    try:
        given = await services.ask_for_table(event.id, form, by=actor)
    except Conflict as refused:
        return redirect(request, "employer_meetings", query=place, flash=refused.message, kind="warning")
    return redirect(request, "employer_meetings", query=place, flash=GIVEN if given else ASKED)


HANDLERS: list[Any] = [hall_employers, save_table_rule, give_table, give_tables, refuse_table, ask_for_table]
