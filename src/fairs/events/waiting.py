"""What of bureaus' own events waits for the province, and for the bureau when it got one back."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.upkeep.digest import Waiting

_ASKED = """
SELECT p.slug AS slug, count(*) AS number FROM event e JOIN event p ON p.id = e.parent
WHERE e.release = 'asked' AND e.state = 'draft' GROUP BY p.slug, p.starts_at ORDER BY p.starts_at, p.slug
"""
_RETURNED = """
SELECT '' AS slug, count(*) AS number FROM event e
WHERE e.release = 'returned' AND e.state = 'draft' AND e.unit = ANY(:units::bigint[])
"""


class Asked(Row, frozen=True):
    """How many events inside an edition wait for an answer."""

    slug: str
    number: int


async def releases(actor: Actor) -> list[Waiting]:
    """Events that bureaus ask to be released, by edition; for a bureau those that the province returned."""
    if actor.sees_everything:
        asked = await fetch_as(Asked, _ASKED)
        what = N_("City sessions to release")
        return [Waiting(one.number, what, f"/organise/editions/{one.slug}/parts") for one in asked]
    returned = await fetch_as(Asked, _RETURNED, units=actor.unit_ids)
    return [Waiting(one.number, N_("City sessions that the province returned"), "/bureau/parts") for one in returned]
