"""Decides scans in order, from data read together with the event's turn. No database here."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple
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
    mistyped: bool = False  # typed by a hand scanner under another keyboard layout, and garbled
    told: str | None = None  # what a device without a network showed: the person went in, or was turned away
    told_reason: str | None = None
    gates: frozenset[int] | None = None  # the only gates of its scanner; None: all of the event


class Person(msgspec.Struct, frozen=True, gc=False):
    """The person that the gate shows."""

    name: str
    name_native: str
    category: str
    organisation: str
    photo_url: str | None = None


class GateRules(msgspec.Struct, frozen=True, gc=False):
    """A gate with its opening hours; `capacity` counts people inside, None is unlimited.

    `zone`: the gates through which people come into the same place, this one among them; they count people together. Empty: it
    stands alone.
    """

    id: int
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    capacity: int | None = None
    rule: str = DAY
    ways: str = GateWays.BOTH
    zone: tuple[int, ...] = ()

    @property
    def area(self) -> int:
        """What people are counted in: the first gate of the zone stands for it."""
        return self.zone[0] if self.zone else self.id


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
    first_at: datetime | None = None  # of today's admission in this zone, with the rule `once` of the first one
    first_device: int | None = None  # read for offline scans only
    known: bool = False  # this scan is already stored
    last: Passage | None = None  # the latest passage today in this zone before this scan
    later: Passage | None = None  # the latest one after it: a scan may arrive late


class Result(msgspec.Struct, frozen=True, gc=False):
    """The answer to one scan."""

    id: str | None
    outcome: str
    reason: str | None = None
    person: Person | None = None
    first_scanned_at: datetime | None = None
    conflict: bool = False


PlaceKey = tuple[int, int, date]  # area, registration, day


class Entered(NamedTuple):
    """An admission by this batch: the time, the device, and the gate of the zone where it was."""

    at: datetime
    device: int
    gate: int


@dataclass(slots=True)
class BatchState:
    """Changes by this batch so far; its later scans see them. `inside` counts people by area and day."""

    inside: dict[tuple[int, date], int] = field(default_factory=dict)
    admissions: dict[PlaceKey, Entered] = field(default_factory=dict)
    passages: dict[PlaceKey, list[Passage]] = field(default_factory=dict)
    once: dict[tuple[int, int], Entered] = field(default_factory=dict)  # by area and registration

    def last_before(self, place: PlaceKey, at: datetime, known: Passage | None) -> Passage | None:
        """The latest passage not after `at`; of two at the same time, the later one in the batch."""
        for passage in self.passages.get(place, ()):
            if passage.at <= at and (known is None or passage.at >= known.at):
                known = passage
        return known

    def pass_through(self, place: PlaceKey, passage: Passage, found: ScanContext) -> None:
        """Record a passage, and count the people inside: who is there is decided by each person's latest passage."""
        latest = self.last_before(place, datetime.max.replace(tzinfo=UTC), found.later or found.last)
        self.passages.setdefault(place, []).append(passage)
        if latest is not None and latest.at > passage.at:
            return
        was_in, is_in = latest is not None and latest.direction == IN, passage.direction == IN
        count = (place[0], place[2])
        self.inside[count] = self.inside.get(count, 0) + is_in - was_in


def refusal(scan: Scan, found: ScanContext) -> str | None:
    """Why this badge may not pass this gate at this time, regardless of other people."""
    if not scan.sound:
        return Reason.MALFORMED
    if found.gate is None or (scan.gates is not None and found.gate.id not in scan.gates):
        return Reason.WRONG_GATE
    if scan.uid is None:
        return Reason.UNKNOWN if scan.number else Reason.KEYBOARD if scan.mistyped else Reason.MALFORMED
    if found.badge is None or not found.genuine:
        if found.genuine is False:
            return Reason.KEYBOARD if scan.mistyped else Reason.FORGED
        return Reason.UNKNOWN
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
    """The outcome; updates the batch state. Whom a device without a network turned away did not go in."""
    reason = refusal(scan, found) or (scan.told_reason if scan.told == REFUSED else None)
    if reason is not None:
        return Result(scan.text_id, REFUSED, reason, found.person, conflict=scan.told == ADMITTED)
    assert found.gate is not None
    assert found.registration is not None
    place = (found.gate.area, found.registration, found.day)
    last = state.last_before(place, scan.scanned_at, found.last)
    is_inside = last is not None and last.direction == IN
    if scan.direction == OUT or (found.gate.rule == MANY and is_inside):
        state.pass_through(place, Passage(scan.scanned_at, scan.direction), found)
        return Result(scan.text_id, ADMITTED, None, found.person)
    first = _first(scan, found, state, place)
    repeated = last is None or is_inside or found.gate.rule == ONCE
    if first is not None and repeated and found.gate.rule != MANY:
        elsewhere = scan.offline and scan.told is None and first[1] != scan.device_id
        return Result(scan.text_id, ALREADY, None, found.person, first[0], elsewhere or scan.told == ADMITTED)
    return _admit(scan, found, state, place, found.gate)


def _first(scan: Scan, found: ScanContext, state: BatchState, place: PlaceKey) -> tuple[datetime, int] | None:
    """Time and device of the admission that makes another one `already`."""
    assert found.gate is not None
    entered = state.once.get(place[:2]) if found.gate.rule == ONCE else state.admissions.get(place)
    if entered is not None:
        return entered.at, entered.device
    if found.first_at is None:
        return None
    return found.first_at, found.first_device if found.first_device is not None else scan.device_id


def _admit(scan: Scan, found: ScanContext, state: BatchState, place: PlaceKey, gate: GateRules) -> Result:
    """Admit if a place is free; returning after leaving needs a free place again."""
    if gate.capacity is not None and state.inside.get((place[0], found.day), 0) >= gate.capacity:
        return Result(scan.text_id, REFUSED, Reason.FULL, found.person, conflict=scan.told == ADMITTED)
    if found.first_at is None:
        entered = Entered(scan.scanned_at, scan.device_id, gate.id)
        state.admissions.setdefault(place, entered)
        if gate.rule == ONCE:
            state.once.setdefault(place[:2], entered)
    state.pass_through(place, Passage(scan.scanned_at, IN), found)
    return Result(scan.text_id, ADMITTED, None, found.person)
