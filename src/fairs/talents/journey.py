"""The candidate's journey as their pages in every slice show it; what has been done is read by `fairs.home`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core.events_bus import NotWired


@dataclass(frozen=True)
class Step:
    """`state`: done, current (the next one to do) or todo."""

    words: object
    route: str
    parameters: dict[str, str]
    state: str


Journey = Callable[[Actor], Awaitable[list[Step]]]
_find: Journey | None = None


def install(find: Journey) -> None:
    """Set what finds the steps of a person."""
    global _find
    _find = find


async def journey_of(actor: Actor) -> list[Step]:
    """The steps towards the open fair; none for who is not a candidate, or when no fair is open."""
    if _find is None:
        raise NotWired("journey: call fairs.wiring.wire() first")
    return await _find(actor)
