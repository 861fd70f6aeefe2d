"""JSON API of agreements."""

from typing import Any

HANDLERS: list[Any] = []
