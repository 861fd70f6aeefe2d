"""What of agreements waits for a bureau or an organiser in the morning."""

from fairs.accounts.actor import Actor
from fairs.agreements.finding import due_counts
from fairs.core.i18n import N_
from fairs.upkeep.digest import Waiting


async def steps(actor: Actor) -> list[Waiting]:
    """Signed agreements to verify, and those whose next step is overdue."""
    found = await due_counts(actor)
    here = "/bureau/agreements?due="
    return [
        Waiting(found.verify, N_("Signed agreements to verify"), f"{here}verify"),
        Waiting(found.overdue, N_("Agreements whose next step is overdue"), f"{here}overdue", urgent=True),
    ]
