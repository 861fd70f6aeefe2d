"""Two fairs and two units with something of everything, so that a number that leaks is seen."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from fairs.accounts.actor import Actor
from tests import factories
from tests.agreements import scene as agreed
from tests.cast import make_actor

_serial = count(1)
DAY = date(2018, 10, 27)


@dataclass(frozen=True)
class World:
    """`luoyang` and `nanyang` are scenes of one fair, `elsewhere` one of the other, in Luoyang again."""

    event: int
    slug: str
    other_event: int
    organiser: Actor
    luoyang: agreed.Scene
    nanyang: agreed.Scene
    elsewhere: agreed.Scene


async def admit(registration: int, gate: int, day: date = DAY) -> None:
    """Came in on a day, an hour after it began, through a gate."""
    at = datetime.combine(day, datetime.min.time(), factories.STARTS.tzinfo) + timedelta(hours=1)
    await factories.admission(registration, gate, day, at)


async def _fill(on: agreed.Scene, gates: tuple[int, int], *, people: int) -> None:
    """Registrations of an employer and its talents, some of whom come, some twice."""
    employer = await factories.registration(
        on.event, category="employer", organisation=on.organisation, nationality="CN"
    )
    first, second = gates
    await admit(employer, first)
    for n in range(people):
        values: dict[str, Any] = {"organisation": on.organisation, "nationality": ("ES", "DE")[n % 2]}
        registration = await factories.registration(on.event, **values)
        if n == 0:  # two gates on one day, and a second day
            await admit(registration, first)
            await admit(registration, second)
            await admit(registration, first, DAY + timedelta(days=1))
    await factories.registration(on.event, state="waitlisted", queue=next(_serial), organisation=on.organisation)
    await factories.registration(on.event, state="cancelled", organisation=on.organisation)
    await factories.listing(on.organisation, on.event, kind="project", headcount=7)
    await factories.listing(on.organisation, on.event, state="draft", published_at=None, headcount=50)
    await factories.preference(on.event, on.talent_id, on.listing, "talent")
    await factories.preference(on.event, on.talent_id, on.listing, "employer", "must")


async def world() -> World:
    """Everything."""
    event, other = await factories.event(slug="fair-one"), await factories.event(slug="fair-two")
    made = []
    for unit, fair, people in (("410300", event, 3), ("411300", event, 2), ("410300", other, 4)):
        gates = (
            await factories.gate(fair, code=f"in-{next(_serial)}"),
            await factories.gate(fair, code=f"in-{next(_serial)}"),
        )
        zone = await factories.gate(fair, code=f"zone-{next(_serial)}", kind="zone")
        on = await agreed.scene(unit=unit, event=fair)
        await _fill(on, gates, people=people)
        stroller = await factories.registration(fair)  # of no unit; was in a zone only
        await admit(stroller, zone)
        made.append(on)
    organiser = await make_actor("organiser", email="province@example.org", name="Province")
    return World(event, "fair-one", other, organiser, *made)
