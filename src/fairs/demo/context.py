"""State shared by the builder's steps: the content, the keys created so far, the simulated time."""

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
class DemoContext:
    """`shift` moves every date of the edition, `now` is the moment up to which it has happened; `rng` is the only
    source of randomness."""

    content: DemoEdition
    rng: random.Random
    shift: timedelta
    now: datetime
    progress: Progress
    admin: Actor = SYSTEM
    organiser: Actor = SYSTEM
    events: dict[str, int] = field(default_factory=dict)
    gates: dict[str, int] = field(default_factory=dict)
    bureaus: dict[str, Actor] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    employers: dict[str, Actor] = field(default_factory=dict)
    listings: dict[str, int] = field(default_factory=dict)
    candidates: dict[str, Actor] = field(default_factory=dict)
    talents: dict[str, int] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)  # of candidates, by key
    held: list[Any] = field(default_factory=list)  # meetings.Held, in order of time

    def moment(self, when: datetime) -> datetime:
        """A moment of the content, shifted."""
        return when + self.shift

    def day(self, when: date) -> date:
        """A day of the content, shifted by whole days."""
        return when + timedelta(days=self.shift.days)

    def past(self, moment: datetime) -> bool:
        """Whether this moment of the shifted edition is before `now`; later ones have not happened."""
        return moment <= self.now

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Set the product's clock to a moment of the shifted edition inside the block; `now` at the latest."""
        clock.start_from(min(moment, self.now).astimezone(UTC).isoformat())
        try:
            yield
        finally:
            clock.start_from("")
