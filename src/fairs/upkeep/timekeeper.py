"""Beside each worker: begins periodic jobs at their moments.

It sleeps until the next moment of any job, and wakes earlier when the clock was moved or a run has ended. Every WATCH seconds it
looks again: the machine may have slept, and a notification may have been lost with its connection.
"""

import asyncio
from typing import Any

import structlog

from fairs.core import clock, schedule
from fairs.core.pubsub import HUB
from fairs.core.services import Service
from fairs.core.steady import LONGEST_PAUSE, Pauses
from fairs.core.tasks import spawn
from fairs.upkeep import moving, services

WATCH = 60.0
log = structlog.get_logger("upkeep")


class Wake:
    """Wakes the timekeepers of this process."""

    def __init__(self) -> None:
        self.events: set[asyncio.Event] = set()

    def __call__(self, message: dict[str, Any]) -> None:
        """For a notification of `services.TOPIC`."""
        moving.follow(message)
        for event in self.events:
            event.set()


WAKE = Service(Wake)


async def follow_clock() -> None:
    """Let this process follow moves of the demo's clock from now on."""
    HUB().on(services.TOPIC, WAKE())
    await moving.load()


async def keep_time(stop: asyncio.Event) -> None:
    """Begin periodic jobs until `stop` is set; nothing else ends it."""
    pauses, woken = Pauses(longest=LONGEST_PAUSE), asyncio.Event()
    WAKE().events.add(woken)
    try:
        while not stop.is_set():
            woken.clear()
            try:
                await moving.load()
                begun = await services.begin_due()
            except Exception as error:
                log.warning("timekeeper_failed", error=repr(error))
                await pauses.wait(stop)
                continue
            pauses = Pauses(longest=LONGEST_PAUSE)
            if begun:
                log.info("periodic_jobs_begun", jobs=begun)
            await _first_of(stop, woken, seconds_to_next())
    finally:
        WAKE().events.discard(woken)


def seconds_to_next() -> float:
    """Seconds until the next moment of any job; at most WATCH."""
    now = clock.now()
    coming = [(one.next(now) - now).total_seconds() for one in schedule.known()]
    return min([WATCH, *coming])


async def _first_of(stop: asyncio.Event, woken: asyncio.Event, seconds: float) -> None:
    waits = [spawn(event.wait(), name="timekeeper", logged=False) for event in (stop, woken)]
    try:
        await asyncio.wait(waits, timeout=max(seconds, 0.001), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
