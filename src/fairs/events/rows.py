"""What statements about events return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.events.tables import EventState


class StoredEvent(Row, frozen=True):
    """The columns of an event."""

    id: int
    slug: str
    kind: str
    state: EventState
    parent: int | None
    unit: int
    title_zh: str
    title_en: str
    summary_zh: str
    summary_en: str
    place_zh: str
    place_en: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    demo: bool
    created_at: datetime
    updated_at: datetime


class EventRow(StoredEvent, frozen=True):
    """An event with its unit and the event it is a part of."""

    unit_code: str
    unit_name_zh: str
    unit_name_en: str
    parent_slug: str | None
    parent_title_zh: str | None
    parent_title_en: str | None
    parent_state: EventState | None


class Edition(StoredEvent, frozen=True):
    """An event in the organisers' list: confirmed registrations and open listings. `top`: the event that it belongs to."""

    unit_name_zh: str
    unit_name_en: str
    top_at: datetime
    top_id: int
    registrations: int
    listings: int


class EventDays(Row, frozen=True):
    """The span of an event, and its time zone."""

    id: int
    starts_at: datetime
    ends_at: datetime
    timezone: str


class SessionRow(Row, frozen=True):
    """A session with the codes of its room and unit."""

    id: int
    event: int
    unit: int | None
    room: int | None
    code: str
    kind: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    sign_up: bool
    changes_until: datetime | None
    room_code: str | None
    unit_code: str | None


class ProgrammeSession(SessionRow, frozen=True):
    """A session with the names of its room and unit."""

    room_name_zh: str | None
    room_name_en: str | None
    unit_name_zh: str | None
    unit_name_en: str | None


class Occupied(Row, frozen=True):
    """The session that occupies a room."""

    code: str
    starts_at: datetime
    ends_at: datetime


class GateRow(Row, frozen=True):
    """A gate with the session that it counts."""

    id: int
    event: int
    session: int | None
    code: str
    kind: str
    name_zh: str
    name_en: str
    opens_at: datetime | None
    closes_at: datetime | None
    session_code: str | None
    session_title_zh: str | None
    session_title_en: str | None


class RoomRow(Row, frozen=True):
    """A room of an event."""

    id: int
    event: int
    code: str
    name_zh: str
    name_en: str
    capacity: int | None


class OwnRegistration(Row, frozen=True):
    """The viewer's live registration."""

    number: str
    state: str


class EventCounts(Row, frozen=True):
    """Persons registered and waiting, countries, employers with listings, listings, heads wanted, sessions."""

    registrations: int
    waiting: int
    countries: int
    employers: int
    listings: int
    heads: int
    sessions: int


class DisciplineCount(Row, frozen=True):
    """Open listings of one discipline and the heads they want."""

    discipline: str
    listings: int
    heads: int


class Delegation(Row, frozen=True):
    """A reporting unit with its counts in an event."""

    id: int
    code: str
    kind: str
    name_zh: str
    name_en: str
    sessions: int
    employers: int
    listings: int
    heads: int


class EventConcerned(Row, frozen=True):
    """Rows of an event that a change of it affects."""

    sessions: int
    slots: int
    meetings: int
    parts: int
    registered: int
    waiting: int
    meeting_people: int


class SessionConcerned(Row, frozen=True):
    """People signed up to a session that changes. `taken`: all of them."""

    taken: int
    registered: int
    waiting: int
    clashes: int
