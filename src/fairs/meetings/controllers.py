"""Pages of meetings."""

from typing import Any

HANDLERS: list[Any] = []
