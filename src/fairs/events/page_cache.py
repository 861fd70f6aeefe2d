"""Content of public pages, cached for about a second: many viewers of a page cost the database one read.

Cached in this process only: no page is older than that, and processes need not agree. After this process commits a
change of an event, its next page shows it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

from fairs.core import i18n
from fairs.core.services import Service
from fairs.core.tasks import spawn

SECONDS = 1.5
MAX_ENTRIES = 400
_kept: Service[dict[Hashable, tuple[float, Any]]] = Service(dict)
_running: Service[dict[Hashable, asyncio.Task[Any]]] = Service(dict)


def forget() -> None:
    """Clear the cache."""
    _kept().clear()
    _running().clear()


async def fresh(asked: Hashable, compute: Callable[[], Awaitable[Any]]) -> Any:
    """The value for key `asked` in the viewer's language, at most SECONDS old. `compute` must use no other viewer data.

    Concurrent callers wait for one computation; errors are not cached.
    """
    lang = i18n.current_lang()
    key = (asked, lang)
    found = _kept().get(key)
    if found and found[0] > time.monotonic():
        return found[1]
    running = _running()
    task = running.get(key)
    if task is None:
        task = spawn(_compute(key, compute, lang), name="cached page", logged=False)
        running[key] = task
        task.add_done_callback(lambda done: running.pop(key, None) if running.get(key) is done else None)
    return await asyncio.shield(task)


async def _compute(key: Hashable, compute: Callable[[], Awaitable[Any]], lang: str) -> Any:
    i18n.set_lang(lang)
    begun = asyncio.current_task()
    value = await compute()
    if _running().get(key) is begun:  # not cleared meanwhile
        kept = _kept()
        if len(kept) >= MAX_ENTRIES:
            kept.clear()
        kept[key] = (time.monotonic() + SECONDS, value)
    return value
