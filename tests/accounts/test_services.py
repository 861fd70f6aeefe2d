import pytest

from fairs.accounts import queries, services
from fairs.accounts.attempts import Caller
from fairs.core.db import fetchval
from fairs.core.errors import NotFound
from tests import mails
from tests.cast import make_actor


async def test_session_opened_and_closed(db: None) -> None:
    alice = await make_actor("organiser")
    assert alice.account_id
    cookie = await services.open_session(alice.account_id, ip="", user_agent="")
    found = await queries.actor_by_session(cookie)
    assert found is not None
    assert (found.email, found.roles) == ("alice@example.org", frozenset({"organiser"}))
    await services.close_session(cookie)
    assert await queries.actor_by_session(cookie) is None


async def test_session_rotated_ends_the_former_one(db: None) -> None:
    alice = await make_actor()
    assert alice.account_id
    first = await services.open_session(alice.account_id, ip="", user_agent="")
    second = await services.open_session(alice.account_id, ip="", user_agent="", old_cookie=first)
    assert await queries.actor_by_session(first) is None
    assert await queries.actor_by_session(second) is not None


async def test_sign_in_link_works_once(db: None) -> None:
    alice = await make_actor()
    await services.request_link("Alice@example.org", caller=Caller())
    text = await mails.text_of()
    token = text.split("/login/link/")[1].split()[0]
    assert await services.use_link(token) == alice.account_id
    with pytest.raises(NotFound):
        await services.use_link(token)


async def test_sign_in_link_for_a_stranger_sends_nothing(db: None) -> None:
    await services.request_link("nobody@example.org", caller=Caller())
    assert await fetchval("SELECT count(*) FROM outgoing_mail") == 0


async def test_token_revoked_is_not_accepted(db: None) -> None:
    alice = await make_actor("organiser")
    token = await services.issue_token("api", "export", by=alice, account_id=alice.account_id)
    found = await queries.actor_by_token(token)
    assert found is not None
    assert found.token_id is not None
    await services.revoke_token(found.token_id, by=alice)
    assert await queries.actor_by_token(token) is None
