"""What events ask the slices above them before something of theirs changes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from fairs.events.checklist import Item


@dataclass(frozen=True, slots=True)
class EventMoving:
    """An event may get other hours, another place or capacity. Whoever keeps something of it adds to `found` what would
    lie outside `low` to `high`, and whom it concerns: names and numbers as of `moving.Consequences`."""

    event_id: int
    low: datetime
    high: datetime
    found: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class EventHolding:
    """What hangs on an event: whoever keeps something of it adds to `found`, by the names of `life.Holdings`."""

    event_id: int
    found: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class EventCancelled:
    """An event does not take place, in the transaction that says so: whoever keeps people of it queues their mails."""

    event_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class SessionMoving:
    """A session may get other hours, another room or capacity: as `EventMoving`. `clashing`: the registrations whose people
    have something else between `starts_at` and `ends_at`."""

    session_id: int
    starts_at: datetime
    ends_at: datetime
    found: Counter[str] = field(default_factory=Counter)
    clashing: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class EventChecking:
    """An event is about to be published: whoever needs something of it adds an item to `found`."""

    event_id: int
    slug: str
    kind: str
    found: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventCloned:
    """Drafts were made from events: `pairs` is old id to new id, everything moves by `days`. Whoever keeps parts of an
    event that are not people copies them; `tables`: the hall of meetings was chosen."""

    pairs: dict[int, int]
    days: int
    tables: bool
