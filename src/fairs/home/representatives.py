"""An employer's representatives at an event: who comes, with badge and arrival; registered one by one or from a sheet."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_
from fairs.core.pagination import Page, last_page
from fairs.core.pasting import Pasted
from fairs.core.roles import Role
from fairs.core.search_keys import fold
from fairs.events import rules
from fairs.events.choosing import asked_fair, fairs_for
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.home import queries
from fairs.organisations.queries import organisation_of
from fairs.organisations.rows import OrganisationRow
from fairs.organisations.tables import OrganisationState
from fairs.registrations import phones
from fairs.registrations.applying import CLOSED, OVER, Registered, closed_by_date
from fairs.registrations.entering import pasting, services
from fairs.registrations.entering.forms import RepresentativeForm, for_event, is_empty, read_entry
from fairs.registrations.entering.queries import representatives
from fairs.registrations.entering.rows import Entry
from fairs.registrations.labels import STATE_KINDS, state_label
from fairs.registrations.rules import ENDED
from fairs.registrations.tables import RegistrationState
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

EMPLOYER = access.roles(Role.EMPLOYER)
PATH = "/employer/events/{slug:str}/representatives"
ROWS, MORE, MOST_ROWS = 3, 5, 50  # of the form: at first, with each press of the button, at most
SIZE = 50
WORDS: dict[str, Any] = {"state_label": state_label, "state_kinds": STATE_KINDS}


@get("/employer/representatives", name="my_representatives", opt=EMPLOYER)
async def my_representatives(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Leads to the fair that the actor has chosen; without one it says so."""
    await organisation_of(actor)
    fair = await asked_fair(request, actor)
    if fair is None:
        return render(request, "home/representatives/none.html")
    return redirect(request, "representatives", slug=fair.slug)


def _obstacle(event: EventRow, organisation: OrganisationRow) -> object:
    """Why nobody can be registered now; empty when somebody can."""
    if organisation.state != OrganisationState.APPROVED:
        return services.NOT_APPROVED
    if rules.is_over(event.ends_at, clock.now(), demo=event.demo):
        return OVER
    if not rules.allows(event.state, rules.Act.REGISTER):
        return CLOSED
    late = closed_by_date(event, clock.now())
    return late.message if late else ""


def _matches(row: Entry, q: str) -> bool:
    text = f"{row.name_native} {row.name_passport} {row.badge_name} {row.number} {row.email} {phones.opened(row.phone)}"
    return all(word in fold(text) for word in fold(q).split())


@get(PATH, name="representatives", opt=EMPLOYER)
async def representatives_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who is registered, with the state of the badge, and who has arrived."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    everybody = await representatives(event.id, organisation.id)
    q = str(request.query_params.get("q", ""))[:100].strip()
    found = [row for row in everybody if _matches(row, q)] if q else everybody
    number = last_page(page_number(request), SIZE, len(found))
    rows = found[(number - 1) * SIZE : number * SIZE]
    fairs = [fair for fair in await fairs_for(actor) if fair.state in rules.RUNNING or fair.id == event.id]
    live = [row for row in everybody if row.state not in ENDED]
    return render(
        request,
        "home/representatives/list.html",
        event=event,
        organisation=organisation,
        page=Page(rows, number, SIZE, len(found)),
        query={"q": q} if q else {},
        count=len(live),
        arrived=await queries.arrivals([row.id for row in rows]),
        phones={row.id: phones.opened(row.phone) for row in rows},
        fairs=fairs,
        obstacle=_obstacle(event, organisation),
        **WORDS,
    )


@get(f"{PATH}/new", name="new_representatives", opt=EMPLOYER)
async def new_representatives(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Empty rows."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    forms = [_numbered(for_event(blank(RepresentativeForm), event), at) for at in range(ROWS)]
    return _rows(request, event, organisation, forms)


def _numbered(form: Bound[RepresentativeForm], at: int) -> Bound[RepresentativeForm]:
    """The form as a row: its fields have the row's number in their names."""
    for name, item in form.fields.items():
        item.name = f"{at + 1}-{name}"
        if at:  # what the first row explains
            item.spec = replace(item.spec, help="")
    return form


def _rows(
    request: AnyRequest,
    event: EventRow,
    organisation: OrganisationRow,
    forms: Sequence[Bound[RepresentativeForm]],
    *,
    status: int = 200,
    refused: object = "",
) -> Response[Any]:
    return render(
        request,
        "home/representatives/add.html",
        status=status,
        event=event,
        organisation=organisation,
        forms=forms,
        may_grow=len(forms) < MOST_ROWS,
        refused=refused,
        obstacle=_obstacle(event, organisation),
    )


def _typed(sent: Any, event: EventRow) -> list[tuple[int, Bound[RepresentativeForm]]]:
    """The rows with something in them, each with its place on the page."""
    found = []
    for at in range(MOST_ROWS):
        data = {name: sent.getall(f"{at + 1}-{name}", []) for name in RepresentativeForm.__struct_fields__}
        plain = {name: values if name == "days" else values[0] if values else "" for name, values in data.items()}
        if not is_empty(plain):
            found.append((at, _numbered(read_entry(RepresentativeForm, plain, event), at)))
    return found


@post(f"{PATH}/new", name="add_representatives", opt=EMPLOYER, status_code=303)
async def add_representatives(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Registers all of them, or shows more rows, or what is wrong in which row."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    sent = await request.form()
    typed = _typed(sent, event)
    shown = int(count) if (count := str(sent.get("rows") or "")).isdigit() and len(count) < 4 else ROWS
    shown = max([min(shown, MOST_ROWS), *(at + 1 for at, _ in typed)])
    more = bool(sent.get("more"))
    if more:
        shown = min(shown + MORE, MOST_ROWS)
    refused: object = ""
    status = 422
    if not more and typed and all(form.ok for _, form in typed):
        try:
            made = await services.enter_representatives(
                event.id, organisation.id, [form.value for _, form in typed], by=actor
            )
        except services.RowsRefused as wrong:
            for at, error in wrong.rows.items():
                typed[at][1].add_error("", services.said(error))
        except (Conflict, Invalid) as error:
            refused, status = error.message, error.status
        else:
            return redirect(request, "representatives", slug=slug, flash=_told(made))
    elif not typed and not more:
        refused = services.NOBODY
    by_place = dict(typed)
    forms = [by_place.get(at) or _numbered(for_event(blank(RepresentativeForm), event), at) for at in range(shown)]
    if more:
        for form in forms:
            for item in form:
                item.errors.clear()
        status = 200
    return _rows(request, event, organisation, forms, status=status, refused=refused)


def _told(made: Sequence[Registered]) -> object:
    waiting = sum(item.state == RegistrationState.WAITLISTED for item in made)
    if waiting:
        return N_(
            "Registered: %(placed)s. On the waiting list: %(waiting)s.", placed=len(made) - waiting, waiting=waiting
        )
    return N_("Registered: %(placed)s. Their badges can be printed here.", placed=len(made))


@get(f"{PATH}/paste", name="paste_representatives", opt=EMPLOYER)
async def paste_representatives(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A field for lines copied from a sheet."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    return _paste(request, event, organisation)


def _paste(
    request: AnyRequest,
    event: EventRow,
    organisation: OrganisationRow,
    text: str = "",
    pasted: Pasted[RepresentativeForm] | None = None,
    *,
    status: int = 200,
    refused: object = "",
) -> Response[Any]:
    return render(
        request,
        "home/representatives/paste.html",
        status=status,
        event=event,
        text=text,
        pasted=pasted,
        most=services.MOST,
        refused=refused,
        obstacle=_obstacle(event, organisation),
    )


@post(f"{PATH}/paste", name="add_pasted_representatives", opt=EMPLOYER, status_code=303)
async def add_pasted_representatives(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what was read; registers all of it once that is confirmed and nothing is wrong."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    sent = await request.form()
    text = str(sent.get("text") or "")[:200_000]
    pasted = pasting.read_rows(text, event)
    if sent.get("back") or not pasted.ok or not sent.get("confirm"):
        status = 200 if pasted.ok or sent.get("back") else 422
        return _paste(request, event, organisation, text, None if sent.get("back") else pasted, status=status)
    try:
        made = await services.enter_representatives(
            event.id, organisation.id, [row.form.value for row in pasted.rows], by=actor
        )
    except services.RowsRefused as wrong:
        for at, error in wrong.rows.items():
            pasted.rows[at].form.add_error("", services.said(error))
        return _paste(request, event, organisation, text, pasted, status=wrong.status)
    except (Conflict, Invalid) as error:
        return _paste(request, event, organisation, text, pasted, status=error.status, refused=error.message)
    return redirect(request, "representatives", slug=slug, flash=_told(made))


HANDLERS: list[Any] = [
    my_representatives,
    representatives_page,
    new_representatives,
    add_representatives,
    paste_representatives,
    add_pasted_representatives,
]
