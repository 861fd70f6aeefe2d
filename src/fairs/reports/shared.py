"""Numbers shared by all viewers of one scope, counted at most once a second. Nothing here depends on a language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from fairs.accounts.queries import living_sessions
from fairs.core.shared import Shared
from fairs.reports import queries
from fairs.reports.measures import MEASURES, REACHED_BY
from fairs.reports.queries import Scope
from fairs.web.feeds import Feeds

EVERY = 1.0  # seconds
Bars = list[tuple[datetime, int]]


@dataclass(frozen=True)
class Breakdown:
    """Numbers by unit, and the days with entries."""

    by_unit: dict[int | None, dict[str, int]]
    days: list[date]


@dataclass(frozen=True)
class Reached:
    """What counts towards the targets of a year: of everybody, and by unit."""

    whole: dict[str, int]
    by_unit: dict[int | None, dict[str, int]]


NUMBERS: Shared[Mapping[str, Any]] = Shared(EVERY, of="dashboard")
BREAKDOWNS: Shared[Breakdown] = Shared(EVERY, of="breakdown")
BARS: Shared[Bars] = Shared(EVERY, of="entries")
REACHED: Shared[Reached] = Shared(EVERY, of="targets")
FEEDS = Feeds(NUMBERS, living_sessions)


def key_of(scope: Scope) -> tuple[Scope, date]:
    """Everything that numbers depend on: the event, the visible units, the day."""
    return scope, scope.today


async def numbers(scope: Scope) -> Mapping[str, int]:
    """Every measure's number, at most EVERY seconds old."""
    return await NUMBERS.get(key_of(scope), lambda: queries.numbers(scope))


async def breakdown(scope: Scope) -> Breakdown:
    """Numbers by unit and days with entries, at most EVERY seconds old."""

    async def read() -> Breakdown:
        return Breakdown(await queries.by_unit(scope), await queries.entry_days(scope))

    return await BREAKDOWNS.get(key_of(scope), read)


async def bars(scope: Scope, day: date) -> Bars:
    """Entries of a day by time, at most EVERY seconds old."""
    return await BARS.get((*key_of(scope), day), lambda: queries.entries_by_time(scope, day))


async def reached(scope: Scope) -> Reached:
    """What all units have reached of a year's targets, at most EVERY seconds old. The viewer's units do not matter."""
    everybody = replace(scope, units=None)
    keys = tuple(REACHED_BY.values())

    async def read() -> Reached:
        whole = {key: await queries.number(everybody, MEASURES[key]) for key in keys}
        return Reached(whole, await queries.by_unit(everybody, keys))

    return await REACHED.get(key_of(everybody), read)
