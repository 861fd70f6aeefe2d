"""The page of the desk on which a person's name is corrected."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.forms import Bound
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events.rows import EventRow
from fairs.registrations.entering import naming
from fairs.registrations.entering.forms import NameForm
from fairs.registrations.entering.pages import DESK
from fairs.registrations.entering.queries import person_at
from fairs.registrations.rows import RegistrationRow
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/organise/editions/{slug:str}/desk/{number:str}/name"


def _page(
    request: AnyRequest, event: EventRow, row: RegistrationRow, form: Bound[NameForm], status: int = 200
) -> Response[Any]:
    return render(request, "badges/desk/name.html", status=status, event=event, row=row, form=form)


@get(PATH, name="desk_name", opt=DESK)
async def desk_name(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The names as they are stored."""
    event, row = await person_at(actor, slug, number)
    return _page(request, event, row, versions.opened(NameForm, naming.stored_names(row)))


@post(PATH, name="correct_name", opt=DESK, status_code=303)
async def correct_name(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores them; from an older page both texts are shown. The badge can be printed again with its code."""
    event, row = await person_at(actor, slug, number)
    form = submitted(NameForm, await request.form(), naming.stored_names(row))

    async def act() -> None:
        await naming.correct_name(slug, number, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, lambda form, refused: form.add_error("", refused.message))
    if status:
        return _page(request, event, row, form, status=status)
    told = N_("The name is corrected. Print the badge again: its code stays.")
    return redirect(request, "badge_desk", slug=slug, query=f"?number={row.number}", flash=told)


HANDLERS: list[Any] = [desk_name, correct_name]
