"""Content of an event's public pages, read in a few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from fairs.events.rows import EventRow, ProgrammeSession
from fairs.units import catalogues


@dataclass(frozen=True)
class Family:
    """The parts of an edition of one family; `key` is empty for those of none."""

    key: str
    parts: Sequence[EventRow]


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


def by_family(parts: Sequence[EventRow]) -> list[Family]:
    """The parts by family in the order of the catalogue, those of none last."""
    known = catalogues.keys("event_families")
    found = [Family(key, [part for part in parts if part.family == key]) for key in known]
    rest = Family("", [part for part in parts if part.family not in known])
    return [family for family in (*found, rest) if family.parts]


def narrowed(parts: Sequence[EventRow], text: str, family: str) -> list[EventRow]:
    """The parts of a family, if one is chosen, whose title in one of the languages has this text."""
    wanted = text.strip().casefold()
    return [
        part
        for part in parts
        if (not family or part.family == family)
        and wanted in f"{part.title_zh}\n{part.title_en}\n{part.unit_name_zh}\n{part.unit_name_en}".casefold()
    ]


def list_of(parts: Sequence[EventRow], asked: Mapping[str, str]) -> dict[str, Any]:
    """What a list of parts shows of what was asked for: the rows, the filters in force, the families with their numbers."""
    family = asked.get("family", "")
    query = {"q": asked.get("q", "")[:100], "family": family if family in catalogues.keys("event_families") else ""}
    return {
        "parts": narrowed(parts, query["q"], query["family"]),
        "query": query,
        "families": [family for family in by_family(parts) if family.key],
        "all_parts": len(parts),
    }
