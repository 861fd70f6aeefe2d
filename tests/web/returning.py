"""Somebody who comes back: an account, a candidate, and sessions that end."""

from urllib.parse import parse_qs, urlsplit

import httpx

from fairs.accounts import services
from fairs.accounts.actor import Actor
from fairs.core import db as database
from tests.cast import PASSWORD, make_actor, sign_in

OWN = {"sec-fetch-site": "same-origin"}
PROFILE = {"name_passport": "Alice Liddell", "skills": "CT, MRI", "discipline": "0812"}


async def account(email: str = "alice@example.org") -> int:
    return await services.create_account(email=email, name="Alice", lang="en", password=PASSWORD)


async def candidate(client: httpx.AsyncClient, email: str = "alice@example.org") -> Actor:
    actor = await make_actor("candidate", email=email)
    await sign_in(client, actor)
    return actor


def next_of(answer: httpx.Response) -> str:
    """Where the sign-in page leads on to."""
    assert answer.status_code == 303, answer.text[:300]
    parts = urlsplit(answer.headers["location"])
    assert parts.path == "/login"
    return parse_qs(parts.query)["next"][0]


async def end_sessions() -> None:
    await database.execute("DELETE FROM sign_in_session")
