"""A fair with an employer, a listing, a candidate, slots and tables: what most tests of meetings begin with."""

from dataclasses import dataclass
from datetime import timedelta

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock, db
from fairs.meetings import services
from fairs.meetings.scheduling import slots_and_tables
from tests import factories
from tests.cast import make_actor


@dataclass(frozen=True)
class Stage:
    """Ids and actors. `slots` are two of 20 minutes from tomorrow on."""

    event: int
    organisation: int
    listing: int
    talent: int
    employer: Actor
    candidate: Actor
    slots: list[int]


async def talent_of(actor: Actor, **given: object) -> int:
    """A profile of this account."""
    return await factories.talent(account=actor.account_id, email=actor.email, **given)


async def make_stage(*, tables: int = 1, shared: int = 0, visibility: str = "employers") -> Stage:
    """Nobody has said anything yet."""
    tomorrow = clock.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)
    event = await factories.event(starts_at=tomorrow, ends_at=tomorrow + timedelta(days=5))
    organisation = await factories.organisation()
    listing = await factories.listing(organisation, event)
    employer = await make_actor("employer", email="wang@example.org", name="Wang Wei", organisation_id=organisation)
    candidate = await make_actor("candidate", email="maria@example.org", name="Maria Fernandez")
    talent = await talent_of(candidate, name_passport="Maria Fernandez", visibility=visibility)
    slots = await slots_and_tables.create_slots(event, tomorrow, 20, 2, gap=5, by=SYSTEM)
    await slots_and_tables.create_tables(event, per_organisation=tables, shared=shared, by=SYSTEM)
    return Stage(event, organisation, listing, talent, employer, candidate, slots)


async def both_want(stage: Stage, listing: int | None = None, talent: int | None = None) -> None:
    """Both sides say so, without a word to anybody."""
    for side in ("talent", "employer"):
        await db.execute(
            "INSERT INTO preference (event, talent, listing, side, level, updated_at) VALUES ($1, $2, $3, $4, 'meet', $5)",
            stage.event,
            talent or stage.talent,
            listing or stage.listing,
            side,
            clock.now(),
        )


async def booked(stage: Stage) -> int:
    """A meeting in the first slot."""
    await both_want(stage)
    return await services.book(stage.listing, stage.talent, stage.slots[0], by=stage.employer)


async def mails() -> list[tuple[str, str, str]]:
    """(kind, language, address) of every mail, in order."""
    rows = await db.fetch("SELECT kind, lang, to_email FROM outgoing_mail ORDER BY id")
    return [tuple(row) for row in rows]
