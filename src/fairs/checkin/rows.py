"""What statements of the gates' pages and devices return. Scan contexts are read as raw driver rows."""

from datetime import date, datetime
from uuid import UUID

from fairs.checkin.tables import CorrectionKind, Direction, Outcome, Reason
from fairs.core.rows import Row
from fairs.events.tables import EventKind, EventState, GateKind, GateRule, GateWays


class ScannedEvent(Row, frozen=True):
    """An event with scanners."""

    id: int
    slug: str
    title_zh: str
    title_en: str
    timezone: str


class ManagedEvent(ScannedEvent, frozen=True):
    """An event with what decides who runs it."""

    unit: int
    kind: EventKind
    run_by_unit: bool


class DeviceEvent(ScannedEvent, frozen=True):
    """The event of a scanner, with its days. `ended_at`: wound up; its gates admit no later scan."""

    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class EventToScan(Row, frozen=True):
    """An event for which a browser may become a scanner."""

    id: int
    slug: str
    state: EventState
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime


class GateState(Row, frozen=True):
    """A gate with the session or room it guards, by their codes. `capacity`: people inside at once, its own or theirs."""

    id: int
    code: str
    kind: GateKind
    name_zh: str
    name_en: str
    opens_at: datetime | None
    closes_at: datetime | None
    session_id: int | None
    session: str | None
    capacity: int | None
    sign_up: bool
    room: str | None
    categories: list[str]
    rule: GateRule
    ways: GateWays
    may_force: bool
    offline_names: bool
    show_photo: bool


class NamedPerson(Row, frozen=True):
    """A person as scanners find them by name. `here`: this gate may admit the person; `uid`: of the badge that counts."""

    id: int
    number: str
    name_passport: str
    name_native: str
    category: str
    organisation: str
    search_key: str
    uid: bytes | None
    here: bool


class DeviceRow(Row, frozen=True):
    """A scanner. `account`: the name of its creator; `gates`: how many it is limited to, if it is."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    account: str | None
    limited: bool
    gates: int


class ConflictRow(Row, frozen=True):
    """An offline scan of a person already admitted by another device, with the last decision about it.

    `decisions`: how many there were; `verdict` None: open.
    """

    id: int
    scanned_at: datetime
    received_at: datetime
    first_scanned_at: datetime | None
    outcome: Outcome
    reason: Reason | None
    gate: str
    name_zh: str
    name_en: str
    device: str | None
    first_device: str | None
    registration: int | None
    number: str
    name_passport: str
    name_native: str
    decisions: int
    verdict: str | None
    note: str
    decided_by: str | None
    decided_at: datetime | None


class ConflictGate(Row, frozen=True):
    """A gate with conflicts."""

    code: str
    name_zh: str
    name_en: str


class ConflictDecisionRow(Row, frozen=True):
    """One decision about a conflict. `account`: the name of who decided."""

    number: int
    verdict: str
    note: str
    account: str | None
    at: datetime


class PhotoRow(Row, frozen=True):
    """A registration whose person has a photo."""

    id: int
    photo: UUID


class SnapshotBadge(Row, frozen=True):
    """A badge in a device's snapshot. `first_scanned_at`: of today's admission at its gate."""

    id: int
    uid: bytes
    revoked: bool
    confirmed: bool
    name_passport: str
    name_native: str
    category: str
    organisation: str
    signed_up: bool
    first_scanned_at: datetime | None


class Passage(Row, frozen=True):
    """A stored scan to be corrected. `day`: of the event's zone; `undone`: a correction says so already."""

    id: int
    gate: int
    device: int | None
    registration: int | None
    direction: Direction
    outcome: Outcome
    scanned_at: datetime
    received_at: datetime
    day: date
    undone: bool


class GateScan(Row, frozen=True):
    """A scan in the list of its gate. `corrections`: their kinds."""

    id: int
    scanned_at: datetime
    received_at: datetime
    direction: Direction
    outcome: Outcome
    reason: Reason | None
    offline: bool
    conflict: bool
    number: str
    name_passport: str
    name_native: str
    organisation: str
    device: str | None
    corrections: list[CorrectionKind]


class CorrectionRow(Row, frozen=True):
    """A correction with who made it: an account's or a device's name."""

    kind: CorrectionKind
    reason: str
    note: str
    account: str | None
    device: str | None
    at: datetime


class RefusedScan(Row, frozen=True):
    """A scan of a device that staff want to overrule; `gate` is its code."""

    device: int | None
    outcome: str
    reason: str | None
    received_at: datetime
    registration: int | None
    gate: str


class ChosenPerson(Row, frozen=True):
    """A person whom a supervisor wants to admit. `badge`: the valid one."""

    id: int
    number: str
    confirmed: bool
    badge: int | None
    name_passport: str
    name_native: str


class LiveGate(Row, frozen=True):
    """A gate on the organiser's live page. `place_zh`, `place_en`: its room."""

    id: int
    code: str
    kind: GateKind
    name_zh: str
    name_en: str
    room: int | None
    place_zh: str | None
    place_en: str | None
    capacity: int | None
    in_use: bool


class LiveDevice(Row, frozen=True):
    """A scanner that is not switched off, with its last report. `seen_at`: the last call of any kind."""

    id: int
    name: str
    gate: int | None
    at: datetime | None
    battery: int | None
    charging: bool | None
    queued: int | None
    oldest_queued_at: datetime | None
    version: str | None
    data_at: datetime | None
    skew_seconds: int | None
    camera: bool | None
    last_used_at: datetime | None


class LiveRelay(Row, frozen=True):
    """A venue relay that may be used, with its last report. `at` None: it has never reported."""

    id: int
    name: str
    at: datetime | None
    queued: int | None
    oldest_queued_at: datetime | None
    version: str | None
    data_at: datetime | None
    skew_seconds: int | None
    address: str | None


class PersonInside(Row, frozen=True):
    """Somebody inside a place: came in and has not left. `area`: the first gate of the place."""

    area: int
    registration: int
    since: datetime
    number: str
    name_passport: str
    name_native: str
    category: str
    organisation: str
    phone: str


class GateToCorrect(Row, frozen=True):
    """A gate of an event, with what a correction needs. `zone`: the gates that count people together with it."""

    id: int
    code: str
    name_zh: str
    name_en: str
    rule: GateRule
    may_force: bool
    in_use: bool
    zone: list[int]


class DeviceBadge(Row, frozen=True):
    """A badge as a device keeps it. `token`: what its record is sealed with; `sessions`: codes of the sign-ups."""

    id: int
    uid: bytes
    token: str
    revoked: bool
    confirmed: bool
    registration: int
    name_passport: str
    name_native: str
    category: str
    organisation: str
    has_photo: bool
    sessions: list[str]


class GatePassage(Row, frozen=True):
    """A passage that a device needs to know, in the order in which they were stored."""

    registration: int
    gate: int
    at: datetime
    direction: str
    device: int


class GatePlace(Row, frozen=True):
    """A gate, in use or not, with the room and the kind that make it part of a zone."""

    id: int
    room: int | None
    kind: GateKind


class RoomSession(Row, frozen=True):
    """A session as the gates of rooms need it."""

    code: str
    room: str | None
    starts_at: datetime
    ends_at: datetime
    sign_up: bool
