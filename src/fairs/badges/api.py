"""JSON API of badges."""

from typing import Any

HANDLERS: list[Any] = []
