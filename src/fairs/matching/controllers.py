"""Pages of matching."""

from typing import Any

HANDLERS: list[Any] = []
