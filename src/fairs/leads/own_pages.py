"""The visitor's page of a badge: which employers have seen it, what they may keep, and how to take that back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.i18n import N_
from fairs.leads import queries, services
from fairs.registrations.queries import is_own, registration_by_number
from fairs.registrations.rows import RegistrationRow
from fairs.web import access
from fairs.web.templating import redirect, render

PATH = "/me/fairs/{number:str}/employers"


async def _own(actor: Actor, number: str) -> RegistrationRow:
    """The actor's own registration. Raises NotFound: nobody answers for the visitor, not even the organiser."""
    row = await registration_by_number(actor, number)
    if not is_own(actor, row):
        raise NotFound
    return row


@get(PATH, name="badge_employers", opt=access.signed_in())
async def badge_employers(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Employers that have seen the badge, and those that may be allowed beforehand."""
    row = await _own(actor, number)
    await services.bring_up(row.event)
    seen = await queries.recorders_of(row.id)
    known = {one.organisation for one in seen}
    others = [one for one in await queries.exhibitors(row.event) if one.id not in known and one.id != row.organisation]
    return render(request, "leads/employers.html", row=row, seen=seen, others=others)


@post(PATH, name="answer_employer", opt=access.signed_in(), status_code=303)
async def answer_employer(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Allows an employer to keep the details, or takes that back."""
    row = await _own(actor, number)
    data = await request.form()
    typed = str(data.get("organisation") or "")
    if not typed.isdecimal() or len(typed) > 18:
        return redirect(
            request, "badge_employers", number=row.number, flash=N_("Choose one from the list"), kind="warning"
        )
    given = data.get("answer") == "given"
    await services.answer_as_visitor(row.id, int(typed), given=given, contact=bool(data.get("contact")), by=actor)
    said = (
        N_("The employer may keep your details when it sees your badge.")
        if given
        else N_("Taken back. What the employer had noted about you is deleted.")
    )
    return redirect(request, "badge_employers", number=row.number, flash=said)


HANDLERS: list[Any] = [badge_employers, answer_employer]
