"""Signing in as somebody, and posting forms as a browser does."""

import re
from typing import Any

import httpx

from fairs.accounts import services
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.queries import actor_by_id
from fairs.core.roles import Role

PASSWORD = "correct horse battery"


async def make_actor(
    role: str | None = None,
    *,
    email: str = "alice@example.org",
    name: str = "Alice Wanderer",
    unit_id: int | None = None,
    organisation_id: int | None = None,
    event_id: int | None = None,
    lang: str = "en",
    proved: bool = True,
) -> Actor:
    """An account with one role (and no password: hashing is slow), whose address is proved unless said otherwise."""
    account = await services.create_account(email=email, name=name, lang=lang, proved=proved)
    if role:
        await services.grant(account, Grant(Role(role), unit_id, organisation_id, event_id), by=SYSTEM)
    actor = await actor_by_id(account)
    assert actor is not None
    return actor


async def session_of(actor: Actor, *, proved: bool = False) -> str:
    """The cookie of a new session of this account; `proved`: dangerous acts do not ask again."""
    assert actor.account_id is not None
    return await services.open_session(actor.account_id, ip="127.0.0.1", user_agent="test", proved=proved)


async def sign_in(client: httpx.AsyncClient, actor: Actor, *, proved: bool = False) -> None:
    """Give the client a live session of this account."""
    client.cookies.set(SESSION_COOKIE, await session_of(actor, proved=proved), domain="fairs.test")
    client.cookies.delete("csrftoken")  # the form token belongs to the session


def sign_out(client: httpx.AsyncClient) -> None:
    """Forget who the client is."""
    client.cookies.delete(SESSION_COOKIE)
    client.cookies.delete("csrftoken")


async def csrf(client: httpx.AsyncClient) -> str:
    """The client's CSRF token, fetched once like a browser does."""
    token = client.cookies.get("csrftoken")
    if not token:
        await client.get("/login")
        token = client.cookies.get("csrftoken")
    assert token
    return token


async def post(
    client: httpx.AsyncClient, path: str, data: dict[str, Any] | None = None, **kwargs: Any
) -> httpx.Response:
    """POST a form with the CSRF token."""
    return await client.post(path, data={"_csrf_token": await csrf(client), **(data or {})}, **kwargs)


def errors_in(page: str) -> list[str]:
    """The messages beside the fields of a page."""
    found = re.findall(r'<p class="field__error".*?</span> (.*?)</span></p>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", "", text).split()) for text in found]
