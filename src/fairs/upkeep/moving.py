"""The demo's clock is moved while it runs: for all processes at once, and again at their next start."""

from datetime import datetime, timedelta
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, pubsub
from fairs.core.errors import NotFound
from fairs.core.rows import execute, fetch_value_or_none
from fairs.core.services import SETTINGS
from fairs.upkeep.services import TOPIC


async def load() -> None:
    """Take over how far the demo's clock was moved. Elsewhere the clock is never moved."""
    if SETTINGS().demo:
        seconds = await fetch_value_or_none(int, "SELECT seconds FROM moved_clock")
        clock.move_by(timedelta(seconds=seconds or 0))


def follow(message: dict[str, Any]) -> None:
    """Take over a move from a notification of TOPIC."""
    if SETTINGS().demo and "seconds" in message:
        clock.move_by(timedelta(seconds=int(message["seconds"])))


async def move_to(moment: datetime | None, *, by: Actor) -> None:
    """Move the demo's clock to a moment, or back to the real time (None). Raises NotFound outside the demo.

    Jobs that wait for a moment follow. Jobs by the clock that were run for a later moment are not run again.
    """
    if not SETTINGS().demo:
        raise NotFound
    before, now = clock.moved(), clock.now()
    offset = before + (moment - now) if moment else timedelta(0)
    seconds = round(offset.total_seconds())
    async with db.transaction_or_join():
        await execute(
            "INSERT INTO moved_clock (id, seconds) VALUES (1, :seconds)"
            " ON CONFLICT (id) DO UPDATE SET seconds = excluded.seconds",
            seconds=seconds,
        )
        step = timedelta(seconds=seconds) - before
        await execute("UPDATE periodic_job SET since = least(since, :then)", then=now + step)
        await jobs.bring_forward(step)
        after = {"from": now.isoformat(timespec="seconds"), "to": (now + step).isoformat(timespec="seconds")}
        await record("clock.move", "clock", 1, by=by, after=after)
        await pubsub.publish(TOPIC, {"seconds": seconds})
    clock.move_by(timedelta(seconds=seconds))
