"""A form belongs to one session: its token, and what becomes of a page that was opened before signing in or out elsewhere."""

import httpx
import pytest

from fairs.core import db as database
from tests.cast import PASSWORD, csrf, make_actor, post, sign_in, sign_out
from tests.web.returning import OWN, PROFILE, account, candidate, end_sessions, next_of


async def test_token_is_of_one_session(client: httpx.AsyncClient, db: None) -> None:
    """Neither another session's, nor a visitor's, nor a former one's of the same account is taken."""
    alice = await candidate(client)
    former = await csrf(client)
    await sign_in(client, alice)
    own = await csrf(client)
    bob = await make_actor("candidate", email="bob@example.org")
    await sign_in(client, bob)
    bobs = await csrf(client)
    sign_out(client)
    visitors = await csrf(client)
    await sign_in(client, alice)
    own = await csrf(client)
    assert len({former, own, bobs, visitors}) == 4
    for token in (former, bobs, visitors, own[:-1], own + "x", own.replace("s.", "v.", 1), "", "s..", "v..", "s.a.b.c"):
        client.cookies.set("csrftoken", token, domain="fairs.test")
        answer = await client.post("/me/profile", data={"_csrf_token": token, **PROFILE})
        assert answer.status_code == 403, token
    assert (await client.post("/me/profile", data={"_csrf_token": own, **PROFILE})).status_code == 303


async def test_token_lasts_as_long_as_the_session(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    first = await csrf(client)
    client.cookies.delete("csrftoken")  # a browser that was closed and opened again
    assert await csrf(client) == first
    assert (await client.post("/me/profile", data={"_csrf_token": first, **PROFILE})).status_code == 303


async def test_signing_in_and_out_change_the_token(client: httpx.AsyncClient, db: None) -> None:
    await account()
    before = await csrf(client)
    answer = await post(client, "/login", {"email": "alice@example.org", "password": PASSWORD})
    during = answer.cookies["csrftoken"]
    assert during == await csrf(client) != before
    page = await client.get("/account")
    assert f'value="{during}"' in page.text
    await post(client, "/logout")
    await client.get("/login")
    assert client.cookies["csrftoken"] not in {before, during}


async def test_cookie_planted_by_a_neighbour_opens_nothing(client: httpx.AsyncClient, db: None) -> None:
    """Signed in, the cookie does not count; before, it must be one that we have signed."""
    await candidate(client)
    for planted in ("x" * 64, "v.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbb"):
        client.cookies.set("csrftoken", planted, domain="fairs.test")
        assert (await client.post("/me/profile", data={"_csrf_token": planted, **PROFILE})).status_code == 403


async def test_page_from_before_signing_in_elsewhere_comes_back_filled(client: httpx.AsyncClient, db: None) -> None:
    alice = await make_actor("candidate")
    early = await csrf(client)
    await sign_in(client, alice)
    data = {"_csrf_token": early, **PROFILE}
    assert (await client.post("/me/profile", data=data)).status_code == 403, "nothing says that it was our page"
    answer = await client.post("/me/profile", data=data, headers=OWN)
    assert answer.status_code == 303
    assert "Alice Liddell" in (await client.get(answer.headers["location"])).text
    assert await database.fetchval("SELECT count(*) FROM talent") == 0


async def test_page_from_before_signing_out_elsewhere_comes_back_filled(client: httpx.AsyncClient, db: None) -> None:
    alice = await candidate(client)
    token = await csrf(client)
    sign_out(client)
    answer = await client.post("/me/profile", data={"_csrf_token": token, **PROFILE}, headers=OWN)
    target = next_of(answer)
    await sign_in(client, alice)
    assert "Alice Liddell" in (await client.get(target)).text


async def test_form_of_another_person_in_the_same_browser_is_neither_sent_nor_shown(
    client: httpx.AsyncClient, db: None
) -> None:
    await candidate(client)
    token = await csrf(client)
    await sign_in(client, await make_actor("candidate", email="bob@example.org"))
    answer = await client.post("/me/profile", data={"_csrf_token": token, **PROFILE}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/profile")
    page = await client.get("/me/profile")
    assert "Another person has signed in here since" in page.text
    assert "Alice Liddell" not in page.text
    assert await database.fetchval("SELECT count(*) FROM kept_form") == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://fairs.test"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/http://fairs.test/"},
        {"origin": "http://fairs.test.evil.example"},
    ],
)
async def test_forged_form_is_refused_and_not_kept(
    client: httpx.AsyncClient, db: None, headers: dict[str, str]
) -> None:
    await candidate(client)
    sign_out(client)
    visitors = await csrf(client)
    await sign_in(client, await make_actor("candidate", email="bob@example.org"))
    answer = await client.post("/me/profile", data={"_csrf_token": visitors, **PROFILE}, headers=headers)
    assert answer.status_code == 403
    assert await database.fetchval("SELECT count(*) FROM kept_form") == 0


async def test_json_is_refused_as_json(client: httpx.AsyncClient, db: None) -> None:
    await candidate(client)
    token = await csrf(client)
    await end_sessions()
    answer = await client.post(
        "/me/profile", data={"_csrf_token": token, **PROFILE}, headers={"accept": "application/json", **OWN}
    )
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
