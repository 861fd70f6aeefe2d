"""What of tours waits for a bureau in the morning: stops at its place that it has not answered."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.tours.queries import hosted_stops
from fairs.tours.tables import StopState
from fairs.upkeep.digest import Waiting


async def stops(actor: Actor) -> list[Waiting]:
    """Stops of tours to confirm."""
    if not actor.unit_ids:
        return []
    waiting = [stop for stop in await hosted_stops(actor) if stop.state == StopState.ASKED]
    return [Waiting(len(waiting), N_("Stops of tours to confirm"), "/hosting", urgent=True)]
