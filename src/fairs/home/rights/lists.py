"""The list of people on three desks, one person's page, and what is done to an account."""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import people, rights
from fairs.accounts.actor import Actor, Grant
from fairs.accounts.forms import GatesForm
from fairs.core import versions
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, current_lang
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.saving import attempt, only_fields, submitted
from fairs.home.rights import choosing, export, labels, queries
from fairs.home.rights.forms import SuspendForm, choose
from fairs.home.rights.queries import EVERYBODY, Reach
from fairs.home.rights.rows import AccountState, InvitationState, SecondState
from fairs.units import catalogues
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

PROVINCE = access.roles(Role.ORGANISER, Role.ADMIN)
RIGHTS = access.roles(Role.ADMIN, Role.ORGANISER, Role.BUREAU, Role.EMPLOYER)
SIZE = 50
_SORTS = frozenset({"name", "-name", "email", "-email", "seen", "-seen", "since", "-since"})


def list_of(request: AnyRequest, actor: Actor) -> str:
    """The address of this account's list: the province's, its bureau's, or its employer's."""
    if actor.sees_everything:
        return reverse(request, "people")
    return reverse(request, "bureau_people" if Role.BUREAU in actor.roles else "colleagues")


# Lists


@get("/organise/people", name="people", opt=PROVINCE)
async def people_list(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Everybody, and every invitation."""
    return await _list(request, actor, queries.reach_of(actor))


@get("/bureau/people", name="bureau_people", opt=access.roles(Role.BUREAU))
async def bureau_people(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The colleagues of a bureau."""
    return await _list(request, actor, Reach(units=tuple(actor.unit_ids)))


@get("/employer/people", name="colleagues", opt=access.roles(Role.EMPLOYER))
async def colleagues(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The colleagues of an employer's members."""
    return await _list(request, actor, Reach(organisations=tuple(actor.organisation_ids)))


def _query(request: AnyRequest, *, invitations: bool) -> dict[str, str]:
    """The filters in force; what is not known is dropped."""
    given = request.query_params
    states = InvitationState if invitations else AccountState
    known: dict[str, set[str]] = {
        "role": {*Role, EVERYBODY},
        "unit": {code for code, _, _ in catalogues.choices("units", "en")},
        "state": {state.value for state in states},
        "sort": set(_SORTS),
        "second": set() if invitations else {state.value for state in SecondState},
        "show": {"invitations"},
    }
    found = {name: given.get(name, "") for name in known if given.get(name, "") in known[name]}
    q = " ".join("".join(sign if sign.isprintable() else " " for sign in given.get("q", "")[:100]).split())
    return {"q": q, **found} if q else found


def _visible(actor: Actor, held: tuple[Grant, ...]) -> export.Visible:
    """Whether a role of somebody is the viewer's business: all for the province, else those within the viewer's own scope."""
    return lambda role: actor.sees_everything or rights.governs((*actor.grants, *held), role.grant)


async def _list(request: AnyRequest, actor: Actor, reach: Reach) -> Response[Any]:
    invitations = request.query_params.get("show") == "invitations"
    query = _query(request, invitations=invitations)
    number, size, _ = window(page_number(request), SIZE)
    held = await people.governing(actor)
    states: Mapping[Any, tuple[str, object]] = labels.INVITATION_STATES if invitations else labels.STATES
    read = queries.invitations_page if invitations else queries.people_page
    return render(
        request,
        "home/rights/invitations.html" if invitations else "home/rights/people.html",
        page=await read(reach, query, number=number, size=size),
        query=query,
        here=request.url.path,
        reach=reach,
        waiting=await queries.waiting(reach),
        may_invite=bool(held) and bool(rights.may_invite_as(held)),
        governed=lambda row: rights.governs(held, row.grant),
        units=catalogues.choices("units", current_lang()) if reach.everything else [],
        roles=[(role.value, str(words)) for role, words in labels.ROLES.items()],
        everybody=EVERYBODY,
        visible=_visible(actor, held),
        states=states,
        factors=labels.SECOND,
        factor_choices=[(state, str(words)) for state, (_, words) in labels.SECOND.items()],
        is_admin=Role.ADMIN in actor.roles,
        state_choices=[(state, str(words)) for state, (_, words) in states.items()],
        **labels.WORDS,
    )


@get("/people/export.xlsx", name="people_xlsx", opt=access.confirmed(RIGHTS))
async def people_xlsx(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The list as filtered, as a workbook."""
    visible = _visible(actor, await people.governing(actor))
    rows = await queries.all_people(queries.reach_of(actor), _query(request, invitations=False))
    content = await asyncio.to_thread(export.workbook, rows, current_lang(), visible)
    return downloads.file(content, "people.xlsx")


# One person


@get("/people/{account_id:int}", name="person", opt=RIGHTS)
async def person_page(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One person: roles, last sign-in, and what may be done."""
    return await _person(request, account_id, actor, blank(SuspendForm))


async def _person(
    request: AnyRequest, account_id: int, actor: Actor, form: Bound[Any], *, status: int = 200
) -> Response[Any]:
    found = await queries.person(queries.reach_of(actor), account_id)
    held = await people.governing(actor)
    seen = [role for role in found.held if _visible(actor, held)(role)]
    return render(
        request,
        "home/rights/person.html",
        status=status,
        person=found,
        roles=seen,
        governed={role.id for role in seen if rights.governs(held, role.grant)},
        whole=rights.governs_all(held, [role.grant for role in found.held]),
        myself=found.id == actor.account_id,
        by_themselves=rights.BY_THEMSELVES,
        form=form,
        back=list_of(request, actor),
        states=labels.STATES,
        factors=labels.SECOND,
        is_admin=Role.ADMIN in actor.roles,
        meaning=labels.MEANING,
        **labels.WORDS,
    )


async def _done(request: AnyRequest, account_id: int, doing: Awaitable[object], flash: object) -> Response[Any]:
    """The person's page again, with what was done or why not."""
    kind = "success"
    try:
        await doing
    except (Conflict, Forbidden) as refused:
        flash, kind = refused.message, "warning"
    return redirect(request, "person", account_id=account_id, flash=flash, kind=kind)


@post("/people/{account_id:int}/suspend", name="suspend_person", opt=access.confirmed(RIGHTS), status_code=303)
async def suspend(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stops an account, for a reason."""
    form = bind(SuspendForm, await request.form())
    if not form.ok:
        found = await queries.person(queries.reach_of(actor), account_id)
        if not found.active:  # sent from an outdated page
            raise Conflict(N_("This account is suspended already."))
        return await _person(request, account_id, actor, form, status=422)
    doing = people.suspend(account_id, form.value.reason, by=actor)
    return await _done(
        request, account_id, doing, N_("Suspended, signed out everywhere; tokens and links no longer work.")
    )


@post("/people/{account_id:int}/reactivate", name="reactivate_person", opt=RIGHTS, status_code=303)
async def reactivate(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Lets a suspended account sign in again."""
    doing = people.reactivate(account_id, by=actor)
    return await _done(request, account_id, doing, N_("Active again. Tokens that were stopped stay stopped."))


@post("/people/{account_id:int}/sign-out", name="sign_out_person", opt=RIGHTS, status_code=303)
async def sign_out(
    request: Request[Any, Any, Any], account_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends every session of another account."""
    return await _done(request, account_id, people.sign_out(account_id, by=actor), N_("Signed out everywhere."))


@post(
    "/people/{account_id:int}/roles/{membership_id:int}/take",
    name="take_role",
    opt=access.confirmed(RIGHTS),
    status_code=303,
)
async def take_role(
    request: Request[Any, Any, Any],
    account_id: FromPath[int],
    membership_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Takes a role away; the list, because the person may be out of the viewer's reach from now on."""
    try:
        await people.take_role(account_id, membership_id, by=actor)
    except Conflict as refused:
        return redirect(request, "person", account_id=account_id, flash=refused.message, kind="warning")
    if account_id == actor.account_id:
        return redirect(request, "sign_in", flash=N_("You no longer have this role. Sign in again."), kind="info")
    return redirect_to(
        request, list_of(request, actor), flash=N_("The role is taken away, and the person is signed out.")
    )


@get("/people/{account_id:int}/roles/{membership_id:int}/gates", name="gates_of_staff", opt=RIGHTS)
async def gates_page(
    request: Request[Any, Any, Any],
    account_id: FromPath[int],
    membership_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The gates where a member of the gate staff works."""
    role = await people.staff_role(account_id, membership_id, by=actor)
    chosen = [str(gate) for gate in await people.gates_of_role(role.id)]
    form: Bound[Any] = versions.opened(GatesForm, {"gates": chosen})
    return await _gates(request, account_id, membership_id, actor, form)


async def _gates(
    request: AnyRequest, account_id: int, membership_id: int, actor: Actor, form: Bound[Any], *, status: int = 200
) -> Response[Any]:
    role = await people.staff_role(account_id, membership_id, by=actor)
    choose(form, "gates", choosing.gate_labels(await queries.gate_choices(role.event_id), several=False))
    return render(
        request,
        "home/rights/gates.html",
        status=status,
        form=form,
        person=await queries.person(queries.reach_of(actor), account_id),
        role=role,
        scope=await queries.scope_text(role.grant),
    )


@post("/people/{account_id:int}/roles/{membership_id:int}/gates", name="limit_staff", opt=RIGHTS, status_code=303)
async def limit_staff(
    request: Request[Any, Any, Any],
    account_id: FromPath[int],
    membership_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Stores the chosen gates."""
    role = await people.staff_role(account_id, membership_id, by=actor)
    stored = {"gates": [str(gate) for gate in await people.gates_of_role(role.id)]}
    form = submitted(GatesForm, await request.form(), stored)
    gates = await queries.gate_choices(role.event_id)
    choose(form, "gates", choosing.gate_labels(gates, several=False))

    async def act() -> None:
        if set(form.value.gates) - {str(gate.id) for gate in gates}:
            raise Invalid(fields={"gates": [choosing.OTHER_GATES]})
        await people.limit_to_gates(account_id, role.id, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, only_fields)
    if status:
        return await _gates(request, account_id, membership_id, actor, form, status=status)
    return redirect(request, "person", account_id=account_id, flash=N_("Saved."))


HANDLERS: list[Any] = [
    people_list,
    bureau_people,
    colleagues,
    people_xlsx,
    person_page,
    suspend,
    reactivate,
    sign_out,
    take_role,
    gates_page,
    limit_staff,
]
