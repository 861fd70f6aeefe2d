"""Invitation codes: what they open and keep, who may use them, how they end; pages, API, guessing."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict, Invalid
from fairs.registrations import deciding, services
from fairs.registrations.codes import services as codes
from fairs.registrations.codes.forms import CodesForm
from fairs.registrations.codes.rules import mark_of, new_code
from tests import factories, fair
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import person
from tests.registrations.test_pools import make_pool

CODES = "/organise/editions/fair/codes"


async def _code(**given: Any) -> str:
    """A code of the event `fair`."""
    [made] = await codes.make_codes("fair", CodesForm(**{"name": "Embassy", **given}), by=SYSTEM)
    return made


async def _come(event: int, number: int, code: str = "", category: str = "candidate", by: Actor = SYSTEM) -> str:
    form = person(number, category=category, code=code)
    return (await services.register(event, form, by=by)).state


async def _refused(event: int, number: int, code: str, **given: Any) -> str:
    with pytest.raises((Conflict, Invalid)) as refused:
        await _come(event, number, code, **given)
    return (getattr(refused.value, "fields", None) and "unknown") or str(refused.value.code)


def test_codes_cannot_be_guessed_and_are_read_as_typed() -> None:
    made = {new_code("vip") for _ in range(1000)}
    assert len(made) == 1000
    assert all(code.startswith("VIP-") and len(code) == 15 for code in made)
    assert mark_of(" vip-abcde 23456 ") == "VIPABCDE23456"
    assert mark_of("' OR 1=1 --") == "OR11"


async def test_kept_places_are_free_only_for_who_has_the_code(db: None) -> None:
    event = await factories.event(slug="fair", capacity=3)
    code = await _code(reserves=True, uses=2)
    assert [await _come(event, 1), await _come(event, 2)] == ["confirmed", "waitlisted"]
    assert [await _come(event, 3, code.lower()), await _come(event, 4, code)] == ["confirmed", "confirmed"]
    assert await _refused(event, 5, code) == "code_used_up"
    assert await _refused(event, 6, "NONE") == "unknown"
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 3
    user = await fetchval("SELECT registration FROM access_code_use ORDER BY id LIMIT 1")
    await services.cancel(user, by=SYSTEM, reason="x")  # the place goes to who waits
    assert await fetchval("SELECT state FROM registration WHERE email = 'p2@example.org'") == "confirmed"
    assert await _refused(event, 7, code) == "code_used_up"


async def test_a_hold_that_ends_gives_its_places_to_who_waits(db: None) -> None:
    event = await factories.event(slug="fair", capacity=2)
    code = await _code(reserves=True, expires_at=clock.now() + timedelta(hours=1))
    other = await _code(reserves=True)
    assert [await _come(event, 1), await _come(event, 2)] == ["waitlisted", "waitlisted"]
    await execute("UPDATE access_code SET expires_at = $1 WHERE code = $2", clock.now(), code)
    assert await codes.pass_on() == 1
    assert await codes.pass_on() == 0
    assert await _refused(event, 3, code) == "code_ended"
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 1
    number = await fetchval("SELECT id FROM access_code WHERE code = $1", other)
    await codes.revoke_code("fair", number, by=SYSTEM)
    assert await _refused(event, 3, other) == "code_ended"
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 2
    with pytest.raises(Conflict):
        await codes.revoke_code("fair", number, by=SYSTEM)


async def test_no_more_is_kept_than_is_free(db: None) -> None:
    event = await factories.event(slug="fair", capacity=5)
    await make_pool(event, 2, "guest")
    await _come(event, 1, category="guest")
    with pytest.raises(Invalid) as few:
        await _code(reserves=True, uses=2, category="guest")
    assert str(few.value.fields["reserves"][0]) == "Only 1 places are free: so many cannot be kept"
    await _code(reserves=True, category="guest")
    assert await _come(event, 2, category="guest") == "waitlisted"
    await execute("UPDATE event SET capacity = NULL")
    with pytest.raises(Invalid):
        await _code(reserves=True, category="media")  # neither has a limit
    with pytest.raises(Invalid):
        await _code(expires_at=clock.now() - timedelta(days=1))


async def test_a_code_is_bound_to_address_category_and_pool(db: None) -> None:
    event = await factories.event(slug="fair")
    tour = await factories.session(event, "tour")
    pool = await make_pool(event, 3, sessions=(tour,))
    own = await _code(email="P1@example.org")
    assert await _refused(event, 2, own) == "code_of_another"
    assert await _come(event, 1, own) == "confirmed"
    guest = await _code(category="guest")
    assert await _refused(event, 3, guest) == "code_elsewhere"
    of_pool = await _code(pool=str(pool), reserves=True)
    assert await _refused(event, 3, of_pool) == "code_not_chosen"
    form = person(3, code=of_pool, sessions=["tour"])
    assert (await services.register(event, form, by=SYSTEM)).state == "confirmed"


async def test_who_waits_with_a_code_gets_the_place_that_it_keeps(db: None) -> None:
    event = await factories.event(slug="fair", capacity=4)
    await make_pool(event, 1, "guest", "media")
    await _come(event, 1, category="media")
    code = await _code(reserves=True, uses=1)  # keeps a place at the event, none in the pool
    assert await _come(event, 2, code, "guest") == "waitlisted"
    assert [await _come(event, number) for number in (3, 4, 5)] == ["confirmed", "confirmed", "waitlisted"]
    first = await fetchval("SELECT id FROM registration WHERE category = 'media'")
    await deciding.move(first, "candidate", by=await make_actor("organiser"))
    assert await fetchval("SELECT state FROM registration WHERE category = 'guest'") == "confirmed"
    assert await fetchval("SELECT took FROM access_code_use")
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 4


async def test_a_code_is_used_as_often_as_it_says_when_many_come_at_once(db: None) -> None:
    event = await factories.event(slug="fair", capacity=20)
    code = await _code(reserves=True, uses=7)
    came = await asyncio.gather(
        *(_come(event, number, code if number % 2 else "") for number in range(60)), return_exceptions=True
    )
    assert sum(isinstance(one, Conflict) for one in came) == 30 - 7
    assert came.count("confirmed") == 20
    assert await fetchval("SELECT count(*) FROM access_code_use WHERE took") == 7


async def test_guest_registers_by_the_address_in_a_closed_category(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair", own_categories=["candidate"])
    code = await _code(category="guest")
    visitor = (await client.get(f"/e/fair/register?code={code}")).text
    assert f"register%3Fcode%3D{code}" in visitor or f"register?code%3D{code}" in visitor
    await sign_in(client, await make_actor("candidate"), proved=True)
    closed = await post(client, "/e/fair/register", {"category": "guest", "name_passport": "Alice"})
    assert closed.status_code == 422
    page = (await client.get(f"/e/fair/register?code={code}")).text
    assert "Your code is valid" in page
    assert '<option value="guest" selected>' in page
    data = {"category": "guest", "name_passport": "Alice", "code": code.lower()}
    assert (await post(client, "/e/fair/register", data)).status_code == 303
    assert await fetchval("SELECT category FROM registration") == "guest"


async def test_wrong_codes_are_counted_and_have_an_end(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    code = await _code()
    await sign_in(client, await make_actor("candidate"), proved=True)
    data = {"category": "candidate", "name_passport": "Alice"}
    wrong = await post(client, "/e/fair/register", data | {"code": "GUESS"})
    assert (wrong.status_code, errors_in(wrong.text)) == (422, ["This code is not valid here"])
    assert 'value="GUESS"' in wrong.text
    for _ in range(codes.TRIES - 1):
        await client.get("/e/fair/register?code=GUESS")
    late = await post(client, "/e/fair/register", data | {"code": code})
    assert late.status_code == 422
    assert await fetchval("SELECT count(*) FROM registration") == 0


async def test_organiser_makes_exports_and_revokes_codes(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair", capacity=5)
    await sign_in(client, await make_actor("organiser"), proved=True)
    assert "No codes yet" in (await client.get(CODES)).text
    many = {"name": "Embassy", "count": "3", "prefix": "emb", "category": "guest", "uses": "1", "reserves": "true"}
    bad = await post(client, f"{CODES}/new", many | {"count": "9"})
    assert (bad.status_code, 'value="Embassy"' in bad.text) == (422, True)
    assert errors_in(bad.text) == ["Only 5 places are free: so many cannot be kept"]
    address = await post(client, f"{CODES}/new", many | {"email": "a@example.org"})
    assert errors_in(address.text) == ["One address has one code: make one at a time"]
    assert (await post(client, f"{CODES}/new", many)).status_code == 303
    page = (await client.get(CODES)).text
    assert (page.count("data-row"), "EMB-" in page) == (3, True)
    rows = await fetch("SELECT id, code FROM access_code ORDER BY id")
    headers = await fair.bearer(await make_actor("organiser", email="api@example.org"))
    body = {
        "event": "fair",
        "category": "guest",
        "code": rows[0]["code"],
        "person": {"email": "g@example.org", "name_passport": "G"},
    }
    assert (await client.post("/api/v1/registrations", json=body, headers=headers)).status_code == 201
    body["person"] = {"email": "h@example.org", "name_passport": "H"}
    again = await client.post("/api/v1/registrations", json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "code_used_up")
    unknown = await client.post("/api/v1/registrations", json=body | {"code": "x"}, headers=headers)
    assert (unknown.status_code, list(unknown.json()["errors"])) == (422, ["code"])
    one = (await client.get(f"{CODES}/{rows[0]['id']}")).text
    assert "g@example.org" not in one
    assert f"/e/fair/register?code={rows[0]['code']}" in one
    assert (await client.get(f"{CODES}?state=used_up")).text.count("data-row") == 1
    assert (await client.get(f"{CODES}?q={rows[1]['code'][4:9]}")).text.count("data-row") == 1
    sheet = (await client.get(f"{CODES}.csv")).text
    assert [sheet.count(row["code"]) for row in rows] == [2, 2, 2]
    assert (await post(client, f"{CODES}/{rows[1]['id']}/revoke", {})).status_code == 303
    assert (await post(client, f"{CODES}/{rows[1]['id']}/revoke", {})).status_code == 409
    await sign_in(
        client,
        await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")),
        proved=True,
    )
    for path in (CODES, f"{CODES}/new", f"{CODES}/{rows[0]['id']}", f"{CODES}.csv"):
        assert (await client.get(path)).status_code == 404
