"""Content of an event's public pages, read in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from fairs.events.rows import ProgrammeSession


@dataclass(frozen=True)
class Day:
    """A day of the programme in the event's zone."""

    date: date
    sessions: Sequence[ProgrammeSession]


def by_day(sessions: Sequence[ProgrammeSession], zone: str) -> list[Day]:
    """The programme by the day on which each session starts."""

    def day(session: ProgrammeSession) -> date:
        return session.starts_at.astimezone(ZoneInfo(zone)).date()

    return [Day(found, list(group)) for found, group in groupby(sessions, key=day)]
