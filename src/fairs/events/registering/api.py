"""JSON API of the settings of registration."""

from typing import Any

from litestar import Request, Response, get, patch
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, JSONBody

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.db import transaction_or_join
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events import page_cache, queries
from fairs.events.api import TAGS, confirmed, iso
from fairs.events.registering import services
from fairs.events.registering.forms import RegistrationSettingsForm, read_settings, stored_settings
from fairs.events.rows import EventRow
from fairs.events.services import locked_event
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

PATH = "/api/v1/events/{slug:str}/registration"
MOMENTS = ("registration_opens_at", "registration_closes_at", "sessions_until")


def settings_json(event: EventRow) -> dict[str, Any]:
    """The settings as API values; times in UTC."""
    stored = stored_settings(event)
    answer = {name: value for name, value in stored.items() if name not in RegistrationSettingsForm.APART}
    answer |= {name: iso(stored[name]) for name in MOMENTS}
    return answer | {"version": versions.version_of(RegistrationSettingsForm, stored)}


def _answer(event: EventRow) -> Response[dict[str, Any]]:
    answer = settings_json(event)
    return Response(answer, headers={"ETag": f'"{answer["version"]}"'})


@get(
    PATH,
    name="api_registration_settings",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=TAGS,
    summary="Read the settings of registration",
    description="When, as what and how many people register themselves, and who answers; without what comes from the event "
    "above, which `effective` of the event has.",
    responses=problems(401, 403, 404),
)
async def read_registration_settings(slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """The stored settings."""
    return _answer(await queries.event_for(actor, slug))


def _change_schema() -> Schema:
    schema = schema_of(RegistrationSettingsForm, partial=True)
    assert schema.properties
    schema.properties.pop("timezone")
    schema.properties["confirm"] = Schema(
        type=[OpenAPIType.BOOLEAN, OpenAPIType.STRING], description="true, or the `confirm` of a 409 `unconfirmed`"
    )
    schema.properties["version"] = Schema(
        type=OpenAPIType.STRING, description="The version that was read: later changes are not overwritten."
    )
    return schema


@patch(
    PATH,
    name="api_change_registration_settings",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE),
    tags=TAGS,
    summary="Change the settings of registration",
    description="Only the fields sent change; null or an empty list removes a setting. Times without an offset are in the "
    "event's zone. With the `version` that was read, in the body (else 409) or as `If-Match` (else 412), later changes are "
    "not overwritten. A capacity below the confirmed gets 409 `unconfirmed` with the counts in `concerned`: send it again "
    "with `confirm`. 409 also in a state that allows no change.",
    operation_class=operation(_change_schema),
    responses=problems(400, 401, 403, 404, 409, 412, 422),
)
async def change_registration_settings(
    request: Request[Any, Any, Any], slug: FromPath[str], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[dict[str, Any]]:
    """200 with the settings as they are now."""
    match = request.headers.get("if-match", "").strip().removeprefix("W/").strip('"')
    seen = match if match and match != "*" else str(data.get("version") or "")
    async with transaction_or_join():
        event = await locked_event(slug, actor)
        form = read_settings({**stored_settings(event), **data}, event)
        given = confirmed(data.get("confirm"))
        try:
            await services.set_registration(slug, form.value, by=actor, seen=seen, confirmed=given)
        except versions.Outdated as late:
            late.status = 412 if seen == match else late.status
            raise
        answer = _answer(await queries.event_for(actor, slug))
    page_cache.forget()
    return answer


HANDLERS = [read_registration_settings, change_registration_settings]
