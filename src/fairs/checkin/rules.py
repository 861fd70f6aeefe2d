"""What a scan means: decided in order, from what was read together with the event's turn. No database here."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from fairs.checkin.tables import Direction, Outcome, Reason

# Read once: looking a member up in its enumeration costs more than comparing with it, and this runs for each scan.
IN, OUT = Direction.IN, Direction.OUT
ADMITTED, ALREADY, REFUSED = Outcome.ADMITTED, Outcome.ALREADY, Outcome.REFUSED


class Scan(msgspec.Struct, gc=False):
    """One reading as sent. `text_id` is the id as the device wrote it; `uuid` None cannot be stored.

    `uid` and `token` are what the code's text claims to be (None: it is no code of ours).
    """

    text_id: str | None
    uuid: UUID | None
    gate: str
    code: str
    scanned_at: datetime
    direction: str
    offline: bool
    device_id: int
    uid: bytes | None = None
    token: str = ""
    number: str = ""  # instead of a code: the registration's number, given by hand
    sound: bool = True  # False: a field is missing or of the wrong form
    mistyped: bool = False  # a hand scanner that types on another keyboard than the system believes


class Person(msgspec.Struct, frozen=True, gc=False):
    """Whom the gate sees."""

    name: str
    name_native: str
    category: str
    organisation: str
    photo_url: str | None = None


class GateRules(msgspec.Struct, frozen=True, gc=False):
    """A gate with its opening hours; `capacity` counts people inside (of a session), None is unlimited."""

    id: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None


class Passage(msgspec.Struct, frozen=True, gc=False):
    """Somebody went through: when, in which direction."""

    at: datetime
    direction: str


class ScanContext(msgspec.Struct, gc=False):
    """What the database knows about a scan. `genuine` None: the code matches no badge of ours and was not verified."""

    gate: GateRules | None = None
    genuine: bool | None = None
    badge: int | None = None
    revoked: bool = False
    registration: int | None = None
    here: bool = True  # the registration is for the device's event
    confirmed: bool = True
    signed_up: bool = True
    person: Person | None = None
    day: date = date.min
    first_at: datetime | None = None  # of today's admission at this gate
    first_device: int | None = None  # read for offline scans only
    known: bool = False  # this scan is stored already
    last: Passage | None = None  # the latest passage today before this scan


class Result(msgspec.Struct, frozen=True, gc=False):
    """The answer to one scan."""

    id: str | None
    outcome: str
    reason: str | None = None
    person: Person | None = None
    first_scanned_at: datetime | None = None
    conflict: bool = False


AdmissionKey = tuple[int, int, date]  # gate, registration, day


@dataclass(slots=True)
class BatchState:
    """What this batch has changed so far; later scans of the batch see it. `inside` counts people by gate and day."""

    inside: dict[tuple[int, date], int] = field(default_factory=dict)
    admissions: dict[AdmissionKey, tuple[datetime, int]] = field(default_factory=dict)
    passages: dict[AdmissionKey, list[Passage]] = field(default_factory=dict)

    def last_before(self, place: AdmissionKey, at: datetime, known: Passage | None) -> Passage | None:
        """The latest passage not after `at`; of two at the same moment the one that came later in the batch."""
        for passage in self.passages.get(place, ()):
            if passage.at <= at and (known is None or passage.at >= known.at):
                known = passage
        return known

    def pass_through(self, place: AdmissionKey, passage: Passage) -> None:
        """Note a passage, and count who is inside."""
        self.passages.setdefault(place, []).append(passage)
        count = (place[0], place[2])
        self.inside[count] = max(0, self.inside.get(count, 0) + (1 if passage.direction == IN else -1))


def refusal(scan: Scan, found: ScanContext) -> str | None:
    """Why this badge may not pass this gate at this moment, before anybody else is looked at."""
    if not scan.sound:
        return Reason.MALFORMED
    if found.gate is None:
        return Reason.WRONG_GATE
    if scan.uid is None:
        return Reason.UNKNOWN if scan.number else Reason.KEYBOARD if scan.mistyped else Reason.MALFORMED
    if found.badge is None or not found.genuine:
        return Reason.FORGED if found.genuine is False else Reason.UNKNOWN
    if not found.here:
        return Reason.WRONG_EVENT
    if found.revoked:
        return Reason.REVOKED
    if not found.confirmed:
        return Reason.NOT_CONFIRMED
    return None if scan.direction == OUT else _closed(scan, found, found.gate)


def _closed(scan: Scan, found: ScanContext, gate: GateRules) -> str | None:
    """Rules for coming in only: who is inside may always leave."""
    if gate.opens_at is not None and scan.scanned_at < gate.opens_at:
        return Reason.TOO_EARLY
    if gate.closes_at is not None and scan.scanned_at >= gate.closes_at:
        return Reason.TOO_LATE
    return None if found.signed_up else Reason.NOT_SIGNED_UP


def decide(scan: Scan, found: ScanContext, state: BatchState) -> Result:
    """The outcome, with the state of the batch brought up to date."""
    reason = refusal(scan, found)
    if reason is not None:
        return Result(scan.text_id, REFUSED, reason, found.person)
    assert found.gate is not None
    assert found.registration is not None
    place = (found.gate.id, found.registration, found.day)
    last = state.last_before(place, scan.scanned_at, found.last)
    if scan.direction == OUT:
        if last is not None and last.direction == IN:
            state.pass_through(place, Passage(scan.scanned_at, OUT))
        return Result(scan.text_id, ADMITTED, None, found.person)
    first = state.admissions.get(place)
    if first is None and found.first_at is not None:
        first = (found.first_at, found.first_device if found.first_device is not None else scan.device_id)
    if first is not None and (last is None or last.direction == IN):
        conflict = scan.offline and first[1] != scan.device_id
        return Result(scan.text_id, ALREADY, None, found.person, first[0], conflict)
    return _admit(scan, found, state, place, found.gate)


def _admit(scan: Scan, found: ScanContext, state: BatchState, place: AdmissionKey, gate: GateRules) -> Result:
    """Let in if there is a place left; coming back after leaving needs a place again."""
    if gate.capacity is not None and state.inside.get((gate.id, found.day), 0) >= gate.capacity:
        return Result(scan.text_id, REFUSED, Reason.FULL, found.person)
    if found.first_at is None:
        state.admissions.setdefault(place, (scan.scanned_at, scan.device_id))
    state.pass_through(place, Passage(scan.scanned_at, IN))
    return Result(scan.text_id, ADMITTED, None, found.person)
