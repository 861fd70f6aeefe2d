"""Months are frozen by the clock some days after their end. The day is data: `units/data/snapshots.json`."""

from datetime import date, datetime, time

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, db, locks, schedule
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.rows import fetch_as
from fairs.core.schedule import Monthly, periodic
from fairs.events.rules import RUNNING
from fairs.events.tables import EventState
from fairs.reports.snapshots import queries, rules, services
from fairs.reports.snapshots.rows import CountedEvent
from fairs.units import catalogues

UNFINISHED = "定时任务：此前冻结时该月尚未结束。 By the clock: the month was not over when it was frozen before."
"""The reason of a correction; a stored text, so it is in both languages."""
_EVENTS = "SELECT id, timezone, least(created_at, starts_at) AS since FROM event WHERE state = ANY(:states) ORDER BY id"


@periodic(
    "months-freeze",
    Monthly(catalogues.freeze_plan().day, time(3, 40)),
    title=N_("Frozen months"),
    does=N_(
        "Freezes the month that is over for each event from its publication to its archive, and earlier ones that were missed."
    ),
    counts=N_("Months"),
)
async def freeze_months() -> int:
    """The number of months that were frozen; each in its own transaction, the oldest first."""
    found = await fetch_as(CountedEvent, _EVENTS, states=[state.value for state in (*RUNNING, EventState.FOLLOW_UP)])
    now = clock.now()
    return sum([await _freeze(event.id, month) for event in found for month in due(event, now)])


def due(event: CountedEvent, now: datetime) -> list[date]:
    """The months of an event that should be frozen by now, the oldest first."""
    plan = catalogues.freeze_plan()
    today = now.astimezone(schedule.zone()).date()
    running = today.replace(day=1)
    over = [
        month
        for month in rules.months_between(event.since, now, event.timezone)
        if rules.bounds(month, event.timezone)[1] <= now
        and (rules.next_month(month) < running or today.day >= plan.day)
    ]
    return sorted(over[: plan.months_back])


async def _freeze(event_id: int, month: date) -> bool:
    """Whether the month was frozen now: not when it is already, unless that was before its end."""
    async with db.DB.transaction():
        await locks.hold(Lock.SNAPSHOT, event_id)
        complete = await queries.completeness(event_id, month)
        if complete:
            return False
        try:
            await services.freeze_month(event_id, month, by=SYSTEM, reason="" if complete is None else UNFINISHED)
        except Conflict:  # it has become a draft meanwhile
            return False
    return True
