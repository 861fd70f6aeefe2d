"""Pools of places: counted by category and session, full ones hold up nobody else, changed on pages, copied, read by the API."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict
from fairs.events import cloning
from fairs.events.forms import CloneForm
from fairs.registrations import changing, deciding, queries, services
from fairs.registrations.pools.ledger import EVENT, Ledger, Pool
from tests import factories, fair
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person
from tests.pages import form_of

POOLS = "/organise/editions/fair/pools"


async def make_pool(
    event: int, capacity: int, *categories: str, sessions: tuple[int, ...] = (), waits: bool = True
) -> int:
    """A pool of an event."""
    made = await fetchval(
        "INSERT INTO place_pool (event, name_zh, name_en, capacity, categories, waits) VALUES ($1, '池', 'Guests', $2, $3, $4)"
        " RETURNING id",
        event,
        capacity,
        list(categories),
        waits,
    )
    for session in sessions:
        await execute("INSERT INTO place_pool_session (pool, session) VALUES ($1, $2)", made, session)
    return int(made)


async def _come(event: int, *who: tuple[str, tuple[str, ...]]) -> list[tuple[str, int | None]]:
    made = []
    for category, sessions in who:
        number = await fetchval("SELECT count(*) FROM registration")
        form = person(number, category=category, sessions=list(sessions))
        made.append(await services.register(event, form, by=SYSTEM))
    return [(one.state, one.position) for one in made]


def test_somebody_counts_in_every_pool_that_the_choice_touches() -> None:
    guests = Pool(1, "", "", True, frozenset({"guest", "media"}), frozenset())
    tour = Pool(2, "", "", False, frozenset(), frozenset({7, 8}))
    ledger = Ledger({EVENT: 9, 1: 1, 2: 1}, (guests, tour))
    assert ledger.wanted("media", {8}) == (EVENT, 1, 2)
    ledger.take(ledger.wanted("guest", ()))
    assert ledger.full(ledger.wanted("media", {8})) == [1]
    assert ledger.keeps_waiting([1])
    assert not ledger.keeps_waiting([1, 2])
    assert ledger.shut() == (["guest", "media"], [])
    assert Ledger({}, ()).wanted("guest", ()) == ()


async def test_a_full_pool_holds_up_only_its_people(db: None) -> None:
    event = await factories.event(slug="fair", capacity=10)
    await make_pool(event, 1, "guest", "media")
    none: tuple[str, ...] = ()
    assert await _come(event, ("guest", none), ("media", none), ("candidate", none), ("guest", none)) == [
        ("confirmed", None),
        ("waitlisted", 1),
        ("confirmed", None),
        ("waitlisted", 2),
    ]
    row = await fetch("SELECT id FROM registration ORDER BY id")
    assert await services.cancel(row[2]["id"], by=SYSTEM, reason="x") == []  # a place at the event helps no guest
    assert await services.cancel(row[0]["id"], by=SYSTEM, reason="x") == [row[1]["id"]]


async def test_without_a_waiting_list_of_its_own_a_full_pool_refuses(db: None) -> None:
    event = await factories.event(slug="fair")
    session = await factories.session(event, "tour")
    await make_pool(event, 1, sessions=(session,), waits=False)
    await _come(event, ("candidate", ("tour",)))
    with pytest.raises(Conflict) as refused:
        await _come(event, ("expert", ("tour",)))
    assert (refused.value.code, str(refused.value.message)) == (
        "pool_full",
        "All places of “Guests” are taken, and nobody can wait for one",
    )
    assert await _come(event, ("expert", ())) == [("confirmed", None)]


async def test_staff_and_people_move_only_where_a_pool_has_a_place(db: None) -> None:
    event = await factories.event(slug="fair")
    session = await factories.session(event, "tour")
    await make_pool(event, 1, "guest", sessions=(session,))
    organiser = await make_actor("organiser")
    await _come(event, ("guest", ()), ("candidate", ()), ("guest", ()))
    guest, candidate, waits = [row["id"] for row in await fetch("SELECT id FROM registration ORDER BY id")]
    for act in (
        deciding.move(candidate, "guest", by=organiser),
        changing.change_sessions(candidate, ["tour"], by=organiser),
        deciding.confirm(waits, by=organiser),
    ):
        with pytest.raises(Conflict) as refused:
            await act
        assert refused.value.code == "pool_full"
    assert await changing.change_sessions(guest, ["tour"], by=organiser)  # already counted in it
    assert await deciding.move(guest, "candidate", by=organiser) == "guest"  # still counted: the session
    assert (await queries.registration_by_id(waits)).state == "waitlisted"
    assert await changing.change_sessions(guest, [], by=organiser)
    assert (await queries.registration_by_id(waits)).state == "confirmed"


async def test_pools_are_exact_when_many_come_at_once(db: None) -> None:
    event = await factories.event(slug="fair", capacity=40)
    session = await factories.session(event, "tour")
    pools = [await make_pool(event, 10, "guest"), await make_pool(event, 15, "guest", "media", sessions=(session,))]
    kinds = ("guest", "media", "candidate", "expert")
    forms = [person(n, category=kinds[n % 4], sessions=["tour"] if n % 5 == 0 else []) for n in range(120)]
    made = await asyncio.gather(*(services.register(event, form, by=SYSTEM) for form in forms))
    await asyncio.gather(*(services.cancel(one.id, by=SYSTEM, reason="x") for one in made[::3]))
    taken = {
        row["id"]: row["taken"]
        for row in await fetch(
            "SELECT p.id, count(r.id) AS taken FROM place_pool p LEFT JOIN registration r ON r.event = p.event AND"
            " r.state = 'confirmed' AND (r.category = ANY(p.categories) OR EXISTS (SELECT 1 FROM registration_session x"
            " JOIN place_pool_session y ON y.session = x.session WHERE x.registration = r.id AND y.pool = p.id)) GROUP BY p.id"
        )
    }
    assert taken[pools[0]] <= 10
    assert taken[pools[1]] == 15
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") <= 40


async def test_organiser_makes_changes_and_removes_a_pool(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.session(event, "tour")
    await sign_in(client, await make_actor("organiser"))
    assert "No pools" in (await client.get(POOLS)).text
    data: dict[str, Any] = {"name_zh": "嘉宾", "name_en": "Guests", "capacity": "2", "waits": "true"}
    nobody = await post(client, f"{POOLS}/new", data)
    assert (nobody.status_code, 'value="Guests"' in nobody.text) == (422, True)
    assert errors_in(nobody.text) == ["Choose a category or a session: otherwise nobody counts in it"]
    wrong = await post(client, f"{POOLS}/new", data | {"sessions": "nowhere"})
    assert (wrong.status_code, "no session nowhere" in wrong.text) == (422, True)
    data["categories"] = ["guest"]
    assert (await post(client, f"{POOLS}/new", data | {"sessions": "tour"})).status_code == 303
    await _come(event, ("guest", ()), ("guest", ()), ("guest", ()))
    page = (await client.get(POOLS)).text
    assert "Forum tour" in page
    pool = await fetchval("SELECT id FROM place_pool")
    shown = form_of((await client.get(f"{POOLS}/{pool}")).text, f"{POOLS}/{pool}")
    smaller = shown | {"capacity": ["1"]}
    asked = await post(client, f"{POOLS}/{pool}", smaller)
    assert (asked.status_code, "2 places are taken and you set 1" in asked.text) == (409, True)
    assert await fetchval("SELECT capacity FROM place_pool") == 2
    confirmed = form_of(asked.text, f"{POOLS}/{pool}")
    assert (await post(client, f"{POOLS}/{pool}", confirmed)).status_code == 303
    assert "1 too many" in (await client.get(POOLS)).text
    late = await post(client, f"{POOLS}/{pool}", shown | {"capacity": ["9"]})
    assert late.status_code == 409  # made from an older page
    larger = form_of((await client.get(f"{POOLS}/{pool}")).text, f"{POOLS}/{pool}") | {"capacity": ["3"]}
    assert (await post(client, f"{POOLS}/{pool}", larger)).status_code == 303
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 3
    kept = await post(client, f"{POOLS}/{pool}/remove", {})
    assert (kept.status_code, "3 people are in this pool" in kept.text) == (409, True)
    for row in await fetch("SELECT id FROM registration"):
        await services.cancel(row["id"], by=SYSTEM, reason="x")
    assert (await post(client, f"{POOLS}/{pool}/remove", {})).status_code == 303
    assert (await client.get(f"{POOLS}/{pool}")).status_code == 404


async def test_strangers_see_no_pool(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    other = await factories.event(slug="other")
    pool = await make_pool(other, 1, "guest")
    await sign_in(
        client, await make_actor("bureau", email="bureau@example.org", unit_id=await factories.unit_id("410300"))
    )
    assert (await client.get(POOLS)).status_code == 404
    await sign_in(client, await make_actor("organiser"))
    assert (await client.get(f"{POOLS}/{pool}")).status_code == 404
    assert (await post(client, f"{POOLS}/{pool}/remove", {})).status_code == 404


async def test_form_says_where_places_are_left(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    tour = await factories.session(event, "tour")
    await make_pool(event, 1, "expert")
    await make_pool(event, 3, "visitor", waits=False)
    await make_pool(event, 0, sessions=(tour,), waits=False)
    await _come(event, ("expert", ()))
    await sign_in(client, await make_actor("candidate"), proved=True)
    page = (await client.get("/e/fair/register")).text
    assert "· waiting list</option>" in page
    assert "· 3 places are left</option>" in page
    assert 'value="tour" disabled' in page
    waits = await post(client, "/e/fair/register", {"category": "expert", "name_passport": "Alice"})
    assert waits.status_code == 303
    assert "Number 1 on the waiting list" in (await client.get("/me/fairs")).text


async def test_copied_with_an_edition_and_read_by_the_api(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    tour = await factories.session(event, "tour")
    await make_pool(event, 5, "guest", sessions=(tour,))
    await make_pool(event, 4, sessions=(tour,))
    organiser = await make_actor("organiser")
    day = (factories.STARTS + 53 * 7 * timedelta(days=1)).date()
    for slug, programme in (("with", True), ("without", False)):
        form = CloneForm(title_zh="下", title_en="Next", slug=slug, starts_on=day, programme=programme)
        await cloning.clone("fair", form, by=organiser)
    await _come(event, ("guest", ()))
    headers = await fair.bearer(organiser)
    found = {
        slug: (await client.get(f"/api/v1/events/{slug}/pools", headers=headers)).json()["items"]
        for slug in ("fair", "with", "without")
    }
    assert [item["free"] for item in found["fair"]] == [4, 4]
    assert [(item["categories"], item["sessions"]) for item in found["with"]] == [(["guest"], ["tour"]), ([], ["tour"])]
    assert [(item["categories"], item["sessions"]) for item in found["without"]] == [(["guest"], [])]
    assert (await client.get("/api/v1/events/nowhere/pools", headers=headers)).status_code == 404
