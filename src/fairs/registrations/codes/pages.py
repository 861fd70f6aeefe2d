"""邀请码: the pages on which codes are made, looked at, exported and revoked."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, ngettext, pick
from fairs.core.pagination import MAX_PAGE_SIZE, window
from fairs.core.sheets import Column
from fairs.events import rules
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.notifications.services import base_url
from fairs.registrations.codes import queries, services
from fairs.registrations.codes.forms import CodesForm, with_pools
from fairs.registrations.codes.rows import CodeRow
from fairs.registrations.codes.rules import CodeState, state_of
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.pools.queries import pools_of
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/organise/editions/{slug:str}/codes"
ROWS = 50
STATES: dict[CodeState, tuple[str, object]] = {
    CodeState.VALID: ("success", N_("Usable")),
    CodeState.USED_UP: ("neutral", N_("Used up")),
    CodeState.EXPIRED: ("warning", N_("Expired")),
    CodeState.REVOKED: ("danger", N_("Revoked")),
}
COLUMNS = (
    Column(N_("For whom"), 30),
    Column(N_("Code"), 24),
    Column(N_("Address of the registration"), 60),
    Column(N_("Opens the category"), 20),
    Column(N_("Pool"), 20),
    Column(N_("Keeps places"), 10),
    Column(N_("Can be used"), 10),
    Column(N_("Used"), 10),
    Column(N_("State"), 14),
    Column(N_("Expires"), 17),
    Column(N_("Only for this e-mail address"), 30),
)


def state(row: CodeRow) -> CodeState:
    """The state of a code now."""
    return state_of(row, clock.now())  # type: ignore[arg-type]  # a row has all that the rule reads


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    wanted = str(given.get("state", ""))
    found = {"q": str(given.get("q", ""))[:100].strip(), "state": wanted if wanted in tuple(CodeState) else ""}
    return {name: value for name, value in found.items() if value}


@get(ROOT, name="access_codes", opt=RUNNERS)
async def access_codes(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The codes of an event."""
    return await _list(request, await event_for(actor, slug))


async def _list(request: AnyRequest, event: EventRow, *, refused: object = "", status: int = 200) -> Response[Any]:
    query = _query(request)
    page = await queries.codes_of(
        event.id, state=query.get("state", ""), q=query.get("q", ""), window=window(page_number(request), ROWS)
    )
    return render(
        request,
        "registrations/codes/codes.html",
        status=status,
        event=event,
        page=page,
        query=query,
        refused=refused,
        states=STATES,
        state=state,
        category_label=category_label,
        may_change=rules.allows(event.state, rules.Act.PREPARE),
    )


async def _form_page(
    request: AnyRequest, event: EventRow, form: Bound[CodesForm], *, status: int = 200
) -> Response[Any]:
    return render(request, "registrations/codes/new.html", status=status, event=event, form=form)


@get(f"{ROOT}/new", name="new_codes", opt=RUNNERS)
async def new_codes(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    event = await event_for(actor, slug)
    form = with_pools(blank(CodesForm, in_zone=event.timezone, timezone=event.timezone), await pools_of(event.id))
    return await _form_page(request, event, form)


@post(f"{ROOT}/new", name="create_codes", opt=RUNNERS, status_code=303)
async def create_codes(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes codes."""
    event = await event_for(actor, slug)
    sent = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    form = bind(CodesForm, sent | {"timezone": event.timezone}, zone=event.timezone)
    with_pools(form, await pools_of(event.id))
    if not form.ok:
        return await _form_page(request, event, form, status=422)
    try:
        made = await services.make_codes(slug, form.value, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _form_page(request, event, form, status=422)
    except Conflict as refused:
        form.form_errors.append(refused.message)
        return await _form_page(request, event, form, status=refused.status)
    flash = ngettext("%(num)s code is made.", "%(num)s codes are made.", len(made))
    return redirect(request, "access_codes", slug=slug, flash=flash)


@get(f"{ROOT}/{{code_id:int}}", name="access_code", opt=RUNNERS)
async def access_code(
    request: Request[Any, Any, Any], slug: FromPath[str], code_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One code: what it is for, its address, who used it."""
    event = await event_for(actor, slug)
    row = await queries.code_of(event.id, code_id)
    return render(
        request,
        "registrations/codes/code.html",
        event=event,
        row=row,
        users=await queries.users_of(code_id),
        states=STATES,
        state=state(row),
        link=_link(event, row),
        state_kinds=STATE_KINDS,
        state_label=state_label,
        category_label=category_label,
    )


def _link(event: EventRow, row: CodeRow) -> str:
    return f"{base_url()}/e/{event.slug}/register?code={row.code}"


@post(f"{ROOT}/{{code_id:int}}/revoke", name="revoke_code", opt=RUNNERS, status_code=303)
async def revoke_code(
    request: Request[Any, Any, Any], slug: FromPath[str], code_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Ends a code."""
    event = await event_for(actor, slug)
    try:
        await services.revoke_code(slug, code_id, by=actor)
    except Conflict as refused:
        return await _list(request, event, refused=refused.message, status=refused.status)
    return redirect(request, "access_codes", slug=slug, flash=N_("The code is revoked."))


@get("/organise/editions/{slug:str}/codes.csv", name="codes_export", opt=access.confirmed(RUNNERS))
async def codes_export(request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]) -> Stream:
    """The filtered list as a file, with the address that each guest opens."""
    event = await event_for(actor, slug)
    return downloads.long_table(f"codes-{event.slug}", COLUMNS, _rows(event, _query(request)))


async def _rows(event: EventRow, query: dict[str, str]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    number, last = 1, 1
    while number <= last:
        page = await queries.codes_of(
            event.id, state=query.get("state", ""), q=query.get("q", ""), window=window(number, MAX_PAGE_SIZE)
        )
        yield [
            (
                row.name,
                row.code,
                _link(event, row),
                category_label(row.category) if row.category else "",
                pick(row.pool_zh or "", row.pool_en or ""),
                row.held,
                row.uses,
                row.used,
                str(STATES[state(row)][1]),
                row.expires_at,
                row.email,
            )
            for row in page.rows
        ]
        number, last = number + 1, page.pages


HANDLERS: list[Any] = [access_codes, new_codes, create_codes, access_code, revoke_code, codes_export]
