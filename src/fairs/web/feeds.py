"""One read for all open pages that show the same: a change is counted once and sent to all of them.

A feed subscribes to its topic once for all its readers, and checks all their sessions with one query.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Hashable, Mapping

import asyncpg

from fairs.core import pubsub
from fairs.core.services import Service
from fairs.core.shared import Shared
from fairs.core.tasks import spawn
from fairs.web import live_numbers, sse

Numbers = Mapping[str, object]
Viewer = tuple[int | None, int | None]  # session, account
Living = Callable[[Collection[Viewer]], Awaitable[Collection[Viewer]]]
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class _Feed:
    """The data shown to all viewers of a key."""

    def __init__(self) -> None:
        self.viewers: Counter[Viewer] = Counter()
        self.signed_out: set[Viewer] = set()
        self.lost = False
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def tell(self) -> None:
        """Wake all waiting streams."""
        self.news.set()
        self.news = asyncio.Event()


class Feeds:
    """The feeds of each application. `living` returns which of the given viewers are still signed in."""

    def __init__(
        self,
        shared: Shared[Numbers],
        living: Living,
        *,
        pause: float = live_numbers.PAUSE,
        keep_alive: float = pubsub.KEEP_ALIVE,
    ) -> None:
        self.shared, self.living, self.pause, self.keep_alive = shared, living, pause, keep_alive
        self._feeds: Service[dict[Hashable, _Feed]] = Service(dict)

    async def stream(
        self, topic: str, key: Hashable, read: Callable[[], Awaitable[Numbers]], viewer: Viewer
    ) -> AsyncGenerator[bytes, None]:
        """Sends everything first, then changes, and a comment when nothing changed for `keep_alive` seconds.

        Ends with the viewer's session, or when the database is lost: the browser then reconnects.
        """
        feed = self._join(topic, key, read, viewer)
        try:
            await asyncio.sleep(0)  # a new feed subscribes before the first count, so that no change is missed
            news = feed.news
            shown = await self.shared.get(key, read, since=asyncio.get_running_loop().time())
            yield sse.event("numbers", shown)
            while True:
                await news.wait()
                news = feed.news
                if feed.lost or viewer in feed.signed_out:
                    return
                numbers = self.shared.latest(key) or shown
                changed = {name: value for name, value in numbers.items() if shown.get(name) != value}
                shown = numbers
                yield sse.event("numbers", changed) if changed else sse.COMMENT
        except LOST:
            return
        finally:
            await self._leave(key, feed, viewer)

    def _join(self, topic: str, key: Hashable, read: Callable[[], Awaitable[Numbers]], viewer: Viewer) -> _Feed:
        feeds = self._feeds()
        feed = feeds.get(key)
        if feed is None or feed.lost:
            feed = feeds[key] = _Feed()
            run = self._run(topic, key, read, feed)
            feed.task = spawn(run, name=f"feed of {topic}")
        feed.viewers[viewer] += 1
        return feed

    async def _leave(self, key: Hashable, feed: _Feed, viewer: Viewer) -> None:
        feed.viewers[viewer] -= 1
        if feed.viewers[viewer] <= 0:
            del feed.viewers[viewer]
            feed.signed_out.discard(viewer)
        if not feed.viewers:
            feeds = self._feeds()
            if feeds.get(key) is feed:
                del feeds[key]
            if feed.task is not None:
                feed.task.cancel()
                await asyncio.gather(feed.task, return_exceptions=True)

    async def _run(self, topic: str, key: Hashable, read: Callable[[], Awaitable[Numbers]], feed: _Feed) -> None:
        dirty = asyncio.Event()
        listener = spawn(live_numbers.listen(topic, dirty), name=f"listener of {topic}")
        try:
            while True:
                await self._refresh(key, read, feed, dirty)
                feed.tell()
        except LOST:
            feed.lost = True
            feed.tell()
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def _refresh(
        self, key: Hashable, read: Callable[[], Awaitable[Numbers]], feed: _Feed, dirty: asyncio.Event
    ) -> None:
        """Wait for a change and count it; after `keep_alive` seconds without one only check which sessions are still alive."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.keep_alive):
                await dirty.wait()
        if dirty.is_set():
            await asyncio.sleep(self.pause)
            dirty.clear()
            await self.shared.get(key, read, since=asyncio.get_running_loop().time())
        viewers = set(feed.viewers)
        feed.signed_out = viewers - set(await self.living(viewers))
