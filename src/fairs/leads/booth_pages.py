"""The organiser's page of booths' gates: at whose booth each stands."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Invalid
from fairs.core.forms import bind
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.leads import queries, services
from fairs.leads.forms import BoothForm
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/organise/editions/{slug:str}/booth-gates"


async def _page(request: AnyRequest, actor: Actor, slug: str, refused: object = "", status: int = 200) -> Response[Any]:
    event = await event_for(actor, slug)
    return render(
        request,
        "leads/booth_gates.html",
        status=status,
        event=event,
        gates=await queries.booth_gates(event.id),
        employers=await queries.exhibitors(event.id),
        refused=refused,
    )


@get(PATH, name="booth_gates", opt=RUNNERS)
async def booth_gates(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gates of kind booth, each with its employer."""
    return await _page(request, actor, slug)


@post(PATH, name="assign_booth_gate", opt=RUNNERS, status_code=303)
async def assign_booth_gate(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Says whose booth a gate stands at."""
    event = await event_for(actor, slug)
    form = bind(BoothForm, await request.form())
    if not form.ok:
        return await _page(request, actor, slug, N_("Choose one from the list"), 422)
    try:
        await services.assign_gate(event, form.value.gate, form.value.organisation, by=actor)
    except Invalid as refused:
        return await _page(request, actor, slug, N_("Choose one from the list"), refused.status)
    return redirect(request, "booth_gates", slug=slug, flash=N_("Saved."))


HANDLERS: list[Any] = [booth_gates, assign_booth_gate]
