"""Pages of employers: registration, what they entered, the bureau's approvals."""

import unicodedata
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.controllers import signed_in, too_many
from fairs.accounts.dependencies import caller_of
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.core import versions
from fairs.core.errors import Conflict, Forbidden, Invalid, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, current_lang
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.saving import attempt, only_fields, submitted
from fairs.files import uploads
from fairs.files.queries import files_of
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.notifications.services import told
from fairs.organisations import labels, queries, rules, services
from fairs.organisations.forms import (
    DecisionForm,
    DetailsForm,
    JoinForm,
    LicenceForm,
    OrganisationForm,
    stored_organisation,
)
from fairs.organisations.rows import OrganisationRow
from fairs.organisations.tables import OrganisationState
from fairs.units import catalogues
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render, reverse

BUREAU = access.roles(Role.BUREAU, Role.ORGANISER, Role.ADMIN)
EMPLOYER = access.roles(Role.EMPLOYER)


# Joining


@get("/employers/join", name="organisation_sign_up", opt=access.public())
async def join_page(request: Request[Any, Any, Any], viewer: NamedDependency[Actor | None]) -> Response[Any]:
    """The form; a member of an employer is redirected to its page."""
    if viewer and Role.EMPLOYER in viewer.roles:
        return redirect(request, "employer_home")
    files = uploads.empty(licence=Purpose.LICENCE)
    return render(request, "organisations/join.html", form=blank(JoinForm), challenge="", uploads=files)


@post(
    "/employers/join",
    name="organisation_sign_up_submit",
    opt=access.public(),
    status_code=303,
    request_max_body_size=body_limit(Purpose.LICENCE),
)
async def join_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Creates account and organisation, and signs in."""
    sent = await uploads.receive(request, by=None, licence=Purpose.LICENCE)
    data = sent.data
    form = bind(JoinForm, data)
    sent.tell(form)
    more: dict[str, Any] = {"status": 422, "challenge": ""}
    if form.ok:
        zone = request.cookies.get("tz", "").replace("%2F", "/") or "Asia/Shanghai"
        try:
            caller = caller_of(request, data)
            joined = await services.register_organisation(form.value, caller=caller, timezone=zone[:64])
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            more = too_many(refused)
        else:
            flash = told(
                N_("Your registration has been sent. We mail you as soon as your bureau has decided."),
                N_("Your registration has been sent. Your bureau's answer will appear here."),
            )
            return await signed_in(request, joined.account_id, reverse(request, "employer_home"), flash)
    return render(request, "organisations/join.html", form=form, uploads=sent.uploads, **more)


# What the employer entered


@get("/employer/organisation/edit", name="edit_organisation", opt=EMPLOYER)
async def edit_organisation(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form with stored values; values that the bureau has approved are left out."""
    organisation = await queries.organisation_of(actor)
    form: Bound[Any] = versions.opened(_form_for(organisation.state), stored_organisation(organisation))
    return await _edit(request, organisation, form)


async def _edit(
    request: AnyRequest, organisation: OrganisationRow, form: Bound[Any], *, status: int = 200, **more: Any
) -> Response[Any]:
    licence = {"licence_form": blank(LicenceForm), "uploads": uploads.empty(licence=Purpose.LICENCE)}
    return render(
        request,
        "organisations/edit.html",
        status=status,
        form=form,
        organisation=organisation,
        files=await files_of([organisation.licence]),
        **{**licence, **more},
        **labels.WORDS,
    )


@post(
    "/employer/organisation/licence",
    name="send_licence",
    opt=EMPLOYER,
    status_code=303,
    request_max_body_size=body_limit(Purpose.LICENCE),
)
async def send_licence(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the licence, or a newer one."""
    organisation = await queries.organisation_of(actor)
    sent = await uploads.receive(request, by=actor, licence=Purpose.LICENCE)
    form = bind(LicenceForm, sent.data)
    sent.tell(form)
    if form.ok:
        try:
            await services.set_licence(organisation.id, form.value, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        else:
            return redirect(request, "employer_home", flash=N_("The licence is stored; your bureau can see it."))
    entry: Bound[Any] = versions.opened(_form_for(organisation.state), stored_organisation(organisation))
    return await _edit(request, organisation, entry, status=422, licence_form=form, uploads=sent.uploads)


def _form_for(state: str) -> type[DetailsForm]:
    return DetailsForm if rules.is_fixed(state) else OrganisationForm


@post("/employer/organisation/edit", name="update_organisation", opt=EMPLOYER, status_code=303)
async def update_organisation(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the edited values."""
    organisation = await queries.organisation_of(actor)
    kind = _form_for(organisation.state)
    form: Bound[Any] = submitted(kind, await request.form(), stored_organisation(organisation))

    async def act() -> None:
        await services.update_organisation(organisation.id, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, only_fields)
    if status:
        return await _edit(request, organisation, form, status=status)
    again = organisation.state == OrganisationState.REJECTED
    flash = N_("Corrected and sent to your bureau again.") if again else N_("Saved.")
    return redirect(request, "employer_home", flash=flash)


# The bureau


@get("/bureau/approvals", name="bureau_home", opt=BUREAU)
async def bureau_home(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The employers of the viewer's units, waiting ones first."""
    query = _list_query(request)
    number, size, _ = window(page_number(request), 40)
    found = await queries.organisations_page(
        actor, q=query.get("q", ""), state=query.get("state", ""), unit=query.get("unit", ""), number=number, size=size
    )
    return render(
        request,
        "organisations/bureau.html",
        page=found,
        counts=await queries.state_counts(actor, query.get("unit", "")),
        query=query,
        units=catalogues.choices("units", current_lang()) if actor.sees_everything else [],
        **labels.WORDS,
    )


def _list_query(request: AnyRequest) -> dict[str, str]:
    """The active filters of the address."""
    known = {
        "state": set(labels.STATES),
        "unit": {code for code, _, _ in catalogues.choices("units", "en")},
    }
    query = {name: request.query_params.get(name, "") for name in known}
    query = {name: value for name, value in query.items() if value in known[name]}
    typed = request.query_params.get("q", "")[:100]
    q = "".join(" " if unicodedata.category(character).startswith("C") else character for character in typed).strip()
    return {"q": q, **query} if q else query


@get("/bureau/organisations/{organisation_id:int}", name="bureau_organisation", opt=BUREAU)
async def bureau_organisation(
    request: Request[Any, Any, Any], organisation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One employer, as its bureau sees it."""
    return await _review(request, organisation_id, actor, blank(DecisionForm))


async def _review(
    request: AnyRequest, organisation_id: int, actor: Actor, form: Bound[DecisionForm], *, status: int = 200
) -> Response[Any]:
    organisation = await queries.organisation_for_bureau(actor, organisation_id)
    return render(
        request,
        "organisations/review.html",
        status=status,
        organisation=organisation,
        members=await queries.members_of(organisation_id),
        namesakes=await queries.namesakes_of(organisation),
        files=await files_of([organisation.licence]),
        form=form,
        undo_form=blank(UndoForm),
        may_undo=may_undo(actor, organisation.decided_by, organisation.decided_at),
        **labels.WORDS,
    )


@post("/bureau/organisations/{organisation_id:int}/decide", name="decide_organisation", opt=BUREAU, status_code=303)
async def decide_organisation(
    request: Request[Any, Any, Any], organisation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Approves or refuses."""
    found = await queries.organisation_for_bureau(actor, organisation_id)
    form = bind(DecisionForm, await request.form())
    if not form.ok and not rules.can_decide(found.state):
        raise Conflict(services.DECIDED, code="decided_already")
    if not form.ok:
        return await _review(request, organisation_id, actor, form, status=422)
    await services.decide_organisation(organisation_id, form.value, by=actor)
    done = told(
        N_("Approved. The employer is notified by mail."), N_("Approved. The employer sees it after signing in.")
    )
    refused = told(
        N_("Refused. The employer gets the reason by mail."), N_("Refused. The employer sees why after signing in.")
    )
    return redirect(request, "bureau_home", flash=done if form.value.approves else refused)


@post("/bureau/organisations/{organisation_id:int}/undo", name="undo_decision", opt=BUREAU, status_code=303)
async def undo_decision(
    request: Request[Any, Any, Any], organisation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a decision back."""
    await queries.organisation_for_bureau(actor, organisation_id)
    form = bind(UndoForm, await request.form())
    try:
        await services.undo_decision(organisation_id, reason=form.value.reason, by=actor)
    except (Conflict, Forbidden, Invalid) as refused:
        message = form.errors["reason"][0] if form.errors else refused.message
        return redirect(request, "bureau_organisation", flash=message, kind="warning", organisation_id=organisation_id)
    flash = N_("The decision is undone. The employer waits again and is told.")
    return redirect(request, "bureau_organisation", flash=flash, organisation_id=organisation_id)


HANDLERS = [
    join_page,
    join_submit,
    edit_organisation,
    update_organisation,
    send_licence,
    bureau_home,
    bureau_organisation,
    decide_organisation,
    undo_decision,
]
