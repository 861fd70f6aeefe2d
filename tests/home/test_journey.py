"""How far a candidate has come."""

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db as database
from fairs.talents.journey import journey_of
from tests import factories
from tests.agreements import scene
from tests.cast import make_actor, sign_in

pytestmark = pytest.mark.usefixtures("db")


async def _states(actor: Actor) -> list[tuple[str, str]]:
    return [(step.route, step.state) for step in await journey_of(actor)]


async def test_newcomer_begins_with_the_profile() -> None:
    await factories.event(slug="fair")
    actor = await make_actor("candidate")
    assert await _states(actor) == [
        ("my_profile", "current"),
        ("register", "todo"),
        ("my_suggestions", "todo"),
        ("my_meetings", "todo"),
        ("my_agreements", "todo"),
    ]


async def test_steps_may_be_taken_in_any_order_and_the_first_open_one_is_next() -> None:
    on = await scene.scene()
    await scene.drawn_up(on)
    await factories.preference(on.event, on.talent_id, on.listing, "talent")
    assert await _states(on.talent) == [
        ("my_profile", "done"),
        ("register", "current"),
        ("my_suggestions", "done"),
        ("my_meetings", "done"),
        ("my_agreements", "todo"),
    ]


async def test_registration_by_address_counts_once_the_address_is_proved() -> None:
    on = await scene.scene()
    await factories.registration(on.event, email=on.talent.email)
    await database.execute("UPDATE account SET email_confirmed_at = NULL WHERE id = $1", on.talent.account_id)
    assert (await journey_of(on.talent))[1].state == "current"
    await database.execute("UPDATE account SET email_confirmed_at = now() WHERE id = $1", on.talent.account_id)
    assert [(step.route, step.state) for step in await journey_of(on.talent)][:3] == [
        ("my_profile", "done"),
        ("my_registrations", "done"),
        ("my_suggestions", "current"),
    ]


async def test_nobody_else_has_a_journey(client: httpx.AsyncClient) -> None:
    on = await scene.scene()
    assert await journey_of(on.employer) == []
    await sign_in(client, on.employer)
    assert 'class="steps"' not in (await client.get("/me/fairs")).text
    await sign_in(client, on.talent)
    assert "Step 2 of 5" in (await client.get("/me/fairs")).text
