"""JSON API of checkin."""

from typing import Any

HANDLERS: list[Any] = []
