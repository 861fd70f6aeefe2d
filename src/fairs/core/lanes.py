"""Calls that arrive together share a transaction: one lane for a kind of work on an event, one batch at a time in it.

While a batch is being written the next one fills, so that the more come, the larger the batches: the cost of locking,
planning and syncing to disk is paid once for all of them. A lone call waits for nobody. Those who wait hold no
connection of the pool.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fairs.core import processes
from fairs.core.tasks import spawn

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Settle = Callable[[int, Sequence[Any]], Awaitable[Sequence[Any]]]


@dataclass
class Call:
    """One caller's items and where its answers go."""

    items: Sequence[Any]
    answer: asyncio.Future[list[Any]]


@dataclass
class Lane:
    """The queue of one kind of work on one thing. `batch`: items in a transaction, unless a single call brings more."""

    key: int
    settle: Settle
    batch: int
    waiting: deque[Call] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None

    def next_batch(self) -> list[Call]:
        """Whole calls, up to `batch` items, at least one."""
        calls = [self.waiting.popleft()]
        size = len(calls[0].items)
        while self.waiting and size + len(self.waiting[0].items) <= self.batch:
            calls.append(self.waiting.popleft())
            size += len(calls[-1].items)
        return calls

    async def work(self) -> None:
        """Empty the lane."""
        while self.waiting:
            await asyncio.sleep(0)  # calls that were read from their sockets in this very round join
            await self.answer(self.next_batch())

    async def answer(self, calls: list[Call]) -> None:
        """Settle a batch and tell every caller; a failure is told to all, and they may send again."""
        try:
            answers = await self.settle(self.key, [item for call in calls for item in call.items])
        except Exception as error:
            for call in calls:
                if not call.answer.done():
                    call.answer.set_exception(error)
            return
        start = 0
        for call in calls:
            end = start + len(call.items)
            if not call.answer.done():
                call.answer.set_result(list(answers[start:end]))
            start = end


_lanes: dict[tuple[Settle, int], Lane] = {}
processes.in_child(_lanes.clear)


async def submit(
    key: int,
    items: Sequence[Item],
    settle: Callable[[int, Sequence[Item]], Awaitable[Sequence[Answer]]],
    *,
    batch: int = 1000,
) -> list[Answer]:
    """Queue items in the lane of (`settle`, `key`) and wait for their answers, one for each, in order.

    `settle` gets the items of everybody who waits, in the order of arrival, and opens the transaction.
    """
    loop = asyncio.get_running_loop()
    lane = _lanes.get((settle, key))
    if lane is None:
        lane = _lanes[settle, key] = Lane(key, settle, batch)
    call = Call(items, loop.create_future())
    lane.waiting.append(call)
    if lane.working is None or lane.working.done():
        lane.working = spawn(lane.work(), name="batches")
    return await call.answer
