"""Tokens and devices on pages."""

import re

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import db as database
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in, sign_out


@pytest.fixture
async def organiser(client: httpx.AsyncClient) -> Actor:
    actor = await make_actor("organiser")
    await sign_in(client, actor, proved=True)
    return actor


async def test_token_is_made_shown_once_used_and_revoked(client: httpx.AsyncClient, organiser: Actor) -> None:
    await factories.event(slug="fair", title_en="The Fair")
    form = {"name": "Ministry", "scopes": ["read"], "event": "fair", "life": "30"}
    page = await post(client, "/organise/access", form)
    assert (page.status_code, page.headers["cache-control"]) == (201, "no-store")
    (secret,) = set(re.findall(r"fapi_[\w-]+", page.text))
    headers = {"authorization": f"Bearer {secret}"}
    assert (await client.get("/api/v1/registrations", headers=headers)).status_code == 200
    assert (await client.get("/api/v1/reports", headers=headers)).status_code == 403
    listed = await client.get("/organise/access")
    assert "Ministry" in listed.text
    assert "Read people, suggestions and agreements" in listed.text
    assert "The Fair" in listed.text
    assert secret not in listed.text
    token = await database.fetchval("SELECT id FROM access_token WHERE name = 'Ministry'")
    left = await database.fetchval(
        "SELECT round(extract(epoch FROM expires_at - created_at) / 86400) FROM access_token WHERE id = $1", token
    )
    assert left == 30
    assert (await post(client, f"/organise/access/{token}/revoke")).status_code == 303
    assert (await client.get("/api/v1/registrations", headers=headers)).status_code == 401
    assert (await post(client, f"/organise/access/{token}/revoke")).status_code == 404
    assert "Ministry" not in (await client.get("/organise/access")).text
    assert "Ministry" in (await client.get("/organise/access?ended=1&q=minist&kind=api")).text


async def test_wrong_form_keeps_what_was_typed(client: httpx.AsyncClient, organiser: Actor) -> None:
    page = await post(client, "/organise/access", {"name": "Ministry", "event": "nowhere", "life": "30"})
    assert page.status_code == 422
    assert 'value="Ministry"' in page.text
    page = await post(client, "/organise/access", {"name": "M", "scopes": ["read"], "event": "nowhere", "life": "30"})
    assert (page.status_code, errors_in(page.text)) == (422, ["There is no event of this address."])
    page = await post(client, "/organise/access", {"name": "M", "scopes": ["check_in"], "life": "30"})
    assert page.status_code == 422
    assert await database.fetchval("SELECT count(*) FROM access_token") == 0


async def test_link_opens_a_scanner_with_one_button(client: httpx.AsyncClient, organiser: Actor) -> None:
    event = await factories.event(slug="fair", title_en="The Fair")
    await factories.gate(event)
    page = await post(client, "/organise/editions/fair/devices", {"name": "North gate"})
    (path,) = set(re.findall(r"http://fairs.test(/scan/link/[\w-]+)", page.text))
    sign_out(client)
    for _ in range(2):  # a preview opens it, then the phone
        shown = await client.get(path)
        assert shown.status_code == 200
        assert "North gate" in shown.text
    answer = await post(client, path)
    assert answer.status_code == 303
    token = answer.headers["location"].removeprefix("/scan#token=")
    gates = await client.get("/api/v1/checkin/gates", headers={"authorization": f"Bearer {token}"})
    assert gates.json()["device"] == "North gate"
    assert (await client.get(path)).status_code == 404
    assert (await post(client, path)).status_code == 404


async def test_new_link_is_for_the_events_own_scanner(client: httpx.AsyncClient, organiser: Actor) -> None:
    await factories.event(slug="fair")
    await factories.event(slug="other")
    await post(client, "/organise/editions/fair/devices", {"name": "North gate"})
    device = await database.fetchval("SELECT id FROM access_token")
    assert (await post(client, f"/organise/editions/other/devices/{device}/link")).status_code == 404
    page = await post(client, f"/organise/editions/fair/devices/{device}/link")
    assert page.status_code == 201
    assert "/scan/link/" in page.text
    assert "North gate" in page.text


async def test_token_of_a_relay_is_for_one_event_and_nothing_else(client: httpx.AsyncClient, organiser: Actor) -> None:
    await factories.event(slug="fair", title_en="The Fair")
    form = {"name": "Hall", "scopes": ["relay", "read"], "event": "", "life": "30"}
    refused = await post(client, "/organise/access", form)
    assert (refused.status_code, len(errors_in(refused.text))) == (422, 2)
    made = await post(client, "/organise/access", form | {"scopes": ["relay"], "event": "fair"})
    assert made.status_code == 201
    (secret,) = set(re.findall(r"fapi_[\w-]+", made.text))
    assert f"FAIRS_RELAY_TOKEN={secret} fairs serve --relay http://fairs.test --host 0.0.0.0" in made.text
    headers = {"authorization": f"Bearer {secret}"}
    assert (await client.get("/api/v1/checkin/relay/feed", headers=headers)).json()["frame"]["event"]["slug"] == "fair"
    assert (await client.get("/api/v1/registrations", headers=headers)).status_code == 403
