"""Registrations with a key: those who come at once share transactions, and every key has one effect and one answer."""

import asyncio
from collections import defaultdict

import httpx
import pytest

from fairs.accounts.idempotency import Once, claim
from fairs.core import db as database
from tests import factories
from tests.registrations.test_controllers import bearer, call

PATH = "/api/v1/registrations"


@pytest.fixture
async def event(client: httpx.AsyncClient) -> int:
    client.headers.update(await bearer())
    return await factories.event(slug="fair", capacity=20)


async def send(client: httpx.AsyncClient, key: str, number: int, **given: object) -> httpx.Response:
    return await client.post(PATH, json=call("fair", number, **given), headers={"idempotency-key": key})


async def test_each_key_has_one_effect_among_many_at_once(client: httpx.AsyncClient, event: int) -> None:
    sends = [send(client, f"k{number}", number) for _ in range(3) for number in range(30)]
    answers = await asyncio.gather(*sends)
    assert {answer.status_code for answer in answers} == {201}
    told = defaultdict(set)
    for at, answer in enumerate(answers):
        told[at % 30].add(answer.content)
    assert [len(texts) for texts in told.values()] == [1] * 30
    states = await database.fetch("SELECT state, count(*) AS n FROM registration GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in states] == [("confirmed", 20), ("waitlisted", 10)]
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'registration.create'") == 30
    assert await database.fetchval("SELECT count(*) FROM stored_answer") == 30


async def test_refusals_of_a_batch_leave_their_keys_free_and_cost_the_others_nothing(
    client: httpx.AsyncClient, event: int
) -> None:
    wrong = [send(client, f"k{number}", number, sessions=["none"]) for number in range(5)]
    right = [send(client, f"k{number}", number) for number in range(5, 10)]
    answers = await asyncio.gather(*wrong, *right)
    assert [answer.status_code for answer in answers] == [422] * 5 + [201] * 5
    assert await database.fetchval("SELECT count(*) FROM stored_answer") == 5
    again = await asyncio.gather(*(send(client, f"k{number}", number) for number in range(5)))
    assert [answer.status_code for answer in again] == [201] * 5


async def test_a_key_with_two_bodies_at_once_takes_one_and_refuses_the_other(
    client: httpx.AsyncClient, event: int
) -> None:
    answers = await asyncio.gather(*(send(client, "same", number) for number in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    assert await database.fetchval("SELECT count(*) FROM registration") == 1


async def test_a_key_whose_first_call_is_refused_serves_the_next_at_once(client: httpx.AsyncClient, event: int) -> None:
    answers = await asyncio.gather(send(client, "same", 1, sessions=["none"]), send(client, "same", 1))
    assert [answer.status_code for answer in answers] == [422, 201]


async def test_the_answer_outlives_the_fair(client: httpx.AsyncClient, event: int) -> None:
    first = await send(client, "k", 1)
    await database.execute("DELETE FROM registration_session")
    await database.execute("UPDATE event SET slug = 'renamed' WHERE id = $1", event)
    again = await send(client, "k", 1)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert (await send(client, "other", 2)).status_code in {404, 422}


async def test_two_who_claim_many_keys_in_any_order_do_not_lock_each_other_out(client: httpx.AsyncClient) -> None:
    await bearer()
    token = await database.fetchval("SELECT id FROM access_token")
    calls = [Once(token, f"k{number}", b"digest") for number in range(50)]

    async def claimed(order: list[Once]) -> int:
        async with database.DB.transaction():
            first = await claim(order)
            await asyncio.sleep(0.05)
        return sum(found is not None for found in first)

    assert sorted(await asyncio.gather(claimed(calls), claimed(calls[::-1]), claimed(calls[25:] + calls[:25]))) == [
        0,
        0,
        50,
    ]
