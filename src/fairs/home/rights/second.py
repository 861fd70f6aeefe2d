"""Pages of administrators about two-factor authentication: which roles need it; resetting it for one person."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import second_demands
from fairs.accounts.actor import Actor
from fairs.accounts.forms import DemandsForm
from fairs.core import versions
from fairs.core.errors import Conflict, Forbidden
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, nowhere, submitted
from fairs.home.rights import labels, queries
from fairs.home.rights.forms import ResetForm
from fairs.home.rights.queries import reach_of
from fairs.notifications.services import told
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

ADMINS = access.roles(Role.ADMIN)


@get("/organise/people/two-factor", name="second_demands", opt=ADMINS)
async def demands_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Role → demanded from a day on."""
    found = second_demands.stored_form(await second_demands.demands())
    return await _demands(request, versions.opened(DemandsForm, found))


async def _demands(request: AnyRequest, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    return render(
        request,
        "home/rights/second_demands.html",
        status=status,
        form=form,
        counts=await queries.second_counts(),
        **labels.WORDS,
    )


@post("/organise/people/two-factor", name="second_demands_submit", opt=access.confirmed(ADMINS), status_code=303)
async def demands_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the days."""
    stored = second_demands.stored_form(await second_demands.demands())
    form = submitted(DemandsForm, await request.form(), stored)

    async def act() -> None:
        await second_demands.store(form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, nowhere)
    if status:
        return await _demands(request, form, status=status)
    return redirect(request, "second_demands", flash=N_("Saved."))


@get("/people/{account_id:int}/two-factor/reset", name="second_reset", opt=ADMINS)
async def reset_page(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form for the reason."""
    return await _reset(request, account_id, actor, blank(ResetForm))


async def _reset(
    request: AnyRequest, account_id: int, actor: Actor, form: Bound[Any], *, status: int = 200
) -> Response[Any]:
    person = await queries.person(reach_of(actor), account_id)
    return render(request, "home/rights/second_reset.html", status=status, person=person, form=form)


@post(
    "/people/{account_id:int}/two-factor/reset",
    name="second_reset_submit",
    opt=access.confirmed(ADMINS),
    status_code=303,
)
async def reset_submit(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Resets it; the person sets it up again with the new phone."""
    form = bind(ResetForm, await request.form())
    if not form.ok:
        return await _reset(request, account_id, actor, form, status=422)
    flash = told(
        N_("Reset, and signed out everywhere. The person was told by mail."),
        N_("Reset, and signed out everywhere. This installation sends no mail: tell the person."),
    )
    kind = "success"
    try:
        await second_demands.reset(account_id, form.value.reason, by=actor)
    except (Conflict, Forbidden) as refused:
        flash, kind = refused.message, "warning"
    return redirect(request, "person", account_id=account_id, flash=flash, kind=kind)


HANDLERS: list[Any] = [demands_page, demands_submit, reset_page, reset_submit]
