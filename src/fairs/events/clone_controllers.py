"""Pages on which an edition becomes the template of the next one, and on which that is undone."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events import cloning, labels, queries
from fairs.events.forms import CloneForm
from fairs.events.rows import EventRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)


def _form(
    request: AnyRequest, event: EventRow, form: Bound[CloneForm], *, plan: cloning.Plan | None = None, status: int = 200
) -> Response[Any]:
    shown = {"event": event, "form": form, "plan": plan, **labels.WORDS}
    return render(request, "events/clone.html", status=status, **shown)


@get("/organise/editions/{slug:str}/clone", name="clone_edition", opt=ORGANISERS)
async def clone_edition(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What to take over, with a day a year later on the same weekday."""
    event = await queries.province_event(actor, slug)
    today = clock.now().astimezone(ZoneInfo(event.timezone)).date()
    values: dict[str, Any] = {
        "title_zh": event.title_zh,
        "title_en": event.title_en,
        "starts_on": cloning.usual_day(event, today),
    }
    values |= dict.fromkeys(("rooms", "gates", "programme", "parts", "tables", "mails"), True)
    return _form(request, event, blank(CloneForm, **values))


@post("/organise/editions/{slug:str}/clone", name="make_clone", opt=ORGANISERS, status_code=303)
async def make_clone(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows the moved days; makes the draft once they are confirmed."""
    event = await queries.province_event(actor, slug)
    sent = await request.form()
    form = bind(CloneForm, sent)
    if sent.get("back"):
        return _form(request, event, form)
    try:
        if not sent.get("confirm"):
            return _form(request, event, form, plan=await cloning.plan_of(event, form.value))
        made = await cloning.clone(slug, form.value, by=actor)
    except DomainError as refused:
        if isinstance(refused, Conflict):
            form.add_error("slug" if refused.code == "slug_taken" else "", refused.message)
        elif isinstance(refused, Invalid) and not form.has_errors:
            form.add_errors(refused)
        elif not isinstance(refused, Invalid):
            raise
        return _form(request, event, form, status=refused.status)
    flash = N_("The draft is made. Until it is published it can be undone here.")
    return redirect(request, "edition", slug=made, flash=flash)


@post("/organise/editions/{slug:str}/clone/undo", name="undo_clone", opt=ORGANISERS, status_code=303)
async def undo_clone(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes a copied draft that nobody uses."""
    template = await cloning.undo_clone(slug, by=actor)
    return redirect(request, "edition", slug=template, flash=N_("The copy is deleted."))


HANDLERS: list[Any] = [clone_edition, make_clone, undo_clone]
