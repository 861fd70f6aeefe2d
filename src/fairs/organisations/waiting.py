"""What of employers waits for a bureau or an organiser in the morning."""

from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.i18n import N_
from fairs.organisations import queries
from fairs.organisations.tables import OrganisationState
from fairs.upkeep.digest import Waiting

SOON = timedelta(days=3)  # an employer that waits longer is shown as urgent


async def approvals(actor: Actor) -> list[Waiting]:
    """Employers that nobody has decided about."""
    counts = await queries.state_counts(actor, "")
    number = counts.get(OrganisationState.PENDING, 0)
    oldest = await queries.oldest_pending(actor)
    urgent = bool(oldest and clock.now() - oldest > SOON)
    return [Waiting(number, N_("Employers to approve"), "/bureau/approvals?state=pending", oldest, urgent)]
