"""Bodies that come slowly, never, or not to their end: refused in time, counted by network, and no fault of ours."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import structlog.testing
from litestar import Litestar
from prometheus_client import REGISTRY

from fairs.web.addresses import client_address
from fairs.web.bodies import BATCH, Bodies, BodyRefused, Limits, beyond, network_of

FORM = b"application/x-www-form-urlencoded"


def scope(address: str = "192.0.2.1", **headers: str) -> dict[str, Any]:
    """A POST with half a body."""
    given = {"content-length": "1000", "content-type": FORM.decode(), **headers}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/login",
        "raw_path": b"/login",
        "root_path": "",
        "query_string": b"",
        "headers": pairs,
        "client": (address, 1),
        "server": ("fairs.test", 80),
        "scheme": "http",
        "extensions": {},
        "state": {},
    }


async def never() -> Any:
    await asyncio.Event().wait()


def parts(*found: Any, pause: float = 0.0) -> Callable[[], Awaitable[Any]]:
    """A receiver of these messages; afterwards nothing comes."""
    waiting = list(found)

    async def receive() -> Any:
        await asyncio.sleep(pause)
        return waiting.pop(0) if waiting else await never()

    return receive


def part(size: int, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": b"a" * size, "more_body": more}


async def reader(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads to the end and answers with the number of bytes."""
    size = 0
    while True:
        message = await receive()
        size += len(message["body"])
        if not message["more_body"]:
            await send(size)
            return


async def read(guard: Bodies, receive: Any, address: str = "192.0.2.1", **headers: str) -> int:
    answered: list[int] = []

    async def send(size: Any) -> None:
        answered.append(size)

    await guard(scope(address, **headers), receive, send)  # type: ignore[arg-type]  # a bare mapping, as a server gives it
    return answered[0]


def guard(**limits: Any) -> Bodies:
    return Bodies(reader, trusted_proxy=False, limits=Limits(**limits))


async def refused(reading: Awaitable[int]) -> tuple[int, str]:
    with pytest.raises(BodyRefused) as caught:
        await reading
    return caught.value.status, caught.value.code


async def test_body_in_parts_arrives_whole_and_leaves_no_trace() -> None:
    whole = guard()
    assert await read(whole, parts(part(3), part(4), part(5, more=False), pause=0.05)) == 12
    assert (whole.waiting, whole._bytes.total()) == ({}, 0)


async def test_body_that_stands_still_is_given_up_and_the_caller_goes_on() -> None:
    still = guard(idle=0.3)
    assert await refused(read(still, parts(part(3)))) == (408, "timeout")
    assert await refused(read(still, never)) == (408, "timeout")
    assert (still.waiting, still._bytes.total()) == ({}, 0)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


async def test_body_below_the_least_rate_is_given_up_though_it_never_stands_still() -> None:
    drops = parts(*[part(1)] * 100, pause=0.1)
    begun = asyncio.get_running_loop().time()
    assert await refused(read(guard(base=0.5, rate=1000), drops)) == (408, "timeout")
    assert asyncio.get_running_loop().time() - begun < 3


async def test_large_body_at_a_fair_rate_may_take_longer_than_the_base() -> None:
    chunks = [part(1000) for _ in range(12)] + [part(1, more=False)]
    assert await read(guard(base=0.3, rate=2000), parts(*chunks, pause=0.1)) == 12_001


async def test_each_network_may_have_so_many_unfinished_bodies_and_all_together_too() -> None:
    full = guard(grace=0.1, per_network=5, in_all=8, idle=3)
    tasks = [asyncio.ensure_future(read(full, never, f"192.0.2.{n % 2}")) for n in range(2 * BATCH)]
    tasks.append(asyncio.ensure_future(read(full, never, "198.51.100.1")))
    await asyncio.sleep(2)
    waiting = [body.network for body in full.waiting]
    assert waiting.count("198.51.100.1") == 1
    assert 2 <= waiting.count("192.0.2.0") <= 4
    assert len(waiting) <= 8
    found = [task.exception() for task in tasks if task.done()]
    assert {(error.status, error.code) for error in found if isinstance(error, BodyRefused)} == {(503, "busy")}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (full.waiting, full._bytes.total()) == ({}, 0)


async def test_cancelling_from_outside_is_no_refusal() -> None:
    task = asyncio.ensure_future(read(guard(), never))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_unfinished_bodies_hold_only_so_much_memory() -> None:
    heavy = guard(bytes_per_network=100)
    holding = asyncio.ensure_future(read(heavy, parts(part(90))))
    await asyncio.sleep(0.05)
    assert await refused(read(heavy, parts(part(20)))) == (503, "busy")
    assert await read(heavy, parts(part(20), part(1, more=False)), "192.0.2.77") == 21  # another network
    assert await read(heavy, parts(part(20, more=False))) == 20  # it is whole: nothing is held for it
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)
    assert heavy._bytes.total() == 0


def test_busiest_networks_give_way_first_and_earliest_stay() -> None:
    class Waiting:
        def __init__(self, network: str, began: float) -> None:
            self.network, self.began = network, began

    late: Any = [Waiting("a", n) for n in range(10)] + [Waiting("b", n) for n in range(2)]
    over = beyond(late, Limits(per_network=64, in_all=6))
    assert {body.network for body in over} == {"a"}
    assert min(body.began for body in over) >= 4


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_address_behind_a_proxy_is_the_last_one_of_the_last_line() -> None:
    asked: Any = scope("10.0.0.1")
    asked["headers"] += [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"7.7.7.7, 192.0.2.9")]
    assert client_address(asked, trusted_proxy=True) == "192.0.2.9"
    assert client_address(asked, trusted_proxy=False) == "10.0.0.1"


@pytest.mark.parametrize("written", [b"192.0.2.9:5511", b'"192.0.2.9"', b"::ffff:192.0.2.9", b"1.1.1.1, 192.0.2.9:80"])
def test_a_port_or_quotes_make_nobody_another_client(written: bytes) -> None:
    asked: Any = scope("10.0.0.1")
    asked["headers"] += [(b"x-forwarded-for", written)]
    assert network_of(client_address(asked, trusted_proxy=True)) == "192.0.2.9"


# Through the whole application.


@pytest.fixture
async def impatient(app: Litestar, db: None) -> AsyncIterator[Any]:
    guard: Any = app.asgi_handler
    before, guard.limits = guard.limits, Limits(idle=0.3)
    yield app
    guard.limits = before


async def answered(app: Any, asked: dict[str, Any], receive: Any) -> tuple[int, dict[str, str], str]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(10):
        await app(asked, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(item.get("body", b"") for item in sent[1:]).decode()


def counted(status: str) -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "fairs_http_requests_total" and sample.labels["status"] == status
    )


@pytest.mark.parametrize(
    ("accept", "kind", "words"),
    [("text/html", "text/html", "too slow or stopped"), ("application/json", "application/problem+json", "408")],
)
async def test_slow_sender_gets_an_answer_in_the_form_it_reads(
    impatient: Any, accept: str, kind: str, words: str
) -> None:
    status, headers, body = await answered(impatient, scope(accept=accept, accept_language="en"), parts(part(5)))
    assert (status, headers["connection"]) == (408, "close")
    assert headers["content-type"].startswith(kind)
    assert words in body
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_sender_who_leaves_is_counted_and_not_logged(app: Any, db: None) -> None:
    before, errors = counted("499"), counted("500")
    with structlog.testing.capture_logs() as lines:
        await answered(app, scope(), parts(part(5), {"type": "http.disconnect"}))
    assert (counted("499"), counted("500")) == (before + 1, errors)
    assert lines == []


async def test_whole_body_over_the_wire_is_read_as_before(client: httpx.AsyncClient) -> None:
    answer = await client.post("/login", content=b"email=x", headers={"content-type": FORM.decode()})
    assert answer.status_code == 403  # read, and without a token refused
