"""What statements about pools return."""

from datetime import datetime

from fairs.core.rows import Row


class PoolRow(Row, frozen=True):
    """A pool with its counts. `taken`: places of people; `held`: kept by codes; `waiting`: in the waiting list and counted in this pool."""

    id: int
    event: int
    name_zh: str
    name_en: str
    capacity: int
    waits: bool
    categories: list[str]
    session_ids: list[int]
    sessions: list[str]
    titles_zh: list[str]
    titles_en: list[str]
    updated_at: datetime
    taken: int
    held: int
    waiting: int


class PoolTaken(Row, frozen=True):
    """A pool as places are given from it."""

    id: int
    name_zh: str
    name_en: str
    capacity: int
    waits: bool
    categories: list[str]
    sessions: list[int]
    taken: int


class EventPlaces(Row, frozen=True):
    """Places of an event: `taken` by people and `held` by codes, whatever its limit."""

    taken: int
    held: int
    waiting: int
