"""What of registrations waits for those who run an event in the morning."""

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.upkeep.digest import Waiting

_REVIEWS = """
SELECT e.slug, count(*) AS number FROM registration r JOIN event e ON e.id = r.event
WHERE r.state = 'pending' AND e.ends_at > :now AND e.state IN ('published', 'closed')
AND (:everything OR (e.release = 'released' AND e.unit = ANY(:units::bigint[]))) GROUP BY e.slug, e.starts_at
ORDER BY e.starts_at, e.slug
"""


class _Reviews(Row, frozen=True):
    """How many registrations of an event are under review."""

    slug: str
    number: int


async def reviews(actor: Actor) -> list[Waiting]:
    """Registrations with an answer that nobody has looked at."""
    rows = await fetch_as(
        _Reviews, _REVIEWS, now=clock.now(), everything=actor.sees_everything, units=list(actor.unit_ids)
    )
    what = N_("Registrations to review")
    return [Waiting(row.number, what, f"/organise/editions/{row.slug}/registrations?state=pending") for row in rows]
