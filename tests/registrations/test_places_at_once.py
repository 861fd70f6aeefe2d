"""Many random things at once to the places of an event; `benchmarks/trials/places.py` does the same on several processes."""

import asyncio
import random
from datetime import timedelta

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import DomainError
from fairs.registrations import deciding, services
from fairs.registrations.codes import services as codes
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.offering import services as offering
from fairs.registrations.pools import queries as pools
from fairs.registrations.pools import services as pooling
from fairs.registrations.pools.forms import PoolForm, stored_pool
from tests import factories
from tests.cast import make_actor
from tests.fair import person
from tests.registrations.test_pools import make_pool

CAPACITY = 20
HOLDS = "state IN ('confirmed', 'offered', 'pending')"


async def _thing(chance: random.Random, serial: int, event: int, organiser: Actor, made: list[str]) -> None:
    """One of them; a refusal is as good as any other answer."""
    kind = chance.random()
    some = await fetch("SELECT id, state FROM registration WHERE state IN ('confirmed', 'waitlisted', 'offered')")
    row = chance.choice(some) if some else None
    if kind < 0.5 or row is None:
        code = chance.choice(made) if made and chance.random() < 0.5 else ""
        category = chance.choice(("guest", "media", "candidate"))
        await services.register(event, person(serial, category=category, code=code), by=SYSTEM)
    elif kind < 0.65:
        await services.cancel(row["id"], by=SYSTEM)
    elif kind < 0.75 and row["state"] == "offered":
        await offering.accept(row["id"], by=organiser)
    elif kind < 0.8:
        await execute("UPDATE place_offer SET until = $1 WHERE state = 'open'", clock.now() - timedelta(seconds=1))
        await offering.lapse()
    elif kind < 0.87:
        await deciding.move(row["id"], chance.choice(("guest", "media", "candidate")), by=organiser)
    elif kind < 0.93:
        pool = chance.choice(await pools.pools_of(event))
        values = stored_pool(pool) | {"capacity": max(1, pool.capacity + chance.randint(-3, 3))}
        await pooling.change_pool("fair", pool.id, PoolForm(**values), by=organiser)
    else:
        made += await codes.make_codes("fair", CodesForm(name="x", reserves=True, category="guest"), by=organiser)


async def _sound(event: int) -> None:
    """No limit is passed, every offer has its registration, and nobody waits beside a free place."""
    rows = await pools.pools_of(event)
    assert [row.id for row in rows if row.taken + row.held > row.capacity] == []
    places = await pools.event_places(event)
    assert places.taken + places.held <= CAPACITY
    assert places.taken == await fetchval(f"SELECT count(*) FROM registration WHERE {HOLDS}")
    offered = "SELECT count(*) FROM registration WHERE state = 'offered'"
    assert await fetchval("SELECT count(*) FROM place_offer WHERE state = 'open'") == await fetchval(offered)
    full = {name for row in rows if row.taken + row.held >= row.capacity for name in row.categories}
    if places.taken + places.held < CAPACITY:
        waiting = await fetch("SELECT category FROM registration WHERE state = 'waitlisted'")
        assert {row["category"] for row in waiting} <= full


async def test_places_stay_exact_whatever_is_done_at_once(db: None) -> None:
    chance = random.Random(2027)
    event = await factories.event(slug="fair", capacity=CAPACITY, offer_hours=3)
    await make_pool(event, 5, "guest")
    await make_pool(event, 9, "guest", "media")
    organiser = await make_actor("organiser")
    made = await codes.make_codes("fair", CodesForm(name="x", count=3, reserves=True, category="guest"), by=organiser)
    for begin in range(0, 132, 12):
        things = [_thing(chance, begin + at, event, organiser, made) for at in range(12)]
        for answer in await asyncio.gather(*things, return_exceptions=True):
            assert answer is None or isinstance(answer, DomainError), answer
        await _sound(event)
    assert await fetchval("SELECT count(*) FROM place_offer") > 0
