"""JSON API of reports."""

from typing import Any

HANDLERS: list[Any] = []
