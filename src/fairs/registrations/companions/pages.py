"""The page on which somebody names companions, opens their badges and cancels them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.rules import is_over
from fairs.registrations import queries, rules
from fairs.registrations.companions import services
from fairs.registrations.companions.services import CompanionForm
from fairs.registrations.labels import STATE_KINDS, state_label
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/me/fairs/{number:str}/companions"


async def _page(
    request: AnyRequest, actor: Actor, row: RegistrationRow, form: Bound[CompanionForm], *, status: int = 200
) -> Response[Any]:
    rows = await services.companions_of(row.id)
    limit = await services.allowed(row)
    if not limit and not rows:
        raise NotFound
    live = [one for one in rows if one.state not in rules.ENDED]
    confirmed = row.state == RegistrationState.CONFIRMED
    over = is_over(row.ends_at, clock.now(), demo=row.event_demo)
    return render(
        request,
        "registrations/companions/companions.html",
        status=status,
        row=row,
        rows=rows,
        form=form,
        limit=limit,
        live=len(live),
        may_add=confirmed and not over and len(live) < limit,
        first=services.FIRST if not confirmed else "",
        own=queries.is_own(actor, row),
        back=list_of(actor, row),
        state_kinds=STATE_KINDS,
        state_label=state_label,
    )


@get(PATH, name="companions", opt=access.signed_in())
async def companions_page(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who comes along, and an empty form while one more may."""
    return await _page(request, actor, await queries.registration_by_number(actor, number), blank(CompanionForm))


@post(PATH, name="add_companion", opt=access.signed_in(), status_code=303)
async def add_companion(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Registers a companion."""
    row = await queries.registration_by_number(actor, number)
    form = bind(CompanionForm, await request.form())
    if not form.ok:
        return await _page(request, actor, row, form, status=422)
    try:
        made = await services.add_companion(number, form.value, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _page(request, actor, row, form, status=422)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _page(request, actor, row, form, status=409)
    flash: object = N_("Your companion is registered: %(number)s", number=made.number)
    kind = "success"
    if made.state == RegistrationState.WAITLISTED:
        flash = N_("All places are taken: your companion %(number)s is on the waiting list.", number=made.number)
        kind = "warning"
    return redirect(request, "companions", number=row.number, flash=flash, kind=kind)


HANDLERS: list[Any] = [companions_page, add_companion]
