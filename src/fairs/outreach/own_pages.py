"""Pages of experts: the counties that ask for them, and their days there."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.outreach import labels, queries, services
from fairs.web import access
from fairs.web.templating import redirect, render

CANDIDATE = access.roles(Role.CANDIDATE)


@get("/me/service", name="my_service", opt=CANDIDATE)
async def my_service(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Visits that the viewer was asked for, each with its days."""
    rows = await queries.own_visits(actor)
    days = {row.id: [day for day in await queries.days_of(row.request) if day.expert == row.id] for row in rows}
    return render(request, "outreach/mine.html", rows=rows, days=days, words=labels)


@post("/me/service/{expert_id:int}", name="answer_service", opt=CANDIDATE, status_code=303)
async def answer_service(
    request: Request[Any, Any, Any], expert_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The viewer goes, or does not."""
    await queries.own_visit(actor, expert_id)
    answer = (await request.form()).get("answer")
    if answer not in ("yes", "no"):
        return redirect(request, "my_service")
    try:
        await services.answer(expert_id, agrees=answer == "yes", by=actor)
    except Conflict as refused:
        return redirect(request, "my_service", flash=refused.message, kind="warning")
    said = N_("Thank you. The county plans your days.") if answer == "yes" else N_("Noted: you do not go.")
    return redirect(request, "my_service", flash=said)


HANDLERS: list[Any] = [my_service, answer_service]
