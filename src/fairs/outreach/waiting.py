"""What of visits to counties waits in the morning: requests to decide about."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.outreach import queries
from fairs.outreach.tables import ServiceState
from fairs.upkeep.digest import Waiting


async def requests(actor: Actor) -> list[Waiting]:
    """Requests of counties without an answer; for a county those that were sent back."""
    if not (actor.sees_everything or actor.unit_ids):
        return []
    counts = await queries.state_counts(actor)
    state, what = (
        (ServiceState.ASKED, N_("Requests of counties to decide about"))
        if actor.sees_everything
        else (ServiceState.RETURNED, N_("Requests for experts that were sent back"))
    )
    return [Waiting(counts.get(state.value, 0), what, f"/bureau/service?state={state.value}")]
