"""Pages of organisations."""

from typing import Any

HANDLERS: list[Any] = []
