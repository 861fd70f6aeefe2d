"""States that the print agent shares with the server; nothing heavy, so that the agent starts at once."""

from enum import StrEnum


class PrintState(StrEnum):
    """Of a badge for a desk's printer: waiting and printing are under way, the others have ended."""

    WAITING = "waiting"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"
    CANCELLED = "cancelled"
