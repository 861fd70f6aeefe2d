"""What the steps of the builder share: the content, the keys made so far, the moment it is on stage."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock
from fairs.demo.content import DemoEdition

Progress = Callable[[str, int, int], None]


@dataclass
class Stage:
    """`shift` moves every date of the edition; `rng` is the only source of chance."""

    content: DemoEdition
    rng: random.Random
    shift: timedelta
    progress: Progress
    organiser: Actor = SYSTEM
    events: dict[str, int] = field(default_factory=dict)
    gates: dict[str, int] = field(default_factory=dict)
    bureaus: dict[str, Actor] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    employers: dict[str, Actor] = field(default_factory=dict)
    listings: dict[str, int] = field(default_factory=dict)
    candidates: dict[str, Actor] = field(default_factory=dict)
    talents: dict[str, int] = field(default_factory=dict)
    held: list[Any] = field(default_factory=list)  # talks.Held, in the order of time

    def moment(self, when: datetime) -> datetime:
        """A moment of the content, moved."""
        return when + self.shift

    def day(self, when: date) -> date:
        """A day of the content, moved by whole days."""
        return when + timedelta(days=self.shift.days)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the product's clock show a moment of the past while something is done."""
    clock.start_from(moment.astimezone(UTC).isoformat())
    try:
        yield
    finally:
        clock.start_from("")
