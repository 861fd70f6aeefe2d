"""JSON API of reports: a number, its unit of counting, its rule, and the address of its rows."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.choosing import only_fair
from fairs.events.queries import event_by_slug
from fairs.notifications.services import base_url
from fairs.reports import queries
from fairs.reports.counting import group_name
from fairs.reports.measures import MEASURES
from fairs.units.queries import all_units
from fairs.web import access
from fairs.web.problems import problems

TAGS = ["reports"]
READERS = access.api_token(Role.ORGANISER, Role.ADMIN, Role.BUREAU, scope=Scope.REPORT)


def _head(key: str) -> dict[str, Any]:
    measure = MEASURES[key]
    return {
        "measure": key,
        "name": measure.name,
        "group": group_name(measure.group),
        "counted_in": measure.unit_of_counting,
        "rule": measure.rule,
    }


@get(
    "/api/v1/reports",
    opt=READERS,
    tags=TAGS,
    summary="List the measures",
    description="Keys, names, units of counting and rules, in the language of the request.",
    responses=problems(401, 403),
)
async def list_measures(actor: NamedDependency[Actor]) -> dict[str, Any]:
    """All measures."""
    return {"items": [_head(key) for key in MEASURES]}


@get(
    "/api/v1/reports/{measure:str}",
    opt=READERS,
    tags=TAGS,
    summary="Read a number",
    description="`event` is a slug (without it: the running conference; 422 when several run), `unit` a reporting unit's code, `group_by` may "
    "be `unit`. A bureau's token sees its own units only. `rows` is the page that lists what was counted.",
    responses=problems(401, 403, 404, 422),
)
async def read_measure(
    measure: FromPath[str],
    actor: NamedDependency[Actor],
    event: FromQuery[str] = "",
    unit: FromQuery[str] = "",
    group_by: FromQuery[str] = "",
) -> Response[dict[str, Any]]:
    """One number."""
    counted = queries.measure_named(measure)
    if group_by not in ("", "unit"):
        raise Invalid(fields={"group_by": [N_("Choose one from the list")]})
    found = await event_by_slug(event, viewer=actor) if event else await only_fair()
    if not actor.reaches(found.id):
        raise NotFound
    scope = await queries.scope_for(actor, found, unit)
    address = f"{base_url()}/e/{found.slug}/dashboard/{measure}"
    moment = clock.now().isoformat().replace("+00:00", "Z")
    answer = {
        **_head(measure),
        "event": found.slug,
        "unit": unit or None,
        "number": await queries.number(scope, counted),
        "rows": address + (f"?{urlencode({'unit': unit})}" if unit else ""),
    }
    if group_by:
        answer["groups"] = await _groups(scope, measure, address)
    return Response(answer, headers={"X-Page-Generated": moment})


async def _groups(scope: queries.Scope, measure: str, address: str) -> list[dict[str, Any]]:
    """Number by unit, in official order; `unit` null: belongs to no unit."""
    counted = await queries.by_unit(scope, (measure,))
    groups: list[dict[str, Any]] = [
        {
            "unit": row.code,
            "name_zh": row.name_zh,
            "name_en": row.name_en,
            "number": counted[row.id][measure],
            "rows": f"{address}?unit={row.code}",
        }
        for row in await all_units()
        if row.id in counted
    ]
    if None in counted:
        groups.append({"unit": None, "name_zh": "", "name_en": "", "number": counted[None][measure], "rows": address})
    return groups


HANDLERS: list[Any] = [list_measures, read_measure]
