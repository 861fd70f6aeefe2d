"""How long a coach drives between the reporting units: data with its source, in hours."""

import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

import msgspec


class _Meta(msgspec.Struct):
    kmh: float
    start_minutes: float


class _Table(msgspec.Struct):
    meta: _Meta
    km: dict[str, dict[str, float]]


@lru_cache(1)
def _table() -> _Table:
    return msgspec.json.decode((files("fairs.tours") / "data" / "distances.json").read_bytes(), type=_Table)


def kilometres(one: str, other: str) -> float:
    """By road between two units; 0 within one, and where a code is unknown."""
    known = _table().km
    return known.get(one, {}).get(other, known.get(other, {}).get(one, 0.0))


def drive_hours(one: str, other: str) -> float:
    """Hours of driving in quarters, with the time to board; 0 within a unit."""
    far = kilometres(one, other)
    if not far:
        return 0.0
    meta = _table().meta
    return math.ceil((far / meta.kmh + meta.start_minutes / 60) * 4) / 4


def hours_between(codes: list[str]) -> Mapping[str, Mapping[str, float]]:
    """The planner's table for these units."""
    return {one: {other: drive_hours(one, other) for other in codes if other != one} for one in codes}
