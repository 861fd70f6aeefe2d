"""Whoever is shown contact data is noted once a day, and the person reads it."""

import httpx

from fairs.core import db
from fairs.privacy import looks
from fairs.privacy.tables import LookPlace
from tests.agreements.scene import scene
from tests.cast import make_actor, sign_in


async def test_profile_with_contact_data_is_noted_and_shown(client: httpx.AsyncClient) -> None:
    on = await scene()
    await sign_in(client, on.employer)
    for _ in range(2):
        assert "mailto:" in (await client.get(f"/talents/{on.talent_id}")).text
    rows = await db.fetch("SELECT account, viewer, organisation_id, place FROM contact_look")
    assert [tuple(row) for row in rows] == [(on.talent.account_id, on.employer.account_id, on.organisation, "profile")]
    await sign_in(client, on.other_employer)
    assert "mailto:" not in (await client.get(f"/talents/{on.talent_id}")).text.split("<main")[1]
    assert await db.fetchval("SELECT count(*) FROM contact_look") == 1
    await sign_in(client, on.talent)
    await client.get(f"/talents/{on.talent_id}")
    page = (await client.get("/account/data")).text
    assert on.employer.name in page.split('id="looked"')[1].split("</section>")[0]


async def test_own_look_and_people_without_account_are_left_out(client: httpx.AsyncClient) -> None:
    alice = await make_actor()
    await looks.note([None, alice.account_id], LookPlace.REGISTRATION, by=alice)
    assert await db.fetchval("SELECT count(*) FROM contact_look") == 0
