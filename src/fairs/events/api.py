"""JSON API of events."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, FromQuery, JSONBody

from fairs.accounts.actor import Actor
from fairs.accounts.idempotency import answer_once
from fairs.core import clock, versions
from fairs.core.db import transaction_or_join
from fairs.core.errors import Forbidden, Invalid
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events import life, moving, page_cache, queries, rules, services
from fairs.events.forms import EventForm, read_event, stored_event
from fairs.events.inheriting import effective
from fairs.events.rows import EventRow, ProgrammeSession
from fairs.events.tables import EventState
from fairs.notifications.services import base_url
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TAGS = ["events"]
_TEXTS = (
    "slug",
    "kind",
    "family",
    "state",
    "title_zh",
    "title_en",
    "summary_zh",
    "summary_en",
    "place_zh",
    "place_en",
    "contact_name",
    "contact_phone",
    "contact_email",
)


def iso(moment: datetime | None) -> str | None:
    """A time in UTC as API text."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def event_json(event: EventRow) -> dict[str, Any]:
    """An event as API values; times in UTC."""
    return {
        **{name: getattr(event, name) for name in _TEXTS},
        "effective": _effective(event),
        "unit": event.unit_code,
        "parent": event.parent_slug,
        "starts_at": iso(event.starts_at),
        "ends_at": iso(event.ends_at),
        "timezone": event.timezone,
        "capacity": event.capacity,
        "registration": registration_of(event),
        "registration_opens_at": iso(event.registration_opens_at),
        "registration_closes_at": iso(event.registration_closes_at),
        "sessions_until": iso(event.sessions_until),
        "waiting_list": event.waiting_list,
        "offer_hours": event.offer_hours,
        "updated_at": iso(event.updated_at),
        "version": versions.version_of(EventForm, stored_event(event)),
        "url": f"{base_url()}/e/{event.slug}",
    }


def _effective(event: EventRow) -> dict[str, Any]:
    """Place and contact that hold: its own, else those of the event above; `inherited` names the latter."""
    found = effective(event)
    names = ("place_zh", "place_en", "contact_name", "contact_phone", "contact_email")
    inherited = [name for name, above in (("place", found.place_above), ("contact", found.contact_above)) if above]
    return {**{name: getattr(found, name) for name in names}, "inherited": inherited}


def registration_of(event: EventRow) -> str:
    """Whether people can register themselves: `open`, `before` it opens, or `closed`."""
    if not rules.allows(event.state, rules.Act.REGISTER) or rules.is_over(event.ends_at, clock.now(), demo=event.demo):
        return "closed"
    found = rules.window(event.registration_opens_at, event.registration_closes_at, clock.now())
    return "closed" if found == rules.Window.AFTER else found.value


def _session_json(session: ProgrammeSession) -> dict[str, Any]:
    return {
        **{name: getattr(session, name) for name in ("code", "kind", "title_zh", "title_en", "capacity", "sign_up")},
        "starts_at": iso(session.starts_at),
        "ends_at": iso(session.ends_at),
        "changes_until": iso(session.changes_until),
        "room": session.room_code,
        "unit": session.unit_code,
    }


async def _detail(event: EventRow, *, gates: bool) -> dict[str, Any]:
    answer = event_json(event)
    answer["sessions"] = [_session_json(session) for session in await queries.sessions_of(event.id)]
    if gates:
        names = ("code", "kind", "name_zh", "name_en")
        answer["gates"] = [{name: getattr(gate, name) for name in names} for gate in await queries.gates_of(event.id)]
    return answer


@get(
    "/api/v1/events",
    name="api_events",
    opt=access.public_api(),
    tags=TAGS,
    summary="List events",
    description="Published and closed events in order of change; an organiser's token also sees drafts. "
    "`updated_since` is inclusive. The header `X-Page-Generated` is the time of the answer.",
    responses=problems(422),
)
async def list_events(
    viewer: NamedDependency[Actor | None],
    page: FromQuery[int] = 1,
    page_size: FromQuery[int] = 50,
    updated_since: FromQuery[datetime | None] = None,
) -> Response[dict[str, Any]]:
    """One page of events."""
    generated = clock.now()
    number, size, offset = window(page, page_size)
    if updated_since and updated_since.tzinfo is None:
        updated_since = updated_since.replace(tzinfo=UTC)
    rows, total = await queries.events_page(viewer=viewer, updated_since=updated_since, limit=size, offset=offset)
    answer = {"page": number, "page_size": size, "total": total, "items": [event_json(row) for row in rows]}
    return Response(answer, headers={"X-Page-Generated": str(iso(generated))})


@get(
    "/api/v1/events/{slug:str}",
    name="api_event",
    opt=access.public_api(),
    tags=TAGS,
    summary="Read an event with its programme",
    description="Only organisers' tokens see a draft; they also see the gates.",
    responses=problems(404),
)
async def read_one(slug: FromPath[str], viewer: NamedDependency[Actor | None]) -> Response[dict[str, Any]]:
    """One event."""
    event = await queries.event_by_slug(slug, viewer=viewer)
    gates = bool(viewer and viewer.sees_everything)
    answer = await _detail(event, gates=gates)
    return Response(answer, headers={"X-Page-Generated": str(iso(clock.now())), "ETag": f'"{answer["version"]}"'})


@post(
    "/api/v1/events",
    name="api_create_event",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE),
    tags=TAGS,
    summary="Create an event",
    description="A draft. `unit` is a reporting unit's code, `parent` another event's slug. Times without an offset "
    "are in `timezone`. Takes `Idempotency-Key`.",
    operation_class=operation(lambda: schema_of(EventForm), once=True),
    responses=problems(400, 401, 403, 409, 422),
)
async def create_one(
    request: Request[Any, Any, Any], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """201 with the event; else the errors of all fields at once."""

    if actor.only_event is not None:
        raise Forbidden(N_("This token is limited to one event."), code="event_limit")

    async def act() -> tuple[int, Any]:
        async with transaction_or_join():
            event_id = await services.create_event(read_event(data).value, by=actor)
            return 201, await _detail(await queries.event_by_id(event_id), gates=True)

    assert actor.token_id is not None
    return await answer_once(request, actor.token_id, act)


def _change_schema() -> Schema:
    schema = schema_of(EventForm, partial=True)
    assert schema.properties
    schema.properties["state"] = Schema(type=OpenAPIType.STRING, enum=list(EventState))
    schema.properties["reason"] = Schema(type=OpenAPIType.STRING, description="Why it is cancelled, for the mails.")
    schema.properties["confirm"] = Schema(
        type=[OpenAPIType.BOOLEAN, OpenAPIType.STRING], description="true, or the `confirm` of a 409 `unconfirmed`"
    )
    schema.properties["version"] = Schema(
        type=OpenAPIType.STRING, description="The version that was read: later changes are not overwritten."
    )
    return schema


@patch(
    "/api/v1/events/{slug:str}",
    name="api_change_event",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE),
    tags=TAGS,
    summary="Change an event, publish it, close it",
    description="Only the fields sent change. `state` may become `published` (which opens registration and creates the "
    "entry gate `main-in` when there is none), `draft` before anybody registered, `closed`, after its end `follow_up`, "
    "`archived`, or `cancelled` with a `reason` and `confirm`; the current state changes nothing. With the `version` "
    "that was read, in the body (else 409) or as `If-Match` (else 412), later changes are not overwritten. "
    "A move that leaves items outside the new days or affects people, and a capacity below the confirmed, get 409 "
    "`unconfirmed` with the counts in `concerned`: send it again with `confirm`.",
    operation_class=operation(_change_schema),
    responses=problems(400, 401, 403, 404, 409, 412, 422),
)
async def change_one(
    request: Request[Any, Any, Any], slug: FromPath[str], data: JSONBody[dict[str, Any]], actor: NamedDependency[Actor]
) -> Response[dict[str, Any]]:
    """200 with the changed event."""
    async with transaction_or_join():
        event = await services.locked_province_event(slug, actor)
        form = read_event({**stored_event(event), **data})
        state = data.get("state", event.state)
        if not isinstance(state, str) or state not in set(EventState):
            raise Invalid(fields={**form.errors, "state": [N_("Choose one from the list")]})
        _require_current(request, form.value, event, data)
        event_id = await services.update_event(slug, form.value, by=actor, confirmed=confirmed(data.get("confirm")))
        await _become(form.value.slug, data, state, actor)
        answer = await _detail(await queries.event_by_id(event_id), gates=True)
    page_cache.forget()
    return Response(answer, headers={"ETag": f'"{answer["version"]}"'})


def _require_current(request: Request[Any, Any, Any], form: EventForm, event: EventRow, data: dict[str, Any]) -> None:
    """Raises Outdated: 409 for the body's `version`, 412 for `If-Match`."""
    named, stored = request.headers.get("if-match", "").strip(), stored_event(event)
    try:
        if named and named != "*":
            versions.require_current(form, stored, named.removeprefix("W/").strip('"'))
    except versions.Outdated as late:
        late.status = 412
        raise
    versions.require_current(form, stored, str(data.get("version") or ""))


def confirmed(given: object) -> str:
    """What `confirm` of a body says: a digest, the word for any, or nothing."""
    return moving.CONFIRMED if given is True else given if isinstance(given, str) else ""


async def _become(slug: str, data: dict[str, Any], state: str, actor: Actor) -> None:
    """Take the step to `state`, if it is another one than now. Raises Conflict and Invalid as the steps do."""
    event = await queries.event_for(actor, slug)
    if event.state == state:
        return
    if state == EventState.CANCELLED:
        given = confirmed(data.get("confirm"))
        digest = (await life.holdings(event.id)).digest if given == moving.CONFIRMED else given
        await life.cancel_event(slug, reason=str(data.get("reason") or ""), confirmed=digest, by=actor)
    elif state == EventState.CLOSED and event.state == EventState.FOLLOW_UP:
        await life.resume_event(slug, by=actor)
    else:
        await STEPS[EventState(state)](slug, by=actor)


STEPS: dict[EventState, Callable[..., Awaitable[object]]] = {
    EventState.DRAFT: life.unpublish_event,
    EventState.PUBLISHED: services.publish_event,
    EventState.CLOSED: services.close_event,
    EventState.FOLLOW_UP: life.wind_up_event,
    EventState.ARCHIVED: life.archive_event,
}
HANDLERS = [list_events, read_one, create_one, change_one]
