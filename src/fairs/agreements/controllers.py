"""Pages of agreements."""

from typing import Any

HANDLERS: list[Any] = []
