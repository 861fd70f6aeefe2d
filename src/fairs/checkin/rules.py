"""Decides scans in order, from data read together with the event's turn. No database here."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import msgspec

from fairs.checkin.tables import Direction, Outcome, Reason
from fairs.events.tables import GateRule, GateWays

# Read once: looking a member up in its enumeration costs more than comparing with it, and this runs for each scan.
IN, OUT = Direction.IN, Direction.OUT
ADMITTED, ALREADY, REFUSED = Outcome.ADMITTED, Outcome.ALREADY, Outcome.REFUSED
DAY, ONCE, MANY = GateRule.DAY, GateRule.ONCE, GateRule.MANY
ONLY_IN = GateWays.IN


class Scan(msgspec.Struct, gc=False):
    """One scan as sent. `text_id` is the id as the device wrote it; with `uuid` None it cannot be stored.

    `uid` and `token` are the claim of the code's text (None: no code of ours).
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
    sound: bool = True  # False: a field is missing or malformed
    mistyped: bool = False  # typed by a hand scanner under another keyboard layout
    gates: frozenset[int] | None = None  # the only gates of its scanner; None: all of the event


class Person(msgspec.Struct, frozen=True, gc=False):
    """The person that the gate shows."""

    name: str
    name_native: str
    category: str
    organisation: str
    photo_url: str | None = None


class GateRules(msgspec.Struct, frozen=True, gc=False):
    """A gate with its opening hours; `capacity` counts people inside, None is unlimited."""

    id: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    rule: str = DAY
    ways: str = GateWays.BOTH


class Passage(msgspec.Struct, frozen=True, gc=False):
    """A passage through a gate: time and direction."""

    at: datetime
    direction: str


class ScanContext(msgspec.Struct, gc=False):
    """Database state for a scan. `genuine` None: the code matches no badge of ours and was not verified."""

    gate: GateRules | None = None
    genuine: bool | None = None
    badge: int | None = None
    revoked: bool = False
    registration: int | None = None
    here: bool = True  # the registration is for the device's event
    confirmed: bool = True
    barred: str | None = None  # wrong_category, wrong_room, not_signed_up: why this person may not enter here
    person: Person | None = None
    day: date = date.min
    first_at: datetime | None = None  # of today's admission at this gate, with the rule `once` of the first one
    first_device: int | None = None  # read for offline scans only
    known: bool = False  # this scan is already stored
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
    """Changes by this batch so far; its later scans see them. `inside` counts people by gate and day."""

    inside: dict[tuple[int, date], int] = field(default_factory=dict)
    admissions: dict[AdmissionKey, tuple[datetime, int]] = field(default_factory=dict)
    passages: dict[AdmissionKey, list[Passage]] = field(default_factory=dict)
    once: dict[tuple[int, int], tuple[datetime, int]] = field(default_factory=dict)  # by gate and registration

    def last_before(self, place: AdmissionKey, at: datetime, known: Passage | None) -> Passage | None:
        """The latest passage not after `at`; of two at the same time, the later one in the batch."""
        for passage in self.passages.get(place, ()):
            if passage.at <= at and (known is None or passage.at >= known.at):
                known = passage
        return known

    def pass_through(self, place: AdmissionKey, passage: Passage) -> None:
        """Record a passage, and count the people inside."""
        self.passages.setdefault(place, []).append(passage)
        count = (place[0], place[2])
        self.inside[count] = max(0, self.inside.get(count, 0) + (1 if passage.direction == IN else -1))

    def pass_again(self, place: AdmissionKey, passage: Passage) -> None:
        """Record the passage of a person who is inside already: the number of people stays."""
        self.passages.setdefault(place, []).append(passage)


def refusal(scan: Scan, found: ScanContext) -> str | None:
    """Why this badge may not pass this gate at this time, regardless of other people."""
    if not scan.sound:
        return Reason.MALFORMED
    if found.gate is None or (scan.gates is not None and found.gate.id not in scan.gates):
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
    if scan.direction == OUT:
        return Reason.WRONG_WAY if found.gate.ways == ONLY_IN else None
    return _closed(scan, found, found.gate)


def _closed(scan: Scan, found: ScanContext, gate: GateRules) -> str | None:
    """Rules for entering only: a person inside may always leave."""
    if gate.opens_at is not None and scan.scanned_at < gate.opens_at:
        return Reason.TOO_EARLY
    if gate.closes_at is not None and scan.scanned_at >= gate.closes_at:
        return Reason.TOO_LATE
    return found.barred


def decide(scan: Scan, found: ScanContext, state: BatchState) -> Result:
    """The outcome; updates the batch state."""
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
    if found.gate.rule == MANY and last is not None and last.direction == IN:
        state.pass_again(place, Passage(scan.scanned_at, IN))
        return Result(scan.text_id, ADMITTED, None, found.person)
    first = state.once.get(place[:2]) if found.gate.rule == ONCE else state.admissions.get(place)
    if first is None and found.first_at is not None:
        first = (found.first_at, found.first_device if found.first_device is not None else scan.device_id)
    repeated = last is None or last.direction == IN or found.gate.rule == ONCE
    if first is not None and repeated and found.gate.rule != MANY:
        conflict = scan.offline and first[1] != scan.device_id
        return Result(scan.text_id, ALREADY, None, found.person, first[0], conflict)
    return _admit(scan, found, state, place, found.gate)


def _admit(scan: Scan, found: ScanContext, state: BatchState, place: AdmissionKey, gate: GateRules) -> Result:
    """Admit if a place is free; returning after leaving needs a free place again."""
    if gate.capacity is not None and state.inside.get((gate.id, found.day), 0) >= gate.capacity:
        return Result(scan.text_id, REFUSED, Reason.FULL, found.person)
    if found.first_at is None:
        state.admissions.setdefault(place, (scan.scanned_at, scan.device_id))
        if gate.rule == ONCE:
            state.once.setdefault(place[:2], (scan.scanned_at, scan.device_id))
    state.pass_through(place, Passage(scan.scanned_at, IN))
    return Result(scan.text_id, ADMITTED, None, found.person)
