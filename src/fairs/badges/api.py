"""JSON of badges: the code is part of a registration's answer (`badges.queries.badge_details`)."""

from typing import Any

HANDLERS: list[Any] = []
