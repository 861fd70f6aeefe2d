"""Which event a page is about: the one that the address names, else the one chosen in this sign-in, else the first in order.

Several events may run at once. Every page in question names its event and the head of the page offers the others, so nothing
depends on a guess; the API asks for the name as soon as there are two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Request

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.events import page_cache, queries, rules
from fairs.events.rows import EventRow
from fairs.events.tables import EventKind, EventState

OFFERED = (*rules.RUNNING, EventState.FOLLOW_UP)  # to everybody; organisers choose among all


SHOWN = 12  # in the head of a page; a list has all


@dataclass(frozen=True)
class Switch:
    """The event that the page is about, and those that its head offers instead."""

    current: EventRow | None
    fairs: Sequence[EventRow]


async def fairs_for(viewer: Actor | None) -> Sequence[EventRow]:
    """The events that this viewer may choose, in order: running ones first, conferences before their parts."""
    everything = viewer is not None and viewer.sees_everything
    events = await queries.known_events(drafts=everything)
    return rules.in_order([event for event in events if everything or event.state in OFFERED], clock.now())


async def current_fair(viewer: Actor | None, slug: str = "") -> EventRow | None:
    """The event of a page; None when there is none to show. Raises NotFound for a `slug` that the viewer may not see."""
    if slug:
        return await queries.event_by_slug(slug, viewer=viewer)
    return chosen(viewer, await fairs_for(viewer))


def chosen(viewer: Actor | None, fairs: Sequence[EventRow]) -> EventRow | None:
    """The event chosen in this sign-in, else the first that runs or is followed up."""
    if viewer and viewer.chosen_event_id:
        for event in fairs:
            if event.id == viewer.chosen_event_id:
                return event
    return next((event for event in fairs if event.state in OFFERED), None)


async def asked_fair(request: Request[Any, Any, Any], viewer: Actor | None) -> EventRow | None:
    """As `current_fair`, with `?event=` of the address."""
    return await current_fair(viewer, str(request.query_params.get("event") or ""))


async def offer_fairs(request: Request[Any, Any, Any]) -> None:
    """Before a page of somebody signed in: put what its head offers where `web.templating` finds it."""
    viewer = request.scope.get("user")
    if not isinstance(viewer, Actor) or viewer.session_id is None:
        return
    fairs: Sequence[EventRow] = await page_cache.fresh(("fairs", viewer.sees_everything), partial(fairs_for, viewer))
    if len(fairs) > 1:
        named = next((event for event in fairs if _is_in(event.slug, request.scope["path"])), None)
        scope: dict[str, Any] = request.scope  # type: ignore[assignment]  # Litestar's TypedDict; the key is ours
        scope["fairs"] = Switch(named or _asked(request, viewer, fairs), fairs[:SHOWN])


def _asked(request: Request[Any, Any, Any], viewer: Actor, fairs: Sequence[EventRow]) -> EventRow | None:
    slug = request.query_params.get("event")
    return next((event for event in fairs if event.slug == slug), None) or chosen(viewer, fairs)


def _is_in(slug: str, path: str) -> bool:
    return f"/{slug}/" in f"{path}/"


async def only_fair() -> EventRow:
    """For the API, where nothing is chosen: the only running conference. Raises Invalid, naming them when there are several."""
    running = [event for event in await queries.known_events(drafts=False) if event.state in rules.RUNNING]
    running = [event for event in running if event.kind == EventKind.CONFERENCE] or running
    if len(running) == 1:
        return running[0]
    if not running:
        raise Invalid(fields={"event": [N_("There is no published fair: name the event")]})
    names = ", ".join(event.slug for event in rules.in_order(running, clock.now()))
    raise Invalid(fields={"event": [N_("Several events are running: name one of %(names)s", names=names)]})
