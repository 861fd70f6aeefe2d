"""Periodic jobs: what runs by the clock, and when. The times are those of the installation's zone (FAIRS_TIMEZONE).

A slice marks a coroutine with `@periodic("name", Daily(time(8, 30)), …)`, and `fairs.wiring` installs it. `fairs.upkeep` runs it:
once for each moment among all workers, and once after any number of missed moments. It returns a count of what it did, and must
be safe to run twice.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from croniter import croniter

from fairs.core.i18n import gettext, known_zone
from fairs.core.services import SETTINGS, Service

Work = Callable[[], Awaitable[int]]
_MARK = "periodic_job"  # the attribute of a coroutine that stores its Periodic
_known: Service[dict[str, "Periodic"]] = Service(dict)  # by name, in the order of installation


class When(Protocol):
    """The moments of a periodic job: an expression of cron, and the same in words."""

    @property
    def cron(self) -> str: ...

    def words(self) -> str:
        """In the current language."""


@dataclass(frozen=True)
class Daily:
    """Every day at a local time."""

    at: time

    @property
    def cron(self) -> str:
        return f"{self.at.minute} {self.at.hour} * * *"

    def words(self) -> str:
        return gettext("Every day at %(time)s", time=f"{self.at:%H:%M}")


@dataclass(frozen=True)
class Monthly:
    """Every month on a day (1 to 28) at a local time."""

    day: int
    at: time

    @property
    def cron(self) -> str:
        return f"{self.at.minute} {self.at.hour} {self.day} * *"

    def words(self) -> str:
        return gettext("Every month on day %(day)s at %(time)s", day=self.day, time=f"{self.at:%H:%M}")


@dataclass(frozen=True)
class Every:
    """Every so many minutes, counted from the full hour; a divisor of 60."""

    minutes: int

    @property
    def cron(self) -> str:
        return f"*/{self.minutes} * * * *"

    def words(self) -> str:
        return gettext("Every %(minutes)s minutes", minutes=self.minutes)


@dataclass(frozen=True)
class Periodic:
    """A periodic job: its names for people, `counts` names what it returns, `question` is asked before it is run by hand."""

    name: str
    when: When
    title: object
    does: object
    counts: object
    work: Work
    question: object = ""

    def due(self, now: datetime) -> datetime:
        """The last moment at which it should have begun, at or before `now`."""
        return _moment(self.when.cron, now + timedelta(microseconds=1), forward=False)

    def next(self, now: datetime) -> datetime:
        """The first moment after `now`."""
        return _moment(self.when.cron, now, forward=True)


def _moment(cron: str, start: datetime, *, forward: bool) -> datetime:
    times = croniter(cron, start.astimezone(zone()))
    found: datetime = times.get_next(datetime) if forward else times.get_prev(datetime)
    return found.astimezone(UTC)


def zone() -> ZoneInfo:
    """The installation's zone."""
    return ZoneInfo(known_zone(SETTINGS().timezone))


def periodic(
    name: str, when: When, *, title: object, does: object, counts: object, question: object = ""
) -> Callable[[Work], Work]:
    """Mark the coroutine of a periodic job. It takes effect where it is installed: see `fairs.wiring`."""

    def mark(work: Work) -> Work:
        setattr(work, _MARK, Periodic(name, when, title, does, counts, work, question))
        return work

    return mark


def install(works: Iterable[Work]) -> None:
    """Register the marked coroutines in this application. Raises ValueError for two of one name."""
    known = _known()
    for work in works:
        one: Periodic = getattr(work, _MARK)
        if known.setdefault(one.name, one).work is not work:
            raise ValueError(f"two periodic jobs called {one.name}")


def known() -> list[Periodic]:
    """All periodic jobs of this application."""
    return list(_known().values())


def find(name: str) -> Periodic | None:
    """A periodic job by name; None when this version has none of that name."""
    return _known().get(name)
