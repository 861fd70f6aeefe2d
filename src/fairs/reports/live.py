"""Live numbers: an open page hears of a change, and gets the numbers that changed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg

from fairs.core import clock, db
from fairs.web import sse

PAUSE = 0.3  # seconds between a change and the count: a burst of scans is counted once
Read = Callable[[], Awaitable[dict[str, int]]]
Alive = Callable[[], Awaitable[bool]]


async def _listen(topic: str, dirty: asyncio.Event) -> None:
    async with contextlib.aclosing(sse.HUB.subscribe(topic)) as messages:  # type: ignore[type-var]
        async for message in messages:
            if message is not None:
                dirty.set()


async def stream(
    topic: str, read: Read, alive: Alive, *, pause: float = PAUSE, keep_alive: float = sse.KEEP_ALIVE
) -> AsyncIterator[bytes]:
    """All numbers at once, then those that change, and a comment when there is nothing to say for `keep_alive` seconds.

    Ends when `alive` says that the session is over, or when the database is lost: the browser then comes again.
    """
    dirty = asyncio.Event()
    listener = asyncio.create_task(_listen(topic, dirty))
    await asyncio.sleep(0)  # the listener is subscribed before the first count, so that nothing falls between
    shown: dict[str, int] = {}
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


async def session_lives(session_id: int | None, account_id: int | None) -> bool:
    """Whether a signed-in browser is still that: signing out anywhere ends its streams."""
    return bool(
        await db.fetchval(
            "SELECT EXISTS (SELECT 1 FROM sign_in_session s JOIN account a ON a.id = s.account AND a.active"
            " WHERE s.id = $1 AND s.account = $2 AND s.expires_at > $3)",
            session_id,
            account_id,
            clock.now(),
        )
    )
