"""One computation for all who ask at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import pytest

from fairs.accounts import services as accounts
from fairs.accounts.queries import living_sessions
from fairs.core import db as database
from fairs.core import pubsub
from fairs.core import shared as module
from fairs.core.shared import Shared
from fairs.web import sse
from fairs.web.feeds import Feeds, Numbers, Viewer
from tests import factories
from tests.cast import make_actor


class Counted:
    """A computation that takes a moment and counts itself."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> int:
        self.times += 1
        mine = self.times
        await asyncio.sleep(0.02)
        return mine


async def test_all_who_ask_at_once_share_one_computation() -> None:
    shared, read = Shared[int](60.0), Counted()
    assert set(await asyncio.gather(*(shared.get("a", read) for _ in range(300)))) == {1}
    assert await shared.get("a", read) == 1


async def test_who_must_see_a_change_waits_for_a_computation_that_begins_after_it() -> None:
    shared, read = Shared[int](0.3), Counted()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await shared.get("a", read, since=loop.time()) == 1
    assert await shared.get("a", read, since=loop.time()) == 2
    assert loop.time() - begun >= 0.3
    under_way = asyncio.ensure_future(shared.get("b", read, since=loop.time()))
    await asyncio.sleep(0.01)  # it has begun: what changes now it may not have seen
    later = await shared.get("b", read, since=loop.time())
    assert later > await under_way


async def test_keys_are_apart_and_a_failure_reaches_all_and_is_not_kept() -> None:
    shared = Shared[int](0.0)

    async def fails() -> int:
        await asyncio.sleep(0.01)
        raise OSError("gone")

    found = await asyncio.gather(*(shared.get("a", fails) for _ in range(3)), return_exceptions=True)
    assert [type(item) for item in found] == [OSError] * 3
    assert await shared.get("a", Counted()) == 1
    assert await shared.get("b", Counted()) == 1


async def test_one_who_leaves_does_not_take_the_others_computation_along() -> None:
    shared, read = Shared[int](0.0), Counted()
    first, second = (asyncio.ensure_future(shared.get("a", read)) for _ in range(2))
    await asyncio.sleep(0.005)
    first.cancel()
    assert await second == 1


async def test_computation_is_outside_of_the_callers_transaction(db: None) -> None:
    shared = Shared[int](0.0)

    async def inside() -> int:
        return int(database.DB.current_transaction.get() is not None)

    async with database.DB.transaction():
        assert await shared.get("a", inside) == 0


async def test_only_so_many_results_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    shared, read = Shared[int](60.0), Counted()
    for key in "abcde":
        await shared.get(key, read)
    await shared.get("c", read)
    assert (read.times, shared.latest("a"), shared.latest("e")) == (5, None, 5)


# Feeds: many open pages, one reading.


async def _all_live(viewers: Collection[Viewer]) -> set[Viewer]:
    return set(viewers)


async def _read_on(stream: AsyncIterator[bytes], into: list[bytes]) -> None:
    async for part in stream:
        into.append(part)


async def test_three_hundred_open_pages_of_two_scopes_cost_two_readings_a_second(db: None) -> None:
    event = await factories.event()
    topic = f"event:{event}"
    shared: Shared[Numbers] = Shared(1.0)
    feeds = Feeds(shared, _all_live, pause=0.05)
    readings = {"all": 0, "one": 0}

    def reader(scope: str) -> Callable[[], Awaitable[Numbers]]:
        async def read() -> dict[str, object]:
            readings[scope] += 1
            return {"scope": scope, "count": readings[scope]}

        return read

    texts: list[list[bytes]] = [[] for _ in range(300)]
    tasks = []
    for n, into in enumerate(texts):
        scope = "one" if n % 3 == 0 else "all"
        stream = feeds.stream(topic, scope, reader(scope), (n, n))
        tasks.append(asyncio.create_task(_read_on(stream, into)))
    await asyncio.sleep(0.3)
    assert len(pubsub.HUB()._queues[topic]) == 2
    begun = asyncio.get_running_loop().time()
    for _ in range(150):  # bursts, as scans come
        async with database.DB.transaction():
            for _ in range(10):
                await pubsub.publish(topic, {"what": "scan"})
        await asyncio.sleep(0.005)
    await asyncio.sleep(1.2)
    seconds = asyncio.get_running_loop().time() - begun
    assert max(readings.values()) <= 2 + seconds
    assert min(readings.values()) >= 3
    for n, into in enumerate(texts):
        scope = "one" if n % 3 == 0 else "all"
        other = b'"all"' if scope == "one" else b'"one"'
        assert into[0] == sse.event("numbers", {"scope": scope, "count": 1})
        assert into[-1] == sse.event("numbers", {"count": readings[scope]})
        assert not any(other in part for part in into)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (feeds._feeds(), len(pubsub.HUB()._queues[topic])) == ({}, 0)


async def test_feed_ends_for_who_signed_out_and_goes_on_for_the_others(db: None) -> None:
    topic = f"event:{await factories.event()}"
    shared: Shared[Numbers] = Shared(0.0)
    feeds = Feeds(shared, living_sessions, pause=0.01, keep_alive=0.2)
    streams = []
    leaving = await make_actor("organiser")
    for actor in (leaving, await make_actor("organiser", email="bob@example.org")):
        assert actor.account_id
        await accounts.open_session(actor.account_id, ip="", user_agent="")
        session = await database.fetchval("SELECT max(id) FROM sign_in_session WHERE account = $1", actor.account_id)

        async def read() -> dict[str, object]:
            return {"one": 1}

        streams.append(feeds.stream(topic, "all", read, (session, actor.account_id)))
    assert [await anext(stream) for stream in streams] == [sse.event("numbers", {"one": 1})] * 2
    assert [await anext(stream) for stream in streams] == [sse.COMMENT] * 2
    await accounts.close_all_sessions(by=leaving)
    await pubsub.publish(topic, {})
    async with asyncio.timeout(5):
        assert {part async for part in streams[0]} <= {sse.COMMENT}  # and it ends
    assert await anext(streams[1]) == sse.COMMENT
    await streams[1].aclose()
    assert (feeds._feeds(), len(pubsub.HUB()._queues[topic])) == ({}, 0)


async def test_lost_database_ends_every_stream_and_the_next_one_begins_anew(db: None) -> None:
    topic = f"event:{await factories.event()}"
    shared: Shared[Numbers] = Shared(0.0)
    feeds = Feeds(shared, _all_live, pause=0.01)
    lost = False

    async def read() -> dict[str, object]:
        if lost:
            raise database.DatabaseAbsent("gone")
        return {"one": 1}

    streams = [feeds.stream(topic, "all", read, (n, n)) for n in range(3)]
    for stream in streams:
        await anext(stream)
    lost = True
    await pubsub.publish(topic, {})
    for stream in streams:
        with pytest.raises(StopAsyncIteration):
            await anext(stream)
    lost = False
    again = feeds.stream(topic, "all", read, (1, 1))
    assert await anext(again) == sse.event("numbers", {"one": 1})
    await again.aclose()
    assert feeds._feeds() == {}
