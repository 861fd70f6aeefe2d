"""Pages of lists: the agreements of each side, and the ledger."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.agreements import finding, ledger, timeline
from fairs.agreements.tables import Party
from fairs.core import sheets
from fairs.core.i18n import N_, current_lang, pick
from fairs.core.roles import Role
from fairs.events.choosing import asked_fair
from fairs.talents.journey import journey_of
from fairs.units import catalogues
from fairs.units.queries import all_units
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, render

KEPT = ("q", "state", "unit", "due", "sort", "page")


def _query(request: AnyRequest) -> dict[str, str]:
    return {key: request.query_params[key] for key in KEPT if request.query_params.get(key)}


async def _list(request: AnyRequest, actor: Actor, side: str, template: str, **more: Any) -> Response[Any]:
    query = _query(request)
    page = await finding.find_agreements(
        actor,
        side,
        q=query.get("q", "")[:100],
        state=query.get("state", ""),
        unit=query.get("unit", ""),
        due=query.get("due", ""),
        sort=query.get("sort", ""),
        page=page_number(request),
    )
    return render(
        request,
        template,
        page=page,
        side=side,
        query=query,
        badge_kind=timeline.BADGES,
        state_label=timeline.state_label,
        states=[(value, words) for value, words, _ in catalogues.choices("agreement_states", current_lang())],
        **more,
    )


DUE = (("verify", N_("To verify")), ("overdue", N_("Next step overdue")))


@get("/me/agreements", name="my_agreements", opt=access.roles(Role.CANDIDATE))
async def my_agreements(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The candidate's own agreements."""
    return await _list(request, actor, Party.TALENT, "agreements/list.html", steps=await journey_of(actor))


@get("/employer/agreements", name="employer_agreements", opt=access.roles(Role.EMPLOYER))
async def employer_agreements(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The employer's agreements."""
    return await _list(request, actor, Party.EMPLOYER, "agreements/list.html")


@get("/bureau/agreements", name="bureau_agreements", opt=access.roles(Role.BUREAU, Role.ORGANISER, Role.ADMIN))
async def bureau_agreements(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Agreements of the bureau's unit, or all for the province."""
    units = await all_units() if actor.sees_everything else []
    choices = [(unit.code, pick(unit.name_zh, unit.name_en)) for unit in units]
    return await _list(
        request, actor, Party.BUREAU, "agreements/list.html", units=choices, fair=await asked_fair(request, actor)
    )


@get(
    "/agreements/ledger.xlsx",
    name="agreements_ledger",
    opt=access.roles(Role.EMPLOYER, Role.BUREAU, Role.ORGANISER, Role.ADMIN),
)
async def agreements_ledger(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The list as the signing ledger: every column for organiser and bureau, the public ones for employers."""
    official = bool(actor.roles & {Role.BUREAU, Role.ORGANISER, Role.ADMIN})
    query = _query(request)
    rows = await finding.ledger_rows(
        actor,
        Party.BUREAU if official else Party.EMPLOYER,
        state=query.get("state", ""),
        unit=query.get("unit", ""),
        due=query.get("due", ""),
        q=query.get("q", "")[:100],
    )
    columns = ledger.columns(everything=official)
    body = []
    for seq, row in enumerate(rows, start=1):
        values = ledger.values(seq, row)
        body.append([values.get(column.key) for column in columns])
    heads = [sheets.Column(column.zh, column.width) for column in columns]
    return await downloads.table("ledger", heads, body, sheet="签约台账")


HANDLERS: list[Any] = [my_agreements, employer_agreements, bureau_agreements, agreements_ledger]
