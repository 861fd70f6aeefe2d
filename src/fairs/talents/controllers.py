"""Pages of talents."""

from typing import Any

HANDLERS: list[Any] = []
