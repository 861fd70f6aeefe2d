"""Pages of events."""

from typing import Any

HANDLERS: list[Any] = []
