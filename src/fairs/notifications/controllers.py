"""Pages of notifications."""

from typing import Any

HANDLERS: list[Any] = []
