"""Pages to invite one person or to paste many, to send a link again, to withdraw and to hand a role over."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import invitations, people
from fairs.accounts.actor import Actor
from fairs.accounts.invitations import Invited
from fairs.core.errors import Conflict, Invalid, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.home.rights import choosing, labels, pasting, queries
from fairs.home.rights.choosing import Choices
from fairs.home.rights.forms import HandOverForm, InviteForm, PasteForm
from fairs.home.rights.lists import RIGHTS, list_of
from fairs.units.queries import all_units
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect_to, render

ADMINS_ASKED = access.confirmed(RIGHTS, when=("role", Role.ADMIN))
PRIVATE = {"referrer-policy": "no-referrer", "cache-control": "private, no-store"}


def _shown(request: AnyRequest, actor: Actor, invited: list[Invited]) -> Response[Any]:
    """The new links, told only in this answer."""
    return render(
        request,
        "home/rights/invited.html",
        status=201,
        headers=PRIVATE,
        invited=invited,
        back=list_of(request, actor),
        days=invitations.LIFE.days,
    )


# One


@get("/people/invite", name="invite_person", opt=RIGHTS)
async def invite_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The form for one role; the others are links beside it."""
    choices = await choosing.choices_for(actor, request.query_params.get("role", ""))
    event = request.query_params.get("event", "")
    return await _invite(request, actor, choices, blank(InviteForm, event=event if event in choices.events else ""))


async def _invite(
    request: AnyRequest, actor: Actor, choices: Choices, form: Bound[Any], *, page: str = "invite", **more: Any
) -> Response[Any]:
    await choosing.fit(form, choices)
    return render(
        request,
        f"home/rights/{page}.html",
        **{"status": 200, "lines": [], **more},
        form=form,
        choices=choices,
        back=list_of(request, actor),
        meaning=str(labels.MEANING[choices.role]),
        **labels.WORDS,
    )


@post("/people/invite", name="invite_person_submit", opt=ADMINS_ASKED, status_code=201)
async def invite_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Sends the invitation and shows its link."""
    data = await request.form()
    choices = await choosing.choices_for(actor, _text(data, "role"))
    form, status = bind(InviteForm, data), 422
    if form.ok:
        given = form.value
        try:
            offer = choosing.offer_of(
                given, choices, email=given.email, name=given.name, lang=given.lang, unit=choices.units.get(given.unit)
            )
            invited = await invitations.invite(offer, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            status = refused.status
        else:
            return _shown(request, actor, [invited])
    return await _invite(request, actor, choices, form, status=status)


def _text(data: Any, name: str) -> str:
    value = data.get(name, "")
    return value if isinstance(value, str) else ""


# Many


@get("/people/paste", name="paste_people", opt=RIGHTS)
async def paste_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """A field for lines from a spreadsheet."""
    choices = await choosing.choices_for(actor, request.query_params.get("role", ""))
    return await _invite(request, actor, choices, blank(PasteForm), page="paste")


@post("/people/paste", name="paste_people_submit", opt=ADMINS_ASKED, status_code=200)
async def paste_submit(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows what would be sent, with every line's error; sends all of them when asked to, or none."""
    data = await request.form()
    choices = await choosing.choices_for(actor, _text(data, "role"))
    form = bind(PasteForm, data)
    lines: list[pasting.Line] = []
    status = 422
    if form.ok:
        try:
            lines, offers = await _offers(form.value, choices)
            wrong = [line for line in lines if line.problem]
            if not wrong and _text(data, "step") == "send":
                return _shown(request, actor, await invitations.invite_all(offers, by=actor))
            status = 422 if wrong else 200
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            status = refused.status
    return await _invite(request, actor, choices, form, page="paste", lines=lines, status=status)


async def _offers(form: PasteForm, choices: Choices) -> tuple[list[pasting.Line], list[invitations.Offer]]:
    """Every line, checked, and the offers of the right ones. Raises Invalid for the form as a whole."""
    lines = pasting.read(form.lines)
    if not lines or len(lines) > pasting.MOST:
        raise Invalid(fields={"lines": [pasting.TOO_MANY if lines else pasting.EMPTY]})
    allowed = [unit for unit in await all_units() if unit.code in choices.units]
    pasting.check(lines, pasting.units_by_name(allowed), needs_unit=choices.role == Role.BUREAU)
    offers = []
    for line in lines:
        if line.problem:
            continue
        offer = choosing.offer_of(form, choices, email=line.email, name=line.name, lang=form.lang, unit=line.unit_id)
        refused = await invitations.problem(offer, choices.held)
        if refused is None:
            offers.append(offer)
        else:
            line.problem = next(message for messages in refused.fields.values() for message in messages)
    return lines, offers


# What comes after


@post(
    "/people/invitations/{invitation_id:int}/resend",
    name="resend_invitation",
    opt=access.confirmed(RIGHTS),
    status_code=201,
)
async def resend(
    request: Request[Any, Any, Any], invitation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends a new link and shows it; the earlier one ends."""
    try:
        return _shown(request, actor, [await invitations.resend(invitation_id, by=actor)])
    except (Conflict, TooMany) as refused:
        return redirect_to(
            request, list_of(request, actor) + "?show=invitations", flash=refused.message, kind="warning"
        )


@post("/people/invitations/{invitation_id:int}/withdraw", name="withdraw_invitation", opt=RIGHTS, status_code=303)
async def withdraw(
    request: Request[Any, Any, Any], invitation_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends an invitation."""
    flash: object = N_("Withdrawn. Its link no longer works.")
    kind = "success"
    try:
        await invitations.withdraw(invitation_id, by=actor)
    except Conflict as refused:
        flash, kind = refused.message, "warning"
    return redirect_to(request, list_of(request, actor) + "?show=invitations", flash=flash, kind=kind)


@get("/people/{account_id:int}/roles/{membership_id:int}/hand-over", name="hand_over", opt=RIGHTS)
async def hand_over_page(
    request: Request[Any, Any, Any],
    account_id: FromPath[int],
    membership_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The form for a successor."""
    return await _hand_over(request, account_id, membership_id, actor, blank(HandOverForm))


async def _hand_over(
    request: AnyRequest, account_id: int, membership_id: int, actor: Actor, form: Bound[Any], *, status: int = 200
) -> Response[Any]:
    role = await people.role_for(account_id, membership_id, by=actor)
    return render(
        request,
        "home/rights/hand_over.html",
        status=status,
        form=form,
        person=await queries.person(queries.reach_of(actor), account_id),
        role=role,
        scope=await queries.scope_text(role.grant),
        **labels.WORDS,
    )


@post(
    "/people/{account_id:int}/roles/{membership_id:int}/hand-over",
    name="hand_over_submit",
    opt=access.confirmed(RIGHTS),
    status_code=201,
)
async def hand_over_submit(
    request: Request[Any, Any, Any],
    account_id: FromPath[int],
    membership_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Invites the successor."""
    await people.role_for(account_id, membership_id, by=actor)
    form, status = bind(HandOverForm, await request.form()), 422
    if form.ok:
        given = form.value
        try:
            invited = await invitations.hand_over(
                account_id, membership_id, given.email, given.name, "zh" if given.lang == "zh" else "en", by=actor
            )
            return _shown(request, actor, [invited])
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            status = refused.status
    return await _hand_over(request, account_id, membership_id, actor, form, status=status)


HANDLERS: list[Any] = [
    invite_page,
    invite_submit,
    paste_page,
    paste_submit,
    resend,
    withdraw,
    hand_over_page,
    hand_over_submit,
]
