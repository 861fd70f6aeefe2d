"""What statements about tables given to employers return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.meetings.tables import TableRequestState, TableRuleKind


class RuleRow(Row, frozen=True):
    """The rule of an event."""

    kind: TableRuleKind
    each: int


class WithoutTable(Row, frozen=True):
    """An employer of an event without a table of its own; `state` of its request, if it asked for one."""

    id: int
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    listings: int
    mutual: int
    state: TableRequestState | None
    note: str | None
    asked_at: datetime | None


class OwnTables(Row, frozen=True):
    """An employer's tables at an event, and its request. `approved`, `listings`: what an own table presupposes."""

    id: int
    name_zh: str
    name_en: str
    approved: bool
    listings: int
    numbers: list[int]
    state: TableRequestState | None
    answer: str | None
