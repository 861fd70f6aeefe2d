"""JSON API of the pools of an event."""

from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.events.queries import event_for
from fairs.registrations.pools.queries import pools_of
from fairs.web import access
from fairs.web.problems import problems

NAMES = ("id", "name_zh", "name_en", "categories", "sessions", "capacity", "taken", "held", "waiting")


@get(
    "/api/v1/events/{slug:str}/pools",
    name="api_pools",
    opt=access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.READ),
    tags=["events"],
    summary="Read the pools of places",
    description="Places that the people of `categories` and of `sessions` (codes) share. Somebody counts in every pool that the "
    "own choice touches. `held` are kept by codes, `free` are left; `waiting` count people on the waiting list; with `waiting_list` false nobody can "
    "wait, and a registration gets 409 `pool_full`.",
    responses=problems(401, 403, 404),
)
async def read_pools(slug: FromPath[str], actor: NamedDependency[Actor]) -> dict[str, Any]:
    """All pools of the event, in the order in which they were made."""
    event = await event_for(actor, slug)
    return {
        "items": [
            {name: getattr(row, name) for name in NAMES}
            | {"free": max(0, row.capacity - row.taken - row.held), "waiting_list": row.waits}
            for row in await pools_of(event.id)
        ]
    }


HANDLERS: list[Any] = [read_pools]
