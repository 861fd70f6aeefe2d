"""Offers of places with a deadline: made in order, kept as taken, accepted, declined, lapsed to the next in line."""

from datetime import timedelta

import httpx
import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.registrations import deciding, queries, services
from fairs.registrations.offering import services as offering
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.fair import person
from tests.registrations.test_pools import make_pool

OFFERS = "/organise/editions/fair/offers"


async def _waiting(people: int = 4, **event: object) -> tuple[int, list[int]]:
    """An event with one place, which is taken; those who come after wait."""
    made = await factories.event(slug="fair", **{"capacity": 1, "offer_hours": 24, **event})
    return made, [(await services.register(made, person(n), by=SYSTEM)).id for n in range(people)]


async def _states(people: list[int]) -> list[str]:
    return [
        row["state"] for row in await fetch("SELECT state FROM registration WHERE id = ANY($1) ORDER BY id", people)
    ]


async def _overdue() -> None:
    await execute("UPDATE place_offer SET until = $1 WHERE state = 'open'", clock.now() - timedelta(seconds=1))


async def _own(client: httpx.AsyncClient, event: int, email: str = "own@example.org") -> tuple[Actor, str]:
    """Somebody who is offered a place at a full event, signed in; and the number."""
    actor = await make_actor("candidate", email=email, name="Own")
    made = await services.register(event, person(900), by=actor)
    [first] = await fetch("SELECT id FROM registration WHERE state = 'confirmed'")
    await services.cancel(first["id"], by=SYSTEM, reason="x")
    await sign_in(client, actor, proved=True)
    return actor, made.number


async def test_a_free_place_is_offered_to_the_next_and_taken_meanwhile(db: None) -> None:
    event, people = await _waiting()
    assert await services.cancel(people[0], by=SYSTEM, reason="x") == []
    assert await _states(people) == ["cancelled", "offered", "waitlisted", "waitlisted"]
    late = await services.register(event, person(9), by=SYSTEM)
    assert (late.state, late.position) == ("waitlisted", 3)
    assert await fetchval("SELECT count(*) FROM badge WHERE registration = $1", people[1]) == 0
    mail = await fetchval(
        "SELECT body_text FROM outgoing_mail WHERE kind = 'place_offered' AND to_email = 'p1@example.org'"
    )
    assert "/offer" in mail
    assert "Beijing time" in mail
    organiser = await make_actor("organiser")
    assert await offering.accept(people[1], by=organiser)
    assert not await offering.accept(people[1], by=organiser)
    assert await _states(people) == ["cancelled", "confirmed", "waitlisted", "waitlisted"]
    assert await fetchval("SELECT count(*) FROM badge WHERE registration = $1", people[1]) == 1


async def test_what_is_not_accepted_lapses_to_the_next_in_line(db: None) -> None:
    event, people = await _waiting()
    await services.cancel(people[0], by=SYSTEM, reason="x")
    assert await offering.lapse() == 0
    await _overdue()
    with pytest.raises(Conflict) as late:
        await offering.accept(people[1], by=SYSTEM)
    assert late.value.code == "too_late"
    assert await offering.lapse() == 1
    assert await offering.lapse() == 0
    assert await _states(people) == ["cancelled", "cancelled", "offered", "waitlisted"]
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'place_lapsed'") == 1
    again = await services.register(event, person(1), by=SYSTEM)
    assert (again.state, again.position) == ("waitlisted", 2)  # at the end, and offered nothing before the others


async def test_declining_ends_it_and_undoing_opens_the_offer_again(db: None) -> None:
    event, people = await _waiting(2)
    organiser = await make_actor("organiser")
    await services.cancel(people[0], by=SYSTEM, reason="x")
    await services.cancel(people[1], by=organiser, reason="cannot come")
    assert await fetchval("SELECT state FROM place_offer") == "withdrawn"
    assert await services.restore(people[1], reason="can after all", by=organiser) == "offered"
    assert await fetchval("SELECT state FROM place_offer") == "open"
    await services.cancel(people[1], by=organiser, reason="cannot come")
    await _overdue()
    await execute("UPDATE place_offer SET until = now() - interval '1 minute'")
    assert await services.restore(people[1], reason="can after all", by=organiser) == "waitlisted"
    assert event


async def test_pools_offer_to_the_next_whose_pool_has_a_place(db: None) -> None:
    event = await factories.event(slug="fair", offer_hours=5)
    await make_pool(event, 1, "guest")
    made = [
        (await services.register(event, person(n, category=kind), by=SYSTEM)).id
        for n, kind in enumerate(("guest", "guest", "guest", "candidate"))
    ]
    await services.cancel(made[0], by=SYSTEM, reason="x")
    assert await _states(made) == ["cancelled", "offered", "waitlisted", "confirmed"]
    assert (await queries.registration_by_id(made[2])).position == 1


async def test_the_staff_offers_out_of_turn_only_a_place_that_is_free(db: None) -> None:
    event, people = await _waiting()
    organiser = await make_actor("organiser")
    stranger = await make_actor("candidate", email="b@example.org")
    with pytest.raises(Conflict) as full:
        await offering.offer(people[2], None, by=organiser)
    assert full.value.code == "full"
    await execute("UPDATE event SET capacity = 2 WHERE id = $1", event)
    with pytest.raises(Invalid):
        await offering.offer(people[2], 0, by=organiser)
    with pytest.raises(NotFound):
        await offering.offer(people[2], None, by=stranger)
    await offering.offer(people[2], 3, by=organiser)
    assert await _states(people) == ["confirmed", "waitlisted", "offered", "waitlisted"]
    with pytest.raises(Conflict):
        await offering.offer(people[2], 3, by=organiser)
    until = (await queries.registration_by_id(people[2])).offer_until
    assert until is not None
    assert timedelta(hours=2) < until - clock.now() <= timedelta(hours=3)
    assert await deciding.confirm(people[2], by=organiser)
    assert await fetchval("SELECT state FROM place_offer") == "accepted"


async def test_person_sees_the_deadline_accepts_or_declines(client: httpx.AsyncClient) -> None:
    event, _ = await _waiting(1)
    _, number = await _own(client, event)
    mine = (await client.get("/me/fairs")).text
    assert "A place is kept for you until" in mine
    page = await client.get(f"/me/fairs/{number}/offer")
    assert (page.status_code, "A place is free for you" in page.text, "Beijing time" in page.text) == (200, True, True)
    assert (await post(client, f"/me/fairs/{number}/offer/accept", {})).headers["location"] == "/me/fairs"
    assert "Open my badge" in (await client.get("/me/fairs")).text
    twice = await post(client, f"/me/fairs/{number}/offer/accept", {})
    assert twice.status_code == 303
    declined = await post(client, f"/me/fairs/{number}/offer/decline", {})
    assert declined.status_code == 409  # nothing is offered any more


async def test_declined_on_the_page_or_too_late(client: httpx.AsyncClient) -> None:
    event, _ = await _waiting(1)
    _, number = await _own(client, event)
    await _overdue()
    late = await post(client, f"/me/fairs/{number}/offer/accept", {})
    assert (late.status_code, "The time to accept is over" in late.text) == (409, True)
    assert (await post(client, f"/me/fairs/{number}/offer/decline", {})).status_code == 303
    assert await fetchval("SELECT state FROM place_offer") == "declined"
    await sign_in(client, await make_actor("candidate", email="other@example.org"), proved=True)
    assert (await client.get(f"/me/fairs/{number}/offer")).status_code == 404
    assert (await post(client, f"/me/fairs/{number}/offer/accept", {})).status_code == 404


async def test_organiser_sees_offers_and_makes_one_on_the_page_of_a_person(client: httpx.AsyncClient) -> None:
    event, people = await _waiting(3)
    await sign_in(client, await make_actor("organiser"), proved=True)
    assert "No place has been offered yet" in (await client.get(OFFERS)).text
    await services.cancel(people[0], by=SYSTEM, reason="x")
    number = await fetchval("SELECT number FROM registration WHERE id = $1", people[2])
    sheet = f"/organise/editions/fair/registrations/{number}"
    assert 'name="hours"' in (await client.get(sheet)).text
    refused = await post(client, f"{sheet}/offer", {"hours": "x"})
    assert refused.status_code == 303
    assert "Between 1 and 720 hours" in (await client.get(sheet)).text
    await post(client, f"{sheet}/offer", {"hours": "5"})
    assert "No place is left at this event" in (await client.get(sheet)).text
    await execute("UPDATE event SET capacity = 2 WHERE id = $1", event)
    await post(client, f"{sheet}/offer", {"hours": "5"})
    page = (await client.get(OFFERS)).text
    assert page.count("data-row") == 2
    assert "the order of the list" in page
    assert (await client.get(f"{OFFERS}?state=open&q={number}")).text.count("data-row") == 1
    assert "No offer matches" in (await client.get(f"{OFFERS}?state=lapsed")).text
    numbers = [line.split(",")[0] for line in (await client.get(f"{OFFERS}.csv?sort=-made")).text.splitlines()[1:]]
    assert numbers == [
        line.split(",")[0] for line in (await client.get(f"{OFFERS}.csv?sort=made")).text.splitlines()[:0:-1]
    ]
    assert number in numbers
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")))
    assert (await client.get(OFFERS)).status_code == 404
    assert (await post(client, f"{sheet}/offer", {"hours": "5"})).status_code == 404
