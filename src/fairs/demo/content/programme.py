"""The conference, its programme and the tour, read from ``data/programme.toml``."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fairs.demo.content.fragments import read
from fairs.demo.content.model import Employer, EventFacts, Room, Session, Stop

ZONE = "Asia/Shanghai"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def event(name: str) -> EventFacts:
    """The ``conference`` or the ``tour``."""
    return _event(read("programme")[name])


def parts() -> tuple[EventFacts, ...]:
    """The other parts of the conference: sessions of cities and industries, talks online."""
    return tuple(_event(row) for row in read("programme")["parts"])


def _event(row: Mapping[str, Any]) -> EventFacts:
    facts: dict[str, Any] = dict(row)
    starts, ends = _time(facts.pop("starts")), _time(facts.pop("ends"))
    return EventFacts(**facts, starts_at=starts, ends_at=ends, timezone=ZONE)


def rooms() -> tuple[Room, ...]:
    return tuple(Room(**row) for row in read("programme")["rooms"])


def sessions() -> tuple[Session, ...]:
    capacity = {room.code: room.capacity for room in rooms()}
    return tuple(_session(row, capacity) for row in read("programme")["sessions"])


def _session(row: Mapping[str, Any], capacity: Mapping[str, int]) -> Session:
    return Session(
        code=row["code"],
        kind=row["kind"],
        room=row["room"],
        unit=row.get("unit"),
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        starts_at=_time(row["start"]),
        ends_at=_time(row["end"]),
        sign_up=row["sign_up"],
        capacity=capacity[row["room"]],
    )


def stops(employers: Sequence[Employer]) -> tuple[Stop, ...]:
    """The days of the tour, each with up to three employers of its city."""
    rows = read("programme")["stops"]
    return tuple(
        Stop(
            position=number,
            employers=tuple(item.key for item in employers if item.unit == row["unit"])[:3],
            **{**row, "day": date.fromisoformat(row["day"])},
        )
        for number, row in enumerate(rows, 1)
    )
