"""The page of retention: what is kept how long, what the next purge would take, who asked for what, and what went."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, schedule
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.units import catalogues
from fairs.upkeep import periods, purge, second_key
from fairs.upkeep.forms import PeriodForm
from fairs.upkeep.tables import PurgeRequestState
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
STATES: dict[str, tuple[str, object]] = {
    PurgeRequestState.WAITING: ("progress", N_("Waits for the second person")),
    PurgeRequestState.CONFIRMED: ("success", N_("Confirmed")),
    PurgeRequestState.REFUSED: ("neutral", N_("Refused")),
}


def _what(key: str) -> str:
    return next((pick(one.zh, one.en) for one in catalogues.retention() if one.key == key), key)


async def _page(
    request: AnyRequest, actor: Actor, form: Bound[PeriodForm], status: int = 200, count: int | None = None
) -> Response[Any]:
    titles = {purge.english(rule): rule.what for rule in purge.RULES()}
    return render(
        request,
        "upkeep/retention.html",
        status=status,
        expired=await purge.expired(clock.now()),
        periods=catalogues.retention(),
        in_force=await periods.in_force(),
        source=catalogues.raw("legal_duties")["meta"],
        not_stored=purge.NOT_STORED,
        job=schedule.find(second_key.PURGE),
        form=form,
        count=count,
        may_ask=Role.ADMIN in actor.roles,
        me=actor.account_id,
        requests=await second_key.requests(),
        reports=[(one, msgspec.json.decode(one.lines)) for one in await second_key.reports()],
        titles=titles,
        states=STATES,
        what=_what,
    )


@get("/organise/retention", name="retention", opt=ORGANISERS)
async def retention(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """What is deleted when, what the next purge would delete; with `key` and `days` also what another period would."""
    if "key" not in request.query_params:
        return await _page(request, actor, blank(PeriodForm))
    form = bind(PeriodForm, request.query_params)
    count = await second_key.would_go(form.value.key, form.value.days) if form.ok else None
    return await _page(request, actor, form, 200 if form.ok else 422, count)


@post("/organise/retention/period", name="ask_period", opt=access.confirmed(access.roles(Role.ADMIN)), status_code=303)
async def ask_period(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Asks for another period."""
    form = bind(PeriodForm, await request.form())
    if form.ok:
        try:
            await second_key.ask_period(form.value, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except Conflict as refused:
            form.form_errors.append(refused.message)
            return await _page(request, actor, form, refused.status)
        else:
            return redirect(
                request, "retention", flash=N_("Asked for. Another person must confirm it."), query="#asked"
            )
    return await _page(request, actor, form, 422)


@post("/organise/retention/purge", name="ask_purge", opt=access.confirmed(ORGANISERS), status_code=303)
async def ask_purge(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Asks for a purge now."""
    try:
        await second_key.ask_purge(by=actor)
    except Conflict as refused:
        return redirect(request, "retention", flash=refused.message, kind="warning", query="#asked")
    return redirect(request, "retention", flash=N_("Asked for. Another person must confirm it."), query="#asked")


@post(
    "/organise/retention/{purge_id:int}/confirm",
    name="confirm_retention",
    opt=access.confirmed(ORGANISERS),
    status_code=303,
)
async def confirm_retention(
    request: Request[Any, Any, Any], purge_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The second key."""
    try:
        row = await second_key.confirm(purge_id, by=actor)
    except Conflict as refused:
        return redirect(request, "retention", flash=refused.message, kind="warning", query="#asked")
    done = N_("The purge will begin at once.") if row.days is None else N_("The new period is in force.")
    return redirect(request, "retention", flash=done, query="#asked")


@post("/organise/retention/{purge_id:int}/refuse", name="refuse_retention", opt=ORGANISERS, status_code=303)
async def refuse_retention(
    request: Request[Any, Any, Any], purge_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Refuses what somebody asked for, or takes it back."""
    try:
        await second_key.refuse(purge_id, by=actor)
    except Conflict as refused:
        return redirect(request, "retention", flash=refused.message, kind="warning", query="#asked")
    return redirect(request, "retention", flash=N_("Refused: nothing has changed."), kind="info", query="#asked")


HANDLERS: list[Any] = [retention, ask_period, ask_purge, confirm_retention, refuse_retention]
