"""What statements about batches return."""

from datetime import datetime
from uuid import UUID

from fairs.badges.rows import PrintedBadge
from fairs.badges.tables import BatchOrder, BatchState, Chosen, PrintWay
from fairs.core.rows import Row


class BatchRow(Row, frozen=True):
    """A batch. `silent`: its worker has not been heard of for some seconds."""

    id: int
    event: int
    state: BatchState
    category: str
    unit_zh: str | None
    unit_en: str | None
    session_zh: str | None
    session_en: str | None
    selection: int | None
    chosen: Chosen
    ordered: BatchOrder
    asked_at: datetime
    asked_name: str | None
    ended_at: datetime | None
    total: int
    done: int
    file: UUID | None
    error: str
    silent: bool


class Claimed(Row, frozen=True):
    """A batch that this worker has begun."""

    event: int
    category: str
    unit: int | None
    session: int | None
    selection: int | None
    chosen: Chosen
    ordered: BatchOrder
    asked_by: int | None
    attempt: int


class BatchBadge(PrintedBadge, frozen=True):
    """A badge of a batch, with what orders it."""

    unit_code: str
    photo: str | None


class PrintRow(Row, frozen=True):
    """An entry of the print log."""

    at: datetime
    way: PrintWay
    number: str
    name: str
    printed_name: str | None
    printer: str | None
    revoked: bool
    times: int
