"""JSON API of listings."""

from typing import Any

HANDLERS: list[Any] = []
