"""JSON API of registrations."""

from typing import Any

HANDLERS: list[Any] = []
