"""A fair with an employer, a listing, a candidate, slots and tables: what most tests of meetings begin with."""

from dataclasses import dataclass
from datetime import timedelta

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.meetings import services
from tests import factories, fair


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


async def make_stage(*, tables: int = 1, shared: int = 0, visibility: str = "employers") -> Stage:
    """Nobody has said anything yet."""
    tomorrow = fair.tomorrow()
    event = await factories.event(starts_at=tomorrow, ends_at=tomorrow + timedelta(days=5))
    employer = await fair.employer()
    listing = await factories.listing(employer.organisation, event)
    candidate = await fair.candidate(visibility=visibility)
    slots = await fair.hall(event, tomorrow, tables=tables, shared=shared)
    return Stage(event, employer.organisation, listing, candidate.talent, employer.actor, candidate.actor, slots)


async def both_want(stage: Stage, listing: int | None = None, talent: int | None = None) -> None:
    """Of the pair of the stage, or of others on it."""
    await fair.both_want(stage.event, talent or stage.talent, listing or stage.listing)


async def booked(stage: Stage) -> int:
    """A meeting in the first slot."""
    await both_want(stage)
    return await services.book(stage.listing, stage.talent, stage.slots[0], by=stage.employer)


async def mails() -> list[tuple[str, str, str]]:
    """(kind, language, address) of every mail, in order."""
    rows = await db.fetch("SELECT kind, lang, to_email FROM outgoing_mail ORDER BY id")
    return [tuple(row) for row in rows]
