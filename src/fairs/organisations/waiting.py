"""What of employers waits for a bureau or an organiser in the morning."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.organisations import queries
from fairs.organisations.tables import OrganisationState
from fairs.upkeep.digest import Waiting


async def approvals(actor: Actor) -> list[Waiting]:
    """Employers that nobody has decided about."""
    counts = await queries.state_counts(actor, "")
    number = counts.get(OrganisationState.PENDING, 0)
    return [Waiting(number, N_("Employers to approve"), "/bureau/approvals?state=pending")]
