"""What of agreements waits for a bureau or an organiser in the morning."""

from fairs.accounts.actor import Actor
from fairs.agreements.rows import Overdue
from fairs.core import clock, schedule
from fairs.core.i18n import N_
from fairs.core.rows import fetch_one_as
from fairs.upkeep.digest import Waiting

_WAITING = """
SELECT count(*) FILTER (WHERE a.verified_at IS NULL AND a.state NOT IN ('lead', 'talks', 'intent')) AS to_verify,
    count(*) FILTER (WHERE a.next_step_by < :today AND a.state IN ('talks', 'intent', 'signed_intent', 'contract', 'permit'))
    AS overdue
FROM agreement a WHERE a.state NOT IN ('lapsed', 'terminated') AND (:everything::boolean OR a.unit = ANY(:units::bigint[]))
"""


async def steps(actor: Actor) -> list[Waiting]:
    """Signed agreements to verify, and those whose next step is overdue."""
    found = await fetch_one_as(
        Overdue,
        _WAITING,
        today=clock.now().astimezone(schedule.zone()).date(),
        everything=actor.sees_everything,
        units=actor.unit_ids,
    )
    assert found is not None
    return [
        Waiting(found.to_verify, N_("Signed agreements to verify"), "/bureau/agreements?state=signed_intent"),
        Waiting(found.overdue, N_("Agreements whose next step is overdue"), "/bureau/agreements?sort=next"),
    ]
