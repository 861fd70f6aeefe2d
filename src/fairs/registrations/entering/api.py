"""JSON API: representatives of an employer, and people whom the staff registers."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, JSONBody

from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import answer_once
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.organisations.queries import organisation_for
from fairs.registrations import summaries
from fairs.registrations.asking import calls
from fairs.registrations.entering import queries as entries
from fairs.registrations.entering import services
from fairs.registrations.entering.forms import RepresentativeForm, WalkInForm, read_entry
from fairs.registrations.forms import NO_OBJECT
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TAGS = ["registrations"]
EMPLOYERS = access.api_token(Role.EMPLOYER, Role.ORGANISER, Role.ADMIN, scope=Scope.REGISTER)
DESK = access.api_token(Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN, scope=Scope.REGISTER)
NO_LIST = N_("Give a list of people")
WHICH = N_("Name the employer by its credit code")


def _representatives_schema() -> Schema:
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "organisation": Schema(
                type=OpenAPIType.STRING,
                description="The employer's unified social credit code; an employer's own token needs none.",
            ),
            "representatives": Schema(
                type=OpenAPIType.ARRAY, items=schema_of(RepresentativeForm), min_items=1, max_items=services.MOST
            ),
        },
        required=["representatives"],
    )


def _walk_in_schema() -> Schema:
    schema = schema_of(WalkInForm)
    assert schema.properties is not None
    schema.properties["confirm"] = Schema(
        type=OpenAPIType.STRING, description="The `confirm` of a 409 `maybe_registered`: register another person."
    )
    schema.properties["answers"] = calls.SCHEMA
    return schema


_LIST = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "items": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT), description="In the order sent.")
    },
    required=["items"],
)


@post(
    "/api/v1/events/{slug:str}/representatives",
    name="api_enter_representatives",
    opt=EMPLOYERS,
    tags=TAGS,
    summary="Register an employer's representatives",
    description="All of them, or nobody: 201 with `items`, each as of `GET /api/v1/registrations/{id}`. The badge says the "
    "employer's name. 422 names every field as `representatives.0.phone`, and people who are registered already as "
    "`representatives.0`; 409 `not_approved`, `not_open`, `not_open_yet`, `registration_ended`, `full`. Takes `Idempotency-Key`.",
    operation_class=operation(_representatives_schema, once=True, answer=_LIST),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def enter_representatives(
    request: Request[Any, Any, Any], slug: FromPath[str], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """A place, or a position in the waiting list, for each."""
    token_id = actor.token_id
    assert token_id is not None

    async def act() -> tuple[int, Any]:
        event = await event_by_slug(slug, viewer=actor)
        organisation = await _organisation(actor, data)
        made = await services.enter_representatives(event.id, organisation, _forms(data, event), by=actor)
        return 201, {"items": await summaries.json_by_ids(0, [one.id for one in made])}

    return await answer_once(request, token_id, act)


async def _organisation(actor: Actor, data: Mapping[str, Any]) -> int:
    """The employer that is meant. Raises Invalid, and NotFound for one for which the token's account does not act."""
    code = data.get("organisation")
    if not code and len(actor.organisation_ids) == 1:
        return actor.organisation_ids[0]
    if not isinstance(code, str) or not code.strip():
        raise Invalid(fields={"organisation": [WHICH]})
    found = await entries.employers_called(code.strip()[:200])
    if len(found) != 1:
        raise NotFound
    return (await organisation_for(actor, found[0].id)).id


def _forms(data: Mapping[str, Any], event: EventRow) -> list[RepresentativeForm]:
    """The people of the body. Raises Invalid with every error of every person."""
    given = data.get("representatives")
    if not isinstance(given, list) or not given:
        raise Invalid(fields={"representatives": [NO_LIST]})
    if len(given) > services.MOST:
        raise Invalid(fields={"representatives": [services.TOO_MANY]})
    fields: dict[str, list[object]] = {}
    forms = []
    for at, person in enumerate(given):
        if not isinstance(person, Mapping):
            fields[f"representatives.{at}"] = [NO_OBJECT]
            continue
        read = read_entry(RepresentativeForm, person, event)
        fields |= {f"representatives.{at}.{name}": found for name, found in read.errors.items()}
        if read.ok:
            forms.append(read.value)
    if fields:
        raise Invalid(fields=fields)
    return forms


@post(
    "/api/v1/events/{slug:str}/walk-ins",
    name="api_enter_person",
    opt=DESK,
    tags=TAGS,
    summary="Register somebody on the spot",
    description="While the event runs, also when registration is closed; places are counted as for everybody. One of the names is "
    "enough. 201 as of `GET /api/v1/registrations/{id}`. 409 `already_registered` when the address is; `maybe_registered` with "
    "`numbers` of people with the same name or telephone: send `confirm` to register another one. Takes `Idempotency-Key`.",
    operation_class=operation(_walk_in_schema, once=True),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def enter_person(
    request: Request[Any, Any, Any], slug: FromPath[str], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """A place with a badge, or a position in the waiting list."""
    token_id = actor.token_id
    assert token_id is not None

    async def act() -> tuple[int, Any]:
        event = await entries.event_to_enter(actor, slug)
        form = read_entry(WalkInForm, data, event).value
        answers = await calls.read_answers(event.id, form.category, data.get("answers"), complete=False)
        made = await services.enter_person(slug, form, by=actor, seen=str(data.get("confirm") or ""), answers=answers)
        [told] = await summaries.json_by_ids(0, [made.id])
        return 201, told

    return await answer_once(request, token_id, act)


HANDLERS: list[Any] = [enter_representatives, enter_person]
