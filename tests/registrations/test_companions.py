"""Companions: a badge and a place of their own, as many as the event allows, and they end with the main registration."""

import asyncio

import httpx

from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict
from fairs.registrations import services as registrations
from fairs.registrations.companions.services import CompanionForm, add_companion
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection, count
from fairs.registrations.working.wanted import read
from tests import factories, fair
from tests.cast import make_actor, post, sign_in


async def test_somebody_brings_companions_along(client: httpx.AsyncClient, db: None) -> None:
    event = await factories.event(slug="fair", capacity=3)
    maria = (await fair.candidate()).actor
    made = await registrations.register(event, fair.person(email=maria.email), by=maria)
    await sign_in(client, maria)
    here = f"/me/fairs/{made.number}/companions"
    assert (await client.get(here)).status_code == 404, "the event allows none"
    await execute("UPDATE event SET companions = 2, companion_categories = '{candidate}'")
    assert here in (await client.get("/me/fairs")).text
    assert (await post(client, here, {"relation": "spouse"})).status_code == 422
    assert (await post(client, here, {"name_passport": "Juan", "relation": "spouse"})).status_code == 303
    twice = await post(client, here, {"name_passport": "juan"})
    assert twice.status_code == 422
    assert "This companion is registered already" in twice.text

    forms = [CompanionForm(name_passport=f"Child {n}") for n in range(4)]
    done = await asyncio.gather(*(add_companion(made.number, form, by=maria) for form in forms), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in done) == 3, "at once, and two at most"
    rows = await fetch("SELECT state, category, talent, email FROM registration WHERE companion_of = $1", made.id)
    assert [tuple(row) for row in rows] == [("confirmed", "candidate", None, "")] * 2
    assert await fetchval("SELECT count(*) FROM badge") == 3
    number = await fetchval("SELECT min(number) FROM registration WHERE companion_of = $1", made.id)
    page = (await client.get(here)).text
    assert f"/me/fairs/{number}/badge" in page
    assert "2 of 2" in page
    assert (await client.get(f"/me/fairs/{number}/badge.pdf?download=false")).content.startswith(b"%PDF")
    assert (await client.get(f"/me/fairs/{number}/companions")).status_code == 404, "a companion brings nobody"
    next_one = await registrations.register(
        event, fair.person(9), by=await make_actor("organiser", email="o@example.org")
    )
    assert next_one.state == "waitlisted", "companions take places"

    offered = await offer(event)
    for kind, people in (("with", 1), ("is", 2), ("-", 1)):
        assert await count(Selection(event, read({"companions": kind}, offered)), offered) == people
    await sign_in(client, (await fair.candidate("li@example.org", "Li")).actor)
    assert (await client.get(here)).status_code == 404
    assert (await post(client, here, {"name_passport": "Mine"})).status_code == 404
    assert (await client.get(f"/me/fairs/{number}/badge")).status_code == 404

    await registrations.cancel(made.id, by=maria)
    states = await fetch("SELECT state FROM registration ORDER BY id")
    assert [row["state"] for row in states] == ["withdrawn", "cancelled", "cancelled", "confirmed"]
    await registrations.restore(made.id, reason="a mistake", by=maria)
    states = await fetch("SELECT state FROM registration ORDER BY id")
    assert [row["state"] for row in states] == ["confirmed", "confirmed", "cancelled", "confirmed"], (
        "as far as places are left"
    )
    elsewhere = await factories.event(slug="other")
    other = await registrations.register(elsewhere, fair.person(email=maria.email), by=maria)
    await sign_in(client, maria)
    page = (await client.get("/me/fairs")).text
    assert (here in page, f"/me/fairs/{other.number}/companions" in page) == (True, False), "each by its own event"
