"""A hall with several employers and people who want to meet: what tests of scheduling begin with."""

from dataclasses import dataclass

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import db
from fairs.meetings.scheduling import runs, slots_and_tables
from tests import factories
from tests.cast import make_actor
from tests.meetings.stage import Stage, make_stage


@dataclass(frozen=True)
class Crowd:
    """`listings` of as many employers, `people` and the stage they stand on (whose own pair is the first of both)."""

    stage: Stage
    organiser: Actor
    listings: list[int]
    people: list[int]

    @property
    def event(self) -> int:
        return self.stage.event


async def make_crowd(employers: int = 2, people: int = 2, *, tables: int = 1, shared: int = 0) -> Crowd:
    """Two slots; nobody has said anything yet."""
    stage = await make_stage(tables=0)
    organiser = await make_actor("organiser", email="organiser@example.org", name="Olga Organiser")
    listings = [stage.listing]
    for _ in range(employers - 1):
        listings.append(await factories.listing(await factories.organisation(), stage.event))
    await slots_and_tables.create_tables(stage.event, per_organisation=tables, shared=shared, by=SYSTEM)
    others = [await factories.talent() for _ in range(people - 1)]
    return Crowd(stage, organiser, listings, [stage.talent, *others])


async def want(
    crowd: Crowd, listing: int, talent: int, talent_level: str = "meet", employer_level: str = "meet"
) -> None:
    """Both sides say so, without a word to anybody."""
    await factories.preference(crowd.event, talent, listing, "talent", talent_level)
    await factories.preference(crowd.event, talent, listing, "employer", employer_level)


async def all_want(crowd: Crowd) -> None:
    """Everybody wants to meet everybody."""
    for listing in crowd.listings:
        for talent in crowd.people:
            await want(crowd, listing, talent)


async def schedule(crowd: Crowd) -> dict[str, object]:
    """Ask, and work in this very process's loop as a worker would; the run as it ended."""
    run_id = await runs.enqueue_run(crowd.event, by=crowd.organiser)
    await runs.schedule({"run": run_id})
    return await ended(run_id)


async def ended(run_id: int) -> dict[str, object]:
    row = await db.fetchrow("SELECT * FROM schedule_run WHERE id = $1", run_id)
    assert row is not None
    return dict(row)


async def met() -> list[tuple[int, int, int]]:
    """(talent, listing, number of the slot) of every live meeting, in order."""
    rows = await db.fetch(
        "SELECT m.talent, m.listing, (SELECT count(*) FROM meeting_slot s WHERE s.event = m.event"
        " AND s.starts_at < m.starts_at) AS slot FROM meeting m WHERE m.state IN ('scheduled', 'held')"
        " ORDER BY m.talent, m.starts_at"
    )
    return [tuple(row) for row in rows]
