"""The badge on its person's phone: for its person only, with all that it needs without a network."""

import json
import re

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import make_actor, sign_in, sign_out
from tests.fair import person


@pytest.fixture
async def alice(client: httpx.AsyncClient, db: None) -> Actor:
    return await make_actor("candidate")


async def _page(client: httpx.AsyncClient, alice: Actor) -> str:
    event = await factories.event(slug="fair")
    made = await registrations.register(event, person(1, name_native="爱丽丝"), by=alice)
    await sign_in(client, alice)
    return f"/me/fairs/{made.number}/badge"


async def test_pass_shows_name_and_code_to_its_person_only(client: httpx.AsyncClient, alice: Actor) -> None:
    badge = await _page(client, alice)
    assert f'href="{badge}/pass"' in (await client.get(badge)).text
    page = await client.get(f"{badge}/pass")
    assert "爱丽丝" in page.text
    assert "<svg" in page.text
    assert "<nav" not in page.text
    assert page.headers["cache-control"] == "private, no-store"
    manifest = await client.get(f"{badge}/pass.webmanifest?lang=zh")
    told = manifest.json()
    assert (told["start_url"], told["scope"]) == (f"{badge}/pass", badge)
    assert "爱丽丝" not in manifest.text
    for icon in told["icons"]:
        assert (await client.get(icon["src"])).headers["content-type"] == "image/png"
    await sign_in(client, await make_actor("organiser", email="organiser@example.org"))
    assert 'data-worker="/pass-worker.js"' not in (await client.get(badge)).text
    for path in ("pass", "pass.webmanifest"):
        assert (await client.get(f"{badge}/{path}")).status_code == 404
    sign_out(client)
    assert (await client.get(f"{badge}/pass")).status_code in (302, 303)


async def test_all_that_the_pass_names_is_kept(client: httpx.AsyncClient, alice: Actor) -> None:
    badge = await _page(client, alice)
    told = await client.get("/pass-worker.js")
    assert told.headers["service-worker-allowed"] == "/me/fairs/"
    kept = set(json.loads(re.search(r"self\.FILES = (\[.*\]);", told.text)[1]))  # type: ignore[index]  # the pattern matches
    named = set(re.findall(r'"(/static/[^"#]+)"', (await client.get(f"{badge}/pass")).text))
    lazy = {url for url in named if "sse.js" in url or "search-select.js" in url}  # of other pages' fields
    assert len(named - lazy) > 5
    assert named - lazy <= kept
    for url in kept:
        assert (await client.get(url)).status_code == 200, url
