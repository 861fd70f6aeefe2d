"""What the server and a relay tell each other."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from fairs.checkin.forms import SentScan
from fairs.checkin.status import Moment, Report
from fairs.core.rows import Row

FORMAT = 1  # of the feed: both ends must have the same
PATH = "/api/v1/checkin/relay"


class FeedEvent(Row, frozen=True):
    """The event of a relay. `unit`: its code."""

    id: int
    slug: str
    kind: str
    state: str
    unit: str
    title_zh: str
    title_en: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class FeedRoom(Row, frozen=True):
    """A room."""

    id: int
    code: str
    name_zh: str
    name_en: str
    capacity: int | None


class FeedSession(Row, frozen=True):
    """A session, as far as gates need it."""

    id: int
    room: int | None
    code: str
    kind: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    sign_up: bool
    cancelled_at: datetime | None


class FeedGate(Row, frozen=True):
    """A gate, in use or not."""

    id: int
    session: int | None
    room: int | None
    code: str
    kind: str
    name_zh: str
    name_en: str
    opens_at: datetime | None
    closes_at: datetime | None
    categories: list[str]
    capacity: int | None
    rule: str
    ways: str
    inactive_since: datetime | None


class FeedKey(Row, frozen=True):
    """A public key of badges."""

    id: int
    number: int
    public_key: bytes


class FeedDevice(Row, frozen=True):
    """A scanner that may be used. `gates`: the only ones; None: all. `token_hash`: what the relay knows it by."""

    id: int
    name: str
    token_hash: bytes
    expires_at: datetime | None
    gates: list[int] | None


class FeedBadge(Row, frozen=True):
    """A badge without its code. `sealed`: its person, which only the code opens."""

    id: int
    registration: int
    uid: bytes
    key: int
    issued_at: datetime
    revoked_at: datetime | None
    until: datetime | None
    sealed: str = ""


class FeedPassage(Row, frozen=True):
    """Somebody was let through, in the order stored. `undone`: a correction says that it counts for nothing."""

    uuid: UUID
    gate: int
    badge: int | None
    registration: int
    device: int | None
    direction: str
    scanned_at: datetime
    received_at: datetime
    offline: bool
    undone: bool


class FeedAdmission(Row, frozen=True):
    """The first passage at a gate on a day."""

    gate: int
    registration: int
    day: date
    first_scanned_at: datetime


class FeedPerson(Row, frozen=True):
    """A registration without its person. `sessions`: ids of the sign-ups."""

    id: int
    number: str
    category: str
    confirmed: bool
    sessions: list[int]


class Frame(msgspec.Struct):
    """All of an event but its people: each page of the feed has it whole."""

    event: FeedEvent
    rooms: list[FeedRoom]
    sessions: list[FeedSession]
    gates: list[FeedGate]
    keys: list[FeedKey]
    devices: list[FeedDevice]


class People(msgspec.Struct):
    """Registrations with badges, and what belongs to them."""

    people: list[FeedPerson]
    badges: list[FeedBadge]
    passages: list[FeedPassage]
    admissions: list[FeedAdmission]


class Feed(msgspec.Struct):
    """A page. `next_after` None: the last one. `total`: registrations with a badge, of the whole event."""

    format: int
    version: str
    next_since: str
    next_after: int | None
    keep_until: datetime
    total: int
    frame: Frame
    page: People


class RelayedScan(SentScan):
    """A scan that a relay has answered; `device`: whose it is."""

    device: int = 0


class RelayedScans(msgspec.Struct):
    """Scans in the order in which the relay stored them."""

    scans: list[RelayedScan]


class DeviceReport(Report):
    """The last report of a scanner to its relay."""

    device: int = 0


class RelayReport(msgspec.Struct):
    """How a relay stands, and the scanners that reported to it since its last report."""

    queued: int = 0
    oldest_queued_at: Moment | None = None
    version: str = ""
    data_at: Moment | None = None
    clock: Moment | None = None
    address: str = ""
    devices: list[DeviceReport] = msgspec.field(default_factory=list)


class LinkCall(msgspec.Struct):
    """The code of a scanner's link that was opened at the relay; `use`: its button was pressed."""

    code: str
    use: bool = False


class LinkAnswer(msgspec.Struct):
    """Whose link it is, and the scanner's token once it is used."""

    name: str
    token: str = ""
