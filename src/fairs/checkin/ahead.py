"""Large calls are read while the batch before them is stored: reading and storing then use two cores.

What was read is as of a turn of the event. It is used if this process alone has stored since, and nothing of what it stored
concerns the people or the ids of the call: then the present state is the same, with a later turn. Whether others have stored
meanwhile is told by the turn when the call is stored, as for every batch.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg
import msgspec

from fairs.checkin import queries
from fairs.checkin.rules import Scan, ScanContext
from fairs.core import db
from fairs.core.batching import Early
from fairs.core.services import Service
from fairs.core.tasks import spawn

LARGE = 200  # scans: below it the read is short, and small calls are better off in a batch together
FRESH = 0.5  # seconds: what else the read holds, as states and revocations, is as of its moment
KEPT = 4  # batches
Found = tuple[int, list[ScanContext]]


class Stored(msgspec.Struct, frozen=True, gc=False):
    """What a batch of this process has changed, with the turn that it made."""

    turn: int
    people: frozenset[int | None]
    ids: frozenset[UUID | None]


_stored: Service[dict[int, deque[Stored]]] = Service(dict)


def remember(event_id: int, turn: int, scans: Iterable[Scan], found: Iterable[ScanContext]) -> None:
    """A batch was stored for good, and made this turn."""
    people = frozenset(item.registration for item in found)
    batches = _stored().setdefault(event_id, deque(maxlen=KEPT))
    batches.append(Stored(turn, people, frozenset(scan.uuid for scan in scans)))


class LargeCall(Early[Scan]):
    """The scans of one call, and their state once it is read."""

    reading: "asyncio.Task[Found] | None" = None
    since = 0.0

    def begin(self, key: int) -> None:
        """Read the state of the scans of event `key`."""
        self.since = time.monotonic()
        self.reading = spawn(queries.state_of(key, self), name="scans", logged=False)

    async def state(self, event_id: int) -> Found | None:
        """The state if it was read ahead and still holds, with the present turn; given out once."""
        reading, self.reading = self.reading, None
        if reading is None:
            return None
        try:
            turn, found = await reading
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return None  # read again, which says what is wrong
        if time.monotonic() - self.since > FRESH:
            return None
        present = _present_turn(event_id, turn, self, found)
        return None if present is None else (present, found)


def _present_turn(event_id: int, turn: int, scans: Sequence[Scan], found: Sequence[ScanContext]) -> int | None:
    """The turn after this process's batches since `turn`; None if one of them concerns the scans, or is not known."""
    since = [batch for batch in _stored().get(event_id, ()) if batch.turn > turn]
    if [batch.turn for batch in since] != list(range(turn + 1, turn + 1 + len(since))):
        return None
    people = {item.registration for item in found} - {None}
    ids = {scan.uuid for scan in scans} - {None}
    if any(people & batch.people or ids & batch.ids for batch in since):
        return None
    return turn + len(since)


async def state_of(event_id: int, scans: Sequence[Scan]) -> Found:
    """The event's turn and the context of each scan, read ahead or now; always now while the turn is held."""
    ready = await scans.state(event_id) if isinstance(scans, LargeCall) and not db.in_transaction() else None
    return await queries.state_of(event_id, scans) if ready is None else ready
