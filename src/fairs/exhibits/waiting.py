"""What of exhibits waits in the morning: what was sent in for release, of events that one runs."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.events.queries import RUN_BY_UNIT
from fairs.upkeep.digest import Waiting


class _Event(Row, frozen=True):
    slug: str
    unit: int
    run_by_unit: bool
    number: int


async def exhibits(actor: Actor) -> list[Waiting]:
    """Exhibits to decide about, by event."""
    rows = await fetch_as(
        _Event,
        f"SELECT e.slug, e.unit, {RUN_BY_UNIT}, count(*) AS number FROM exhibit x JOIN event e ON e.id = x.event"  # noqa: S608 - a constant
        " WHERE x.state = 'submitted' AND e.state IN ('published', 'closed') GROUP BY e.id ORDER BY e.starts_at, e.id",
    )
    return [
        Waiting(row.number, N_("Exhibits to decide about"), f"/organise/editions/{row.slug}/exhibits?state=submitted")
        for row in rows
        if actor.runs(row)
    ]
