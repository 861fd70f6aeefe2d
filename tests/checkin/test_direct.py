"""Calls that go past the router are answered as those that go through it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fairs.accounts import middleware
from fairs.accounts.actor import SYSTEM
from fairs.accounts.services import revoke_token
from fairs.checkin import api, direct, services
from fairs.core import db as database
from fairs.core.db import DatabaseAbsent
from fairs.web import middleware as frame
from tests.checkin.hall import Hall, open_hall, scan

OF_A_CALL = {"x-request-id", "x-server-time"}


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


@pytest.fixture
def through_the_router(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each call that the route's handler answers."""
    called: list[str] = []
    answer = api.answer

    def noted(value: Any, headers: dict[str, str] | None = None) -> Any:
        called.append(type(value).__name__)
        return answer(value, headers)

    monkeypatch.setattr(api, "answer", noted)
    return called


async def _post(client: httpx.AsyncClient, hall: Hall, **call: Any) -> httpx.Response:
    return await client.post(
        direct.PATH, headers={"authorization": f"Bearer {hall.token}"} | call.pop("headers", {}), **call
    )


async def _both(client: httpx.AsyncClient, hall: Hall, **call: Any) -> tuple[httpx.Response, httpx.Response]:
    """The same call through the router, and with a token that was asked for a moment ago."""
    middleware._devices().clear()
    slow = await _post(client, hall, **call)
    middleware._devices()[hall.token] = (float("inf"), hall.device)
    fast = await _post(client, hall, **call)
    middleware._devices().clear()
    return slow, fast


def _told(answer: httpx.Response) -> Any:
    body = answer.json()
    if answer.status_code != 200:
        body = {name: value for name, value in body.items() if "id" not in name and name != "instance"}
    return (
        answer.status_code,
        body,
        {k: v for k, v in answer.headers.items() if k not in OF_A_CALL | {"content-length"}},
    )


async def test_both_ways_give_one_answer(client: httpx.AsyncClient, hall: Hall, through_the_router: list[str]) -> None:
    sent = {"scans": [scan(await hall.badge(name_native="李伟")), scan("hello"), {"id": "no"}]}
    slow, fast = await _both(client, hall, json=sent)
    assert through_the_router == ["Results"], "the first only"
    assert _told(slow) == _told(fast)
    assert slow.content == fast.content
    assert slow.headers.keys() == fast.headers.keys()
    assert await database.fetchval("SELECT count(*) FROM scan WHERE outcome = 'admitted'") == 1


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ({"content": b"no"}, 422),
        ({"content": b"{}"}, 422),
        ({"content": b""}, 422),
        ({"content": b" " * 5_000_001}, 413),
        ({"content": b"{}", "headers": {"host": "a b"}}, 400),
    ],
)
async def test_what_is_refused_is_refused_alike(
    client: httpx.AsyncClient, hall: Hall, call: dict[str, Any], status: int
) -> None:
    slow, fast = await _both(client, hall, **call)
    assert fast.status_code == status
    assert _told(slow) == _told(fast)


async def test_without_a_length_too_much_is_too_large(client: httpx.AsyncClient, hall: Hall) -> None:
    async def parts() -> Any:
        for _ in range(6):
            yield b" " * 1_000_000

    middleware._devices()[hall.token] = (float("inf"), hall.device)
    assert (await _post(client, hall, content=parts())).status_code == 413


@pytest.mark.parametrize("make", [DatabaseAbsent, RuntimeError])
async def test_what_fails_is_told_alike(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch, make: Callable[[str], Exception]
) -> None:
    async def fail(*_: Any) -> None:
        raise make("gone")

    monkeypatch.setattr(services, "record_scans", fail)
    slow, fast = await _both(client, hall, json={"scans": [scan("x")]})
    assert slow.status_code in (500, 503)
    assert _told(slow) == _told(fast)


async def test_a_call_is_counted_under_its_route(client: httpx.AsyncClient, hall: Hall) -> None:
    counter = frame.REQUESTS.labels("POST", direct.PATH, "200")
    before = counter._value.get()
    await _both(client, hall, json={"scans": []})
    assert counter._value.get() == before + 2


async def test_other_methods_and_strangers_take_the_usual_way(client: httpx.AsyncClient, hall: Hall) -> None:
    middleware._devices()[hall.token] = (float("inf"), hall.device)
    assert (await client.post(direct.PATH, json={"scans": []})).status_code == 401
    wrong = {"authorization": f"Basic {hall.token}"}
    assert (await client.post(direct.PATH, json={"scans": []}, headers=wrong)).status_code == 401
    mine = {"authorization": f"Bearer {hall.token}"}
    assert (await client.get(direct.PATH, headers=mine)).status_code == 405
    middleware._devices()[hall.token] = (0.0, hall.device)
    await revoke_token(hall.device.token_id, by=SYSTEM)
    assert (await client.post(direct.PATH, json={"scans": []}, headers=mine)).status_code == 401
