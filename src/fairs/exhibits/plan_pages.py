"""The plan of booths for who runs the event: made from a spreadsheet, filled by hand or by rule, with gates and lintels."""

import asyncio
from typing import Any
from urllib.parse import urljoin

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.exhibits import booths, drawing, labels, queries
from fairs.exhibits.forms import GridForm, StandForm
from fairs.exhibits.staff_pages import PATH
from fairs.notifications.services import base_url
from fairs.web import downloads
from fairs.web.templating import AnyRequest, redirect, render, reverse

PLAN = f"{PATH}/plan"


async def _page(
    request: AnyRequest, actor: Actor, slug: str, form: Bound[GridForm] | None = None, status: int = 200
) -> Response[Any]:
    event = await event_for(actor, slug)
    call = await queries.exhibition_of(event.id)
    rows = await queries.booths_of(event.id)
    text = "\n".join("\t".join(line) for line in booths.grid_of(call))
    return render(
        request,
        "exhibits/plan.html",
        status=status,
        event=event,
        rows=rows,
        plan=drawing.plan(booths.cells_of(call), rows) if rows else None,
        waiting=await queries.without_booth(event.id),
        free=[row for row in rows if row.exhibit is None],
        ungated=sum(1 for row in rows if row.exhibit is not None and row.gate is None),
        form=form or blank(GridForm, text=text),
        words=labels,
    )


@get(PLAN, name="booth_plan", opt=RUNNERS)
async def booth_plan(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The plan, with a booth for each exhibit."""
    return await _page(request, actor, slug)


@post(PLAN, name="save_booth_plan", opt=RUNNERS, status_code=303)
async def save_booth_plan(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the plan."""
    await event_for(actor, slug)
    data = await request.form()
    form = bind(GridForm, data)
    typed = data.get("text")
    if not form.ok or not isinstance(typed, str):
        if not form.has_errors:
            form.add_error("text", N_("Paste the cells of the hall"))
        return await _page(request, actor, slug, form, 422)
    try:
        number = await booths.save_plan(slug, typed, by=actor)
    except (Invalid, Conflict) as refused:
        if isinstance(refused, Invalid):
            form.add_errors(refused)
        else:
            form.add_error("text", refused.message)
        form["text"].values = [typed]
        return await _page(request, actor, slug, form, refused.status)
    return redirect(request, "booth_plan", slug=slug, flash=N_("Booths on the plan: %(number)s", number=number))


@post(f"{PLAN}/stand", name="stand_exhibit", opt=RUNNERS, status_code=303)
async def stand_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives an exhibit a booth, or none."""
    await event_for(actor, slug)
    form = bind(StandForm, await request.form())
    if not form.ok:
        return redirect(request, "booth_plan", slug=slug, flash=N_("Choose one from the list"), kind="warning")
    try:
        await booths.stand(slug, form.value.exhibit, form.value.booth, by=actor)
    except Conflict as refused:
        return redirect(request, "booth_plan", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "booth_plan", slug=slug, flash=N_("Saved."))


@post(f"{PLAN}/fill", name="fill_booths", opt=RUNNERS, status_code=303)
async def fill_booths(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives free booths to all who have none."""
    number = await booths.fill(slug, by=actor)
    return redirect(request, "booth_plan", slug=slug, flash=N_("Exhibits that got a booth: %(number)s", number=number))


@post(f"{PLAN}/gates", name="make_booth_gates", opt=RUNNERS, status_code=303)
async def make_booth_gates(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes gates at which visits are counted."""
    try:
        number = await booths.make_gates(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "booth_plan", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "booth_plan", slug=slug, flash=N_("Gates at booths: %(number)s", number=number))


@get(f"{PLAN}/lintels.pdf", name="booth_lintels", opt=RUNNERS)
async def booth_lintels(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The lintels of all booths at which something stands."""
    event = await event_for(actor, slug)
    rows = [row for row in await queries.booths_of(event.id) if row.exhibit is not None]
    if not rows:
        raise NotFound
    paths = [reverse(request, "exhibit", slug=slug, exhibit_id=row.exhibit) for row in rows]
    addresses = [urljoin(base_url() + "/", path.lstrip("/")) for path in paths]
    content = await asyncio.to_thread(drawing.lintels, event, rows, addresses)
    return downloads.file(content, "lintels.pdf", "application/pdf")


HANDLERS: list[Any] = [booth_plan, save_booth_plan, stand_exhibit, fill_booths, make_booth_gates, booth_lintels]
