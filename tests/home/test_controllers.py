"""Where work begins after signing in."""

from typing import Any

import httpx
import pytest

from tests import factories
from tests.cast import make_actor, sign_in


async def test_the_old_address_of_the_home_page_leads_to_it(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    old, new = await client.get("/desk"), await client.get("/home")
    assert (old.status_code, old.headers["location"]) == (303, "/home")
    assert (new.status_code, "What waits for you" in new.text) == (200, True)


@pytest.mark.parametrize(
    ("role", "desk"),
    [
        ("employer", "/employer/organisation"),
        ("staff", "/scan"),
        ("candidate", "/me/suggestions"),
        (None, "/account"),
    ],
)
async def test_each_role_begins_at_its_desk(client: httpx.AsyncClient, role: str | None, desk: str) -> None:
    scope: dict[str, dict[str, Any]] = {
        "employer": {"organisation_id": await factories.organisation()},
        "staff": {"event_id": await factories.event()},
    }
    await sign_in(client, await make_actor(role, **scope.get(role or "", {})))
    answer = await client.get("/home")
    assert (answer.status_code, answer.headers["location"]) == (303, desk)
