"""Live numbers and words: an open page is notified of a change, and gets only what changed."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

import asyncpg

from fairs.core import pubsub
from fairs.core.tasks import spawn
from fairs.web import sse

PAUSE = 0.3  # seconds between a change and the count: a burst of scans is counted once
Read = Callable[[], Awaitable[Mapping[str, object]]]
Alive = Callable[[], Awaitable[bool]]


async def listen(topic: str, dirty: asyncio.Event) -> None:
    """Set `dirty` at each message of a topic, until cancelled."""
    async with contextlib.aclosing(pubsub.HUB().subscribe(topic)) as messages:
        async for message in messages:
            if message is not None:
                dirty.set()


async def stream(
    topic: str, read: Read, alive: Alive, *, pause: float = PAUSE, keep_alive: float = pubsub.KEEP_ALIVE
) -> AsyncGenerator[bytes, None]:
    """Sends everything first, then changes, and a comment when nothing changed for `keep_alive` seconds.

    Ends when `alive` returns that the session is over, or when the database is lost: the browser then reconnects.
    """
    dirty = asyncio.Event()
    listener = spawn(listen(topic, dirty), name=f"listener of {topic}")
    await asyncio.sleep(0)  # the listener is subscribed before the first count, so that no change is missed
    shown: Mapping[str, object] = {}
    try:
        while await alive():
            dirty.clear()
            numbers = await read()
            changed = {key: value for key, value in numbers.items() if shown.get(key) != value}
            shown = numbers
            yield sse.event("numbers", changed) if changed else sse.COMMENT
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(keep_alive):
                    await dirty.wait()
                await asyncio.sleep(pause)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
