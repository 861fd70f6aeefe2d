"""Pages of reports."""

from typing import Any

HANDLERS: list[Any] = []
