"""An organiser at work on people and rights, and the link of an invitation that the page shows."""

import re
from typing import Any

import httpx

from fairs.accounts.actor import Actor
from tests.cast import make_actor, post, sign_in

LINK = re.compile(r"http://fairs\.test(/invitation/[\w-]+)")


async def organiser(client: httpx.AsyncClient, role: str = "organiser") -> Actor:
    actor = await make_actor(role, email="org@example.org", name="Wang Organiser")
    await sign_in(client, actor, proved=True)
    return actor


async def invited(client: httpx.AsyncClient, email: str = "new@example.org", **given: Any) -> str:
    """The path of the link that the page shows."""
    answer = await post(client, "/people/invite", {"role": "organiser", "email": email, "lang": "en", **given})
    assert answer.status_code == 201, answer.text
    (path,) = LINK.findall(answer.text)
    return str(path)
