"""JSON API for venue relays. Each call may be repeated: scans have ids, reports replace the last one."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromQuery

from fairs.accounts.actor import Actor
from fairs.checkin.api import OVERLAP, answer
from fairs.checkin.direct import Results
from fairs.checkin.relay import feed, services
from fairs.checkin.relay.wire import PATH
from fairs.core import clock
from fairs.core.errors import Forbidden, Invalid
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.web import access
from fairs.web.openapi import operation
from fairs.web.problems import problems

AnyRequest = Request[Any, Any, Any]
RELAY = access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.RELAY)
TAGS = ["checkin"]
AGAIN = 15  # seconds between two reports


def _schema() -> Schema:
    return Schema(type=OpenAPIType.OBJECT)


def _event(actor: Actor) -> int:
    """The one event of a relay's token. Raises Forbidden for a token of every event."""
    if actor.only_event is None:
        raise Forbidden(N_("The token of a relay is limited to one event."), code="relay_event")
    return actor.only_event


def _token(actor: Actor) -> int:
    assert actor.token_id is not None, "the route takes tokens only"
    return actor.token_id


def _since(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+")) if text else None
    except ValueError as error:
        raise Invalid(fields={"since": [N_("Give a time such as 2026-11-22T09:00:00Z.")]}) from error
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


@get(
    f"{PATH}/feed",
    name="api_relay_feed",
    opt=RELAY,
    summary="What a relay copies of its event",
    description="Rules, hashes of the scanners' tokens, badges without their codes, passages; the records of people are sealed as "
    "in the scanners' snapshot. In pages: repeat with `after` until `next_after` is null, later with `since`.",
    tags=TAGS,
    responses=problems(401, 403, 404, 422),
)
async def get_feed(
    actor: NamedDependency[Actor], since: FromQuery[str] = "", after: FromQuery[int] = 0
) -> Response[bytes]:
    """A page of the copy."""
    now, start = clock.now(), min(max(after, 0), 2**62)
    told = await feed.feed(
        _event(actor), _token(actor), after=start, since=_since(since), now=now, next_since=now - OVERLAP
    )
    return answer(told)


@get(
    f"{PATH}/people",
    name="api_relay_people",
    opt=RELAY,
    summary="Which registrations are there",
    description="Ids of the registrations with a badge, so that a relay forgets those that were deleted.",
    tags=TAGS,
    responses=problems(401, 403),
)
async def get_ids(actor: NamedDependency[Actor]) -> Response[bytes]:
    """Ids only."""
    return answer({"ids": await feed.ids(_event(actor))})


@post(
    f"{PATH}/scans",
    name="api_relay_scans",
    opt=RELAY,
    status_code=200,
    summary="Scans that a relay has answered",
    description="Up to 1,000, each with the id of its scanner (`device`), in the order in which the relay stored them. They are decided "
    "as scans of a scanner without a network: whom the relay let in against the server's decision is a conflict.",
    tags=TAGS,
    operation_class=operation(_schema),
    responses=problems(401, 403, 422),
)
async def post_scans(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    """Answered after they are on disk."""
    return answer(Results(list(await services.take_scans(_event(actor), await request.body()))))


@post(
    f"{PATH}/status",
    name="api_relay_status",
    opt=RELAY,
    status_code=200,
    summary="How a relay and its scanners stand",
    tags=TAGS,
    operation_class=operation(_schema),
    responses=problems(401, 403, 422),
)
async def post_status(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    """When to report again, and by how much the relay's clock is behind."""
    skew = await services.take_report(_event(actor), _token(actor), await request.body())
    return answer({"again_in": AGAIN, "skew_seconds": skew})


@post(
    f"{PATH}/links",
    name="api_relay_links",
    opt=RELAY,
    status_code=200,
    summary="A scanner's link that was opened at a relay",
    description="Whose link it is; with `use` the link is used up, and the scanner's token is returned.",
    tags=TAGS,
    operation_class=operation(_schema),
    responses=problems(401, 403, 404, 422),
)
async def post_link(request: AnyRequest, actor: NamedDependency[Actor]) -> Response[bytes]:
    """The link is good once, wherever it is opened."""
    return answer(await services.take_link(_event(actor), await request.body()))


HANDLERS: list[Any] = [get_feed, get_ids, post_scans, post_status, post_link]
