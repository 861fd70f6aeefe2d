"""Scans that arrive together share a transaction: one lane an event, one batch at a time in it.

While a batch is being written the next one fills, so that the busier the gates, the larger the batches: the cost of
locking, planning and syncing to disk is paid once for all of them. A lone scan waits for nobody.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from fairs.checkin.rules import Result, Scan

BATCH = 1000  # scans in a transaction, unless a single call brings more
Settle = Callable[[int, Sequence[Scan]], Awaitable[list[Result]]]


@dataclass
class Call:
    """One caller's scans and where its answer goes."""

    scans: Sequence[Scan]
    answer: asyncio.Future[list[Result]]


@dataclass
class Lane:
    """The queue of an event. `working` while a task empties it."""

    event_id: int
    settle: Settle
    waiting: deque[Call] = field(default_factory=deque)
    working: asyncio.Task[None] | None = None

    def next_batch(self) -> list[Call]:
        """Whole calls, up to BATCH scans, at least one."""
        calls = [self.waiting.popleft()]
        size = len(calls[0].scans)
        while self.waiting and size + len(self.waiting[0].scans) <= BATCH:
            calls.append(self.waiting.popleft())
            size += len(calls[-1].scans)
        return calls

    async def work(self) -> None:
        """Empty the lane."""
        while self.waiting:
            await asyncio.sleep(0)  # calls that were read from their sockets in this very round join
            await self.answer(self.next_batch())

    async def answer(self, calls: list[Call]) -> None:
        """Settle a batch and tell every caller; a failure is told to all, and they may send again."""
        try:
            results = await self.settle(self.event_id, [scan for call in calls for scan in call.scans])
        except Exception as error:
            for call in calls:
                if not call.answer.done():
                    call.answer.set_exception(error)
            return
        start = 0
        for call in calls:
            end = start + len(call.scans)
            if not call.answer.done():
                call.answer.set_result(results[start:end])
            start = end


_lanes: dict[int, Lane] = {}


async def submit(event_id: int, scans: Sequence[Scan], settle: Settle) -> list[Result]:
    """Queue scans in their event's lane and wait for their answers."""
    loop = asyncio.get_running_loop()
    lane = _lanes.get(event_id)
    if lane is None:
        lane = _lanes[event_id] = Lane(event_id, settle)
    call = Call(scans, loop.create_future())
    lane.waiting.append(call)
    if lane.working is None or lane.working.done():
        # An empty context: the caller's transaction and language are not the batch's.
        lane.working = loop.create_task(lane.work(), context=contextvars.Context())
    return await call.answer
