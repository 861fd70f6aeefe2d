"""What statements about events return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.events.tables import EventKind, EventState, GateKind, GateRule, GateWays


class StoredEvent(Row, frozen=True):
    """The columns of an event."""

    id: int
    slug: str
    kind: EventKind
    state: EventState
    parent: int | None
    unit: int
    family: str
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
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    sessions_until: datetime | None
    waiting_list: bool
    offer_hours: int | None
    own_categories: list[str]
    groups_from: list[str]
    companions: int
    companion_categories: list[str]
    forms_above: bool
    cancel_reason: str
    ended_at: datetime | None
    contact_name: str
    contact_phone: str
    contact_email: str
    template: int | None
    release: str
    release_note: str
    demo: bool
    created_at: datetime
    updated_at: datetime


class EventRow(StoredEvent, frozen=True):
    """An event with its unit and the event it is a part of."""

    run_by_unit: bool
    unit_code: str
    unit_name_zh: str
    unit_name_en: str
    parent_slug: str | None
    parent_title_zh: str | None
    parent_title_en: str | None
    parent_state: EventState | None
    parent_place_zh: str | None
    parent_place_en: str | None
    parent_timezone: str | None
    parent_contact_name: str | None
    parent_contact_phone: str | None
    parent_contact_email: str | None
    parent_own_categories: list[str] | None


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


class GateRow(Row, frozen=True):
    """A gate with its room and the session that it counts."""

    id: int
    event: int
    session: int | None
    code: str
    kind: GateKind
    name_zh: str
    name_en: str
    opens_at: datetime | None
    closes_at: datetime | None
    room: int | None
    categories: list[str]
    capacity: int | None
    rule: GateRule
    ways: GateWays
    may_force: bool
    offline_names: bool
    show_photo: bool
    inactive_since: datetime | None
    room_code: str | None
    room_name_zh: str | None
    room_name_en: str | None
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


class Branch(Row, frozen=True):
    """An event in the tree below another one."""

    id: int
    parent: int | None
    slug: str
    depth: int


class ClonedEvent(Row, frozen=True):
    """A copied event and what it was copied from."""

    id: int
    template: int


class Readiness(Row, frozen=True):
    """Numbers of an event's parts. `outside`: sessions not on its days; `roomless`, `seatless`: without room, without
    seats; `gates` and `entries` are in use, `entries_off` are switched off."""

    sessions: int
    outside: int
    roomless: int
    rooms: int
    seatless: int
    gates: int
    entries: int
    entries_off: int


class RoomUse(Row, frozen=True):
    """How many sessions and gates use a room."""

    sessions: int
    gates: int


class CodeRow(Row, frozen=True):
    """A part of an event by its code."""

    id: int
    code: str


class Concerned(Row, frozen=True):
    """So many of a kind that a change concerns, or that would lie outside: a name of `moving.Consequences`."""

    what: str
    number: int
