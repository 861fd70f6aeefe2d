"""The employer's desk: the state of its registration, what comes next, who acts and signs for it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.choosing import asked_fair
from fairs.events.rows import EventRow
from fairs.home.queries import employer_progress
from fairs.home.rows import EmployerProgress
from fairs.meetings.queries import wishes_of_organisations
from fairs.organisations import queries, services
from fairs.organisations.forms import SignatoryForm
from fairs.organisations.labels import WORDS
from fairs.upkeep.digest import Waiting
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

EMPLOYER = access.roles(Role.EMPLOYER)


@get("/employer/organisation", name="employer_home", opt=EMPLOYER)
async def employer_home(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The state of the registration, what comes next, who else acts for the organisation."""
    return await _desk(request, actor)


async def _desk(
    request: AnyRequest,
    actor: Actor,
    *,
    signatory: Bound[SignatoryForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    organisation = await queries.organisation_of(actor)
    entered = {name: getattr(organisation, name) for name in SignatoryForm.__struct_fields__}
    members = await queries.members_of(organisation.id)
    fair = await asked_fair(request, actor)
    progress = await employer_progress(organisation.id, fair.id if fair else 0)
    return render(
        request,
        "home/employer.html",
        status=status,
        organisation=organisation,
        members=members,
        fair=fair,
        progress=progress,
        lines=await _waiting(organisation.id, fair, progress) if fair else [],
        is_owner=await queries.is_owner(actor, organisation.id),
        signatory=signatory or blank(SignatoryForm, **entered),
        **WORDS,
    )


async def _waiting(organisation_id: int, fair: EventRow, progress: EmployerProgress) -> list[Waiting]:
    """What waits for the employer at this event, each with the page where it is done."""
    wishes = [wish for wish in await wishes_of_organisations([organisation_id], fair.id) if not wish.meeting]
    asked = sum(wish.employer_level is None and not wish.mutual for wish in wishes)
    here = f"?event={fair.slug}"
    lines = [
        Waiting(asked, N_("People who ask to meet you and wait for an answer"), f"/employer/meetings{here}"),
        Waiting(sum(wish.mutual for wish in wishes), N_("Meetings to book: both sides want them"), f"/employer/meetings{here}"),
        Waiting(progress.to_report, N_("Meetings whose outcome is to be reported"), f"/employer/meetings{here}"),
        Waiting(progress.to_sign, N_("Agreements to sign"), "/employer/agreements"),
        Waiting(progress.drafts, N_("Drafts of listings, not yet published"), f"/employer/listings{here}"),
    ]  # fmt: skip
    return [line for line in lines if line.number]


@post("/employer/organisation/signatory", name="set_signatory", opt=EMPLOYER, status_code=303)
async def set_signatory(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The owner enters who signs agreements."""
    form = bind(SignatoryForm, await request.form())
    if not form.ok:
        return await _desk(request, actor, signatory=form, status=422)
    organisation = await queries.organisation_of(actor)
    await services.set_signatory(organisation.id, form.value, by=actor)
    return redirect(request, "employer_home", flash=N_("Saved."))


HANDLERS: list[Any] = [employer_home, set_signatory]
