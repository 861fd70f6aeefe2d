"""JSON API of registrations, for an organiser's integration."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from fairs.accounts import idempotency
from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import answer_once
from fairs.accounts.queries import token_name
from fairs.core import batching, clock, db
from fairs.core.errors import DomainError, Invalid, NotFound
from fairs.core.forms import parse
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.queries import event_by_slug
from fairs.registrations import queries, rules, services, summaries
from fairs.registrations.asking import calls
from fairs.registrations.asking.reading import Answers
from fairs.registrations.entering import api as entering
from fairs.registrations.forms import ApiPersonForm, CancelForm, EnvelopeForm, RegistrationForm, parse_call
from fairs.registrations.pools import api as pools
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TEXT = Schema(type=OpenAPIType.STRING)
WARNING = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "code": Schema(type=OpenAPIType.STRING, enum=["sessions_overlap", "meeting_overlaps"]),
        "sessions": Schema(type=OpenAPIType.ARRAY, items=TEXT, description="Codes of the sessions."),
        "message": Schema(type=OpenAPIType.STRING, description="A sentence for people, in English."),
    },
    required=["code", "sessions", "message"],
)
WARNED = Schema(
    type=OpenAPIType.OBJECT,
    properties={
        "warnings": Schema(
            type=OpenAPIType.ARRAY,
            items=WARNING,
            description="Time conflicts: two of the sessions, or one of them and a meeting. Both are kept.",
        )
    },
    required=["warnings"],
)
PAGE_OF_WARNED = Schema(
    type=OpenAPIType.OBJECT, properties={"items": Schema(type=OpenAPIType.ARRAY, items=WARNED)}, required=["items"]
)
LISTED = 400  # registrations read together for concurrent searches
TAGS = ["registrations"]
READERS = access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ)
WRITERS = access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.REGISTER)


async def _one(registration_id: int) -> dict[str, Any]:
    if db.in_transaction():  # other connections cannot see its uncommitted rows
        [found] = await summaries.json_by_ids(0, [registration_id])
    else:
        [found] = await batching.enqueue(0, [registration_id], summaries.json_by_ids)
    if found is None:
        raise NotFound
    return found


@post(
    "/api/v1/registrations",
    opt=WRITERS,
    tags=TAGS,
    summary="Register a person",
    description="201 with `state` `confirmed` and `badge_code`, or `waitlisted` and `position` when all places are taken. "
    "`sessions` are codes of sessions with sign-up; two at the same time are kept and reported in `warnings`. 409 `already_registered`, `not_open`, `not_open_yet`, `registration_ended`, `full` or `session_full`, or `pool_full` when the event has pools; 422 names "
    "every field, those of the person as `person.email`, those of the event's form as `answers.diet`. 409 `option_full` names `question` and `option`. Takes `Idempotency-Key`. The person is notified by mail.",
    operation_class=operation(
        lambda: schema_of(EnvelopeForm, person=schema_of(ApiPersonForm), answers=calls.SCHEMA), once=True, answer=WARNED
    ),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def create_registration(
    request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Give a place, or a position in the waiting list."""
    assert actor.token_id is not None
    once = await idempotency.once_of(request, actor.token_id)
    if once is None:
        event, form, answers = await _wanted(data, actor)
        made = await services.register(event, form, by=actor, answers=answers)
        return idempotency.answered(201, msgspec.json.encode(await _one(made.id)))
    try:
        event, form, answers = await _wanted(data, actor)
    except DomainError:  # the fair may meanwhile be closed to this caller
        if (found := await idempotency.stored(once)) is None:
            raise
        return idempotency.answered(*found)
    while True:
        granted = await services.register_once(event, form, once, by=actor, answers=answers)
        if isinstance(granted, services.Registered):
            return idempotency.answered(201, granted.answer)
        if (found := await idempotency.stored(once)) is not None:
            return idempotency.answered(*found)


async def _wanted(data: dict[str, Any], actor: Actor) -> tuple[int, RegistrationForm, Answers | None]:
    """The event, the form and the answers of the request."""
    slug, form = parse_call(data)
    event = await event_by_slug(slug, viewer=actor)
    return event.id, form, await calls.read_answers(event.id, form.category, data.get("answers"))


@get(
    "/api/v1/registrations",
    opt=READERS,
    tags=TAGS,
    summary="Find people",
    description="`q` finds by name in any script, pinyin, its initials, e-mail, phone tail, organisation or number; every "
    "word must be found. In order of change, so that a caller can poll with `updated_since` (inclusive). Each item has "
    "the `warnings` of the registration itself.",
    operation_class=operation(answer=PAGE_OF_WARNED),
    responses=problems(401, 403, 404, 422),
)
async def list_registrations(
    actor: NamedDependency[Actor],
    event: FromQuery[str] = "",
    q: FromQuery[str] = "",
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    category: FromQuery[str] = "",
    page: FromQuery[int] = 1,
    page_size: FromQuery[int] = 50,
    updated_since: FromQuery[datetime | None] = None,
) -> Response[dict[str, Any]]:
    """One page of registrations."""
    generated = clock.now()
    unknown = {"state": in_state not in ("", *rules.STATES), "category": category not in ("", *rules.categories())}
    if any(unknown.values()):
        raise Invalid(fields={name: [N_("Choose one from the list")] for name, wrong in unknown.items() if wrong})
    if updated_since and updated_since.tzinfo is None:
        updated_since = updated_since.replace(tzinfo=UTC)
    found = await queries.search_ids(
        event=(await event_by_slug(event, viewer=actor)).id if event else actor.only_event,
        q=q,
        state=in_state,
        category=category,
        updated_since=updated_since,
        window=window(page, page_size),
        order=queries.CHANGED,
        strict=True,
    )
    answer = {"page": found.number, "page_size": found.size, "total": found.total}
    told = await batching.enqueue(0, found.rows, summaries.listed_by_ids, batch=LISTED) if found.rows else []
    items = [item for item in told if item is not None]
    return Response(answer | {"items": items}, headers={"X-Page-Generated": generated.isoformat()})


@get(
    "/api/v1/registrations/{registration_id:int}",
    opt=READERS,
    tags=TAGS,
    summary="Read a registration",
    operation_class=operation(answer=WARNED),
    responses=problems(401, 403, 404),
)
async def read_registration(registration_id: FromPath[int], actor: NamedDependency[Actor]) -> Response[dict[str, Any]]:
    """One registration."""
    if actor.only_event is not None:
        await queries.registration_for(actor, registration_id)
    found = await _one(registration_id) | {"answers": await calls.answers_told(registration_id)}
    return Response(found, headers={"X-Page-Generated": clock.now().isoformat()})


async def _given(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The object of a call's body, which may be empty. Raises Invalid for another one."""
    raw = await request.body()
    try:
        given = msgspec.json.decode(raw) if raw.strip() else {}
    except msgspec.DecodeError as wrong:
        raise Invalid(N_("The body is not a JSON object")) from wrong
    if not isinstance(given, dict):
        raise Invalid(N_("The body is not a JSON object"))
    return given


@post(
    "/api/v1/registrations/{registration_id:int}/cancel",
    opt=WRITERS,
    tags=TAGS,
    status_code=200,
    summary="Cancel a registration",
    description="Frees the place and gives it to the first in the waiting list in the same transaction; `promoted` are the "
    "ids that got a place. The badge is revoked. With `reject` somebody who was never confirmed is not accepted, and is told so (`rejected`); 409 when already ended, or `step` when the state does not allow it. The person reads `reason` in the mail; without "
    "one it names the integration. Takes `Idempotency-Key`.",
    operation_class=operation(lambda: schema_of(CancelForm), once=True, answer=WARNED),
    responses=problems(401, 403, 404, 409, 422),
)
async def cancel_registration(
    request: Request[Any, Any, Any], registration_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The cancelled registration, and the promoted ids."""

    token_id = actor.token_id
    assert token_id is not None

    async def act() -> tuple[int, Any]:
        form = parse(CancelForm, await _given(request))
        reason = form.reason or f"{await token_name(token_id)} (API)"
        promoted = await services.cancel(registration_id, by=actor, reason=reason, rejects=form.reject)
        return 200, await _one(registration_id) | {"promoted": promoted}

    return await answer_once(request, token_id, act)


HANDLERS: list[Any] = [
    create_registration,
    list_registrations,
    read_registration,
    cancel_registration,
    *pools.HANDLERS,
    *entering.HANDLERS,
]
