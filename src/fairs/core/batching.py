"""Calls that arrive together share a transaction: one batcher per kind of work and subject (an event), one batch at a time.

While a batch is being written the next one fills, so more calls make larger batches: the cost of locking, planning
and syncing to disk is paid once per batch. A single call does not wait for others. Waiting callers use no connection
of the pool, except a large one that is next in line: it may begin while the batch before is written (`Early`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fairs.core.services import Service
from fairs.core.tasks import spawn

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Work = Callable[[int, Sequence[Any]], Awaitable[Sequence[Any]]]


class Early(list[Item]):
    """The items of a large call, which is a batch of its own and may begin while the one before it is written."""

    def begin(self, key: int) -> None:
        """Called once, when the call is the next in line, and returns at once."""
        raise NotImplementedError


@dataclass
class Call:
    """One caller's items and the future for its answers."""

    items: Sequence[Any]
    answer: asyncio.Future[list[Any]]


@dataclass
class Batcher:
    """The queue of one kind of work on one subject. `batch`: items per transaction, unless a single call has more."""

    key: int
    work: Work
    batch: int
    waiting: deque[Call] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None

    def next_batch(self) -> list[Call]:
        """Whole calls, up to `batch` items, at least one call; one that begins early is alone."""
        calls = [self.waiting.popleft()]
        size = len(calls[0].items)
        while (
            self.waiting
            and size + len(self.waiting[0].items) <= self.batch
            and not isinstance(calls[0].items, Early)
            and not isinstance(self.waiting[0].items, Early)
        ):
            calls.append(self.waiting.popleft())
            size += len(calls[-1].items)
        self.begin_next()
        return calls

    def begin_next(self) -> None:
        """The first in line begins, if it can."""
        if self.waiting and isinstance(self.waiting[0].items, Early):
            self.waiting[0].items.begin(self.key)

    async def run(self) -> None:
        """Work until no call waits."""
        while self.waiting:
            await asyncio.sleep(0)  # calls read from their sockets in this event loop round join the batch
            await self.answer(self.next_batch())

    async def answer(self, calls: list[Call]) -> None:
        """Run a batch and answer every caller; a failure is reported to all of them, and they may retry."""
        try:
            together = calls[0].items if len(calls) == 1 else [item for call in calls for item in call.items]
            answers = await self.work(self.key, together)
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


_batchers: Service[dict[tuple[Work, int], Batcher]] = Service(dict)


async def enqueue(
    key: int,
    items: Sequence[Item],
    work: Callable[[int, Sequence[Item]], Awaitable[Sequence[Answer]]],
    *,
    batch: int = 1000,
) -> list[Answer]:
    """Queue items in the batcher of (`work`, `key`) and wait for their answers, one for each, in order.

    `work` gets the items of all waiting callers, in the order of arrival, and opens the transaction.
    """
    loop = asyncio.get_running_loop()
    batchers = _batchers()
    batcher = batchers.get((work, key))
    if batcher is None:
        batcher = batchers[work, key] = Batcher(key, work, batch)
    call = Call(items, loop.create_future())
    batcher.waiting.append(call)
    if batcher.working is None or batcher.working.done():
        batcher.working = spawn(batcher.run(), name="batches")
    elif len(batcher.waiting) == 1:
        batcher.begin_next()
    return await call.answer
