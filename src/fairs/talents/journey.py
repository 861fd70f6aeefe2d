"""A candidate's progress: profile, registration, wishes, meetings, agreement. Each page shows the next step."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core.services import Service, unwired


@dataclass(frozen=True)
class Step:
    """`state`: done, current (the next to do) or todo."""

    words: object
    route: str
    parameters: dict[str, str]
    state: str


Journey = Callable[[Actor], Awaitable[list[Step]]]
JOURNEY: Service[Journey] = Service(unwired("journey"))
"""What finds the steps of a person."""


async def journey_of(actor: Actor) -> list[Step]:
    """The steps towards the open fair; empty for an account that is no candidate, or when no fair is open."""
    return await JOURNEY()(actor)
