import asyncio
from hashlib import sha256
from typing import Any

import pytest

from fairs.accounts import queries, services
from fairs.accounts.idempotency import Once, remember
from fairs.core import db as database
from fairs.core.errors import Conflict, Invalid
from tests.cast import make_actor


class Effect:
    """Writes one row a run, inside the open transaction, and answers with its running number."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.refuse = refuse

    async def __call__(self) -> tuple[int, Any]:
        await database.execute("INSERT INTO rate_limit (key, hits) VALUES (gen_random_uuid()::text, 1)")
        await asyncio.sleep(0.01)
        if self.refuse:
            raise Conflict("no")
        return 201, {"zebra": await effects(), "a": "中原"}


async def effects() -> int:
    return int(await database.fetchval("SELECT count(*) FROM rate_limit"))


async def token(name: str = "integration", email: str = "alice@example.org") -> int:
    alice = await make_actor("organiser", email=email)
    secret = await services.issue_token("api", name, by=alice, account_id=alice.account_id)
    found = await queries.actor_by_token(secret)
    assert found is not None
    assert found.token_id is not None
    return found.token_id


def once(holder: int, key: str, body: bytes) -> Once:
    return Once(holder, key, sha256(body).digest())


async def test_same_key_and_body_gets_the_stored_answer_byte_by_byte(db: None) -> None:
    holder = await token()
    first = await remember(once(holder, "k1", b"body"), Effect())
    again = await remember(once(holder, "k1", b"body"), Effect())
    assert first == again == (201, '{"zebra":1,"a":"中原"}'.encode())
    assert await effects() == 1


async def test_same_key_with_another_body_is_refused(db: None) -> None:
    holder = await token()
    await remember(once(holder, "k1", b"body"), Effect())
    with pytest.raises(Invalid):
        await remember(once(holder, "k1", b"other"), Effect())
    assert await effects() == 1


async def test_keys_of_two_tokens_are_apart_and_without_a_key_each_call_counts(db: None) -> None:
    mine, theirs = await token(), await token("other", "bob@example.org")
    await remember(once(mine, "k1", b"body"), Effect())
    await remember(once(theirs, "k1", b"other"), Effect())
    await remember(None, Effect())
    await remember(None, Effect())
    assert await effects() == 4


async def test_many_at_once_have_one_effect_and_one_answer(db: None) -> None:
    holder = await token()
    answers = await asyncio.gather(*(remember(once(holder, "k1", b"body"), Effect()) for _ in range(20)))
    assert set(answers) == {(201, '{"zebra":1,"a":"中原"}'.encode())}
    assert await effects() == 1


async def test_refusal_leaves_nothing_and_the_key_free(db: None) -> None:
    holder = await token()
    with pytest.raises(Conflict):
        await remember(once(holder, "k1", b"body"), Effect(refuse=True))
    assert await effects() == 0
    assert (await remember(once(holder, "k1", b"corrected"), Effect()))[0] == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb"])
async def test_malformed_key_is_refused(db: None, key: str) -> None:
    with pytest.raises(Invalid):
        await remember(once(1, key, b"body"), Effect())
