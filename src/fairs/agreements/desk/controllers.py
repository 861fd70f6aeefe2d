"""The page of the signing desk: staff scan a candidate's badge and an employer's, in any order."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.agreements import timeline
from fairs.agreements.desk import queries
from fairs.agreements.desk.rows import AtDesk, DeskAgreement
from fairs.agreements.queries import agreement_for
from fairs.agreements.states import BEFORE_SIGNING, EMPLOYER, RETURNED, TALENT
from fairs.checkin.queries import event_for
from fairs.checkin.rows import ManagedEvent
from fairs.core import qr
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, Field, Form, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.meetings.tables import MeetingOutcome, MeetingState
from fairs.web import access
from fairs.web.templating import AnyRequest, render, reverse

STAFF = access.roles(Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
PATH = "/organise/editions/{slug:str}/signing-desk"
NO_BADGE = N_("This is no badge of ours. Hold its code in the frame, or type the number below it.")
OTHER_EVENT = N_("This badge is for another fair.")
NOT_VALID = N_("This badge is no longer valid, or its registration is not confirmed.")
NO_PROFILE = N_(
    "This person has no profile yet, and agreements are made with one. It is opened under Profile with the same address."
)
NO_EMPLOYER = N_("This badge of a representative names no employer.")
TWO_EMPLOYERS = N_("Both badges are of employers. Scan the candidate's badge as well.")
TWO_CANDIDATES = N_("Neither badge is of an employer's representative. Scan one of the employer as well.")
_SPEC = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "data-code": ""}


class DeskForm(Form):
    """Two codes or numbers, in any order."""

    first: Annotated[str, Field(N_("First badge"), max_length=400, attrs=_SPEC)]
    second: Annotated[str, Field(N_("Second badge"), max_length=400, attrs=_SPEC)]


@dataclass(frozen=True)
class Opened:
    """An agreement for the page. `code`: the QR of its address, for the phones of those who sign."""

    row: DeskAgreement
    address: str
    code: str
    may_open: bool
    to_sign: list[str]


def _page(
    request: AnyRequest, event: ManagedEvent, form: Bound[DeskForm], status: int = 200, **found: Any
) -> Response[Any]:
    return render(
        request,
        "agreements/desk.html",
        status=status,
        event=event,
        form=form,
        badges=timeline.BADGES,
        state_label=timeline.state_label,
        **{"people": None, "agreements": [], "next_step": "", **found},
    )


@get(PATH, name="signing_desk", opt=STAFF)
async def signing_desk(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Two empty fields and the camera."""
    return _page(request, await event_for(actor, slug), blank(DeskForm))


def _refusal(event: ManagedEvent, person: AtDesk | None) -> object:
    if person is None:
        return NO_BADGE
    if person.event != event.id:
        return OTHER_EVENT
    if person.revoked or not person.confirmed:
        return NOT_VALID
    if person.employer:
        return "" if person.organisation else NO_EMPLOYER
    return "" if person.talent else NO_PROFILE


@post(PATH, name="badges_at_desk", opt=STAFF, status_code=200)
async def badges_at_desk(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The agreement between the two, or what is to be done first."""
    event = await event_for(actor, slug)
    form = bind(DeskForm, await request.form())
    if not form.ok:
        return _page(request, event, form, 422)
    people: list[AtDesk] = []
    for name, code in (("first", form.value.first), ("second", form.value.second)):
        person = await queries.person_of(event.id, code)
        if person is None or (why := _refusal(event, person)):
            form.add_error(name, NO_BADGE if person is None else why)
        else:
            people.append(person)
    if len(people) == 2 and people[0].employer == people[1].employer:
        form.add_error("second", TWO_EMPLOYERS if people[0].employer else TWO_CANDIDATES)
    if form.has_errors:
        return _page(request, event, form, 422)
    candidate, employer = sorted(people, key=lambda person: person.employer)
    assert candidate.talent is not None
    assert employer.organisation is not None
    rows = await queries.agreements_between(event.id, candidate.talent, employer.organisation)
    found = [await _opened(request, actor, row) for row in rows]
    step = "" if rows else await _next_step(event.id, candidate.talent, employer.organisation)
    return _page(request, event, blank(DeskForm), people=(candidate, employer), agreements=found, next_step=step)


async def _opened(request: AnyRequest, actor: Actor, row: DeskAgreement) -> Opened:
    base: str = request.app.state.settings.base_url
    address = base.rstrip("/") + reverse(request, "agreement", number=row.number)
    try:
        may_open = bool(await agreement_for(actor, row.number))
    except NotFound:
        may_open = False
    unsigned = [side for side in (EMPLOYER, TALENT) if side not in row.signed]
    to_sign = unsigned if row.state in BEFORE_SIGNING | {RETURNED} else []
    return Opened(row, address, qr.svg(address), may_open, [str(side) for side in to_sign])


async def _next_step(event_id: int, talent_id: int, organisation_id: int) -> object:
    """What is to be done while there is no agreement."""
    meeting = await queries.latest_meeting(event_id, talent_id, organisation_id)
    if meeting is None:
        return N_(
            "The two have no meeting at this fair. When both want to meet, the employer books one under Meetings, also for now."
        )
    if meeting.state == MeetingState.HELD and meeting.outcome == MeetingOutcome.INTENT:
        return N_("The employer draws up the agreement under Meetings, on its own phone; then scan both badges again.")
    return N_(
        "The employer first reports under Meetings that their meeting led to an intent; the next page draws up the agreement."
    )


HANDLERS: list[Any] = [signing_desk, badges_at_desk]
