"""The signing desk: two badges, in any order, lead to the agreement between their people."""

from typing import Any

import httpx
import pytest

from fairs.core import db as database
from tests import factories
from tests.agreements import scene
from tests.cast import make_actor, post, sign_in
from tests.checkin.hall import Hall, open_hall
from tests.pages import main_of

HERE = "/organise/editions/fair/signing-desk"


async def two(hall: Hall, of: scene.Scene, **candidate: Any) -> dict[str, str]:
    """The badges of both sides."""
    values = {"talent": of.talent_id, "number": "FA26-000001", "name_passport": "Maria Fernandez", **candidate}
    return {
        "first": await hall.badge(**values),
        "second": await hall.badge(organisation=of.organisation, category="employer", number="FA26-000002"),
    }


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall(slug="fair")


async def test_two_badges_open_the_agreement(client: httpx.AsyncClient, hall: Hall) -> None:
    of = await scene.scene(event=hall.event)
    badges = await two(hall, of)
    number = await scene.drawn_up(of)
    await sign_in(client, await make_actor("staff", email="desk@example.org", event_id=hall.event))
    assert "data-badge-reader" in (await client.get(HERE)).text
    turned = {"first": badges["second"], "second": "fa26-000001"}
    for sent in (badges, turned):
        page = main_of((await post(client, HERE, sent)).text)
        for words in (
            number,
            "Both sides have still to sign it.",
            "Maria Fernandez",
            f"/agreements/{number}</code>",
            "<svg",
        ):
            assert words in page
        assert "Open the agreement" not in page, "its text is not for the desk"
    assert (await client.get(f"/agreements/{number}")).status_code in {403, 404}
    await sign_in(client, of.organiser)
    assert f'href="/agreements/{number}"' in main_of((await post(client, HERE, badges)).text)


async def test_who_has_signed_is_said(client: httpx.AsyncClient, hall: Hall) -> None:
    of = await scene.scene(event=hall.event)
    badges = await two(hall, of)
    await scene.signed(of)
    await sign_in(client, of.organiser)
    assert "Nothing is to be signed here any more." in main_of((await post(client, HERE, badges)).text)


async def test_without_an_agreement_the_next_step_is_said(client: httpx.AsyncClient, hall: Hall) -> None:
    of = await scene.scene(event=hall.event)
    badges = await two(hall, of)
    await sign_in(client, of.organiser)
    assert "draws up the agreement under Meetings" in main_of((await post(client, HERE, badges)).text)
    await database.execute("UPDATE meeting SET state = 'scheduled', outcome = ''")
    assert "first reports under Meetings" in main_of((await post(client, HERE, badges)).text)
    await database.execute("UPDATE meeting SET state = 'cancelled'")
    assert "have no meeting at this fair" in main_of((await post(client, HERE, badges)).text)


async def test_badges_that_lead_nowhere(client: httpx.AsyncClient, hall: Hall) -> None:
    of = await scene.scene(event=hall.event)
    badges = await two(hall, of)
    other = await open_hall()
    wrong = {
        "no badge of ours": "HELLO WORLD",
        "for another fair": await other.badge(talent=of.talent_id),
        "no longer valid": await hall.badge(revoked=True),
        "has no profile yet": await hall.badge(),
        "names no employer": await hall.badge(category="employer"),
        "Both badges are of employers": await hall.badge(organisation=of.organisation, category="employer"),
    }
    await sign_in(client, of.organiser)
    for words, code in wrong.items():
        answer = await post(client, HERE, {"first": code, "second": badges["second"]})
        assert (answer.status_code, words in answer.text) == (422, True), words
    answer = await post(client, HERE, {"first": badges["first"], "second": badges["first"]})
    assert "Neither badge is of an employer" in answer.text
    assert (await post(client, HERE, {"first": badges["first"]})).status_code == 422


async def test_the_desk_is_of_the_events_staff(client: httpx.AsyncClient, hall: Hall) -> None:
    elsewhere = await factories.event(slug="other")
    await sign_in(client, await make_actor("staff", email="x@example.org", event_id=elsewhere))
    assert (await client.get(HERE)).status_code == 404
    assert (await post(client, HERE, {"first": "a", "second": "b"})).status_code == 404
    await sign_in(client, await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id("410300")))
    assert (await client.get(HERE)).status_code == 404
