"""What events ask and tell the slices above them when something of theirs changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fairs.events.checklist import Item
from fairs.events.rules import NewHours


@dataclass(frozen=True, slots=True)
class EventMoving:
    """An event may get other hours, another place or capacity. Whoever keeps something of it adds to `found` what would
    lie outside `low` to `high`, and whom it concerns: names and numbers as of `moving.Consequences`, `taken` with any capacity."""

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
class EventChecking:
    """An event is about to be published: whoever needs something of it adds an item to `found`."""

    event_id: int
    slug: str
    kind: str
    found: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EventCloned:
    """Drafts were made from events: `pairs` is old id to new id, everything moves by `days`. Whoever keeps parts of an
    event that are not people copies them; `tables`: the hall of meetings was chosen; `mails`: their texts and rules."""

    pairs: dict[int, int]
    days: int
    tables: bool
    mails: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeReleasing:
    """A programme may be released: some sessions get other hours or another room, some end, others get other seats.

    Whoever keeps something of them adds to `found` (session → `registered`, `waiting`, `taken`), to `clashing` (session,
    registration) whose person has something else at the new hour, and to `totals` (`told`: people who get a mail).
    """

    event_id: int
    moved: Sequence[NewHours]
    ended: Sequence[int]
    others: Sequence[int]
    found: dict[int, Counter[str]] = field(default_factory=dict)
    clashing: set[tuple[int, int]] = field(default_factory=set)
    totals: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class SessionsCancelled:
    """Released sessions have ended before their time; `mark` names the release."""

    event_id: int
    session_ids: Sequence[int]
    mark: str
