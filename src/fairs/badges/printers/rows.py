"""What statements about printers return."""

from datetime import datetime

from fairs.badges.states import PrintState
from fairs.core.rows import Row


class Printer(Row, frozen=True):
    """A printer of an event's desks. `silent`: its agent has not called for some seconds, or never; `waiting`: badges under way."""

    id: int
    event: int
    name: str
    token: int
    version: str
    address: str
    reason: str
    seen_at: datetime | None
    created_at: datetime
    ended: bool
    silent: bool
    waiting: int


class Job(Row, frozen=True):
    """A badge sent to a printer, for the desk."""

    id: int
    number: str
    name: str
    printer: int
    printer_name: str
    state: PrintState
    reason: str
    asked_at: datetime
    ended_at: datetime | None
    asked_name: str | None


class OwnPrinter(Row, frozen=True):
    """The printer of an agent's token; `taken`: another agent has called within the last seconds."""

    id: int
    event: int
    taken: bool


class OwnJob(Row, frozen=True):
    """A job as its agent sees it."""

    id: int
    badge: int
    state: PrintState
    agent: str
    reason: str
    asked_by: int | None
